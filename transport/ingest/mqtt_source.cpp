// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/mqtt_source.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "transport/ingest/reconnect_delay.h"
#include "transport/mqtt/mqtt_client.h"

namespace edgeseal::transport {
namespace {

/// Paho delivers a QoS 2 message of MQTT 3.1.1 only after its PUBREC has gone out, when the broker no longer keeps it:
/// with that version QoS 1 is the most that is safe.
constexpr std::uint8_t kQosMaxV3 = 1;

std::vector<Subscription> wanted(std::vector<Subscription> subscriptions, MqttVersion version) {
  if (version == MqttVersion::v3_1_1) {
    for (Subscription& each : subscriptions) each.qos = std::min(each.qos, kQosMaxV3);
  }
  return minimal_cover(subscriptions);
}

/// What the kept session may hold and should not: `stale`, and what another filter covers since.
std::vector<std::string> unwanted(std::vector<std::string> stale, const std::vector<Subscription>& configured,
                                  const std::vector<Subscription>& needed) {
  for (const Subscription& each : configured) stale.push_back(each.filter);
  std::erase_if(stale, [&](const std::string& filter) {
    return std::ranges::any_of(needed, [&](const Subscription& each) { return each.filter == filter; });
  });
  return stale;
}

std::uint16_t port_of(const std::string& url) {
  const std::size_t colon = url.rfind(':');
  const int port = colon > url.rfind('/') ? std::atoi(url.c_str() + colon + 1) : 0;
  if (port != 0) return static_cast<std::uint16_t>(port);
  return url.starts_with("mqtts") ? 8883 : 1883;
}

/// Shuts down this process's connections to that port, so that Paho can send no acknowledgement any more.
void shut_down_connections(std::uint16_t port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::atoi(entry.path().filename().c_str());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    const auto family = peer.ss_family;
    if (family != AF_INET && family != AF_INET6) continue;
    // Both kinds of address have the port in the same place.
    if (ntohs(reinterpret_cast<const sockaddr_in*>(&peer)->sin_port) == port) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace

struct MqttSource::Parts final : MqttClientListener {
  // set once
  const MqttOptions options;
  const std::vector<Subscription> subscriptions;
  const std::vector<std::string> unsubscriptions;
  const Clock& clock;
  SourceListener* listener = nullptr;
  std::thread thread;
  // the source's thread only
  std::minstd_rand jitter{std::random_device{}()};
  // under `mutex`
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool connected = false;
  bool closed = false;
  bool session_present = false;
  std::size_t granted = 0;
  std::uint64_t connections = 0;
  ArrivalNumber arrived = 0;
  ArrivalNumber released = 0;

  Parts(MqttOptions given, const std::vector<Subscription>& configured, std::vector<std::string> stale,
        const Clock& the_clock)
      : options(std::move(given)),
        subscriptions(wanted(configured, options.version)),
        unsubscriptions(unwanted(std::move(stale), configured, subscriptions)),
        clock(the_clock) {}

  void on_connected(bool present) override {
    std::unique_lock lock(mutex);
    connected = true;
    session_present = present;
    const std::uint64_t number = ++connections;
    changed.notify_all();
    if (stopping) return;
    lock.unlock();
    listener->on_connected(number, present);
  }

  void on_closed(const std::string& why) override {
    std::unique_lock lock(mutex);
    closed = true;
    changed.notify_all();
    if (stopping) return;
    lock.unlock();
    listener->on_disconnected(options.url + ": " + why);
  }

  void on_message(Message message) override {
    std::unique_lock lock(mutex);
    if (stopping) return;
    message.connection = connections;
    const ArrivalNumber number = ++arrived;
    const bool acknowledged = message.qos > 0;
    lock.unlock();
    listener->on_message(number, std::move(message));
    if (!acknowledged) return;
    lock.lock();
    changed.wait(lock, [&] { return stopping || released >= number; });
  }

  void on_subscription(const std::string& filter, const std::string& refusal) override {
    std::unique_lock lock(mutex);
    if (stopping) return;
    if (refusal.empty()) ++granted;
    lock.unlock();
    if (!refusal.empty()) listener->on_subscription_refused(filter, refusal);
  }

  /// One connection, from the attempt to its end. Returns whether it stood.
  bool connect_once(bool& settled) {
    {
      const std::lock_guard lock(mutex);
      connected = closed = false;
      granted = 0;
    }
    auto client = MqttClient::create(options, clock, *this);
    if (auto started = client ? (*client)->start() : failed(client); !started) {
      listener->on_disconnected(started.error().message());
      return false;
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return connected || closed || stopping; });
    if (connected && !stopping) {
      const bool subscribe = !settled || !session_present;
      lock.unlock();
      if (subscribe && (*client)->subscribe(subscriptions)) (void)(*client)->unsubscribe(unsubscriptions);
      lock.lock();
      changed.wait(lock, [&] { return closed || stopping; });
      if (subscribe) settled = granted == subscriptions.size();
    }
    return connected;
  }

  void run() {
    bool settled = false;  // the broker has granted every filter to the session it keeps
    unsigned failures = 0;
    for (;;) {
      failures = connect_once(settled) ? 0 : failures + 1;
      const auto delay = reconnect_delay(failures, std::uniform_real_distribution<double>{}(jitter));
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, delay, [&] { return stopping; })) return;
    }
  }
};

MqttSource::MqttSource(MqttOptions options, std::vector<Subscription> subscriptions,
                       std::vector<std::string> stale_filters, const Clock& clock)
    : parts_(std::make_unique<Parts>(std::move(options), subscriptions, std::move(stale_filters), clock)) {}

MqttSource::~MqttSource() { stop(); }

Result<void> MqttSource::start(SourceListener& listener) {
  for (const Subscription& each : parts_->subscriptions) {
    if (!filter_is_valid(each.filter)) {
      return fail(Kind::invalid, "not a topic filter: \"" + each.filter + "\"", parts_->options.url,
                  "use + and # only as whole levels, # only at the end");
    }
  }
  if (parts_->options.password) {
    if (auto readable = parts_->options.password->read(); !readable) return failed(readable, "broker password");
  }
  if (auto usable = MqttClient::create(parts_->options, parts_->clock, *parts_); !usable) return failed(usable);
  parts_->listener = &listener;
  parts_->thread = std::thread([this] { parts_->run(); });
  return {};
}

void MqttSource::release(ArrivalNumber number) {
  const std::lock_guard lock(parts_->mutex);
  parts_->released = std::max(parts_->released, number);
  parts_->changed.notify_all();
}

void MqttSource::stop() {
  if (!parts_->thread.joinable()) return;
  shut_down_connections(port_of(parts_->options.url));
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->stopping = true;
    parts_->changed.notify_all();
  }
  parts_->thread.join();
}

}  // namespace edgeseal::transport
