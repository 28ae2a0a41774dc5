// SPDX-License-Identifier: GPL-3.0-or-later
// What no later try can mend ends the daemon, whichever thread meets it.
#include "agent/runtime/pipeline.h"

#include <future>

#include <gmock/gmock.h>

#include "crypto/primitives/drbg.h"
#include "storage/sqlite.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {
namespace {

using test::IsOk;
using ::testing::AnyOf;

/// Brings one message at its start.
class OneMessage final : public transport::Source {
 public:
  Result<void> start(transport::SourceListener& listener) override {
    transport::Message message;
    message.topic = "plant/1";
    message.qos = 1;
    message.packet_id = 1;
    listener.on_message(1, std::move(message));
    return {};
  }
  void release(transport::ArrivalNumber /*number*/) override { released = true; }
  void stop() override {}
  std::atomic<bool> released = false;
};

class NoSource final : public transport::Source {
 public:
  Result<void> start(transport::SourceListener& /*listener*/) override { return {}; }
  void release(transport::ArrivalNumber /*number*/) override {}
  void stop() override {}
};

struct TakingSink final : public transport::Sink {
  Result<void> deliver(const transport::SealedObject& /*object*/) override { return {}; }
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    spool_options_.path = folder_ / "spool.db";
    spool_options_.free_bytes_min = 0;
    config::RouteOptions route;
    route.name = {"telemetry"};
    route.source = "source";
    route.topics = {"plant/#"};
    route.sinks = {{"out"}};
    crypto::KeyOptions key;
    key.id = "owner";
    key.wrap = crypto::WrapForm::raw_rsa;
    const std::string file = test::read_file(test::source_dir() + "/tests/vectors/keys/rsa-2048.public.der");
    routes_.push_back({route, {crypto::SealingKey::create(key, as_bytes(file)).value()}});
    spool_ = storage::Spool::open(spool_options_, drbg_).value();
    view_ = storage::SpoolView::open(spool_options_.path).value();
    sealer_ = std::make_unique<Sealer>(SealingIdentity{"truck-017", spool_->id(), BootId{}}, drbg_);
    committer_ =
        Committer::create(sources_, routes_, config::CommitOptions{}, *spool_, *sealer_, clock_, status_).value();
    forwarder_ = std::make_unique<Forwarder>("truck-017", SinkName{"out"}, BackoffOptions{}, sink_, *spool_, *view_,
                                             random_, status_);
  }

  /// How the pipeline fails over a spool that `sql` has damaged.
  Error failure_with(transport::Source& source, const std::string& sql) {
    EXPECT_THAT(committer_->advance_to(clock_.now()).outcome, IsOk());
    auto db = storage::Connection::open(spool_options_.path, storage::Connection::Access::write, {}).value();
    EXPECT_THAT(db->run_script(sql), IsOk());
    std::promise<Error> failed;
    std::future<Error> failure = failed.get_future();
    Pipeline pipeline({{"source", &source}}, *committer_, {forwarder_.get()}, status_, clock_,
                      [&failed](const Error& why) { failed.set_value(why); });
    EXPECT_THAT(pipeline.start(), IsOk());
    const bool told = failure.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    pipeline.stop(Duration::zero(), [] {});
    return told ? failure.get() : Error{.kind = Kind::transient, .what = "nobody was told"};
  }

  test::TempDir folder_;
  storage::SpoolOptions spool_options_;
  crypto::Drbg drbg_ = crypto::Drbg::create().value();
  crypto::Drbg random_ = crypto::Drbg::create().value();
  SystemClock clock_;
  Log log_{{.level = config::LogLevel::error}};
  std::vector<config::NamedSource> sources_{{"source", {}}};
  std::vector<RouteSetup> routes_;
  Status status_{config::Options{}, log_, clock_};
  TakingSink sink_;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<storage::SpoolView> view_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Forwarder> forwarder_;
};

TEST_F(PipelineTest, AForwarderThatFailsForGoodEndsIt) {
  NoSource source;
  EXPECT_THAT(failure_with(source, "DROP TABLE deliveries").kind, AnyOf(Kind::corrupt, Kind::fault));
}

TEST_F(PipelineTest, ACommitThatFailsForGoodEndsItAndAcknowledgesNothing) {
  OneMessage source;
  EXPECT_THAT(failure_with(source, "DROP TABLE frames").kind, AnyOf(Kind::corrupt, Kind::fault));
  EXPECT_FALSE(source.released);
}

}  // namespace
}  // namespace edgeseal::agent
