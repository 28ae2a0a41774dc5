// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of a spool as a raw scan tells them apart: by the types of their columns. No two are alike.
#pragma once
#include <string_view>

#include "storage/page_scan.h"

namespace edgeseal::storage {

/// The columns of a table as a word: n null, i integer, t text, b blob; I and T may be null too.
struct Shape {
  bool table;
  std::string_view columns;
};
namespace shape {
// As spool_schema.cpp has them; in a table with row numbers the key itself is stored as null.
inline constexpr Shape kSchema{true, "tttit"};
inline constexpr Shape kSpool{true, "nbi"};
inline constexpr Shape kRoutes{false, "tibiii"};
inline constexpr Shape kJournals{true, "ntibbii"};
inline constexpr Shape kJournalSinks{false, "it"};
inline constexpr Shape kFrames{true, "niiibb"};
inline constexpr Shape kBatches{true, "ntibtbiiiib"};
inline constexpr Shape kDeliveries{false, "ititiT"};
inline constexpr Shape kDeliveriesOfSink{false, "ttii"};  // the index: a second copy of who gets what
inline constexpr Shape kDrops{true, "ntiitiI"};
inline constexpr Shape kSources{true, "tiI"};
inline constexpr Shape kSubscriptions{false, "tt"};
}  // namespace shape

/// Types alone: what the values are, and whether all could be read, is for the caller.
[[nodiscard]] bool has_shape(const RawRow& row, Shape shape);

}  // namespace edgeseal::storage
