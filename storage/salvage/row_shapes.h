// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of a spool as a raw scan tells them apart: by the types of their columns. No two are alike.
#pragma once
#include <array>
#include <string_view>

#include "storage/salvage/page_scan.h"

namespace edgeseal::storage {

/// The columns of a table as a word: n null, i integer, t text, b blob; I and T may be null too.
struct Shape {
  bool table;
  std::string_view columns;
};
namespace shape {
// As schema_sql.h has them; in a table with row numbers the key itself is stored as null.
inline constexpr Shape kSchema{true, "tttiT"};
inline constexpr Shape kSpool{true, "nbi"};
inline constexpr Shape kRoutes{false, "tibiii"};
inline constexpr Shape kJournals{true, "ntibbii"};
inline constexpr Shape kJournalSinks{false, "it"};
inline constexpr Shape kFrames{true, "niiibb"};
inline constexpr Shape kBatches{true, "ntibtbiiiib"};
inline constexpr Shape kDeliveries{false, "ititiT"};
inline constexpr Shape kDeliveriesOfSink{false, "ttii"};  // the index: a second copy of who gets what
inline constexpr Shape kDropsOfVersion1{true, "ntiitiI"};
inline constexpr Shape kDrops{true, "ntiitiIii"};
inline constexpr Shape kSources{true, "tiI"};
inline constexpr Shape kSubscriptions{false, "tt"};
// What has nothing of its own: SQLite's table of row numbers, and the other indexes.
inline constexpr std::array kRest{
    Shape{true, "ti"},    // sqlite_sequence
    Shape{false, "tbi"},  // of journals: route, batch_id
    Shape{false, "ti"},   // of sources: source
    Shape{false, "Ii"},   // frames_of_journal, drops_reported
    Shape{false, "iii"},  // batches_to_drop
    Shape{false, "tii"},  // batches_by_age
    Shape{false, "tIi"},  // drops_of_route
    Shape{false, "tti"},  // drops_growing
};
}  // namespace shape

/// Types alone: what the values are, and whether all could be read, is for the caller.
[[nodiscard]] bool has_shape(const RawRow& row, Shape shape);

}  // namespace edgeseal::storage
