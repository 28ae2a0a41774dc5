// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/object_reader.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ObjectReaderTest, OpensBatchesOfEitherEncoding) {
  for (const bool zstd : {true, false}) {
    for (const std::size_t piece_bytes : {1U, 50U, 100'000U}) {
      GivenKey keys;
      Kept kept;
      const ChainLink of = link(12, false, zstd);
      ASSERT_THAT(read_object(batch(of, {record("one"), record("two")}), kept, keys, ReadAs::batch, piece_bytes),
                  IsOk());
      EXPECT_THAT(kept.links, ElementsAre(of));
      EXPECT_THAT(kept.payloads, ElementsAre("one", "two"));
      EXPECT_THAT(kept.indexes, ElementsAre(0, 1));
      EXPECT_EQ(kept.raw == kept.cbor, !zstd) << "raw is what was sealed";
    }
  }
}

TEST(ObjectReaderTest, OpensJournalObjectsWithOneQuestionForTheKey) {
  for (const std::size_t piece_bytes : {1U, 50U, 100'000U}) {
    GivenKey keys;
    Kept kept;
    const Bytes object = journal(link(12, true, false), {"one", "two", "three"}, {0, 1, 2});
    ASSERT_THAT(read_object(object, kept, keys, ReadAs::batch, piece_bytes), IsOk());
    EXPECT_THAT(kept.payloads, ElementsAre("one", "two", "three"));
    EXPECT_THAT(kept.indexes, ElementsAre(0, 1, 2)) << "records count through the frames";
    EXPECT_EQ(kept.links.size(), 1U);
    EXPECT_EQ(keys.asked, 1);
  }
}

// The gateway leaves out a frame that its disk has damaged, and tells of it as a drop.
TEST(ObjectReaderTest, OpensWhatIsLeftOfAJournal) {
  for (const std::vector<std::uint32_t>& frames : {std::vector<std::uint32_t>{1, 2}, {0, 2}, {3, 7}}) {
    GivenKey keys;
    Kept kept;
    ASSERT_THAT(read_object(journal(link(12, true), {"one", "two"}, frames), kept, keys), IsOk());
    EXPECT_THAT(kept.payloads, ElementsAre("one", "two"));
    EXPECT_THAT(kept.indexes, ElementsAre(0, 1));
    EXPECT_EQ(kept.links.size(), 1U);
  }
}

TEST(ObjectReaderTest, RefusesJournalsWhoseFramesAreReorderedOrRepeated) {
  const auto with = [](const std::vector<std::uint32_t>& frames) {
    GivenKey keys;
    Kept kept;
    auto result =
        read_object(journal(link(12, true), std::vector<std::string>(frames.size(), "x"), frames), kept, keys);
    EXPECT_LT(kept.payloads.size(), frames.size());
    return result;
  };
  const auto refused = Fails(Kind::corrupt, HasSubstr("journal-frame: "));
  EXPECT_THAT(with({1, 0}), refused);
  EXPECT_THAT(with({0, 2, 1}), refused);
  EXPECT_THAT(with({0, 1, 1}), refused) << "one is repeated";
}

TEST(ObjectReaderTest, RefusesJournalsThatEndEarlyOrHoldNothing) {
  GivenKey keys;
  const Bytes object = journal(link(12, true), {"one", "two"}, {0, 1});
  const std::size_t first_frame_end = journal(link(12, true), {"one"}, {0}).size();
  for (std::size_t size = 0; size < object.size(); ++size) {
    if (size == first_frame_end) continue;  // whole as far as it goes; the chain's digest tells
    Kept kept;
    EXPECT_THAT(read_object(ByteView(object).first(size), kept, keys), Fails(Kind::corrupt, HasSubstr("truncated")))
        << size;
  }
}

TEST(ObjectReaderTest, RefusesEachFlippedByteOfAJournal) {
  const Bytes object = journal(link(12, true), {"one", "two"}, {0, 1});
  for (std::size_t at = 0; at < object.size(); ++at) {
    Bytes changed = object;
    changed[at] ^= 0x20;
    GivenKey keys;
    Kept kept;
    EXPECT_FALSE(read_object(changed, kept, keys).has_value()) << at;
  }
}

TEST(ObjectReaderTest, RefusesABatchAmongAJournalsFrames) {
  const ChainLink of = link(12, false, false);
  const auto materials = materials_of(context_pairs(of));
  test::SeededRandom random(2);
  const crypto::EsdkWriter writer(materials, random);
  Bytes message;
  ASSERT_THAT(writer.seal(content_of(header_of(of), {}), message), IsOk());
  PlainBytes object;
  write_journal_start(writer.shared_header(), object);
  write_journal_frame(crypto::own_part_of(message, writer.shared_header().size()), object);
  GivenKey keys;
  Kept kept;
  EXPECT_THAT(read_object(object, kept, keys), Fails(Kind::corrupt, HasSubstr("journal: ")));
}

TEST(ObjectReaderTest, OpensAJournalFrameThatStandsAlone) {
  const ChainLink of = link(12, true, false);
  GivenKey keys;
  Kept kept;
  ASSERT_THAT(read_object(sealed(context_pairs(of), content_of(header_of(of, 5), {record("x")})), kept, keys), IsOk());
  EXPECT_THAT(kept.payloads, ElementsAre("x"));
  EXPECT_THAT(kept.links, ElementsAre(of));
}

TEST(ObjectReaderTest, WritesAnyMessageButTakesOnlyBatchesForBatches) {
  const Bytes message = sealed({{"purpose", "backup"}}, as_bytes("anything"));
  GivenKey keys;
  Kept kept;
  ASSERT_THAT(read_object(message, kept, keys, ReadAs::message), IsOk());
  EXPECT_EQ(kept.raw, "anything");
  Kept none;
  EXPECT_THAT(read_object(message, none, keys),
              Fails(Kind::invalid, AllOf(StartsWith("not-a-batch: "), HasSubstr("--format message"))));
  EXPECT_EQ(none.raw, "");
  EXPECT_THAT(read_object(sealed({}, {}), none, keys), Fails(Kind::invalid, StartsWith("not-a-batch: ")));
}

TEST(ObjectReaderTest, RefusesABatchWithoutContent) {
  GivenKey keys;
  Kept kept;
  EXPECT_THAT(read_object(sealed(context_pairs(link(12, false, false)), {}), kept, keys),
              Fails(Kind::corrupt, StartsWith("content: ")));
  EXPECT_THAT(read_object(sealed(context_pairs(link(12, false, true)), {}), kept, keys),
              Fails(Kind::corrupt, StartsWith("compression: ")));
}

TEST(ObjectReaderTest, RefusesNothingAtAll) {
  GivenKey keys;
  Kept kept;
  EXPECT_THAT(read_object({}, kept, keys), Fails(Kind::corrupt, StartsWith("truncated: ")));
}

}  // namespace
}  // namespace edgeseal::agent
