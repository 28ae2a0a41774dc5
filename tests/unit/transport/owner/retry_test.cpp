// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/retry.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using std::chrono::milliseconds;
using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;

class RetryTest : public ::testing::Test {
 protected:
  /// Fails `failures` times with `error`, then succeeds. Each call moves the work on by `progress`.
  Result<int> run(int failures, const Error& error, std::uint64_t progress = 0) {
    calls = 0;
    return with_retries(
        options,
        [&]() -> Result<int> {
          reached += progress;
          if (++calls <= failures) return tl::unexpected(error);
          return calls;
        },
        [&] { return reached; });
  }
  std::vector<milliseconds> pauses;
  double drawn = 1;
  RetryOptions options{.pause_first = milliseconds{10},
                       .pause_longest = milliseconds{25},
                       .patience = milliseconds{100},
                       .patience_overloaded = milliseconds{300},
                       .attempts_max = 20,
                       .draw = [this] { return drawn; },
                       .pause = [this](milliseconds time) { pauses.push_back(time); }};
  std::uint64_t reached = 0;
  int calls = 0;
};

const Error kTransient{.kind = Kind::transient, .what = "down"};

TEST_F(RetryTest, DoublesTheBoundOfItsPausesUpToTheLongest) {
  EXPECT_EQ(run(3, kTransient), 4);
  EXPECT_THAT(pauses, ElementsAre(milliseconds{10}, milliseconds{20}, milliseconds{25}));
}

TEST_F(RetryTest, DrawsEachPauseBelowItsBound) {
  drawn = 0.5;
  EXPECT_EQ(run(3, kTransient), 4);
  EXPECT_THAT(pauses, ElementsAre(milliseconds{5}, milliseconds{10}, milliseconds{12}));
}

TEST_F(RetryTest, GivesTheLastErrorWhenPatienceEnds) {
  EXPECT_THAT(run(1000, kTransient), Fails(Kind::transient));
  EXPECT_THAT(pauses, ElementsAre(milliseconds{10}, milliseconds{20}, milliseconds{25}, milliseconds{25}));
}

TEST_F(RetryTest, IsMorePatientWithAFarSideThatHasTooMuchToDo) {
  EXPECT_THAT(run(1000, {.kind = Kind::overloaded, .what = "throttled"}), Fails(Kind::overloaded));
  EXPECT_EQ(pauses.size(), 12U);
}

TEST_F(RetryTest, EndsThoughEachPauseIsDrawnAsNothing) {
  drawn = 0;
  EXPECT_THAT(run(1000, kTransient), Fails(Kind::transient));
  EXPECT_EQ(calls, 20);
}

TEST_F(RetryTest, BeginsAnewWheneverTheWorkHasMovedOn) {
  EXPECT_THAT(run(50, kTransient, 1), IsOk());
  EXPECT_THAT(pauses, ::testing::SizeIs(50));
  EXPECT_THAT(pauses, ::testing::Each(milliseconds{10}));
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsksWithinBounds) {
  Error error{.kind = Kind::overloaded, .retry_after_ms = 15};
  ASSERT_THAT(run(1, error), IsOk());
  error.retry_after_ms = 60'000;
  ASSERT_THAT(run(1, error), IsOk());
  EXPECT_THAT(pauses, ElementsAre(milliseconds{15}, milliseconds{25}));
}

TEST_F(RetryTest, LeavesOtherErrorsAlone) {
  EXPECT_THAT(run(1, {.kind = Kind::unauthorised}), Fails(Kind::unauthorised));
  EXPECT_EQ(calls, 1);
}

TEST(GivenUpTest, AsksOnceWhatPatienceHasEndedWith) {
  const Result<int> away = fail(Kind::overloaded, "throttled");
  const Result<int> refused = fail(Kind::invalid, "no");
  GivenUp given_up;
  const auto attempts = [&](const char* far_side) { return given_up.options_for(far_side, {}).attempts_max; };
  const unsigned many = RetryOptions{}.attempts_max;
  EXPECT_EQ(attempts("a"), many);
  given_up.note("a", away);
  EXPECT_EQ(attempts("a"), 1U);
  EXPECT_EQ(attempts("b"), many) << "one region says nothing about another";
  given_up.note("a", refused);
  EXPECT_EQ(attempts("a"), many) << "any answer is one";
}

}  // namespace
}  // namespace edgeseal::transport
