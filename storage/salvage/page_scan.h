// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a broken SQLite file, found page by page: no root, no schema and no other page is needed to read a row but
// its own and those that it overflows to. Every number read is untrusted.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "crypto/base/bytes.h"
#include "storage/salvage/page_cells.h"
#include "storage/salvage/raw_pages.h"

namespace edgeseal::storage {

/// One column's value.
struct Field {
  enum class Type { null, integer, text, blob };
  Type type = Type::null;
  std::int64_t integer = 0;
  ByteView bytes;       ///< of a text or blob
  bool present = true;  ///< false when its bytes lie where the row could not be read
};

/// Where a row stands, to find it again.
struct RowPlace {
  Overlay overlay = Overlay::sound;
  std::uint32_t page = 0;
  std::uint16_t cell = 0;
};

struct RawRow {
  RowPlace place;
  bool table = false;         ///< of a table with row numbers; otherwise of a WITHOUT ROWID table or an index
  std::int64_t number = 0;    ///< the row's, of a table
  bool live = false;          ///< its page is sound and in use, as far as all that the file tells agrees
  std::uint64_t written = 0;  ///< how late its page was: RawPages::written
  std::vector<Field> fields;
};

/// Threads: one at a time. Borrows `pages`. Bounds: one row; a row is no longer than its header says, and the header
/// must account for each byte of it.
class PageScan {
 public:
  explicit PageScan(const RawPages& pages) : pages_(pages) {}

  /// Calls `visit` with each row of each page that is not free, in the order of pages and of keys within one. What the
  /// row borrows is valid during the call. Only cells that a page lists are rows: what was deleted stays deleted. A row
  /// number that breaks the ascending order of its page is replaced by one that keeps it. Of the log's unproved frames,
  /// read by themselves, only pages that account for all their bytes have rows.
  void each_row(Overlay overlay, const std::function<void(const RawRow&)>& visit);

  /// The pages in use in which the last each_row, which was of this overlay, may have missed rows or seen stale ones:
  /// those that are neither whole pages of rows, nor part of a row's chain, nor free, nor the pointer map. Page 1 is
  /// not among them. To be called before any row_at.
  [[nodiscard]] std::set<std::uint32_t> unaccounted(Overlay overlay) const;

  /// The row at `place`; valid until the next call.
  [[nodiscard]] std::optional<RawRow> row_at(const RowPlace& place);

 private:
  void each_row_of(std::uint32_t number, Overlay overlay, const std::function<void(const RawRow&)>& visit);
  [[nodiscard]] bool parse(const PageCell& cell, Overlay overlay, RawRow& row);
  void load(const PageCell& cell, Overlay overlay);

  const RawPages& pages_;
  Page page_{};                  ///< being read
  Bytes payload_;                ///< of the row being read, as far as its pages gave it
  std::vector<bool> accounted_;  ///< by page number
};

}  // namespace edgeseal::storage
