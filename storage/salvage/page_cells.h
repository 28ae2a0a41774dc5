// SPDX-License-Identifier: GPL-3.0-or-later
// The cells of one b-tree page of a SQLite file, and whether they are all that it should hold. Every number read is
// untrusted.
// Source: https://www.sqlite.org/fileformat2.html, section 1.6, B-tree Pages.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "storage/salvage/raw_pages.h"

namespace edgeseal::storage {

/// A row as its page has it. Borrows the page.
struct PageCell {
  bool table = false;       ///< of a table with row numbers; otherwise of a WITHOUT ROWID table or an index
  std::int64_t number = 0;  ///< the row's, of a table
  std::uint64_t payload_size = 0;
  ByteView local;              ///< what of the payload stands on the page
  std::uint32_t overflow = 0;  ///< the page that has the rest; 0 when there is none
};

/// Bytes of payload that a page of a chain holds, behind the number of the next.
inline constexpr std::size_t kOverflowSize = kPageSize - 4;

/// A variable-length integer; moves `at` behind it. Nothing when the bytes end within it.
[[nodiscard]] std::optional<std::uint64_t> read_varint(ByteView bytes, std::size_t& at);

/// How many rows the page lists, but no more than fit; 0 for a page that holds no rows.
[[nodiscard]] std::size_t cell_count(const Page& page);

/// The row that the page lists at `index`; nothing when it does not lie within the page.
[[nodiscard]] std::optional<PageCell> cell_at(const Page& page, std::size_t index);

/// Whether this is a b-tree page whose every byte is accounted for once: by its header, its cells, or the lists of what
/// is free between them. Damage to any number that leads to a cell breaks that, whether it hides one or shows a stale
/// one.
[[nodiscard]] bool is_whole(const Page& page);

}  // namespace edgeseal::storage
