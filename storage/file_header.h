// SPDX-License-Identifier: GPL-3.0-or-later
// The first 100 bytes of a spool file, read raw: whose file it is, and whether SQLite will take it for what it is.
// Source: https://www.sqlite.org/fileformat2.html, section 1.3, The Database Header.
#pragma once
#include <cstddef>
#include <cstdint>

#include "crypto/base/bytes.h"

namespace edgeseal::storage {

inline constexpr std::size_t kHeaderBytes = 100;

struct FileHeader {
  bool sqlite = false;       ///< it begins as SQLite files do
  bool application = false;  ///< PRAGMA application_id is the spool's
  std::int64_t version = 0;  ///< PRAGMA user_version
  bool as_made = false;      ///< page size, WAL mode and fixed values are those that a spool has
};

/// `page` is page 1, or its first 100 bytes at least.
[[nodiscard]] FileHeader read_file_header(ByteView page);

}  // namespace edgeseal::storage
