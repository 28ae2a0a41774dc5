// SPDX-License-Identifier: GPL-3.0-or-later
// A record as a line of NDJSON. The names are part of what users rely on: docs/opening.md.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "agent/batch/batch_header.h"
#include "agent/batch/record.h"
#include "crypto/base/result.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Appends {"gateway":…,"route":…,"seq":…,"index":…,"received":…,"clock":…,"topic":…,"qos":…,"retain":…,"dup":…,
/// "payload":…} and a line break (RFC 8259). Text that is not UTF-8 appears in base64 under its name and "_base64".
/// "properties" comes last, when the message had any.
void write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record, PlainBytes& out);

/// Takes a piece of a line. An Error is the result of the writing.
using TakeJson = std::function<Result<void>(ByteView)>;

/// The same line with `payload` instead of the record's own, handed to `take` in pieces of about 64 KiB, so that a line
/// is never held whole: a control character is one byte of a payload and six of a line. `buffer` is empty before and
/// afterwards; it is kept by the caller for its memory.
[[nodiscard]] Result<void> write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record,
                                             ByteView payload, PlainBytes& buffer, const TakeJson& take);

}  // namespace edgeseal::agent
