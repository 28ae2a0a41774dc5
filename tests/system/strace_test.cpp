// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernel is asked to do: no payload is written to a file, and no acknowledgement leaves before the commit that
// covers it has been synced. MQTT 3.1.1, where a PUBACK always is four bytes.
#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;

/// One system call of the traced process. A call that others overtook stands as two lines in the trace, so its start
/// and its end have numbers of their own.
struct SystemCall {
  std::string name;
  std::string file;   ///< what the descriptor is: a path, or TCP:[here->there]
  std::string bytes;  ///< what was written, or read
  std::size_t begins = 0;
  std::size_t ends = 0;
  long result = 0;
};

std::string decoded(const std::string& escapes) {
  std::string bytes;
  for (std::size_t at = 0; at + 3 < escapes.size(); at += 4) {  // \xNN
    bytes.push_back(static_cast<char>(std::stoi(escapes.substr(at + 2, 2), nullptr, 16)));
  }
  return bytes;
}

/// Reads what `strace -f -yy -xx` wrote: "PID name(FD<file>, "bytes", …) = result", each string in hexadecimal.
std::vector<SystemCall> read_trace(const std::string& path) {
  const std::regex whole(R"re((\d+) +(\w+)\(\d+<(.*)\) += (-?\d+).*)re");
  const std::regex first_half(R"re((\d+) +(\w+)\(\d+<(.*) <unfinished \.\.\.>)re");
  const std::regex second_half(R"re((\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+).*)re");
  const std::regex quoted(R"re("((?:\\x[0-9a-f]{2})*)")re");
  std::vector<SystemCall> calls;
  std::map<std::string, SystemCall> unfinished;  // by thread
  std::map<std::string, std::string> arguments_of;
  const auto finish = [&](SystemCall call, const std::string& arguments, const std::string& result, std::size_t line) {
    call.file = arguments.substr(0, std::min(arguments.find(">,"), arguments.rfind('>')));
    if (call.file.starts_with("\\x")) call.file = decoded(call.file);  // paths are, sockets are not
    for (std::sregex_iterator text(arguments.begin(), arguments.end(), quoted), end; text != end; ++text) {
      call.bytes += decoded((*text)[1]);
    }
    call.result = std::stol(result);
    if (call.result >= 0 && call.name.starts_with("recv")) call.bytes.resize(static_cast<std::size_t>(call.result));
    call.ends = line;
    calls.push_back(std::move(call));
  };
  std::ifstream trace(path);
  std::size_t number = 0;
  for (std::string line; std::getline(trace, line); ++number) {
    std::smatch part;
    if (std::regex_match(line, part, first_half)) {
      unfinished[part[1]] = {.name = part[2], .file = {}, .bytes = {}, .begins = number};
      arguments_of[part[1]] = part[3];
    } else if (std::regex_match(line, part, second_half)) {
      if (const auto call = unfinished.extract(part[1])) {
        finish(call.mapped(), arguments_of[part[1]] + part[3].str(), part[4], number);
      }
    } else if (std::regex_match(line, part, whole)) {
      finish({.name = part[2], .file = {}, .bytes = {}, .begins = number}, part[3], part[4], number);
    }
  }
  return calls;
}

class StraceTest : public GatewayTest {
 protected:
  static constexpr const char* kCanary = "canary-4711-in-the-coal-mine";
  static constexpr int kCount = 40;

  /// Traces the running gateway while `act` runs; nothing when it cannot be traced here.
  std::optional<std::vector<SystemCall>> traced(const std::function<void()>& act) {
    const std::string trace = (folder_ / "trace").string();
    Process strace({"strace", "-f", "-yy", "-xx", "-s", "1000000", "-o", trace, "-e",
                    "trace=fdatasync,fsync,write,pwrite64,writev,pwritev,sendto,sendmsg,recvfrom,read", "-p",
                    std::to_string(gateway_->pid())},
                   (folder_ / "strace.out").string());
    try {
      (void)strace.wait_for_line("strace: Process ");
    } catch (const std::runtime_error&) {
      return std::nullopt;
    }
    act();
    EXPECT_EQ(stop_gateway(), 0);
    EXPECT_TRUE(strace.wait(std::chrono::seconds(10))) << "strace goes when the gateway does";
    return read_trace(trace);
  }
  void publish(int from, int count) {
    std::string lines;
    for (int n = from; n < from + count; ++n) {
      lines += "{\"n\":" + std::to_string(1000 + n) + ",\"driver\":\"" + kCanary + "\"}\n";
    }
    broker_->publish({"-q", "1", "-t", "plant/7/telemetry", "-l"}, lines);
  }
  /// Whether the call speaks to or listens to the broker itself, not to the gate within the process.
  [[nodiscard]] bool is_brokers(const SystemCall& call) const {
    return call.file.starts_with("TCP:[") && call.file.ends_with(":" + std::to_string(broker_->port()) + "]");
  }
};

TEST_F(StraceTest, NoPayloadIsWrittenAndNoAcknowledgementLeavesBeforeItsCommitIsSynced) {
  configure("1h", "source: {mqtt_version: \"3.1.1\"}\nroutes: {telemetry: {batch: {max_records: 20}}}\n");
  start_gateway();
  const auto calls = traced([this] {
    publish(0, 10);  // one after the other, then all at once
    ASSERT_TRUE(eventually([&] { return committed() == 10; }));
    publish(10, kCount - 10);
    ASSERT_TRUE(eventually([&] { return committed() == kCount && spool_is_empty(); }));
  });
  if (!calls) GTEST_SKIP() << "strace cannot attach: " << read_file(folder_ / "strace.out");

  std::vector<std::size_t> arrived;       // the line at which each message was read from the broker
  std::vector<const SystemCall*> syncs;   // of the spool's log
  std::vector<std::size_t> acknowledged;  // the line at which each PUBACK was handed to the kernel
  std::size_t file_writes = 0;
  for (const SystemCall& call : *calls) {
    if (call.name == "fdatasync" || call.name == "fsync") {
      if (call.file.ends_with("/spool.db-wal") && call.result == 0) syncs.push_back(&call);
    } else if (call.name == "read" || call.name == "recvfrom") {
      if (!is_brokers(call)) continue;
      for (std::size_t at = call.bytes.find(kCanary); at != std::string::npos; at = call.bytes.find(kCanary, at + 1)) {
        arrived.push_back(call.ends);
      }
    } else if (is_brokers(call)) {
      ASSERT_EQ(call.bytes.find(kCanary), std::string::npos);
      for (std::size_t at = 0; call.bytes.substr(at, 2) == "\x40\x02"; at += 4) acknowledged.push_back(call.begins);
    } else if (call.file.starts_with("/")) {
      ++file_writes;
      EXPECT_EQ(call.bytes.find(kCanary), std::string::npos) << call.name << " to " << call.file;
    }
  }
  ASSERT_EQ(arrived.size(), static_cast<std::size_t>(kCount)) << "every payload was seen in the trace";
  ASSERT_EQ(acknowledged.size(), arrived.size());
  EXPECT_GT(file_writes, 10U);
  for (std::size_t n = 0; n < acknowledged.size(); ++n) {
    const bool synced = std::any_of(syncs.begin(), syncs.end(), [&](const SystemCall* sync) {
      return sync->begins > arrived[n] && sync->ends < acknowledged[n];
    });
    EXPECT_TRUE(synced) << "PUBACK " << n << " in line " << acknowledged[n] << ", its message in line " << arrived[n];
  }
  EXPECT_EQ(opened_payloads().size(), static_cast<std::size_t>(kCount));
}

}  // namespace
}  // namespace edgeseal::test
