// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever call of the spool fails, and however: nothing that was acknowledged is lost, somebody is told, every retry
// waits, and when the fault is over the spool empties.
#include <algorithm>
#include <functional>
#include <set>

#include "agent/core/forwarder.h"
#include "agent/owner/object_reader.h"
#include "tests/simulation/sim_vfs.h"
#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

/// How accesses to the disk fail, from one on for a while.
struct Fault {
  const char* name;
  SimVfs::Fate fate;
  std::set<SimVfs::Access> accesses;  ///< none: the locks of the log's index, and `fate` has no meaning
  bool passes;                        ///< by itself: no reason to end the process
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

constexpr Duration kFaultLasts = 3s;
constexpr Duration kDay = 40s;
constexpr Duration kFaultsUntil = 25s;
/// While a fault lasts: an attempt each second of each part, or a start each second; and what has begun meanwhile.
constexpr std::size_t kToldMax = 20;
constexpr int kIdleMax = 5;

struct Message {
  Duration when;
  const char* topic;
  const char* payload;
  bool too_large = false;
};
// Batches by number and by age, one for a sink that never comes, a loss, and a journal that a kill leaves open.
const std::vector<Message> kMessages{
    {100ms, "plant/1", "one"},   {150ms, "plant/1", "two"},         {200ms, "video/1", "for nobody"},
    {400ms, "plant/1", "three"}, {500ms, "plant/1", "large", true}, {600ms, "plant/1", "four"},
    {2000ms, "plant/1", "five"}, {20s, "plant/1", "six"},
};

struct KeepingSink final : public transport::Sink {
  Result<void> deliver(const transport::SealedObject& object) override {
    objects.emplace_back(object.bytes.begin(), object.bytes.end());
    return {};
  }
  [[nodiscard]] bool renewed() const override { return false; }
  std::vector<Bytes> objects;
};

/// What the owner of the data reads.
struct Reading final : public agent::ObjectConsumer {
  Result<void> on_link(const agent::ChainLink& /*link*/) override { return {}; }
  Result<void> on_header(const agent::BatchHeader& header, ByteView /*item*/) override {
    for (const agent::ReportedDrop& drop : header.drops) found.insert(drop.reason);
    return {};
  }
  Result<void> on_record(const agent::BatchHeader& /*header*/, std::uint64_t /*index*/, const agent::Record& /*record*/,
                         ByteView payload, ByteView /*item*/) override {
    found.emplace(as_text(payload));
    return {};
  }
  Result<void> on_plaintext(ByteView /*plaintext*/) override { return {}; }
  std::set<std::string> found;  ///< payloads, and reasons of drops
};

/// A gateway, the broker before it and the sink behind it. Its process is started again a second after it has ended.
class FaultedGateway {
 public:
  FaultedGateway() : vfs_("faulted", SimDisk(), 1) {
    routes_[0].batch.records_max = 3;
    routes_[0].batch.age_max = 2s;
    routes_[1].batch.records_max = 1;
    routes_[1].sinks = {{"away"}};
    routes_[1].ttl = 4s;
    options_.path = "spool.db";
    options_.vfs = vfs_.name();
    options_.free_bytes_min = 0;
    options_.when_full = storage::WhenFull::block;
  }

  /// Runs the day. `begins`: how many of the fault's accesses are spared before it begins; none: it never does.
  void run(const Fault& fault, std::optional<std::uint64_t> begins) {
    if (begins) arm(fault, *begins);
    int idle = 0;
    while (day() < kDay) {
      if (!killed_ && day() >= 1500ms) kill();
      while (published_ < kMessages.size() && kMessages[published_].when <= day()) ++published_;
      const MonotonicTime now = clock.now().monotonic;
      const MonotonicTime next = committer_ || start_process() ? work() : now + 1s;
      idle = next > now ? 0 : idle + 1;
      if (idle > kIdleMax) {
        ADD_FAILURE() << "it asks again and again without waiting";
        return;
      }
      if (next > now) clock.advance(next - now);
    }
  }

  void expect_all_is_well() const {
    ASSERT_TRUE(committer_) << "it has not come up again";
    EXPECT_EQ(acknowledged_, kMessages.size()) << "not everything was acknowledged";
    std::vector<crypto::PrivateKey> keys;
    keys.push_back(crypto::PrivateKey::parse(as_bytes(test_key("rsa-2048.private.pem"))).value());
    crypto::PrivateKeys owner(std::move(keys));
    Reading reading;
    for (const Bytes& object : sink_.objects) {
      const auto reader = agent::ObjectReader::create(agent::ReadAs::batch, owner, reading);
      ASSERT_THAT(reader->feed(object), IsOk());
      ASSERT_THAT(reader->finish(), IsOk());
    }
    for (const Message& message : kMessages) {
      if (std::string_view(message.topic) == "video/1") continue;
      EXPECT_TRUE(reading.found.contains(message.too_large ? "too_large" : message.payload)) << message.payload;
    }
    const auto stats = view_->stats();
    ASSERT_THAT(stats, IsOk());
    EXPECT_EQ(stats->bytes, 0U) << "it has not emptied: of what nobody fetches the ttl is over";
  }

  /// Whether any access failed at all, and of which file the first was.
  [[nodiscard]] bool failed() const { return failures_ > 0; }
  [[nodiscard]] const std::string& failed_at() const { return failed_at_; }
  /// How often somebody was told: by a line, or by the end of the process.
  [[nodiscard]] std::size_t told() const { return endings_.size() + told_and_went_on(); }
  [[nodiscard]] std::size_t told_and_went_on() const {
    return notes.held.size() + notes.spool_refused.size() + notes.expiry_held.size();
  }

  /// How often the process has ended after it had come up.
  [[nodiscard]] std::size_t ended_at_work() const { return ended_at_work_; }
  [[nodiscard]] std::string all_told() const {
    std::string all;
    for (const auto* lines : {&endings_, &notes.held, &notes.spool_refused, &notes.expiry_held}) {
      for (const std::string& line : *lines) all += line + "\n";
    }
    return all;
  }

  ManualClock clock;
  Notes notes;

 private:
  const MonotonicTime start_ = clock.now().monotonic;

  [[nodiscard]] Duration day() const { return clock.now().monotonic - start_; }

  void arm(const Fault& fault, std::uint64_t begins) {
    auto fails = [this, left = begins, until = std::optional<MonotonicTime>()]() mutable {
      if (left > 0) {
        --left;
        return false;
      }
      // One that begins in the evening would not be over by night.
      if (!until) until = clock.now().monotonic + (day() < kFaultsUntil ? kFaultLasts : Duration::zero());
      const bool now = clock.now().monotonic < *until;
      failures_ += now ? 1 : 0;
      return now;
    };
    if (fault.accesses.empty()) return vfs_.set_locked(fails);
    vfs_.set_hook([this, fault, fails](const SimVfs::Moment& moment) mutable {
      if (moment.done || !fault.accesses.contains(moment.access) || !fails()) return SimVfs::Fate::proceed;
      if (failed_at_.empty()) failed_at_ = moment.file;
      return fault.fate;
    });
  }

  bool start_process() {
    vfs_.start();
    before_ = acknowledged_;
    arrivals_ = 0;
    auto spool = storage::Spool::open(options_, drbg_);
    if (!spool) return ended(spool.error());
    spool_ = std::move(*spool);
    auto view = storage::SpoolView::open(options_.path, options_.vfs);
    if (!view) return ended(view.error());
    view_ = std::move(*view);
    sealer_ = std::make_unique<agent::Sealer>(agent::SealingIdentity{"truck-017", spool_->id(), BootId{}}, drbg_);
    std::vector<agent::RouteSetup> setups;
    for (const auto& route : routes_) setups.push_back({route, {World::sealing_key()}});
    auto committer = agent::Committer::create(sources_, setups, commit_, *spool_, *sealer_, clock, notes);
    if (!committer) return ended(committer.error());
    committer_ = std::move(*committer);
    forwarder_ = std::make_unique<agent::Forwarder>("truck-017", SinkName{"out"}, agent::BackoffOptions{1s, 2s}, sink_,
                                                    *spool_, *view_, random_, notes);
    const agent::CommitReport recovered = committer_->advance_to(clock.now());
    notes.add(recovered);
    return recovered.outcome || ended(recovered.outcome.error());
  }

  bool ended(const Error& why) {
    endings_.push_back(why.message());
    end();
    return false;
  }
  void end() {
    forwarder_.reset();
    committer_.reset();
    view_.reset();
    spool_.reset();
  }
  void kill() {
    killed_ = true;
    vfs_.kill();
    end();
  }

  void take(const Message& message) {
    const Now now = clock.now();
    ++arrivals_;
    if (message.too_large) return committer_->on_too_large("source", arrivals_, message.topic, now);
    transport::Message arrived;
    arrived.topic = message.topic;
    arrived.payload = to_plain(as_bytes(std::string_view(message.payload)));
    arrived.qos = 1;
    arrived.packet_id = static_cast<std::uint16_t>(arrivals_);
    arrived.received = now.wall;
    EXPECT_THAT(committer_->on_message("source", arrivals_, acknowledged_ - before_, std::move(arrived), now), IsOk());
  }

  /// What a turn of each of the process's loops does. Returns when there is more to do.
  MonotonicTime work() {
    const MonotonicTime now = clock.now().monotonic;
    while (before_ + arrivals_ < published_ && !committer_->full()) take(kMessages[before_ + arrivals_]);
    const agent::CommitReport report = committer_->advance_to(clock.now());
    notes.add(report);
    if (!report.outcome) {
      ++ended_at_work_;
      ended(report.outcome.error());
      return now + 1s;
    }
    if (!report.releases.empty()) acknowledged_ = before_ + report.releases.at("source");
    for (Result<bool> moved = true; *moved;) {
      moved = forwarder_->step(clock.now(), clock);
      if (!moved) {
        ++ended_at_work_;
        ended(moved.error());
        return now + 1s;
      }
    }
    MonotonicTime next = now + 100ms;
    for (const auto& deadline : {committer_->next_deadline(), forwarder_->next_deadline()}) {
      if (deadline) next = std::min(next, *deadline);
    }
    return next;
  }

  SimVfs vfs_;
  std::vector<config::RouteOptions> routes_{route_named("telemetry", {"plant/#"}), route_named("video", {"video/#"})};
  storage::SpoolOptions options_;
  config::CommitOptions commit_;
  std::vector<config::NamedSource> sources_{{"source", {}}};
  crypto::Drbg drbg_ = crypto::Drbg::create().value();
  SeededRandom random_{1};
  KeepingSink sink_;

  // The broker: what it has, what of it was acknowledged, and what of it this process was sent.
  std::size_t published_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t before_ = 0;  ///< acknowledged when the process began
  transport::ArrivalNumber arrivals_ = 0;

  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<storage::SpoolView> view_;
  std::unique_ptr<agent::Sealer> sealer_;
  std::unique_ptr<agent::Committer> committer_;
  std::unique_ptr<agent::Forwarder> forwarder_;
  bool killed_ = false;
  std::vector<std::string> endings_;
  std::size_t ended_at_work_ = 0;
  std::uint64_t failures_ = 0;
  std::string failed_at_;
};

class SpoolFaultsTest : public ::testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(Of, SpoolFaultsTest,
                         ::testing::Values(Fault{"no_room", SimVfs::Fate::full, {SimVfs::Access::write}, true},
                                           Fault{"locked", SimVfs::Fate::proceed, {}, true},
                                           Fault{"failed_write", SimVfs::Fate::fail, {SimVfs::Access::write}, false},
                                           Fault{"failed_sync", SimVfs::Fate::fail, {SimVfs::Access::sync}, false},
                                           Fault{"failed_read", SimVfs::Fate::fail, {SimVfs::Access::read}, false},
                                           Fault{"corrupt_read", SimVfs::Fate::corrupt, {SimVfs::Access::read}, false}),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST_P(SpoolFaultsTest, EachIsToldAndCostsNothing) {
  std::vector<std::string> silent;  // accesses whose failure nobody was told of
  bool any = true;
  for (std::uint64_t begins = 0; any; ++begins) {
    SCOPED_TRACE(begins);
    FaultedGateway gateway;
    gateway.run(GetParam(), begins);
    gateway.expect_all_is_well();
    EXPECT_LE(gateway.told(), kToldMax) << gateway.all_told();
    if (GetParam().passes) {
      EXPECT_EQ(gateway.ended_at_work(), 0U) << "a later try would have mended it\n" << gateway.all_told();
    } else {
      EXPECT_EQ(gateway.told_and_went_on(), 0U) << "no later try could have mended it\n" << gateway.all_told();
    }
    any = gateway.failed();
    if (any && gateway.told() == 0) silent.push_back(gateway.failed_at() + " " + std::to_string(begins));
    if (HasFailure()) return;
  }
  EXPECT_THAT(silent, ::testing::IsEmpty());
}

TEST(SpoolFaults, ADayWithoutAny) {
  FaultedGateway gateway;
  gateway.run({"none", SimVfs::Fate::proceed, {}, true}, std::nullopt);
  gateway.expect_all_is_well();
  EXPECT_EQ(gateway.told(), 0U);
}

}  // namespace
}  // namespace edgeseal::test
