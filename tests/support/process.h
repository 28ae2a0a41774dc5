// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that tests start, talk to, kill and wait for.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace edgeseal::test {

struct Finished {
  int status = -1;  ///< exit status; 128 + signal number when killed
  std::string out;
  std::string err;
};

/// Runs to the end, feeding `input`; killed after `timeout` (status 137).
[[nodiscard]] Finished run(const std::vector<std::string>& command, const std::string& input = {},
                           std::chrono::seconds timeout = std::chrono::seconds{30},
                           const std::map<std::string, std::string>& environment = {});

/// A program that goes on: a server, the gateway. Its output goes to a file. Killed at the latest by the destructor, or
/// when the test program dies.
class Process {
 public:
  Process(const std::vector<std::string>& command, std::string output_path,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Waits for the end; nothing when it has not come by then.
  std::optional<int> wait(std::chrono::seconds timeout);
  /// SIGTERM, then wait; SIGKILL when that takes longer than `timeout`.
  int stop(std::chrono::seconds timeout = std::chrono::seconds{15});
  /// Everything it has printed so far, both streams.
  [[nodiscard]] std::string output() const;
  /// The rest of the first line that begins with `prefix`; throws after `timeout` or when the program has ended.
  std::string wait_for_line(const std::string& prefix, std::chrono::seconds timeout = std::chrono::seconds{30});

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
  std::string output_path_;
};

/// Asks until `condition` holds; false when it has not by `timeout`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::seconds timeout = std::chrono::seconds{20});

}  // namespace edgeseal::test
