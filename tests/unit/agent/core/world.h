// SPDX-License-Identifier: GPL-3.0-or-later
// A committer over a real spool, with a key that the test can open with. Shared by the tests of agent/core.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "agent/core/committer.h"
#include "crypto/open/esdk_reader.h"
#include "crypto/open/private_keys.h"
#include "crypto/primitives/sha2.h"
#include "storage/spool.h"
#include "storage/spool_view.h"
#include "tests/support/clock.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

using namespace std::chrono_literals;

/// Writes down what the core tells.
struct Notes final : agent::Observer {
  std::vector<std::string> unrouted;
  std::uint64_t copies = 0;
  std::uint64_t committed = 0;
  std::vector<std::string> held;
  std::vector<std::string> expiry_held;
  std::vector<std::string> failed;
  std::vector<std::string> spool_refused;
  std::vector<std::string> quarantined;
  std::vector<std::uint64_t> delivered;
  std::vector<std::string> lost;  ///< "route reason records"
  std::uint64_t expired = 0;      ///< batches
  void add(const agent::CommitReport& report) {
    for (const auto& each : report.committed) committed += each.records;
    for (const auto& each : report.held) held.push_back(each.why.message());
    for (const auto& each : report.lost) on_lost(each.route, each.reason, each.records);
  }
  void on_unrouted(std::string_view topic) override { unrouted.emplace_back(topic); }
  void on_copy(const RouteName&) override { ++copies; }
  void on_lost(const RouteName& route, storage::DropReason reason, std::uint64_t records) override {
    lost.push_back(route.text + " " + std::string(text_of(reason)) + " " + std::to_string(records));
  }
  void on_expired(const RouteName&, std::uint64_t batches) override { expired += batches; }
  void on_expiry_held(const Error& why, MonotonicTime) override { expiry_held.push_back(why.message()); }
  void on_delivered(const SinkName&, const storage::QueuedBatch& batch) override {
    delivered.push_back(batch.sequence.number);
  }
  void on_delivery_failed(const SinkName&, const storage::QueuedBatch&, const Error& why, MonotonicTime) override {
    failed.push_back(why.message());
  }
  void on_spool_refused(const SinkName& /*sink*/, const Error& why, MonotonicTime /*next_try*/) override {
    spool_refused.push_back(why.message());
  }
  void on_quarantined(const SinkName&, const storage::QueuedBatch&, const Error& why) override {
    quarantined.push_back(why.message());
  }
};

inline std::string test_key(const std::string& name) {
  return read_file(test::source_dir() + "/tests/vectors/keys/" + name);
}

inline config::RouteOptions route_named(const std::string& name, std::vector<std::string> topics) {
  config::RouteOptions route;
  route.name = {name};
  route.source = "source";
  route.topics = std::move(topics);
  route.keys = {"owner"};
  route.sinks = {{"out"}};
  route.compression.zstd_level.reset();  // so that a payload can be looked for in what was opened
  return route;
}

class World {
 public:
  explicit World(std::vector<config::RouteOptions> routes = {route_named("telemetry", {"plant/#"})},
                 storage::SpoolOptions spool = {})
      : routes_(std::move(routes)), spool_options_(std::move(spool)) {
    spool_options_.path = folder_ / "spool.db";
    spool_options_.free_bytes_min = 0;
    start();
  }

  /// The end of the process.
  void stop() {
    committer_.reset();
    spool_.reset();
  }
  [[nodiscard]] const std::filesystem::path& spool_path() const { return spool_options_.path; }
  /// A new process on the same disk.
  void start() {
    stop();
    spool_ = storage::Spool::open(spool_options_, drbg_).value();
    sealer_ = std::make_unique<agent::Sealer>(agent::SealingIdentity{"truck-017", spool_->id(), BootId{}}, drbg_);
    std::vector<agent::RouteSetup> setups;
    for (const auto& route : routes_) setups.push_back({route, {sealing_key()}});
    committer_ = agent::Committer::create(sources_, setups, commit_, *spool_, *sealer_, clock, notes).value();
    const agent::CommitReport recovered = committer_->advance_to(clock.now());
    notes.add(recovered);
    ASSERT_THAT(recovered.outcome, IsOk());
  }

  static crypto::SealingKey sealing_key() {
    crypto::KeyOptions options;
    options.id = "owner";
    options.wrap = crypto::WrapForm::raw_rsa;
    return crypto::SealingKey::create(options, as_bytes(test_key("rsa-2048.public.der"))).value();
  }

  transport::ArrivalNumber deliver(const std::string& topic, const std::string& payload) {
    transport::Message message;
    message.topic = topic;
    message.payload = to_plain(as_bytes(payload));
    message.qos = 1;
    message.packet_id = static_cast<std::uint16_t>(arrivals_ + 1);
    message.received = clock.now().wall;
    return deliver(std::move(message));
  }
  transport::ArrivalNumber deliver(transport::Message message, transport::ArrivalNumber acknowledged = 0) {
    EXPECT_THAT(committer_->on_message("source", ++arrivals_, acknowledged, std::move(message), clock.now()), IsOk());
    return arrivals_;
  }

  /// The newest arrival that may be acknowledged; 0 when nothing was released.
  transport::ArrivalNumber advance(Duration by) {
    clock.advance(by);
    return released(committer_->advance_to(clock.now()));
  }
  transport::ArrivalNumber close() { return released(committer_->commit(clock.now(), true)); }

  std::vector<storage::QueuedBatch> waiting() {
    return storage::SpoolView::open(spool_options_.path).value()->pending_for({"out"}, 100).value();
  }
  Bytes object(const storage::QueuedBatch& batch) {
    return storage::SpoolView::open(spool_options_.path).value()->object(batch.row).value().value();
  }
  storage::SpoolStats stats() { return storage::SpoolView::open(spool_options_.path).value()->stats().value(); }

  struct Opened {
    std::map<std::string, std::string> context;
    std::string content;
  };
  static Opened open(ByteView message) {
    std::vector<crypto::PrivateKey> keys;
    keys.push_back(crypto::PrivateKey::parse(as_bytes(test_key("rsa-2048.private.pem"))).value());
    crypto::PrivateKeys source(std::move(keys));
    crypto::EsdkReader reader(source);
    Opened opened;
    const auto release = [&](ByteView plain) -> Result<void> {
      opened.content += as_text(plain);
      return {};
    };
    EXPECT_THAT(reader.feed(message, release), IsOk());
    EXPECT_THAT(reader.finish(), IsOk());
    if (reader.context() != nullptr) opened.context = *reader.context();
    return opened;
  }

  agent::Committer& committer() { return *committer_; }
  storage::Spool& spool() { return *spool_; }
  const storage::SpoolOptions& spool_options() const { return spool_options_; }

  ManualClock clock;
  Notes notes;

 private:
  transport::ArrivalNumber released(const agent::CommitReport& report) {
    EXPECT_THAT(report.outcome, IsOk());
    notes.add(report);
    const auto found = report.releases.find("source");
    return found == report.releases.end() ? 0 : found->second;
  }

  TempDir folder_;
  std::vector<config::RouteOptions> routes_;
  storage::SpoolOptions spool_options_;
  config::CommitOptions commit_;
  std::vector<config::NamedSource> sources_{{"source", {}}};
  crypto::Drbg drbg_ = crypto::Drbg::create().value();
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<agent::Sealer> sealer_;
  std::unique_ptr<agent::Committer> committer_;
  transport::ArrivalNumber arrivals_ = 0;
};

}  // namespace edgeseal::test
