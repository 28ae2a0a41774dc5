// SPDX-License-Identifier: GPL-3.0-or-later
// A source on a real broker, as the tests of this folder start it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "crypto/base/time.h"
#include "tests/component/mqtt/recording_listener.h"
#include "tests/support/matchers.h"
#include "tests/support/mosquitto.h"
#include "transport/ingest/mqtt_source.h"

namespace edgeseal::test {

/// One client id, hence one session at the broker, for all sources that a test starts one after the other.
class SourceFixture {
 public:
  explicit SourceFixture(transport::MqttVersion version = transport::MqttVersion::v5,
                         const MosquittoOptions& broker_options = {})
      : broker(broker_options) {
    options.url = broker.url();
    options.version = version;
    options.client_id = "gateway-1";
  }
  ~SourceFixture() { stop(); }

  /// Starts a source with a fresh listener.
  void start(const std::vector<std::string>& stale = {}) {
    listener = std::make_unique<RecordingListener>();
    source = std::make_unique<transport::MqttSource>(options, subscriptions, stale, clock);
    ASSERT_THAT(source->start(*listener), IsOk());
  }
  /// Starts it and waits until the broker has answered its `subscribed`th subscription altogether.
  void start_subscribed(int subscribed = 1) {
    start();
    ASSERT_TRUE(eventually([&] { return subscriptions_answered() >= subscribed; })) << broker.log();
  }
  void stop() {
    if (source) source->stop();
    source.reset();
  }

  /// Those of the configured filters; each source asks for the broker's drop count too.
  [[nodiscard]] int subscriptions_answered() const {
    const std::string log = broker.log();
    return count_of("Sending SUBACK to " + options.client_id, log) -
           count_of("\t$SYS/broker/publish/messages/dropped (QoS 0)", log);
  }

  /// How often the broker has logged this text.
  [[nodiscard]] int logged(const std::string& text) const { return count_of(text, broker.log()); }
  static int count_of(const std::string& text, const std::string& log) {
    int count = 0;
    for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  }

  Mosquitto broker;
  SystemClock clock;
  transport::MqttOptions options;
  std::vector<transport::Subscription> subscriptions{{"plant/#", 1}};
  std::unique_ptr<RecordingListener> listener;
  std::unique_ptr<transport::MqttSource> source;
};

inline std::string version_name(const testing::TestParamInfo<transport::MqttVersion>& info) {
  return info.param == transport::MqttVersion::v5 ? "Mqtt5" : "Mqtt311";
}

}  // namespace edgeseal::test
