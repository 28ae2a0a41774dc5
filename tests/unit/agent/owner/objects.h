// SPDX-License-Identifier: GPL-3.0-or-later
// Batches and journal objects as a gateway makes them, sealed under a data key that the tests know.
#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/batch/chain.h"
#include "agent/batch/compression.h"
#include "agent/batch/content_writer.h"
#include "agent/owner/object_reader.h"
#include "crypto/envelope/esdk_parts.h"
#include "crypto/envelope/esdk_writer.h"
#include "tests/support/random.h"

namespace edgeseal::agent {

class GivenKey final : public crypto::DataKeySource {
 public:
  Result<SecretBytes> data_key(const std::vector<crypto::Edk>&, const crypto::EncryptionContext::Pairs&) override {
    ++asked;
    return SecretBytes::copy_of(Bytes(32, 7));
  }
  int asked = 0;
};

inline ChainLink link(std::uint64_t sequence = 12, bool journal = false, bool zstd = true) {
  return {.gateway = "truck-017",
          .route = {"telemetry"},
          .spool = {},
          .sequence = {sequence},
          .previous = {},
          .batch = {{1, 2, 3}},
          .journal = journal,
          .zstd = zstd};
}

inline BatchHeader header_of(const ChainLink& of, std::optional<std::uint32_t> frame = std::nullopt) {
  return {.gateway = of.gateway,
          .route = of.route,
          .batch = of.batch,
          .sequence = of.sequence,
          .boot = {},
          .clock_synced = true,
          .sealed = {Duration{1'795'511'703'123'456}},
          .sealed_monotonic = {Duration{1}},
          .frame = frame,
          .drops = {}};
}

inline Record record(std::string_view payload, std::string topic = "plant/7/telemetry") {
  Record made;
  made.received = {Duration{1'795'511'703'123'456}};
  made.topic = std::move(topic);
  made.payload = to_plain(as_bytes(payload));
  made.qos = 1;
  made.packet_id = 9;
  made.connection = 1;
  return made;
}

inline PlainBytes content_of(const BatchHeader& header, const std::vector<Record>& records) {
  PlainBytes content;
  write_header(header, content);
  for (const Record& one : records) write_record(one, content);
  return content;
}

inline crypto::EncryptionMaterials materials_of(const std::map<std::string, std::string>& context) {
  return crypto::EncryptionMaterials::of(SecretBytes::copy_of(Bytes(32, 7)), {{"ns", "name", Bytes(256, 1)}},
                                         crypto::EncryptionContext::create(context).value());
}

/// Seals a content as it is.
inline Bytes sealed(const std::map<std::string, std::string>& context, ByteView plaintext,
                    std::uint32_t frame_bytes = 64) {
  const auto materials = materials_of(context);
  test::SeededRandom random(1);
  Bytes message;
  EXPECT_TRUE(crypto::EsdkWriter(materials, random, frame_bytes).seal(plaintext, message).has_value());
  return message;
}

/// A batch as a gateway seals it.
inline Bytes batch(const ChainLink& of, const std::vector<Record>& records) {
  const PlainBytes content = content_of(header_of(of), records);
  return sealed(context_pairs(of), of.zstd ? compress(content, 1).value() : content);
}

/// A journal object whose frames hold these records, a frame each; `frames` gives the place each claims.
inline Bytes journal(const ChainLink& of, const std::vector<std::string>& payloads,
                     const std::vector<std::uint32_t>& frames) {
  const auto materials = materials_of(context_pairs(of));
  test::SeededRandom random(2);
  const crypto::EsdkWriter writer(materials, random);
  PlainBytes object;
  write_journal_start(writer.shared_header(), object);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const PlainBytes content = content_of(header_of(of, frames[i]), {record(payloads[i])});
    Bytes message;
    EXPECT_TRUE(writer.seal(of.zstd ? compress(content, 1).value() : content, message).has_value());
    write_journal_frame(crypto::own_part_of(message, writer.shared_header().size()), object);
  }
  return {object.begin(), object.end()};
}

/// Keeps what an object gives.
class Kept final : public ObjectConsumer {
 public:
  Result<void> on_link(const ChainLink& link_of) override {
    links.push_back(link_of);
    return {};
  }
  Result<void> on_header(const BatchHeader& header, ByteView item) override {
    headers.push_back(header);
    cbor += as_text(item);
    return {};
  }
  Result<void> on_record(const BatchHeader&, std::uint64_t index, const Record& one, ByteView payload,
                         ByteView item) override {
    indexes.push_back(index);
    payloads.emplace_back(as_text(payload));
    records.push_back(one);
    records.back().payload = to_plain(payload);
    cbor += as_text(item);
    return {};
  }
  Result<void> on_plaintext(ByteView plaintext) override {
    raw += as_text(plaintext);
    return {};
  }
  std::vector<ChainLink> links;
  std::vector<BatchHeader> headers;
  std::vector<std::uint64_t> indexes;
  std::vector<std::string> payloads;
  std::vector<Record> records;
  std::string cbor;
  std::string raw;
};

/// Reads an object in pieces of `piece_bytes`.
inline Result<void> read_object(ByteView object, Kept& kept, crypto::DataKeySource& keys,
                                ReadAs read_as = ReadAs::batch, std::size_t piece_bytes = 50) {
  const auto reader = ObjectReader::create(read_as, keys, kept);
  for (std::size_t at = 0; at < object.size(); at += piece_bytes) {
    auto fed = reader->feed(object.subspan(at, std::min(piece_bytes, object.size() - at)));
    if (!fed) return fed;
  }
  return reader->finish();
}

}  // namespace edgeseal::agent
