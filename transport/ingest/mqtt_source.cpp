// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/mqtt_source.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "transport/ingest/ack_gate.h"
#include "transport/ingest/arrivals.h"
#include "transport/ingest/broker_address.h"
#include "transport/ingest/broker_form.h"
#include "transport/ingest/drop_count.h"
#include "transport/ingest/grants.h"
#include "transport/ingest/reconnect_delay.h"
#include "transport/ingest/subscription_plan.h"
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
  std::unique_ptr<MqttClient> client;
  // under `mutex`
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<AckGate> gate;  ///< of this connection
  bool stopping = false;
  std::optional<std::chrono::steady_clock::time_point> connected_at;
  bool closed = false;
  std::string last_words;           ///< the broker's
  bool new_session_untold = false;  ///< the broker had no session for us, and the listener has not heard of it
  SubscriptionPlan plan;
  Grants grants;
  unsigned brief_connections = 0;  ///< in a row that the broker accepted and soon closed without a word
  std::uint64_t connections = 0;
  std::optional<std::uint64_t> drop_count;  ///< as told on this connection
  Arrivals arrivals;

  Parts(MqttOptions given, const std::vector<Subscription>& configured, const std::vector<std::string>& remembered,
        const Clock& the_clock, bool session_expected)
      : options(std::move(given)),
        clock(the_clock),
        plan(options.version, configured, remembered),
        grants(options, plan.wanted(), session_expected) {}

  // --- Paho's thread
  // ----------------------------------------------------------------------------------------------------

  void on_connected(MqttClient& connected_client, const Connack& connack) override {
    std::unique_lock lock(mutex);
    if (stopping) return;
    connected_at = std::chrono::steady_clock::now();
    const bool session_present = connack.session_present && !new_session_untold;
    new_session_untold = !session_present;
    const SubscriptionPlan::Packets packets = plan.connected(connack);
    grants.connected(connack, packets);
    const auto held = plan.news();
    const auto shortfalls = grants.news();
    const std::chrono::seconds wanted{connack.server_keep_alive_seconds.value_or(0)};
    if (wanted.count() > 0 && (wanted < options.keep_alive || options.keep_alive.count() == 0))
      gate->keep_alive(wanted);
    const std::uint64_t number = ++connections;
    lock.unlock();
    listener->on_connected(number, session_present);
    lock.lock();
    new_session_untold = false;
    lock.unlock();
    if (held) listener->on_subscriptions(*held);
    if (shortfalls) listener->on_shortfalls(*shortfalls);
    // Fails only if the connection is gone already; the next one subscribes then.
    if (connected_client.subscribe(packets.subscribe)) {
      static_cast<void>(connected_client.unsubscribe(packets.unsubscribe));
    }
  }

  void on_connack_unread() override {
    const std::lock_guard lock(mutex);
    new_session_untold = true;  // perhaps; to say so too often is better than not at all
    plan.connack_lost();
  }

  void on_closed(const std::string& why) override {
    const std::lock_guard lock(mutex);
    closed = true;
    if (!why.empty() && gate) gate->stop();  // what it holds is not for this connection any more
    changed.notify_all();
    try {
      last_words = why;
    } catch (const std::bad_alloc&) {
      last_words = kOutOfMemory;
    }
  }

  void on_message(Message message) override {
    if (message.topic == kDropCountTopic) {
      drop_count_came(message);
      // With another QoS it was queued for a configured filter of an earlier time, and waits for its acknowledgement.
      if (!plan.drop_count_is_wanted() && message.qos == 0) return;
    }
    std::unique_lock lock(mutex);
    if (stopping) return;
    message.connection = connections;
    if (!plan.knows(message.subscription_ids)) message.subscription_ids.clear();
    if (message.qos == 2) message.dup = gate->was_dup(message.packet_id);
    const auto number = arrivals.came(message);
    const std::uint32_t skipped_bytes =
        message.qos == 0 || !message.payload.empty() ? 0 : gate->skipped_bytes(message.packet_id);
    lock.unlock();
    if (!number) return listener->on_dropped(message.topic, Qos0Loss::too_many);
    if (skipped_bytes > 0) return listener->on_too_large(*number, message.topic, skipped_bytes);
    listener->on_message(*number, std::move(message));
  }

  void drop_count_came(const Message& message) {
    const auto count = read_drop_count(message.payload);
    std::unique_lock lock(mutex);
    if (stopping || !count || drop_count == count) return;
    drop_count = count;
    lock.unlock();
    listener->on_broker_dropped(*count);
  }

  void on_subscription(const std::string& filter, std::uint8_t code, const std::string& words) override {
    std::unique_lock lock(mutex);
    if (stopping) return;
    plan.subscribed(filter, code);
    grants.answered(filter, code, words);
    const auto shortfalls = grants.news();
    lock.unlock();
    if (shortfalls) listener->on_shortfalls(*shortfalls);
  }

  void on_unsubscription(const std::string& filter, std::uint8_t code, const std::string& words) override {
    std::unique_lock lock(mutex);
    if (stopping) return;
    grants.given_up(filter, plan.unsubscribed(filter, code), words);
    const auto held = plan.news();
    const auto shortfalls = grants.news();
    lock.unlock();
    if (held) listener->on_subscriptions(*held);
    if (shortfalls) listener->on_shortfalls(*shortfalls);
  }

  // --- any thread
  // -------------------------------------------------------------------------------------------------------

  void release(ArrivalNumber number) {
    const std::lock_guard lock(mutex);
    // Until the client is connected `connections` is that of the gate before, which used the same identifiers.
    const auto packet_ids = arrivals.release(number, gate && connected_at ? connections : 0);
    if (gate) gate->release(packet_ids);
  }

  // --- the source's thread
  // ----------------------------------------------------------------------------------------------

  void on_written(const std::vector<std::uint16_t>& packet_ids) {
    for (const std::uint16_t id : packet_ids) {
      std::unique_lock lock(mutex);
      const ArrivalNumber number = arrivals.acknowledged(id);
      lock.unlock();
      listener->on_acknowledged(number);
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
    {
      const std::lock_guard lock(mutex);
      gate = std::move(*opened);
      connected_at.reset();
      closed = false;
      last_words.clear();
      drop_count.reset();
      if (stopping) gate->stop();
    }
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
    std::unique_lock lock(mutex);
    if (!stopping) changed.wait_for(lock, kLastWordsMax, [&] { return closed || stopping; });
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
    std::unique_lock lock(mutex);
    if (gate && !connected_at) plan.connack_lost();
    gate.reset();
    arrivals.connection_ended();
    std::chrono::nanoseconds stood{0};
    if (made.prepared && connected_at) stood = std::chrono::steady_clock::now() - *connected_at;
    const bool brief = stood > stood.zero() && stood < kConnectionStands;
    const bool closed_silently =
        last_words.empty() && (made.why.starts_with(kBrokerClosed) || made.why.starts_with(kBrokerBroke));
    brief_connections = brief && closed_silently ? brief_connections + 1 : 0;
    const bool tell = !stopping;
    lock.unlock();
    if (tell) tell_the_end(made);
    return stood;
  }

  void tell_the_end(Attempt& made) {
    try {
      std::unique_lock lock(mutex);
      std::string why = made.prepared && !last_words.empty() ? last_words : made.why;
      lock.unlock();
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
    unsigned failures = 0;
    for (;;) {
      failures = failures_after(failures, connect_once());
      const auto delay = reconnect_delay(failures, std::uniform_real_distribution<double>{}(jitter));
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, delay, [&] { return stopping; })) return;
      wake.clear();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      if (gate) gate->stop();
      wake.signal();
      changed.notify_all();
    }
    thread.join();
  }
};

MqttSource::MqttSource(MqttOptions options, const std::vector<Subscription>& subscriptions,
                       const std::vector<std::string>& remembered, const Clock& clock, bool session_expected)
    : parts_(std::make_unique<Parts>(std::move(options), subscriptions, remembered, clock, session_expected)) {}

MqttSource::~MqttSource() { stop(); }

Result<void> MqttSource::start(SourceListener& listener) {
  const MqttOptions& options = parts_->options;
  if (auto usable = check_broker(options); !usable) return usable;
  auto address = parse_broker_url(options.url);
  if (!address) return failed(address);
  for (const Subscription& each : parts_->plan.wanted()) {
    if (auto problem = topic_filter_form(each.filter)) return fail_form("topics", std::move(*problem), each.filter);
  }
  if (options.password) {
    if (auto readable = options.password->read_line(); !readable) return failed(readable, "broker password");
  }
  if (address->tls) {
    if (auto usable = TlsContext::load(options.tls); !usable) return failed(usable);
  }
  parts_->address = std::move(*address);
  parts_->listener = &listener;
  parts_->thread = std::thread([this] { parts_->run(); });
  return {};
}

void MqttSource::release(ArrivalNumber number) { parts_->release(number); }

void MqttSource::stop() {
  if (parts_->thread.joinable()) parts_->stop();
}

}  // namespace edgeseal::transport
