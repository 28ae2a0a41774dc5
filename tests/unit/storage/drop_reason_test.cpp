// SPDX-License-Identifier: GPL-3.0-or-later
// Each reason has one text, and a text that nobody knows is told as such.
#include "storage/drop_reason.h"

#include <set>
#include <string>

#include "storage/sqlite.h"
#include "tests/support/places.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

TEST(DropReason, EachHasATextOfItsOwnThatLeadsBackToIt) {
  std::set<std::string_view> texts;
  for (const DropReason reason : kDropReasons) {
    EXPECT_EQ(drop_reason_of(text_of(reason)), reason);
    texts.insert(text_of(reason));
  }
  EXPECT_EQ(texts.size(), kDropReasons.size());
  EXPECT_EQ(kDropReasons.size(), static_cast<std::size_t>(DropReason::other) + 1);
}

TEST(DropReason, EveryTextIsDescribedForOwners) {
  const std::string page = test::read_file(test::source_dir() + "/docs/batch-format.md");
  for (const DropReason reason : kDropReasons) {
    EXPECT_THAT(page, HasSubstr("\n| `" + std::string(text_of(reason)) + "` | "));
  }
}

// Of a newer edgeseal, or of a disk that altered it: the loss is told all the same.
TEST_F(SpoolTest, ADropWithAReasonThatNobodyKnowsIsToldAsOther) {
  open();
  SpoolChange change;
  change.drops = {{.row = 0,
                   .route = {"telemetry"},
                   .sequence = {4},
                   .records = 7,
                   .reason = DropReason::expired,
                   .dropped = at(9)}};
  ASSERT_THAT(spool->commit(change), IsOk());
  spool.reset();
  {
    auto db = Connection::open(options.path, Connection::Access::write, {});
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->run_script("UPDATE drops SET reason = 'eaten by mice'"), IsOk());
  }
  open();
  EXPECT_THAT(drop_names("telemetry"), ElementsAre("4:7:other"));
  const auto handed_out = spool->hand_out_drops({"telemetry"});
  ASSERT_THAT(handed_out, IsOk());
  ASSERT_EQ(handed_out->size(), 1U);
  EXPECT_EQ(handed_out->front().reason, DropReason::other);
}

}  // namespace
}  // namespace edgeseal::storage
