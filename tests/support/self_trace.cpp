// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/self_trace.h"

#include <fstream>
#include <stdexcept>

#include <unistd.h>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::optional<std::vector<std::string>> trace_self(const std::string& calls, const std::function<void()>& act) {
  const TempDir folder;
  const std::string trace = (folder / "trace").string();
  Process strace({"strace", "-f", "-y", "-s", "0", "-o", trace, "-e", "trace=" + calls, "-p", std::to_string(getpid())},
                 (folder / "out").string());
  try {
    (void)strace.wait_for_line("strace: Process ");
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
  act();
  strace.stop();
  return lines_of(trace);
}

}  // namespace edgeseal::test
