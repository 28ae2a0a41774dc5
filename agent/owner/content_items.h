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
/// The header part that all frames share.
[[nodiscard]] Result<Bytes> parse_journal_start(ByteView item);
/// A frame's own part, within `item`.
[[nodiscard]] Result<ByteView> parse_journal_frame(ByteView item);

}  // namespace edgeseal::agent
