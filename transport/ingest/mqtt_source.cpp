// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/mqtt_source.h"

#include <random>
#include <thread>
#include <utility>

#include "crypto/base/monitored.h"
#include "transport/ingest/ack_gate.h"
#include "transport/ingest/drop_count.h"
#include "transport/ingest/option_check.h"
#include "transport/ingest/reconnect_delay.h"
#include "transport/ingest/source_link.h"
#include "transport/ingest/tcp_stream.h"
#include "transport/ingest/tls_stream.h"
#include "transport/ingest/wake.h"
#include "transport/mqtt/mqtt_client.h"

namespace edgeseal::transport {
namespace {

constexpr std::chrono::seconds kConnectMax{20};
constexpr std::chrono::seconds kLastWordsMax{2};
/// How a broker ends a connection without a word: in order, or by a reset.
constexpr std::string_view kBrokerClosed = "the broker closed the connection";
constexpr std::string_view kBrokerBroke = "the connection to the broker broke";
constexpr unsigned kBriefConnectionsMax = 2;

}  // namespace

struct MqttSource::Parts final : MqttClientListener {
  // set once
  const MqttOptions options;
  const Clock& clock;
  SourceListener* listener = nullptr;
  BrokerAddress address;
  std::thread thread;
  Wake wake;
  // the source's thread only
  std::minstd_rand jitter{std::random_device{}()};
  std::unique_ptr<AckGate> gate;  ///< of this connection; other threads reach it through `shared`
  std::unique_ptr<MqttClient> client;
  unsigned brief_connections = 0;  ///< in a row that the broker accepted and soon closed without a word
  // all threads
  Monitored<SourceLink> shared;

  Parts(MqttOptions given, const std::vector<Subscription>& configured, const std::vector<std::string>& remembered,
        const Clock& the_clock, bool session_expected)
      : options(std::move(given)), clock(the_clock), shared(options, configured, remembered, session_expected) {}

  // --- Paho's thread

  /// What `use` gives of the link; nothing, once the source is stopping.
  template <typename Use>
  auto unless_stopping(Use use) {
    return shared.with([&](SourceLink& link) {
      std::optional<decltype(use(link))> given;
      if (!link.stopping()) given.emplace(use(link));
      return given;
    });
  }

  void on_connected(MqttClient& connected_client, const Connack& connack) override {
    const auto opening =
        unless_stopping([&](SourceLink& link) { return link.connected(connack, std::chrono::steady_clock::now()); });
    if (!opening) return;
    listener->on_connected(opening->connection, opening->session_present);
    shared.with([](SourceLink& link) { link.session_told(); });
    if (opening->held) listener->on_subscriptions(*opening->held);
    if (opening->shortfalls) listener->on_shortfalls(*opening->shortfalls);
    // Fails only if the connection is gone already; the next one subscribes then.
    if (connected_client.subscribe(opening->packets.subscribe)) {
      static_cast<void>(connected_client.unsubscribe(opening->packets.unsubscribe));
    }
  }

  void on_connack_unread() override {
    shared.with([](SourceLink& link) { link.connack_unread(); });
  }

  void on_closed(const std::string& why) override {
    shared.change([&why](SourceLink& link) { link.closed(why); });
  }

  void on_message(Message message) override {
    if (message.topic == kDropCountTopic) {
      drop_count_came(message);
      // With another QoS it was queued for a configured filter of an earlier time, and waits for its acknowledgement.
      const bool wanted = shared.with([](const SourceLink& link) { return link.drop_count_is_wanted(); });
      if (!wanted && message.qos == 0) return;
    }
    const auto taken = unless_stopping([&message](SourceLink& link) { return link.came(message); });
    if (!taken) return;
    if (!taken->number) return listener->on_dropped(message.topic, Qos0Loss::too_many);
    if (taken->skipped_bytes > 0) return listener->on_too_large(*taken->number, message.topic, taken->skipped_bytes);
    listener->on_message(*taken->number, std::move(message));
  }

  void drop_count_came(const Message& message) {
    const auto count = read_drop_count(message.payload);
    if (!count) return;
    const auto news = unless_stopping([&count](SourceLink& link) { return link.drop_count_came(*count); });
    if (news == true) listener->on_broker_dropped(*count);
  }

  void on_subscription(const std::string& filter, std::uint8_t code, const std::string& words) override {
    const auto shortfalls = unless_stopping([&](SourceLink& link) { return link.subscribed(filter, code, words); });
    if (shortfalls && *shortfalls) listener->on_shortfalls(**shortfalls);
  }

  void on_unsubscription(const std::string& filter, std::uint8_t code, const std::string& words) override {
    const auto given_up = unless_stopping([&](SourceLink& link) { return link.unsubscribed(filter, code, words); });
    if (!given_up) return;
    if (given_up->held) listener->on_subscriptions(*given_up->held);
    if (given_up->shortfalls) listener->on_shortfalls(*given_up->shortfalls);
  }

  // --- the source's thread

  void on_written(const std::vector<std::uint16_t>& packet_ids) {
    for (const std::uint16_t id : packet_ids) {
      listener->on_acknowledged(shared.with([id](SourceLink& link) { return link.acknowledged(id); }));
    }
  }

  Result<std::unique_ptr<Stream>> reach_broker() {
    const auto deadline = std::chrono::steady_clock::now() + kConnectMax;
    auto socket = connect_tcp(address.host, address.port, wake.descriptor(), deadline, options.keep_alive * 2);
    if (!socket) return failed(socket);
    if (!address.tls) return std::make_unique<TcpStream>(std::move(*socket));
    auto context = TlsContext::load(options.tls);  // afresh: certificates are renewed while we run
    if (!context) return failed(context);
    const std::string& name = options.tls.server_name.empty() ? address.host : options.tls.server_name;
    return context->connect(std::move(*socket), name, wake.descriptor(), deadline);
  }

  /// Sets up gate and client; nothing has been sent to the broker.
  Result<void> prepare(std::unique_ptr<Stream> broker) {
    auto opened = AckGate::open(
        std::move(broker),
        {.version = options.version,
         .unacknowledged_max = options.receive_maximum,
         .packet_bytes_max = options.packet_bytes_max},
        wake, [this](const auto& packet_ids) { on_written(packet_ids); },
        [this](const std::string& topic) { listener->on_dropped(topic, Qos0Loss::too_large); });
    if (!opened) return failed(opened);
    MqttOptions through_gate = options;
    through_gate.url = "mqtt://127.0.0.1:" + std::to_string((*opened)->port());
    auto created = MqttClient::create(through_gate, clock, *this);
    if (!created) return failed(created);
    client = std::move(*created);
    gate = std::move(*opened);
    shared.with([this](SourceLink& link) { link.connecting(*gate); });
    return client->start();
  }

  struct Attempt {
    bool prepared = false;
    std::string why;  ///< it ended, or was not made
  };
  Attempt attempt() {
    auto broker = reach_broker();
    auto ready = broker ? prepare(std::move(*broker)) : failed(broker);
    if (!ready) return {false, ready.error().message()};
    std::string why = gate->run();
    shared.wait(kLastWordsMax, [](const SourceLink& link) { return link.over() || link.stopping(); });
    return {true, std::move(why)};
  }

  /// One connection, from the attempt to its end. Returns how long it stood.
  std::chrono::nanoseconds connect_once() {
    Attempt made;
    try {
      made = attempt();
    } catch (const std::bad_alloc&) {
      made.why = kOutOfMemory;
    }
    client.reset();
    if (gate) gate->finish();
    const auto [ended, tell] = shared.with([](SourceLink& link) {
      return std::pair{link.disconnected(std::chrono::steady_clock::now()), !link.stopping()};
    });
    gate.reset();
    const std::chrono::nanoseconds stood = made.prepared ? ended.stood : ended.stood.zero();
    const bool brief = stood > stood.zero() && stood < kConnectionStands;
    const bool closed_silently =
        ended.last_words.empty() && (made.why.starts_with(kBrokerClosed) || made.why.starts_with(kBrokerBroke));
    brief_connections = brief && closed_silently ? brief_connections + 1 : 0;
    const std::string& said = made.prepared && !ended.last_words.empty() ? ended.last_words : std::as_const(made.why);
    if (tell) tell_the_end(said);
    return stood;
  }

  void tell_the_end(const std::string& cause) {
    try {
      std::string why = cause;
      if (brief_connections >= kBriefConnectionsMax) {
        why += "; so did " + std::to_string(brief_connections) +
               " connections in a row soon after the broker had accepted them; probably" +
               same_client_id(options.client_id).substr(1);
      }
      listener->on_disconnected(options.url + ": " + why);
    } catch (const std::bad_alloc&) {
      listener->on_disconnected(kOutOfMemory);
    }
  }

  void run() {
    for (unsigned failures = 0;;) {
      failures = failures_after(failures, connect_once());
      const auto delay = reconnect_delay(failures, std::uniform_real_distribution<double>{}(jitter));
      if (shared.wait(delay, [](const SourceLink& link) { return link.stopping(); })) return;
      wake.clear();
    }
  }

  void stop() {
    shared.change([this](SourceLink& link) {
      link.stop();
      wake.signal();
    });
    thread.join();
  }
};

MqttSource::MqttSource(MqttOptions options, const std::vector<Subscription>& subscriptions,
                       const std::vector<std::string>& remembered, const Clock& clock, bool session_expected)
    : parts_(std::make_unique<Parts>(std::move(options), subscriptions, remembered, clock, session_expected)) {}

MqttSource::~MqttSource() { stop(); }

Result<void> MqttSource::start(SourceListener& listener) {
  const auto wanted = parts_->shared.with([](const SourceLink& link) { return link.wanted(); });
  auto address = check_options(parts_->options, wanted);
  if (!address) return failed(address);
  parts_->address = std::move(*address);
  parts_->listener = &listener;
  parts_->thread = std::thread([this] { parts_->run(); });
  return {};
}

void MqttSource::release(ArrivalNumber number) {
  parts_->shared.with([number](SourceLink& link) { link.release(number); });
}

void MqttSource::stop() {
  if (parts_->thread.joinable()) parts_->stop();
}

}  // namespace edgeseal::transport
