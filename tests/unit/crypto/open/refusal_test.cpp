// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/refusal.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;

TEST(RefusalTest, BeginsItsTextWithItsName) {
  const Result<void> refused = refuse(Refusal::frame_tag, "frame 3 was changed");
  EXPECT_THAT(refused, Fails(Kind::corrupt, "frame-tag: frame 3 was changed"));
}

TEST(RefusalTest, TellsWhatAnotherKeyOrProgramMightOpenFromWhatNoneShould) {
  for (const Refusal refusal : {Refusal::version, Refusal::suite, Refusal::no_key, Refusal::too_large}) {
    EXPECT_THAT(Result<void>(refuse(refusal, "x")), Fails(Kind::invalid)) << refusal_name(refusal);
  }
  for (const Refusal refusal : {Refusal::commitment, Refusal::header_tag, Refusal::context_digest, Refusal::trailing}) {
    EXPECT_THAT(Result<void>(refuse(refusal, "x")), Fails(Kind::corrupt)) << refusal_name(refusal);
  }
}

TEST(RefusalTest, HasANameOfItsOwnForEachReason) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Refusal::too_large); ++i) {
    EXPECT_TRUE(names.insert(refusal_name(static_cast<Refusal>(i))).second) << i;
  }
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace edgeseal::crypto
