// SPDX-License-Identifier: GPL-3.0-or-later
// The system calls that the test program itself makes.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace edgeseal::test {

/// The lines of `strace -f -y -s 0 -e trace=CALLS` while `act` runs, with descriptors as <PATH>. Nothing, and `act` has
/// not been called, where strace cannot attach.
[[nodiscard]] std::optional<std::vector<std::string>> trace_self(const std::string& calls,
                                                                 const std::function<void()>& act);

/// The lines of a trace that strace has written.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& path);

}  // namespace edgeseal::test
