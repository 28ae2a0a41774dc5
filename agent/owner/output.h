// SPDX-License-Identifier: GPL-3.0-or-later
// What is written of an opened object, in the five formats.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/owner/byte_sink.h"
#include "agent/owner/object_reader.h"

namespace edgeseal::agent {

enum class Format {
  ndjson,   ///< a line a record: record_json.h
  cbor,     ///< the content as a CBOR Sequence, whatever its compression
  raw,      ///< the content as it was sealed
  payload,  ///< the records' payloads alone, one after another
  message,  ///< the plaintext of any message, also of one that edgeseal did not make
};

/// How files of this format end: ".ndjson". Empty for message, whose files lose their ".esdk".
[[nodiscard]] std::string_view file_ending(Format format);

/// What was found in an object.
struct Summary {
  std::optional<ChainLink> link;  ///< nothing for a message that was not asked to be a batch
  std::uint64_t records = 0;
  std::uint64_t plaintext_bytes = 0;
  std::vector<ReportedDrop> drops;
};

/// Writes one object to a sink, which it borrows; with none it only counts. Threads: one at a time.
class Output final : public ObjectConsumer {
 public:
  Output(Format format, ByteSink* sink) : format_(format), sink_(sink) {}
  [[nodiscard]] Result<void> on_link(const ChainLink& link) override;
  [[nodiscard]] Result<void> on_header(const BatchHeader& header, ByteView item) override;
  [[nodiscard]] Result<void> on_record(const BatchHeader& header, std::uint64_t index, const Record& record,
                                       ByteView payload, ByteView item) override;
  [[nodiscard]] Result<void> on_plaintext(ByteView plaintext) override;

  [[nodiscard]] const Summary& summary() const { return summary_; }
  /// Whether an error came from the sink: then it is no fault of the object.
  [[nodiscard]] bool sink_failed() const { return sink_failed_; }

 private:
  [[nodiscard]] Result<void> write(ByteView bytes);
  Format format_;
  ByteSink* sink_;
  Summary summary_;
  PlainBytes line_;
  bool sink_failed_ = false;
};

}  // namespace edgeseal::agent
