// SPDX-License-Identifier: GPL-3.0-or-later
// Files that others have put there, read without waiting for ever: a pipe could hang, a device never end.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal {

/// Reads a regular file (through links too) into `out`, as far as that has room, and gives the number of bytes. A
/// caller who takes n bytes at most gives room for n + 1, and so notices a longer file.
/// Fails with Kind::invalid: `where` is the path, `what` the reason alone, as in "it is a folder". Any thread.
[[nodiscard]] Result<std::size_t> read_regular_file(const std::string& path, MutableByteView out);

/// Whether `path` is a regular file that can be opened and has from 1 to `bytes_max` bytes: to be asked before a
/// library opens a file by its name. Fails as above. Any thread.
[[nodiscard]] Result<void> check_regular_file(const std::string& path, std::uint64_t bytes_max);

}  // namespace edgeseal
