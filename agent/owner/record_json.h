// SPDX-License-Identifier: GPL-3.0-or-later
// A record as a line of NDJSON. The names are part of what users rely on: docs/opening.md.
#pragma once
#include <cstdint>
#include <string_view>

#include "agent/batch/batch_header.h"
#include "agent/batch/record.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Appends {"gateway":…,"route":…,"seq":…,"index":…,"received":…,"clock":…,"topic":…,"qos":…,"retain":…,"dup":…,
/// "payload":…} and a line break (RFC 8259). Text that is not UTF-8 appears in base64 under its name and "_base64".
/// "properties" comes last, when the message had any.
void write_record_json(const BatchHeader& header, std::uint64_t index, const Record& record, PlainBytes& out);

}  // namespace edgeseal::agent
