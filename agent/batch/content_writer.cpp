// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/content_writer.h"

#include <algorithm>

#include "agent/batch/batch_layout.h"
#include "agent/batch/cbor_writer.h"

namespace edgeseal::agent {
namespace {

void write_drops(const std::vector<ReportedDrop>& drops, CborWriter& cbor) {
  cbor.array(drops.size());
  for (const ReportedDrop& drop : drops) {
    cbor.array(drop.merged ? layout::kMergedDropItems : layout::kDropItems);
    cbor.uint(drop.sequence.number);
    cbor.uint(drop.records);
    cbor.text(drop.reason);
    cbor.integer(drop.dropped.since_epoch.count());
    if (!drop.merged) continue;
    cbor.uint(drop.merged->last.number);
    cbor.uint(drop.merged->batches);
  }
}

/// The lowest that can say it, so that an older reader opens whatever it can.
std::uint64_t version_of(const BatchHeader& header) {
  const bool merged = std::any_of(header.drops.begin(), header.drops.end(),
                                  [](const ReportedDrop& drop) { return drop.merged.has_value(); });
  return merged ? layout::kVersionMerged : layout::kVersion;
}

std::size_t count_of(const RecordProperties& properties) {
  return static_cast<std::size_t>(!properties.user.empty()) + properties.content_type.has_value() +
         properties.response_topic.has_value() + properties.correlation_data.has_value() +
         properties.payload_format.has_value() + properties.message_expiry_seconds.has_value();
}

void write_properties(const RecordProperties& properties, CborWriter& cbor) {
  cbor.map(count_of(properties));
  if (!properties.user.empty()) {
    cbor.text(layout::kPropertyUser);
    cbor.array(properties.user.size());
    for (const auto& [name, value] : properties.user) {
      cbor.array(2);
      cbor.text(name);
      cbor.text(value);
    }
  }
  if (properties.content_type) {
    cbor.text(layout::kPropertyContentType);
    cbor.text(*properties.content_type);
  }
  if (properties.response_topic) {
    cbor.text(layout::kPropertyResponseTopic);
    cbor.text(*properties.response_topic);
  }
  if (properties.correlation_data) {
    cbor.text(layout::kPropertyCorrelation);
    cbor.bytes(*properties.correlation_data);
  }
  if (properties.payload_format) {
    cbor.text(layout::kPropertyFormat);
    cbor.uint(*properties.payload_format);
  }
  if (properties.message_expiry_seconds) {
    cbor.text(layout::kPropertyExpiry);
    cbor.uint(*properties.message_expiry_seconds);
  }
}

}  // namespace

void write_header(const BatchHeader& header, PlainBytes& out) {
  CborWriter cbor(out);
  cbor.map(9 + static_cast<std::size_t>(header.frame.has_value()) + static_cast<std::size_t>(!header.drops.empty()));
  cbor.text(layout::kKeyVersion);
  cbor.uint(version_of(header));
  cbor.text(layout::kKeyGateway);
  cbor.text(header.gateway);
  cbor.text(layout::kKeyRoute);
  cbor.text(header.route.text);
  cbor.text(layout::kKeyBatch);
  cbor.bytes(header.batch.view());
  cbor.text(layout::kKeySequence);
  cbor.uint(header.sequence.number);
  cbor.text(layout::kKeyBoot);
  cbor.bytes(header.boot.view());
  cbor.text(layout::kKeySynced);
  cbor.boolean(header.clock_synced);
  cbor.text(layout::kKeySealed);
  cbor.integer(header.sealed.since_epoch.count());
  cbor.text(layout::kKeySealedMonotonic);
  cbor.integer(header.sealed_monotonic.since_start.count());
  if (header.frame) {
    cbor.text(layout::kKeyFrame);
    cbor.uint(*header.frame);
  }
  if (!header.drops.empty()) {
    cbor.text(layout::kKeyDrops);
    write_drops(header.drops, cbor);
  }
}

void write_record(const Record& record, PlainBytes& out) {
  const bool has_properties = count_of(record.properties) > 0;
  CborWriter cbor(out);
  cbor.array(layout::kRecordItems + static_cast<std::size_t>(has_properties));
  cbor.integer(record.received.since_epoch.count());
  cbor.text(record.topic);
  cbor.bytes(record.payload);
  cbor.uint((record.qos & layout::kFlagQosMask) | (record.retain ? layout::kFlagRetain : 0) |
            (record.dup ? layout::kFlagDup : 0));
  cbor.uint(record.packet_id);
  cbor.uint(record.connection);
  if (has_properties) write_properties(record.properties, cbor);
}

void write_journal_start(ByteView shared_header, PlainBytes& out) {
  CborWriter cbor(out);
  cbor.map(3);
  cbor.text(layout::kJournalKeyType);
  cbor.text(layout::kJournalType);
  cbor.text(layout::kJournalKeyVersion);
  cbor.uint(layout::kJournalVersion);
  cbor.text(layout::kJournalKeyHeader);
  cbor.bytes(shared_header);
}

void write_journal_frame(ByteView frame, PlainBytes& out) { CborWriter(out).bytes(frame); }

}  // namespace edgeseal::agent
