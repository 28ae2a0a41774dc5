// SPDX-License-Identifier: GPL-3.0-or-later
// The items of a batch's content and of a journal object, from their CBOR: the inverse of agent/batch/content_writer.h.
#pragma once
#include "agent/batch/batch_header.h"
#include "agent/batch/record.h"
#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Each takes one whole item and fails with ContentRefusal::content (or journal) when it is anything but what
/// batch_layout.h says, down to a key more or a pair twice.
[[nodiscard]] Result<BatchHeader> parse_header(ByteView item);
[[nodiscard]] Result<Record> parse_record(ByteView item);
/// The same with an empty payload in the record: `payload` lies within `item`, for it may be large.
[[nodiscard]] Result<Record> parse_record(ByteView item, ByteView& payload);

/// What the items of an object may hold at most: no gateway makes more, and each costs its reader many times its bytes.
inline constexpr std::size_t kHeaderItemBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kReportedDropsMax = 1000;  ///< of a header; gateways of today write fewer
inline constexpr std::size_t kDropReasonBytesMax = 256;
inline constexpr std::size_t kUserPropertiesMax = 200'000;                ///< of a record
inline constexpr std::size_t kPropertiesBytesMax = std::size_t{4} << 20;  ///< of a record beside its payload
inline constexpr std::size_t kJournalHeaderBytesMax = 64 * 1024;          ///< read again with each frame
/// The header part that all frames share.
[[nodiscard]] Result<Bytes> parse_journal_start(ByteView item);
/// A frame's own part, within `item`.
[[nodiscard]] Result<ByteView> parse_journal_frame(ByteView item);

}  // namespace edgeseal::agent
