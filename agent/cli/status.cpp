// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/config_arguments.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/runtime/status_server.h"
#include "config/options.h"
#include "crypto/base/shown_text.h"

namespace edgeseal::agent {
namespace {

using nlohmann::ordered_json;
constexpr std::chrono::seconds kWatchInterval{2};

struct StatusArguments {
  std::string socket = config::StatusOptions{}.socket;
  ConfigArguments config;
  bool json = false;
  bool watch = false;
};

std::string text(const ordered_json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::uint64_t count(const ordered_json& entry, const char* name) { return entry.value(name, std::uint64_t{0}); }

void print_errors(const ordered_json& entry) {
  const std::string error = entry.value("last_error", "");
  if (!error.empty()) say("             " + error);
}

void print_text(const ordered_json& status) {
  say("gateway      " + text(status["gateway"]) + "  (edgeseal " + text(status["version"]) + ", since " +
      text(status["started"]) + ")");
  for (const auto& [name, source] : status["sources"].items()) {
    say("source       " + name + ": " + (source["connected"].get<bool>() ? "connected" : "not connected"));
    print_errors(source);
    for (const auto& less : source.value("granted_less", ordered_json::array())) {
      say("             " + text(less["what"]) + ": asked " + text(less["asked"]) + ", granted " +
          text(less["granted"]) + "; " + text(less["advice"]));
    }
  }
  for (const auto& [name, route] : status["routes"].items()) {
    say("route        " + name + ": " + std::to_string(count(route, "received")) + " received, " +
        std::to_string(count(route, "committed")) + " committed, " + std::to_string(count(route, "batches_waiting")) +
        " batches waiting");
  }
  const ordered_json& spool = status["spool"];
  say("spool        " + text(spool["bytes"]) + " bytes, " + text(spool["batches"]) + " batches, " +
      text(spool["journal_frames"]) + " journal frames");
  print_errors(spool);
  for (const auto& [name, sink] : status["sinks"].items()) {
    say("sink         " + name + ": " + text(sink.value("state", ordered_json("unknown"))) + ", " +
        std::to_string(count(sink, "batches_delivered")) + " delivered, " + std::to_string(count(sink, "waiting")) +
        " waiting, " + std::to_string(count(sink, "quarantined")) + " quarantined");
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
    std::cout << shown_json(status.dump(2, ' ', false, ordered_json::error_handler_t::replace)) << "\n";
  } else {
    print_text(status);
  }
  std::cout << std::flush;
  return kExitFine;
}

int show(const StatusArguments& arguments) {
  for (;;) {
    const int status = show_once(arguments);
    // A daemon that restarts answers again in a while. Standard output that has gone does not come back.
    if (!arguments.watch || !std::cout) return status;
    std::this_thread::sleep_for(kWatchInterval);
    std::cout << "\n" << std::flush;
  }
}

int show_configured(StatusArguments arguments) {
  if (!arguments.config.files.empty()) {
    const auto loaded = load_config(arguments.config);
    if (!loaded) return kExitConfig;
    arguments.socket = loaded->options.status.socket;
    if (arguments.socket.empty()) {
      return print_error({Kind::invalid, "this configuration has no status.socket", {}, "set one"});
    }
  }
  return show(arguments);
}

}  // namespace

void add_status(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("status", "Ask the running daemon how it is");
  auto arguments = std::make_shared<StatusArguments>();
  auto* socket = command->add_option("--socket", arguments->socket, "The daemon's status.socket");
  socket->type_name("PATH")->capture_default_str();
  add_config_arguments(*command, arguments->config)->required(false)->excludes(socket);
  command->add_flag("--json", arguments->json, "JSON instead of text");
  command->add_flag("--watch", arguments->watch, "Again every two seconds, until interrupted");
  command->callback([arguments, &status] { status = show_configured(*arguments); });
}

}  // namespace edgeseal::agent
