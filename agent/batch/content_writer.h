// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what is inside a batch; agent/owner/content_reader.h reads it. Shape: batch_layout.h.
#pragma once
#include "agent/batch/batch_header.h"
#include "agent/batch/record.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Appends the header item of a batch or journal frame.
void write_header(const BatchHeader& header, PlainBytes& out);

/// Appends a record.
void write_record(const Record& record, PlainBytes& out);

/// Appends the first item of a journal object; each frame follows as a byte string (write_journal_frame).
void write_journal_start(ByteView shared_header, PlainBytes& out);
void write_journal_frame(ByteView frame, PlainBytes& out);

}  // namespace edgeseal::agent
