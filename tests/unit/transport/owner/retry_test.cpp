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
  /// Fails `failures` times with `error`, then succeeds.
  Result<int> run(int failures, const Error& error) {
    return with_retries(options, [&]() -> Result<int> {
      if (++calls <= failures) return tl::unexpected(error);
      return calls;
    });
  }
  std::vector<milliseconds> pauses;
  RetryOptions options{.attempts_max = 4,
                       .pause_first = milliseconds{10},
                       .pause_longest = milliseconds{25},
                       .pause = [this](milliseconds time) { pauses.push_back(time); }};
  int calls = 0;
};

TEST_F(RetryTest, DoublesItsPausesUpToTheLongest) {
  EXPECT_EQ(run(3, {.kind = Kind::transient, .what = {}, .where = {}, .fix = {}}), 4);
  EXPECT_THAT(pauses, ElementsAre(milliseconds{10}, milliseconds{20}, milliseconds{25}));
}

TEST_F(RetryTest, GivesTheLastErrorWhenAttemptsAreUsedUp) {
  EXPECT_THAT(run(4, {.kind = Kind::transient, .what = "down", .where = {}, .fix = {}}), Fails(Kind::transient));
  EXPECT_EQ(calls, 4);
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsksWithinBounds) {
  Error error{.kind = Kind::overloaded, .what = {}, .where = {}, .fix = {}, .retry_after_ms = 15};
  ASSERT_THAT(run(1, error), IsOk());
  error.retry_after_ms = 60'000;
  calls = 0;
  ASSERT_THAT(run(1, error), IsOk());
  EXPECT_THAT(pauses, ElementsAre(milliseconds{15}, milliseconds{25}));
}

TEST_F(RetryTest, LeavesOtherErrorsAlone) {
  EXPECT_THAT(run(1, {.kind = Kind::unauthorised, .what = {}, .where = {}, .fix = {}}), Fails(Kind::unauthorised));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace edgeseal::transport
