// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/ack_gate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <new>
#include <optional>
#include <utility>

#include "crypto/base/guarded.h"
#include "transport/ingest/ack_ledger.h"
#include "transport/ingest/broker_guard.h"
#include "transport/ingest/keep_alive.h"
#include "transport/ingest/mqtt_framing.h"
#include "transport/ingest/oversize_filter.h"
#include "transport/ingest/relay_side.h"
#include "transport/ingest/tcp_stream.h"

namespace edgeseal::transport {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kAckBytesMax = 1024;  // Paho's have four; MQTT 5 would allow a reason text
constexpr std::chrono::seconds kAcceptMax{20};
constexpr std::chrono::seconds kFinishMax{1};
constexpr std::chrono::milliseconds kBrokerQuiet{2};
// A broker that may send so few before it waits must not wait for us as well: it is read at once.
constexpr std::size_t kSmallWindow = 64;
constexpr std::chrono::milliseconds kClientQuiet{5};
/// Paho does not say why it closes. While the gate is not stopped these are its reasons.
constexpr const char* kClientGaveUp = ": no answer from the broker in time, or one that the client does not take";
constexpr std::array<std::uint8_t, 2> kPingreq{0xC0, 0};
constexpr std::array<std::uint8_t, 2> kPingresp{0xD0, 0};

}  // namespace

struct AckGate::Parts {
  // set once
  const AckGateOptions options;
  Wake& wake;
  const OnWritten on_written;
  const OnSkipped on_skipped;
  // any thread
  Guarded<AckLedger> ledger;
  std::atomic<bool> stopping{false};
  std::atomic<std::chrono::seconds> keep_alive_interval{};
  // the gate's thread only
  LoopbackListener listener;
  std::optional<RelaySide> broker;
  std::optional<RelaySide> client;
  MqttFraming from_broker;
  BrokerGuard guard;
  OversizeFilter oversize;
  MqttFraming from_client;
  Bytes to_client;  ///< packets of our own and stand-ins, for when the broker's packet has ended
  Bytes ack;        ///< the client's acknowledgement, as far as it has come
  KeepAlive keep_alive;
  bool paused = false;
  std::size_t told_client = 0;  ///< bytes of `to_client` that have gone
  bool swallowing = false;      ///< the broker's packet that is coming is not passed on
  std::uint8_t goodbye = 0;     ///< the reason code for the broker, which broke the rules
  bool client_spoke = false;
  unsigned pingresps_to_swallow = 0;
  std::uint64_t broker_bytes_queued = 0;  ///< ever
  std::uint64_t broker_bytes_written = 0;
  std::deque<std::pair<std::uint64_t, std::uint16_t>> acks_queued;  ///< end of each in broker_bytes_queued, and its id

  Parts(std::unique_ptr<Stream> connected, const AckGateOptions& given, Wake& the_wake, OnWritten written,
        OnSkipped skipped, LoopbackListener listening)
      : options(given),
        wake(the_wake),
        on_written(std::move(written)),
        on_skipped(std::move(skipped)),
        ledger(AckLedger(given.version)),
        listener(std::move(listening)),
        broker(std::in_place, std::move(connected), "broker",
               given.unacknowledged_max <= kSmallWindow ? std::chrono::milliseconds{0} : kBrokerQuiet),
        from_broker(given.version, Sender::broker),
        guard(given.version, given.packet_bytes_max),
        oversize(given.version, given.packet_bytes_max),
        from_client(given.version, Sender::client) {}

  /// The client has whole packets of the broker's, and gets nothing of one that is being skipped: however long that
  /// takes, our own packets may stand here.
  [[nodiscard]] bool client_is_between_packets() const { return from_broker.between_packets() || oversize.swallows(); }

  /// The broker's answers have to wait for the end of a packet that is being skipped.
  [[nodiscard]] bool skips() const { return oversize.swallows() && !from_broker.between_packets(); }

  void add_own_packets() {
    if (!client_is_between_packets() || to_client.empty()) return;
    const std::size_t count = std::min(to_client.size() - told_client, client->out.room());
    client->out.append(ByteView(to_client).subspan(told_client, count));
    told_client += count;
    if (told_client < to_client.size()) return;
    to_client.clear();
    told_client = 0;
  }

  void look_at_bounds() {
    const bool full = ledger.with([&](const AckLedger& all) {
      return all.unacknowledged() > options.unacknowledged_max ||
             all.unacknowledged_bytes() > options.unacknowledged_bytes_max;
    });
    // Never within a packet: then the client could not be answered.
    paused = full && from_broker.between_packets();
  }

  /// What came from the broker goes to the client, as far as there is room and the bounds allow.
  Result<void> pass_to_client() {
    add_own_packets();
    while (!broker->in.empty() && client->out.room() > guard.held_bytes() + MqttFraming::kHeaderBytesMax) {
      if (from_broker.between_packets()) {
        look_at_bounds();
        if (paused || !to_client.empty()) return {};
      }
      const ByteView all = broker->in.bytes();
      const std::size_t room = client->out.room() - guard.held_bytes() - MqttFraming::kHeaderBytesMax;
      auto piece = from_broker.next(all.first(std::min(all.size(), room)));
      if (!piece) return broker_broke(piece.error(), from_broker.reason());
      if (auto passed = pass_piece(*piece, all.first(piece->bytes)); !passed) return passed;
      broker->in.emptied(piece->bytes);
      add_own_packets();
    }
    look_at_bounds();
    return {};
  }

  /// The link ends with `error`, and with `reason` for the broker.
  [[nodiscard]] Result<void> broker_broke(const Error& error, std::uint8_t reason) {
    goodbye = reason;
    return tl::unexpected(error);
  }

  Result<void> pass_piece(const MqttFraming::Piece& piece, ByteView bytes) {
    auto judged = guard.take(piece, bytes);
    if (!judged) return broker_broke(judged.error(), guard.reason());
    if (*judged) {
      auto begun = pass_head(**judged);
      guard.forget_head();
      if (!begun) return begun;
    } else if (!guard.holds()) {
      auto passed = oversize.pass(piece, bytes);
      if (!passed) return failed(passed);
      if (!swallowing) client->out.append(*passed);
    }
    if (piece.ends) packet_ended(piece.packet);
    return {};
  }

  /// The first that the client may see of a packet.
  Result<void> pass_head(const BrokerGuard::Judged& head) {
    swallowing = false;
    const Packet& packet = head.packet;
    if (packet.type == PacketType::pingresp) swallowing = pingresps_to_swallow > 0;
    if (packet.type == PacketType::pubrel) {
      swallowing =
          ledger.with([&](AckLedger& acks) { return acks.pubrel_came(packet.id); }) == AckLedger::Verdict::keep;
    }
    if (packet.type == PacketType::publish && packet.qos() > 0) {
      const auto arrival = ledger.with([&](const AckLedger& acks) { return acks.publish_begins(packet); });
      if (!arrival) return broker_broke(arrival.error(), MqttFraming::kProtocolError);
      swallowing = *arrival == AckLedger::Arrival::repeated;
    }
    const MqttFraming::Piece header{.bytes = head.header.size(),
                                    .type = packet.type,
                                    .begins = true,
                                    .in_header = true,
                                    .header_ends = true,
                                    .packet = packet};
    const MqttFraming::Piece rest{.bytes = head.rest.size(), .type = packet.type, .packet = packet};
    for (const auto& [piece, part] : {std::pair{header, head.header}, std::pair{rest, head.rest}}) {
      auto passed = oversize.pass(piece, part, head.too_large);
      if (!passed) return failed(passed);
      if (!swallowing) client->out.append(*passed);
    }
    return {};
  }

  void packet_ended(const Packet& packet) {
    if (packet.type == PacketType::pingresp && swallowing) --pingresps_to_swallow;
    if (packet.type != PacketType::publish) return;
    if (swallowing) return ledger.with([&](AckLedger& acks) { acks.publish_repeated(packet); });
    publish_ended(packet);
  }

  void publish_ended(Packet packet) {
    std::uint32_t skipped_bytes = 0;
    if (oversize.swallows()) {
      if (packet.qos() == 0) return on_skipped(oversize.topic());
      const Bytes stand_in = oversize.stand_in();
      append(to_client, stand_in);
      skipped_bytes = std::exchange(packet.bytes, static_cast<std::uint32_t>(stand_in.size()));
    }
    if (packet.qos() == 0) return;
    append(to_client, ledger.with([&](AckLedger& acks) { return acks.publish_came(packet, skipped_bytes); }));
  }

  void queue_for_broker(ByteView bytes) {
    broker->out.append(bytes);
    broker_bytes_queued += bytes.size();
  }

  /// What came from the client goes to the broker, acknowledgements excepted.
  Result<void> pass_to_broker() {
    while (!client->in.empty()) {
      const ByteView all = client->in.bytes();
      if (from_client.between_packets() && all[0] >> 4 == static_cast<int>(PacketType::disconnect)) {
        pass_released();                                                                        // nothing may follow it
        if (ledger.with([](const AckLedger& acks) { return acks.any_released(); })) return {};  // it waits for room
      }
      if (broker->out.room() < kAckBytesMax) return {};
      auto piece = from_client.next(all.first(std::min(all.size(), broker->out.room())));
      if (!piece) return failed(piece);
      const ByteView bytes = all.first(piece->bytes);
      const PacketType type = piece->type;
      if (type == PacketType::puback || type == PacketType::pubrec || type == PacketType::pubcomp) {
        append(ack, bytes);
        if (ack.size() > kAckBytesMax) return fail(Kind::corrupt, "an acknowledgement of more than 1,024 bytes");
        if (piece->ends) {
          if (auto judged = judge(piece->packet); !judged) return judged;
        }
      } else {
        client_spoke = true;
        queue_for_broker(bytes);
      }
      if (piece->ends && type == PacketType::pingreq && (paused || skips())) {
        append(to_client, kPingresp);
        ++pingresps_to_swallow;
      }
      client->in.emptied(bytes.size());
    }
    return {};
  }

  Result<void> judge(const Packet& packet) {
    auto verdict = ledger.with([&](AckLedger& acks) { return acks.client_acknowledged(packet, ack); });
    if (!verdict) return failed(verdict);
    if (*verdict == AckLedger::Verdict::pass) queue_for_broker(ack);
    ack.clear();
    return {};
  }

  void pass_released() {
    const auto released = ledger.with([&](AckLedger& acks) { return acks.take_released(broker->out.room()); });
    for (const AckLedger::Held& held : released) {
      queue_for_broker(held.bytes);
      if (!held.again) acks_queued.emplace_back(broker_bytes_queued, held.id);
    }
    append(to_client, ledger.with([](AckLedger& acks) { return acks.take_for_client(); }));
  }

  /// Returns whether anything went.
  bool write_to_broker() {
    const std::size_t written = broker->write();
    if (written > 0) keep_alive.on_written(Clock::now());
    broker_bytes_written += written;
    std::vector<std::uint16_t> ids;
    while (!acks_queued.empty() && acks_queued.front().first <= broker_bytes_written) {
      ids.push_back(acks_queued.front().second);
      acks_queued.pop_front();
    }
    if (!ids.empty()) on_written(ids);
    return written > 0;
  }

  /// Within the client's packets there is no place for one of ours; those are short.
  [[nodiscard]] bool may_ping() const { return from_client.between_packets() && broker->out.room() >= kPingreq.size(); }

  void ping_broker(Clock::time_point now) {
    keep_alive.begin(keep_alive_interval.load(), now);
    if (paused) keep_alive.on_heard();  // its answer may lie unread
    if (keep_alive.broker_is_gone(now)) return broker->end("no answer from the broker in time");
    if (!keep_alive.ping_due(now) || !may_ping()) return;
    queue_for_broker(kPingreq);
    ++pingresps_to_swallow;
    keep_alive.on_pinged(now);
  }

  /// Everything that can be done without waiting.
  Result<void> work(bool read_broker) {
    const auto now = Clock::now();
    client->read(now);
    if (read_broker && !paused) broker->read(now);
    if (!broker->in.empty()) keep_alive.on_heard();
    if (read_broker) ping_broker(now);
    for (bool again = true; again;) {  // what was written makes room for what waits
      if (auto passed = pass_to_broker(); !passed) return passed;
      pass_released();
      again = write_to_broker() && (!client->in.empty() || ledger.with([](auto& acks) { return acks.any_released(); }));
      if (auto passed = pass_to_client(); !passed) return passed;
      again = (client->write() > 0 && (!to_client.empty() || (!broker->in.empty() && !paused))) || again;
    }
    return {};
  }

  /// Sleeps until there is something to do, or until `until`.
  void sleep(bool read_broker, std::optional<Clock::time_point> until) {
    const auto now = Clock::now();
    // The broker waits for these: each may let it send another message.
    if (ledger.with([](const AckLedger& acks) { return acks.awaits_client(); })) client->end_quiet();
    const auto interest_in = [&](const RelaySide& side, bool may_read) {
      const bool wanted = may_read && side.wants_to_read();
      const bool quiet = wanted && now < side.quiet_until();
      if (quiet) until = until ? std::min(*until, side.quiet_until()) : side.quiet_until();
      return side.interest(wanted && !quiet, quiet);
    };
    // A ping that is due and has no place yet waits for what makes one: the client's next bytes, or room.
    if (const auto due = keep_alive.deadline(); due && read_broker && (*due > now || may_ping()))
      until = until ? std::min(*until, *due) : due;
    std::array<pollfd, 3> polled{
        interest_in(*broker, read_broker && !paused), interest_in(*client, true), {wake.descriptor(), POLLIN, 0}};
    if (read_broker && !paused && broker->has_more()) return;
    timespec left{};
    if (until) {
      const auto nanoseconds = std::max<std::chrono::nanoseconds>(*until - now, std::chrono::nanoseconds{0});
      left.tv_sec = nanoseconds.count() / 1'000'000'000;
      left.tv_nsec = nanoseconds.count() % 1'000'000'000;
    }
    if (ppoll(polled.data(), polled.size(), until ? &left : nullptr, nullptr) <= 0) return;
    if (polled[2].revents != 0) {
      wake.clear();
      client->end_quiet();  // acknowledgements of what was just released may wait there
    }
    // A connection that is not read at present ends when it breaks.
    if (polled[0].events == 0 && polled[0].revents != 0) broker->end("the connection to the broker broke");
    if (polled[1].events == 0 && polled[1].revents != 0) client->end("the connection to the client broke");
  }

  /// Works on without the broker until the client has ended and all is written, or the time is up.
  void finish(Clock::time_point deadline) {
    while (Clock::now() < deadline && work(false)) {
      if (!client->ended().empty() && client->in.empty() && broker->out.empty()) return;
      sleep(false, deadline);
    }
  }

  /// Works on without the broker until the client has what came from it, or the time is up.
  void tell_client(Clock::time_point deadline) {
    while (Clock::now() < deadline && work(false) && client->ended().empty()) {
      if (broker->in.empty() && client->out.empty()) return;
      sleep(false, deadline);
    }
  }

  /// Tells a broker of MQTT 5 why it is left, between two packets, if it reads.
  void say_goodbye(Clock::time_point deadline) {
    if (goodbye == 0 || options.version != MqttVersion::v5 || !client_spoke || !from_client.between_packets()) return;
    const std::array<std::uint8_t, 3> disconnect{0xE0, 1, goodbye};
    if (broker->out.room() >= disconnect.size()) queue_for_broker(disconnect);
    while (Clock::now() < deadline && broker->ended().empty() && !broker->out.empty() && !stopping) {
      static_cast<void>(write_to_broker());
      if (broker->out.empty()) break;
      pollfd polled = broker->interest(false, false);
      constexpr int kMilliseconds = 20;
      if (poll(&polled, 1, kMilliseconds) > 0 && (polled.revents & (POLLERR | POLLHUP)) != 0) return;
    }
  }

  std::string relay() {
    for (;;) {
      if (stopping) return "stopped";
      if (auto worked = work(true); !worked) {
        say_goodbye(Clock::now() + kFinishMax);
        return worked.error().message();
      }
      if (!client->ended().empty()) {
        finish(Clock::now() + kFinishMax);
        return client->ended() + kClientGaveUp;
      }
      if (!broker->ended().empty()) {
        tell_client(Clock::now() + kFinishMax);
        return broker->ended();
      }
      sleep(true, std::nullopt);
    }
  }
};

AckGate::AckGate(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AckGate::~AckGate() = default;

Result<std::unique_ptr<AckGate>> AckGate::open(std::unique_ptr<Stream> broker, const AckGateOptions& options,
                                               Wake& wake, OnWritten on_written, OnSkipped on_skipped) {
  auto listener = LoopbackListener::open();
  if (!listener) return failed(listener, "ack gate");
  return std::unique_ptr<AckGate>(new AckGate(std::make_unique<Parts>(
      std::move(broker), options, wake, std::move(on_written), std::move(on_skipped), std::move(*listener))));
}

std::uint16_t AckGate::port() const { return parts_->listener.port(); }

std::string AckGate::run() {
  auto accepted = parts_->listener.accept_own(parts_->wake.descriptor(), Clock::now() + kAcceptMax);
  if (!accepted) return parts_->stopping ? "stopped" : accepted.error().message();
  parts_->client.emplace(std::make_unique<TcpStream>(std::move(*accepted)), "client", kClientQuiet,
                         RelaySide::kBufferBytes + BrokerGuard::kHeadBytesMax);
  std::string why;
  try {
    why = parts_->relay();
  } catch (const std::bad_alloc&) {
    why = kOutOfMemory;  // what was not acknowledged comes again on the next connection
  }
  if (!parts_->stopping) {
    parts_->client.reset();
    parts_->broker.reset();
  }
  return why;
}

void AckGate::finish() {
  try {
    if (parts_->client && parts_->broker) parts_->finish(Clock::now() + kFinishMax);
  } catch (const std::bad_alloc&) {
    parts_->stopping = true;  // what has not gone comes again
  }
  parts_->client.reset();
  parts_->broker.reset();
}

void AckGate::release(const std::vector<std::uint16_t>& packet_ids) {
  const bool any = parts_->ledger.with([&](AckLedger& acks) {
    for (const std::uint16_t id : packet_ids) acks.release(id);
    return !packet_ids.empty();
  });
  if (any) parts_->wake.signal();
}

void AckGate::stop() {
  parts_->stopping = true;
  parts_->wake.signal();
}

void AckGate::keep_alive(std::chrono::seconds interval) {
  parts_->keep_alive_interval = interval;
  parts_->wake.signal();
}

bool AckGate::was_dup(std::uint16_t packet_id) const {
  return parts_->ledger.with([&](const AckLedger& acks) { return acks.was_dup(packet_id); });
}

std::uint32_t AckGate::skipped_bytes(std::uint16_t packet_id) const {
  return parts_->ledger.with([&](const AckLedger& acks) { return acks.skipped_bytes(packet_id); });
}

}  // namespace edgeseal::transport
