// SPDX-License-Identifier: GPL-3.0-or-later
// The content of a batch, as constants; docs/batch-format.md shows it with examples. A change here changes that page,
// the version below and a vector.
//
// A CBOR Sequence (RFC 8742): a header map, then one array a record:
//   [received_us, topic, payload, flags, packet_id, connection]  or with a properties map as seventh element.
// Compressed as one zstd frame (RFC 8878) when the encryption context says so.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "crypto/base/message_properties.h"

namespace edgeseal::agent::layout {

inline constexpr std::uint64_t kVersion = 1;
inline constexpr std::uint64_t kVersionMerged = 2;  ///< of a header that reports a merged drop

// Header map. Text keys; drops is left out when there are none, frame in batches.
inline constexpr std::string_view kKeyVersion = "version";
inline constexpr std::string_view kKeyGateway = "gateway";
inline constexpr std::string_view kKeyRoute = "route";
inline constexpr std::string_view kKeyBatch = "batch";  ///< 16 bytes
inline constexpr std::string_view kKeySequence = "seq";
inline constexpr std::string_view kKeyBoot = "boot";            ///< 16 bytes
inline constexpr std::string_view kKeySynced = "clock_synced";  ///< true or false
inline constexpr std::string_view kKeySealed = "sealed_us";     ///< since 1970, by the gateway's clock
inline constexpr std::string_view kKeySealedMonotonic = "sealed_monotonic_us";
inline constexpr std::string_view kKeyFrame = "frame";
inline constexpr std::string_view kKeyDrops = "drops";
// A drop: [seq, records, reason, dropped_us]; one that was merged: [seq, records, reason, dropped_us, last_seq,
// batches].
inline constexpr std::size_t kDropItems = 4;
inline constexpr std::size_t kMergedDropItems = 6;

// Flags of a record.
inline constexpr std::uint64_t kFlagQosMask = 0x03;
inline constexpr std::uint64_t kFlagRetain = 0x04;
inline constexpr std::uint64_t kFlagDup = 0x08;

inline constexpr std::size_t kRecordItems = 6;  ///< seven with properties

// Properties map of a record; a key is left out when the message had no such property.
inline constexpr std::string_view kPropertyUser = "user";  ///< [[name, value], …]

/// One of the other properties: its key in the map, and in NDJSON, and where MessageProperties has it. Text, bytes and
/// whole numbers are written as such.
template <typename Value>
struct Property {
  std::string_view key;
  std::optional<Value> MessageProperties::*member;
  /// Whether it is the sender's alone: the broker counts the expiry interval down (MQTT 5.0 section 3.3.2.3.3), so that
  /// it may differ in two copies of one message.
  bool is_the_senders = true;
};
template <typename Value>
Property(std::string_view, std::optional<Value> MessageProperties::*) -> Property<Value>;
template <typename Value>
Property(std::string_view, std::optional<Value> MessageProperties::*, bool) -> Property<Value>;

/// All of them, in the order in which they are written.
inline constexpr auto kProperties = std::tuple{
    Property{"content_type", &MessageProperties::content_type},
    Property{"response_topic", &MessageProperties::response_topic},
    Property{"correlation_data", &MessageProperties::correlation_data},
    Property{"payload_format", &MessageProperties::payload_format},
    Property{"message_expiry_s", &MessageProperties::message_expiry_seconds, false},
};

/// Calls `use` with each Property whose value `properties` has, and with that value.
template <typename Use>
void for_each_property(const MessageProperties& properties, const Use& use) {
  const auto look = [&](const auto& property) {
    if (const auto& value = properties.*property.member) use(property, *value);
  };
  std::apply([&](const auto&... each) { (look(each), ...); }, kProperties);
}

// Encryption context: authenticated, readable by anyone.
inline constexpr std::string_view kContextGateway = "gateway";
inline constexpr std::string_view kContextRoute = "route";
inline constexpr std::string_view kContextSpool = "spool";   ///< hexadecimal
inline constexpr std::string_view kContextSequence = "seq";  ///< decimal
inline constexpr std::string_view kContextPrevious =
    "previous";  ///< hexadecimal SHA-256 of the object before; zeros in the first
inline constexpr std::string_view kContextBatch = "batch";        ///< hexadecimal
inline constexpr std::string_view kContextKind = "kind";          ///< "batch" or "journal"
inline constexpr std::string_view kContextEncoding = "encoding";  ///< "zstd" or "identity"

inline constexpr std::string_view kKindBatch = "batch";
inline constexpr std::string_view kKindJournal = "journal";
inline constexpr std::string_view kEncodingZstd = "zstd";
inline constexpr std::string_view kEncodingIdentity = "identity";

// A journal object (.esdks): a CBOR Sequence, first this map, then a byte string a frame.
inline constexpr std::string_view kJournalKeyType = "type";
inline constexpr std::string_view kJournalType = "edgeseal-journal";
inline constexpr std::string_view kJournalKeyVersion = "version";
inline constexpr std::uint64_t kJournalVersion = 1;
inline constexpr std::string_view kJournalKeyHeader = "header";  ///< bytes: the header part that all frames share

}  // namespace edgeseal::agent::layout
