// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/content_items.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "agent/batch/batch_layout.h"
#include "agent/owner/cbor_reader.h"
#include "agent/owner/content_refusal.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kTopicBytesMax = 65'535;  // MQTT 5.0 section 1.5.4

/// Reads a value into its place; false when something else stands there.
using Take = std::function<bool(CborReader&)>;
using Takes = std::map<std::string_view, Take>;

/// Reads a map whose keys are each named in `takes`, none twice; all of `needed` must come.
bool take_map(CborReader& cbor, const Takes& takes, const std::set<std::string_view>& needed) {
  const auto pairs = cbor.map();
  if (!pairs || *pairs > takes.size()) return false;
  std::set<std::string_view> seen;
  for (std::uint64_t i = 0; i < *pairs; ++i) {
    const auto key = cbor.text();
    const auto found = key ? takes.find(*key) : takes.end();
    if (found == takes.end() || !seen.insert(found->first).second || !found->second(cbor)) return false;
  }
  return std::includes(seen.begin(), seen.end(), needed.begin(), needed.end());
}

template <typename T>
bool store(std::optional<T> value, auto& place) {
  if (value) place = std::move(*value);
  return value.has_value();
}

template <typename T>
bool take_uint(CborReader& cbor, auto& place) {
  const auto value = cbor.uint();
  if (!value || *value > std::numeric_limits<T>::max()) return false;
  place = static_cast<T>(*value);
  return true;
}

bool take_time(CborReader& cbor, std::chrono::microseconds& place) {
  const auto value = cbor.integer();
  if (value) place = std::chrono::microseconds(*value);
  return value.has_value();
}

template <typename Id>
bool take_id(CborReader& cbor, Id& place) {
  const auto bytes = cbor.bytes();
  return bytes && store(Id::from(*bytes), place);
}

/// Batches of a merged drop: one after the first, and no more than there are numbers.
bool take_merged(CborReader& cbor, ReportedDrop& drop) {
  ReportedBatches merged;
  if (!store(cbor.uint(), merged.last.number) || !store(cbor.uint(), merged.batches)) return false;
  if (drop.sequence.number == 0 || merged.last <= drop.sequence) return false;
  drop.merged = merged;
  return merged.batches >= 2 && merged.batches - 1 <= merged.last.number - drop.sequence.number;
}

bool take_drops(CborReader& cbor, std::vector<ReportedDrop>& drops) {
  const auto count = cbor.array();
  if (!count || *count > kReportedDropsMax) return false;
  for (std::uint64_t i = 0; i < *count; ++i) {
    ReportedDrop drop;
    const auto items = cbor.array();
    if (!(items == layout::kDropItems || items == layout::kMergedDropItems) ||
        !store(cbor.uint(), drop.sequence.number) || !store(cbor.uint(), drop.records) ||
        !store(cbor.text(), drop.reason) || drop.reason.size() > kDropReasonBytesMax ||
        !take_time(cbor, drop.dropped.since_epoch) || (items == layout::kMergedDropItems && !take_merged(cbor, drop))) {
      return false;
    }
    drops.push_back(std::move(drop));
  }
  return true;
}

bool take_user(CborReader& cbor, MessageProperties& properties) {
  const auto count = cbor.array();
  if (!count || *count > kUserPropertiesMax) return false;
  properties.user.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    if (cbor.array() != 2) return false;
    auto name = cbor.text();
    auto value = name ? cbor.text() : std::nullopt;
    if (!value) return false;
    properties.user.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

bool take_value(CborReader& cbor, std::optional<std::string>& place) { return store(cbor.text(), place); }
bool take_value(CborReader& cbor, std::optional<Bytes>& place) {
  const auto bytes = cbor.bytes();
  if (bytes) place.emplace(bytes->begin(), bytes->end());
  return bytes.has_value();
}
template <typename Number>
bool take_value(CborReader& cbor, std::optional<Number>& place) {
  return take_uint<Number>(cbor, place);
}

bool take_properties(CborReader& cbor, MessageProperties& properties) {
  Takes takes = {{layout::kPropertyUser, [&](CborReader& in) { return take_user(in, properties); }}};
  const auto add = [&](const auto& property) {
    takes.emplace(property.key, [&properties, member = property.member](CborReader& in) {
      return take_value(in, properties.*member);
    });
  };
  std::apply([&](const auto&... each) { (add(each), ...); }, layout::kProperties);
  return take_map(cbor, takes, {});
}

}  // namespace

Result<BatchHeader> parse_header(ByteView item) {
  if (item.size() > kHeaderItemBytesMax) return refuse(ContentRefusal::content, "a batch's header over 4 MiB");
  BatchHeader header;
  std::uint64_t version = 0;
  CborReader cbor(item);
  const bool taken =
      take_map(cbor,
               {
                   {layout::kKeyVersion, [&](CborReader& in) { return store(in.uint(), version); }},
                   {layout::kKeyGateway, [&](CborReader& in) { return store(in.text(), header.gateway); }},
                   {layout::kKeyRoute, [&](CborReader& in) { return store(in.text(), header.route.text); }},
                   {layout::kKeyBatch, [&](CborReader& in) { return take_id(in, header.batch); }},
                   {layout::kKeySequence, [&](CborReader& in) { return store(in.uint(), header.sequence.number); }},
                   {layout::kKeyBoot, [&](CborReader& in) { return take_id(in, header.boot); }},
                   {layout::kKeySynced, [&](CborReader& in) { return store(in.boolean(), header.clock_synced); }},
                   {layout::kKeySealed, [&](CborReader& in) { return take_time(in, header.sealed.since_epoch); }},
                   {layout::kKeySealedMonotonic,
                    [&](CborReader& in) { return take_time(in, header.sealed_monotonic.since_start); }},
                   {layout::kKeyFrame, [&](CborReader& in) { return take_uint<std::uint32_t>(in, header.frame); }},
                   {layout::kKeyDrops, [&](CborReader& in) { return take_drops(in, header.drops); }},
               },
               {layout::kKeyVersion, layout::kKeyGateway, layout::kKeyRoute, layout::kKeyBatch, layout::kKeySequence,
                layout::kKeyBoot, layout::kKeySynced, layout::kKeySealed, layout::kKeySealedMonotonic});
  if (version > layout::kVersionMerged) {
    return refuse(ContentRefusal::content,
                  "content version " + std::to_string(version) + "; known here are versions up to " +
                      std::to_string(layout::kVersionMerged),
                  "use a newer edgeseal-open");
  }
  const bool merged = std::any_of(header.drops.begin(), header.drops.end(),
                                  [](const ReportedDrop& drop) { return drop.merged.has_value(); });
  if (!taken || version != (merged ? layout::kVersionMerged : layout::kVersion)) {
    return refuse(ContentRefusal::content, "the first item is not a batch's header");
  }
  return header;
}

Result<Record> parse_record(ByteView item) {
  ByteView payload;
  auto record = parse_record(item, payload);
  if (record) record->payload = to_plain(payload);
  return record;
}

Result<Record> parse_record(ByteView item, ByteView& payload) {
  Record record;
  CborReader cbor(item);
  const auto items = cbor.array();
  const auto taken = [&] {
    if (items < layout::kRecordItems || items > layout::kRecordItems + 1) return false;
    if (!take_time(cbor, record.received.since_epoch) || !store(cbor.text(kTopicBytesMax), record.topic)) return false;
    const auto bytes = cbor.bytes();
    if (!bytes || item.size() - bytes->size() > kPropertiesBytesMax) return false;
    payload = *bytes;
    const auto flags = cbor.uint();
    if (!flags || *flags > (layout::kFlagQosMask | layout::kFlagRetain | layout::kFlagDup)) return false;
    record.qos = static_cast<std::uint8_t>(*flags & layout::kFlagQosMask);
    record.retain = (*flags & layout::kFlagRetain) != 0;
    record.dup = (*flags & layout::kFlagDup) != 0;
    if (!take_uint<std::uint16_t>(cbor, record.packet_id) || !store(cbor.uint(), record.connection)) return false;
    return items == layout::kRecordItems || take_properties(cbor, record.properties);
  }();
  if (!taken) return refuse(ContentRefusal::content, "an item is not a record");
  return record;
}

Result<Bytes> parse_journal_start(ByteView item) {
  std::string type;
  std::uint64_t version = 0;
  Bytes header;
  CborReader cbor(item);
  const bool taken =
      take_map(cbor,
               {
                   {layout::kJournalKeyType, [&](CborReader& in) { return store(in.text(), type); }},
                   {layout::kJournalKeyVersion, [&](CborReader& in) { return store(in.uint(), version); }},
                   {layout::kJournalKeyHeader,
                    [&](CborReader& in) {
                      const auto bytes = in.bytes();
                      if (bytes) header.assign(bytes->begin(), bytes->end());
                      return bytes.has_value();
                    }},
               },
               {layout::kJournalKeyType, layout::kJournalKeyVersion, layout::kJournalKeyHeader});
  if (!taken || type != layout::kJournalType) {
    return refuse(ContentRefusal::journal, "the first item is not the start of a journal object");
  }
  if (version != layout::kJournalVersion) {
    return refuse(ContentRefusal::journal,
                  "journal version " + std::to_string(version) + "; known here is version " +
                      std::to_string(layout::kJournalVersion),
                  "use a newer edgeseal-open");
  }
  if (header.size() > kJournalHeaderBytesMax) return refuse(ContentRefusal::journal, "a shared header over 64 KiB");
  return header;
}

Result<ByteView> parse_journal_frame(ByteView item) {
  const auto frame = CborReader(item).bytes();
  if (!frame) return refuse(ContentRefusal::journal, "an item is not a frame");
  return *frame;
}

}  // namespace edgeseal::agent
