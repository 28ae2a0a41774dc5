// SPDX-License-Identifier: GPL-3.0-or-later
// Reads files that others have made, without waiting for ever. A pipe could hang, and a device could never end.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal {

/// Reads a regular file, also through links, into `out` as far as there is room, and gives the number of bytes. A
/// caller that takes at most n bytes gives room for n + 1, and so notices a longer file.
/// Fails with Kind::invalid; `where` is the path, and `what` the reason alone, as in "it is a folder". Threads: any.
[[nodiscard]] Result<std::size_t> read_regular_file(const std::string& path, MutableByteView out);

/// Checks that `path` is a regular file that can be opened and has 1 to `bytes_max` bytes. It is called before a
/// library opens a file by its name. Fails like read_regular_file. Threads: any.
[[nodiscard]] Result<void> check_regular_file(const std::string& path, std::uint64_t bytes_max);

}  // namespace edgeseal
