// SPDX-License-Identifier: GPL-3.0-or-later
// What `edgeseal status` says of counts that no 32 bits hold, all the way from the database.
#include "agent/runtime/status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "storage/spool.h"
#include "storage/spool_view.h"
#include "storage/sqlite.h"
#include "tests/support/clock.h"
#include "tests/support/matchers.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {
namespace {

using test::IsOk;

class StatusCountTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
    options_.path = folder_ / "spool.db";
    options_.free_bytes_min = 0;
    open();
  }
  void open() {
    spool_.reset();
    auto opened = storage::Spool::open(options_, random_);
    ASSERT_THAT(opened, IsOk());
    spool_ = std::move(*opened);
  }
  void run_script(const std::string& sql) {
    auto db = storage::Connection::open(options_.path, storage::Connection::Access::write, {});
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->run_script(sql), IsOk());
  }
  [[nodiscard]] nlohmann::json json(const Status& status) const {
    auto view = storage::SpoolView::open(options_.path);
    EXPECT_THAT(view, IsOk());
    return nlohmann::json::parse(status.json(spool_->id(), (*view)->stats()));
  }

  test::TempDir folder_;
  test::SeededRandom random_{7};
  test::ManualClock clock_;
  storage::SpoolOptions options_;
  std::unique_ptr<storage::Spool> spool_;
};

TEST_P(StatusCountTest, IsShownAsItStandsInTheDatabase) {
  const std::uint64_t count = GetParam();
  const RouteName route{"telemetry"};
  storage::SealedBatch batch;
  batch.route = route;
  batch.sequence = {1};
  batch.object = {1};
  batch.records = count;
  batch.sealed = {Duration{1}};
  batch.sinks = {{"lake"}};
  storage::SpoolChange change;
  change.batches = {batch};
  change.drops = {{.row = 0,
                   .route = route,
                   .sequence = {},
                   .records = count,
                   .reason = storage::DropReason::qos0_full,
                   .dropped = {}}};
  ASSERT_THAT(spool_->commit(change), IsOk());
  run_script("UPDATE deliveries SET attempts = " + std::to_string(count));
  open();

  auto view = storage::SpoolView::open(options_.path);
  ASSERT_THAT(view, IsOk());
  const auto queued = (*view)->pending_for({"lake"}, 1);
  ASSERT_THAT(queued, IsOk());
  EXPECT_EQ(queued->at(0).records, count);
  EXPECT_EQ(queued->at(0).attempts, count);

  config::Options options;
  Log log(options.log);
  Status status(options, log, clock_);
  ASSERT_THAT(spool_->expire(route, {{Duration{1}}, {Duration{2}}}, {}), ::testing::Optional(1U));
  const auto drops = spool_->unreported_drops(route);
  ASSERT_THAT(drops, IsOk());
  status.on_commit({.committed = {{route, count}}, .lost = *drops});
  run_script("UPDATE routes SET batches = " + std::to_string(count) + ", bytes = " + std::to_string(count));

  const nlohmann::json shown = json(status);
  const nlohmann::json& of_route = shown["routes"]["telemetry"];
  EXPECT_EQ(of_route["lost"]["expired"], count);
  EXPECT_EQ(of_route["lost"]["qos0_full"], count);
  EXPECT_EQ(of_route["committed"], count);
  EXPECT_EQ(of_route["batches_waiting"], count);
  EXPECT_EQ(of_route["bytes_waiting"], count);
  EXPECT_EQ(shown["spool"]["batches"], count);
  EXPECT_EQ(shown["spool"]["bytes"], count);
}

INSTANTIATE_TEST_SUITE_P(BeyondAnInt, StatusCountTest,
                         ::testing::Values((std::uint64_t{1} << 31) + 5, (std::uint64_t{1} << 32) + 7,
                                           std::uint64_t{1} << 53));

TEST(StatusTest, FailuresInARowEndWithASuccess) {
  const SinkName sink{"lake"};
  config::Options options;
  options.sinks.push_back({sink, transport::DirectorySinkOptions{}});
  Log log({.level = config::LogLevel::error});
  const test::ManualClock clock;
  Status status(options, log, clock);
  const auto failures = [&] {
    return nlohmann::json::parse(status.json({}, storage::SpoolStats{}))["sinks"]["lake"]["failures_in_a_row"];
  };
  const Error away{.kind = Kind::transient, .what = "away"};
  for (int i = 0; i < 2; ++i) status.on_delivery_failed(sink, {}, away, {});
  EXPECT_EQ(failures(), 2);
  status.on_delivered(sink, {});
  EXPECT_EQ(failures(), 0);
  status.on_delivery_failed(sink, {}, away, {});
  EXPECT_EQ(failures(), 1);
}

}  // namespace
}  // namespace edgeseal::agent
