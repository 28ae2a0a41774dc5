// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/content_writer.h"

#include <gtest/gtest.h>

namespace edgeseal::agent {
namespace {

/// Hexadecimal, with blanks between the items so that a reader can follow them.
std::string spaceless(std::string_view spaced) {
  std::string hex;
  for (const char c : spaced) {
    if (c != ' ') hex += c;
  }
  return hex;
}

std::string written(const BatchHeader& header) {
  PlainBytes out;
  write_header(header, out);
  return to_hex(out);
}

std::string written(const Record& record) {
  PlainBytes out;
  write_record(record, out);
  return to_hex(out);
}

template <typename Id>
Id id_of(std::uint8_t first) {
  Id id;
  for (std::uint8_t& byte : id.bytes) byte = first++;
  return id;
}

BatchHeader header() {
  return {.gateway = "gw",
          .route = {"tel"},
          .batch = id_of<BatchId>(0x00),
          .sequence = {12},
          .boot = id_of<BootId>(0x10),
          .clock_synced = true,
          .sealed = {Duration{1'795'511'703'123'456}},
          .sealed_monotonic = {Duration{1'000'000}},
          .frame = std::nullopt,
          .drops = {}};
}

// RFC 8949 section 3: a major type in three bits, then the shortest argument.
constexpr std::string_view kHeaderItems =
    "67 76657273696f6e  01"                                    // "version": 1
    "67 67617465776179  62 6777"                               // "gateway": "gw"
    "65 726f757465  63 74656c"                                 // "route": "tel"
    "65 6261746368  50 000102030405060708090a0b0c0d0e0f"       // "batch": 16 bytes
    "63 736571  0c"                                            // "seq": 12
    "64 626f6f74  50 101112131415161718191a1b1c1d1e1f"         // "boot": 16 bytes
    "6c 636c6f636b5f73796e636564  f5"                          // "clock_synced": true
    "69 7365616c65645f7573  1b 0006610225413600"               // "sealed_us": 1795511703123456
    "73 7365616c65645f6d6f6e6f746f6e69635f7573  1a 000f4240";  // "sealed_monotonic_us": 1000000

TEST(ContentWriterTest, ABatchsHeaderIsAMapOfNine) {
  EXPECT_EQ(written(header()), spaceless("a9" + std::string(kHeaderItems)));
}

TEST(ContentWriterTest, AJournalFramesHeaderAlsoHasItsPlace) {
  BatchHeader frame = header();
  frame.frame = 0;
  EXPECT_EQ(written(frame), spaceless("aa" + std::string(kHeaderItems) + "65 6672616d65  00"));
  frame.frame = 300;
  EXPECT_EQ(written(frame), spaceless("aa" + std::string(kHeaderItems) + "65 6672616d65  19 012c"));
}

TEST(ContentWriterTest, DropsAreToldInTheHeader) {
  BatchHeader with_drops = header();
  with_drops.drops = {{{7}, 500, "full", {Duration{1}}}, {{0}, 1, "expired", {Duration{-1}}}};
  EXPECT_EQ(written(with_drops), spaceless("aa" + std::string(kHeaderItems) +
                                           "65 64726f7073  82"                     // "drops": two
                                           "84  07  19 01f4  64 66756c6c  01"      // 7, 500, "full", 1
                                           "84  00  01  67 65787069726564  20"));  // 0, 1, "expired", -1
  with_drops.frame = 1;
  EXPECT_EQ(written(with_drops).substr(0, 2), "ab");
}

TEST(ContentWriterTest, AMergedDropNamesItsLastBatchAndTheirNumber) {
  BatchHeader merged = header();
  merged.drops = {{{7}, 500, "full", {Duration{1}}}, {{8}, 600, "full", {Duration{2}}}};
  merged.drops[1].merged = {.last = {300}, .batches = 24};
  std::string items(kHeaderItems);
  items.replace(items.find("01"), 2, "02");  // "version": 2
  EXPECT_EQ(written(merged), spaceless("aa" + items +
                                       "65 64726f7073  82"                                    // "drops": two
                                       "84  07  19 01f4  64 66756c6c  01"                     // 7, 500, "full", 1
                                       "86  08  19 0258  64 66756c6c  02  19 012c  18 18"));  // …, 300, 24
}

TEST(ContentWriterTest, AClockBefore1970IsANegativeNumber) {
  BatchHeader old = header();
  old.clock_synced = false;
  old.sealed = {Duration{-1'000'000}};
  EXPECT_NE(written(old).find(spaceless("6c 636c6f636b5f73796e636564 f4  69 7365616c65645f7573  3a 000f423f")),
            std::string::npos);
}

Record record() {
  return {.received = {Duration{1}},
          .topic = "a/b",
          .payload = to_plain(as_bytes("42")),
          .qos = 1,
          .retain = false,
          .dup = false,
          .packet_id = 11,
          .connection = 3,
          .properties = {}};
}

TEST(ContentWriterTest, ARecordIsAnArrayOfSix) {
  EXPECT_EQ(written(record()), spaceless("86  01  63 612f62  42 3432  01  0b  03"));
}

TEST(ContentWriterTest, FlagsHoldQosRetainAndDup) {
  const std::tuple<std::uint8_t, bool, bool, std::string_view> rows[] = {
      {0, false, false, "00"}, {1, false, false, "01"}, {2, false, false, "02"},
      {0, true, false, "04"},  {1, false, true, "09"},  {2, true, true, "0e"}};
  for (const auto& [qos, retain, dup, flags] : rows) {
    Record each = record();
    each.qos = qos;
    each.retain = retain;
    each.dup = dup;
    EXPECT_EQ(written(each), spaceless("86  01  63 612f62  42 3432 " + std::string(flags) + " 0b  03"));
  }
}

// Payloads are kept exactly, whatever they are.
TEST(ContentWriterTest, PayloadsAreByteStringsOfAnyLength) {
  const std::pair<std::size_t, std::string_view> heads[] = {
      {0, "40"}, {23, "57"}, {24, "5818"}, {255, "58ff"}, {256, "590100"}, {65535, "59ffff"}, {65536, "5a00010000"}};
  for (const auto& [size, head] : heads) {
    Record each = record();
    each.payload.assign(size, 0xff);
    std::string payload;
    for (std::size_t i = 0; i < size; ++i) payload += "ff";
    EXPECT_EQ(written(each), spaceless("86  01  63 612f62 ") + std::string(head) + payload + spaceless("01  0b  03"));
  }
}

TEST(ContentWriterTest, TheLargestNumbersFit) {
  Record each = record();
  each.received = {Duration{INT64_MAX}};
  each.packet_id = 65535;
  each.connection = UINT64_MAX;
  EXPECT_EQ(written(each), spaceless("86  1b 7fffffffffffffff  63 612f62  42 3432  01  19 ffff  1b ffffffffffffffff"));
  each.received = {Duration{INT64_MIN}};
  EXPECT_EQ(written(each), spaceless("86  3b 7fffffffffffffff  63 612f62  42 3432  01  19 ffff  1b ffffffffffffffff"));
}

TEST(ContentWriterTest, PropertiesAreASeventhItemWithWhatThereIs) {
  Record each = record();
  each.properties.payload_format = 1;
  EXPECT_EQ(written(each), spaceless("87  01  63 612f62  42 3432  01  0b  03"
                                     "a1  6e 7061796c6f61645f666f726d6174  01"));  // "payload_format": 1

  each.properties = {.user = {{"k", "v"}, {"k", "w"}},
                     .content_type = "json",
                     .response_topic = "r",
                     .correlation_data = Bytes{0xc0, 0xff},
                     .payload_format = 0,
                     .message_expiry_seconds = 3600};
  EXPECT_EQ(written(each), spaceless("87  01  63 612f62  42 3432  01  0b  03  a6"
                                     "64 75736572  82  82 61 6b 61 76  82 61 6b 61 77"  // user: [[k, v], [k, w]]
                                     "6c 636f6e74656e745f74797065  64 6a736f6e"         // content_type: json
                                     "6e 726573706f6e73655f746f706963  61 72"           // response_topic: r
                                     "70 636f7272656c6174696f6e5f64617461  42 c0ff"     // correlation_data
                                     "6e 7061796c6f61645f666f726d6174  00"              // payload_format: 0
                                     "70 6d6573736167655f6578706972795f73  19 0e10"));  // message_expiry_s: 3600
}

TEST(ContentWriterTest, WritersAppend) {
  PlainBytes out;
  write_header(header(), out);
  const std::size_t header_bytes = out.size();
  write_record(record(), out);
  write_record(record(), out);
  EXPECT_EQ(out.size(), header_bytes + 2 * 12);
}

TEST(ContentWriterTest, AJournalObjectIsAMapThenAByteStringAFrame) {
  PlainBytes out;
  write_journal_start(Bytes{0xaa, 0xbb, 0xcc}, out);
  write_journal_frame(Bytes{0x01, 0x02}, out);
  write_journal_frame({}, out);
  EXPECT_EQ(to_hex(out), spaceless("a3"
                                   "64 74797065  70 656467657365616c2d6a6f75726e616c"  // "type": "edgeseal-journal"
                                   "67 76657273696f6e  01"                             // "version": 1
                                   "66 686561646572  43 aabbcc"                        // "header": bytes
                                   "42 0102"
                                   "40"));
}

}  // namespace
}  // namespace edgeseal::agent
