// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/runtime/status_server.h"
#include "config/options.h"

namespace edgeseal::agent {
namespace {

using nlohmann::ordered_json;
constexpr std::chrono::seconds kWatchInterval{2};

struct StatusArguments {
  std::string socket = config::StatusOptions{}.socket;
  bool json = false;
  bool watch = false;
};

std::string text(const ordered_json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void print_errors(const ordered_json& entry) {
  const std::string error = entry.value("last_error", "");
  if (!error.empty()) std::cout << "             " << error << "\n";
}

void print_text(const ordered_json& status) {
  std::cout << "gateway      " << text(status["gateway"]) << "  (edgeseal " << text(status["version"]) << ", since "
            << text(status["started"]) << ")\n";
  for (const auto& [name, source] : status["sources"].items()) {
    std::cout << "source       " << name << ": " << (source["connected"].get<bool>() ? "connected" : "not connected")
              << "\n";
    print_errors(source);
  }
  for (const auto& [name, route] : status["routes"].items()) {
    std::cout << "route        " << name << ": " << route.value("received", 0) << " received, "
              << route.value("committed", 0) << " committed, " << route.value("batches_waiting", 0)
              << " batches waiting\n";
  }
  const ordered_json& spool = status["spool"];
  std::cout << "spool        " << text(spool["bytes"]) << " bytes, " << text(spool["batches"]) << " batches, "
            << text(spool["journal_frames"]) << " journal frames\n";
  print_errors(spool);
  for (const auto& [name, sink] : status["sinks"].items()) {
    std::cout << "sink         " << name << ": " << text(sink.value("state", ordered_json("unknown"))) << ", "
              << sink.value("batches_delivered", 0) << " delivered, " << sink.value("waiting", 0) << " waiting, "
              << sink.value("quarantined", 0) << " quarantined\n";
    print_errors(sink);
  }
}

int show_once(const StatusArguments& arguments) {
  const auto answer = ask_status(arguments.socket);
  if (!answer) return print_error(answer.error());
  const ordered_json status = ordered_json::parse(*answer, nullptr, false);
  if (!status.is_object()) {
    return print_error({Kind::transient, "the answer is not JSON", arguments.socket, "", std::nullopt});
  }
  if (arguments.json) {
    std::cout << status.dump(2) << "\n";
  } else {
    print_text(status);
  }
  std::cout << std::flush;
  return kExitFine;
}

int show(const StatusArguments& arguments) {
  for (;;) {
    const int status = show_once(arguments);
    if (!arguments.watch || status != kExitFine) return status;
    std::this_thread::sleep_for(kWatchInterval);
    std::cout << "\n";
  }
}

}  // namespace

void add_status(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("status", "Ask the running daemon how it is");
  auto arguments = std::make_shared<StatusArguments>();
  command->add_option("--socket", arguments->socket, "The daemon's status.socket")
      ->type_name("PATH")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "JSON instead of text");
  command->add_flag("--watch", arguments->watch, "Again every two seconds, until interrupted");
  command->callback([arguments, &status] { status = show(*arguments); });
}

}  // namespace edgeseal::agent
