// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/result.h"

#include <gmock/gmock.h>

#include "crypto/base/ensure.h"
#include "crypto/base/guarded.h"
#include "tests/support/matchers.h"

namespace edgeseal {
namespace {

using test::Fails;
using ::testing::HasSubstr;

TEST(ErrorTest, SaysWhereWhatAndFixAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ((Error{Kind::invalid, "what", "where", "fix"}.message()), "where: what; fix");
  EXPECT_EQ((Error{Kind::invalid, "what", "", ""}.message()), "what");
  EXPECT_EQ((Error{Kind::invalid, "what", "where", ""}.message()), "where: what");
  EXPECT_EQ((Error{Kind::invalid, "what", "", "fix"}.message()), "what; fix");
}

TEST(ErrorTest, StepsStandOutermostFirst) {
  Result<int> inner = fail(Kind::full, "disk full", "spool.db");
  Result<int> middle = failed(inner, "write page");
  const Result<int> outer = failed(middle, "commit frame");
  EXPECT_THAT(outer, Fails(Kind::full, "spool.db: commit frame: write page: disk full"));
}

TEST(ErrorTest, HandingOnKeepsTheTimeTheFarSideNamed) {
  Result<int> inner = fail(Kind::overloaded, "slow down");
  inner.error().retry_after_ms = 1500;
  const Result<std::string> outer = failed(inner);
  EXPECT_EQ(outer.error().retry_after_ms, 1500);
}

TEST(KindTest, EveryKindHasItsName) {
  const std::pair<Kind, std::string_view> rows[] = {{Kind::invalid, "invalid"},
                                                    {Kind::transient, "transient"},
                                                    {Kind::overloaded, "overloaded"},
                                                    {Kind::unauthorised, "unauthorised"},
                                                    {Kind::batch_refused, "batch_refused"},
                                                    {Kind::sink_refused, "sink_refused"},
                                                    {Kind::full, "full"},
                                                    {Kind::corrupt, "corrupt"},
                                                    {Kind::fault, "fault"}};
  for (const auto& [kind, name] : rows) EXPECT_EQ(kind_name(kind), name);
}

TEST(EnsureDeathTest, PrintsTheConditionAndItsPlace) {
  const int next = 3;
  ENSURE(next == 3);
  EXPECT_DEATH(ENSURE(next == 4), "result_test.cpp:[0-9]+: broken invariant: next == 4");
}

TEST(GuardedTest, GivesItsValueUnderTheLockOnly) {
  Guarded<int> counter(1);
  counter.with([](int& value) { value += 2; });
  EXPECT_EQ(std::as_const(counter).with([](const int& value) { return value; }), 3);
}

}  // namespace
}  // namespace edgeseal
