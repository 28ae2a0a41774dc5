// SPDX-License-Identifier: GPL-3.0-or-later
// The values of a row that a raw scan found, held to what is plausible: it may be damaged anywhere.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "crypto/base/ids.h"
#include "crypto/base/time.h"
#include "storage/salvage/page_scan.h"
#include "storage/spool_types.h"

namespace edgeseal::storage::field {

/// Every column up to `count` could be read. REQUIRES: the row has so many.
[[nodiscard]] bool present(const RawRow& row, std::size_t count);
/// A name as someone may have configured it: 1 to 255 bytes, no control characters.
[[nodiscard]] std::optional<std::string> name(const Field& field);
/// 1970 for what is not within the years up to 9999.
[[nodiscard]] WallTime time(const Field& field);
/// 0, which is not known, for a negative one.
[[nodiscard]] std::uint64_t records(const Field& field);
/// The priority of a route that has none configured for what is none.
[[nodiscard]] int priority(const Field& field);
/// 0 for what is not plausible.
[[nodiscard]] Sequence sequence(const Field& field);
/// Whether it may be where a chain ends: 0 as well, for an empty one.
[[nodiscard]] bool is_tip(const Field& field);
/// The batches from `first` to `last` that one drop stands for; nothing for one batch, or what makes no sense.
[[nodiscard]] std::optional<MergedBatches> merged(Sequence first, const Field& last, const Field& batches);

}  // namespace edgeseal::storage::field
