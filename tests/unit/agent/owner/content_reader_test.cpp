// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/content_reader.h"

#include <gtest/gtest.h>

#include "agent/batch/batch_layout.h"
#include "agent/batch/cbor_writer.h"
#include "agent/owner/content_items.h"
#include "storage/spool_types.h"
#include "tests/support/matchers.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Written down twice, for the owner's program has no spool. Gateways reported up to 1,000 once.
static_assert(kReportedDropsMax == 1000 && kReportedDropsMax >= storage::kDropsReportedMax);

Result<void> read_content(ByteView content, Kept& kept, const ChainLink& of = link(12, false, false),
                          std::optional<std::uint32_t> frame = std::nullopt) {
  ContentBudget budget;
  ContentReader reader(of, 0, frame, kept, budget);
  auto fed = reader.feed(content);
  return fed ? reader.finish() : fed;
}

Record full_record() {
  Record made = record(std::string_view("\x00\xff", 2));
  made.qos = 2;
  made.retain = true;
  made.dup = true;
  made.packet_id = 65'535;
  made.connection = UINT64_MAX;
  made.received = {Duration{-1}};
  made.properties.user = {{"a", "1"}, {"a", "2"}};
  made.properties.content_type = "text/plain";
  made.properties.response_topic = "r";
  made.properties.correlation_data = Bytes{1, 2};
  made.properties.payload_format = std::uint8_t{1};
  made.properties.message_expiry_seconds = 4'000'000'000U;
  return made;
}

TEST(ContentReaderTest, IsTheExactInverseOfTheWriter) {
  BatchHeader header = header_of(link());
  header.drops = {{{3}, 17, "spool full", {Duration{5}}}, {{0}, 1, "expired", {Duration{-5}}}};
  Record nothing;
  const std::vector<Record> records{full_record(), nothing, record("42")};
  Kept kept;
  ASSERT_THAT(read_content(content_of(header, records), kept), IsOk());
  ASSERT_EQ(kept.headers.size(), 1U);
  EXPECT_EQ(kept.headers[0], header);
  EXPECT_EQ(kept.records, records);
  EXPECT_EQ(kept.cbor, as_text(content_of(header, records)));
}

TEST(ContentReaderTest, ReadsAMergedDrop) {
  BatchHeader header = header_of(link());
  header.drops = {{{3}, 17, "spool_full", {Duration{5}}}, {{4}, 90, "spool_full", {Duration{6}}}};
  header.drops[1].merged = {.last = {9}, .batches = 5};
  Kept kept;
  ASSERT_THAT(read_content(content_of(header, {}), kept), IsOk());
  EXPECT_EQ(kept.headers.at(0), header);
}

TEST(ContentReaderTest, RefusesAMergedDropThatMakesNoSense) {
  constexpr std::uint64_t kHighest = std::numeric_limits<std::uint64_t>::max();
  struct Row {
    std::uint64_t first, last, batches;
    bool fine;
  };
  for (const Row& row : {Row{4, 9, 2, true}, Row{4, 9, 6, true}, Row{1, kHighest, kHighest, true},
                         Row{1, kHighest, std::uint64_t{1} << 63, true}, Row{4, 9, 7, false}, Row{4, 9, 1, false},
                         Row{4, 9, 0, false}, Row{4, 4, 1, false}, Row{4, 4, 2, false}, Row{9, 4, 2, false},
                         Row{9, 4, kHighest, false}, Row{0, 9, 3, false}, Row{0, kHighest, kHighest, false}}) {
    BatchHeader header = header_of(link());
    header.drops = {{{row.first}, 17, "spool_full", {Duration{5}}}};
    header.drops[0].merged = {.last = {row.last}, .batches = row.batches};
    Kept kept;
    EXPECT_EQ(read_content(content_of(header, {}), kept).has_value(), row.fine)
        << row.first << " " << row.last << " " << row.batches;
  }
}

// The version says what a reader must know: no more than is needed, and no less.
TEST(ContentReaderTest, RefusesAVersionThatIsNotThatOfItsDrops) {
  BatchHeader header = header_of(link());
  header.drops = {{{3}, 17, "spool_full", {Duration{5}}}};
  PlainBytes content = content_of(header, {});
  const std::string_view key = layout::kKeyVersion;
  const auto version =
      std::search(content.begin(), content.end(), key.begin(), key.end()) + static_cast<std::ptrdiff_t>(key.size());
  ASSERT_EQ(*version, 1);
  *version = 2;
  Kept kept;
  EXPECT_THAT(read_content(content, kept), Fails(Kind::corrupt, StartsWith("content")));
  header.drops[0].merged = {.last = {9}, .batches = 5};
  content = content_of(header, {});
  *(std::search(content.begin(), content.end(), key.begin(), key.end()) + static_cast<std::ptrdiff_t>(key.size())) = 1;
  EXPECT_THAT(read_content(content, kept), Fails(Kind::corrupt, StartsWith("content")));
}

TEST(ContentReaderTest, RefusesAHeaderThatIsNotTheOneInTheContext) {
  const auto with = [](const std::function<void(BatchHeader&)>& change) {
    BatchHeader header = header_of(link());
    change(header);
    Kept kept;
    auto result = read_content(content_of(header, {record("42")}), kept);
    EXPECT_TRUE(kept.records.empty());
    return result;
  };
  EXPECT_THAT(with([](BatchHeader& h) { h.gateway = "x"; }), Fails(Kind::corrupt, StartsWith("content-header: ")));
  EXPECT_THAT(with([](BatchHeader& h) { h.route.text = "x"; }), Fails(Kind::corrupt, StartsWith("content-header: ")));
  EXPECT_THAT(with([](BatchHeader& h) { h.sequence = {13}; }), Fails(Kind::corrupt, StartsWith("content-header: ")));
  EXPECT_THAT(with([](BatchHeader& h) { h.batch.bytes[0] = 9; }), Fails(Kind::corrupt, StartsWith("content-header: ")));
  EXPECT_THAT(with([](BatchHeader& h) { h.frame = 0; }), Fails(Kind::corrupt, StartsWith("content-header: ")));
}

TEST(ContentReaderTest, RefusesAJournalFrameOutOfPlace) {
  const ChainLink of = link(12, true, false);
  Kept kept;
  EXPECT_THAT(read_content(content_of(header_of(of, 3), {}), kept, of, 3), IsOk());
  EXPECT_THAT(read_content(content_of(header_of(of, 3), {}), kept, of, 2), IsOk()) << "frame 2 was left out";
  EXPECT_THAT(read_content(content_of(header_of(of, 3), {}), kept, of, 4),
              Fails(Kind::corrupt, StartsWith("journal-frame: ")));
  EXPECT_THAT(read_content(content_of(header_of(of, 3), {}), kept, of), IsOk()) << "alone, any place will do";
  EXPECT_THAT(read_content(content_of(header_of(of), {}), kept, of), Fails(Kind::corrupt, HasSubstr("kind")));
}

TEST(ContentReaderTest, RefusesEachCut) {
  const PlainBytes content = content_of(header_of(link()), {full_record()});
  PlainBytes header;
  write_header(header_of(link()), header);
  for (std::size_t size = 0; size < content.size(); ++size) {
    if (size == header.size()) continue;  // a batch without records is whole
    Kept kept;
    EXPECT_THAT(read_content(ByteView(content).first(size), kept), Fails(Kind::corrupt, StartsWith("content"))) << size;
  }
}

TEST(ContentReaderTest, NeverCrashesOnChangedBytes) {
  const PlainBytes content = content_of(header_of(link()), {full_record(), record("42")});
  for (std::size_t at = 0; at < content.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      PlainBytes changed = content;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << bit));
      Kept kept;
      (void)read_content(changed, kept);  // opened or refused: a payload's byte may be anything
    }
  }
}

TEST(ContentReaderTest, RefusesWhatTheLayoutDoesNotName) {
  const auto records = [](const std::function<void(CborWriter&)>& write) {
    PlainBytes content = content_of(header_of(link()), {});
    CborWriter cbor(content);
    write(cbor);
    Kept kept;
    return read_content(content, kept);
  };
  const auto fields = [](CborWriter& cbor, std::uint64_t flags, std::uint64_t packet_id) {
    cbor.integer(1);
    cbor.text("t");
    cbor.bytes({});
    cbor.uint(flags);
    cbor.uint(packet_id);
    cbor.uint(1);
  };
  const auto refused = Fails(Kind::corrupt, StartsWith("content: an item is not a record"));
  EXPECT_THAT(records([&](CborWriter& cbor) {
                cbor.array(6);
                fields(cbor, 0x0f, 65'535);
              }),
              IsOk());
  EXPECT_THAT(records([&](CborWriter& cbor) {
                cbor.array(6);
                fields(cbor, 0x10, 1);
              }),
              refused)
      << "an unknown flag";
  EXPECT_THAT(records([&](CborWriter& cbor) {
                cbor.array(6);
                fields(cbor, 0, 65'536);
              }),
              refused)
      << "a packet id over 16 bits";
  EXPECT_THAT(records([](CborWriter& cbor) { cbor.text("record"); }), refused);
  EXPECT_THAT(records([&](CborWriter& cbor) {
                cbor.array(7);
                fields(cbor, 0, 1);
                cbor.map(1);
                cbor.text("colour");
                cbor.text("red");
              }),
              refused)
      << "an unknown property";
  EXPECT_THAT(records([&](CborWriter& cbor) {
                cbor.array(7);
                fields(cbor, 0, 1);
                cbor.map(2);
                for (int i = 0; i < 2; ++i) {
                  cbor.text("payload_format");
                  cbor.uint(1);
                }
              }),
              refused)
      << "a property twice";
}

TEST(ContentReaderTest, SaysWhenANewerProgramIsNeeded) {
  PlainBytes content;
  CborWriter cbor(content);
  cbor.map(1);
  cbor.text(layout::kKeyVersion);
  cbor.uint(3);
  Kept kept;
  EXPECT_THAT(read_content(content, kept), Fails(Kind::corrupt, AllOf(HasSubstr("version 3"), HasSubstr("newer"))));
}

}  // namespace
}  // namespace edgeseal::agent
