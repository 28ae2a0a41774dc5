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

std::size_t count_of(const MessageProperties& properties) {
  std::size_t count = properties.user.empty() ? 0 : 1;
  layout::for_each_property(properties, [&count](const auto&, const auto&) { ++count; });
  return count;
}

void write_value(const std::string& value, CborWriter& cbor) { cbor.text(value); }
void write_value(const Bytes& value, CborWriter& cbor) { cbor.bytes(value); }
void write_value(std::uint64_t value, CborWriter& cbor) { cbor.uint(value); }

void write_properties(const MessageProperties& properties, CborWriter& cbor) {
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
  layout::for_each_property(properties, [&cbor](const auto& property, const auto& value) {
    cbor.text(property.key);
    write_value(value, cbor);
  });
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
