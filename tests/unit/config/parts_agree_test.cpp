// SPDX-License-Identifier: GPL-3.0-or-later
// What `edgeseal check` takes, the part that `edgeseal run` builds takes too; what the one refuses, the other refuses.
// Each row is one setting. Its values go through the whole configuration, and through the part's own constructor.
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/keys/key_set.h"
#include "tests/support/places.h"
#include "tests/unit/config/loading.h"
#include "transport/ingest/broker_form.h"
#include "transport/mqtt/topic_filter.h"
#include "transport/sinks/sink_factory.h"

namespace edgeseal::config::test {
namespace {

using Part = std::function<Result<void>(const std::string& value)>;

struct Row {
  std::string setting;
  std::vector<std::string> good;
  std::vector<std::string> bad;
  Part part;  ///< the part with this value and otherwise good ones
};

constexpr const char* kArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// What every row sets one value of.
const std::string kYaml = R"(version: 1
source: {url: 'mqtts://broker.local', mqtt_version: 3.1.1, username: edgeseal}
keys:
  kms: {file: kms.der, kms_key: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'}
  raw: {file: raw.der, wrap: raw-rsa}
routes:
  telemetry: {topics: [plant/#], keys: [kms, raw], sinks: [lake, stick]}
sinks:
  lake: {type: s3, bucket: ore, region: eu-west-1}
  stick: {type: directory, path: out}
)";

template <typename T>
Result<void> without_value(Result<T> result) {
  if (!result) return failed(result);
  return {};
}

template <typename T>
Part source(T transport::MqttOptions::*member) {
  return [member](const std::string& value) {
    transport::MqttOptions options{.url = "mqtts://broker.local", .client_id = "edgeseal-truck-017"};
    options.*member = value;
    return transport::check_broker(options);
  };
}

Part tls(const std::function<void(transport::MqttOptions&, const std::string&)>& change) {
  return [change](const std::string& value) {
    transport::MqttOptions options{.url = "mqtts://broker.local", .client_id = "edgeseal-truck-017"};
    change(options, value);
    return transport::check_broker(options);
  };
}

Part lake(std::string transport::S3SinkOptions::*member) {
  return [member](const std::string& value) {
    transport::S3SinkOptions options;
    options.bucket = "ore";
    options.region = "eu-west-1";
    options.*member = value;
    return without_value(transport::make_sink(options));
  };
}

Result<void> stick(const std::string& key) {
  transport::DirectorySinkOptions options;
  options.path = "/out";
  options.key = key;
  return without_value(transport::make_sink(options));
}

Part key(crypto::WrapForm wrap, std::string crypto::KeyOptions::*member) {
  return [=](const std::string& value) {
    const std::string file =
        edgeseal::test::read_file(edgeseal::test::source_dir() + "/tests/vectors/keys/rsa-2048.public.der");
    crypto::KeyOptions options{.id = "k", .file = "k.der", .wrap = wrap, .kms_key = kArn};
    options.*member = value;
    return without_value(crypto::SealingKey::create(options, as_bytes(file)));
  };
}

std::vector<Row> rows() {
  using crypto::KeyOptions;
  using crypto::WrapForm;
  using transport::MqttOptions;
  using transport::S3SinkOptions;
  const std::string long_name(254, 'a');
  return {
      {"source.url",
       {"mqtts://h", "mqtts://[::1]:8884"},
       {"mqtts://h/", "mqtts://u@h", "mqtts://h:0", "https://h", "mqtts://"},
       source(&MqttOptions::url)},
      {"source.client_id",
       {"gw 1", std::string(1024, 'c'), "é"},
       {std::string(1025, 'c'), "\xff"},
       source(&MqttOptions::client_id)},
      {"source.username", {"edgeseal"}, {std::string(1025, 'u'), "\xff"}, source(&MqttOptions::username)},
      {"source.tls.server_name",
       {"broker.local", "10.0.0.1", "::1", long_name},
       {"broker.local:8883", "a b", "[::1]", long_name + "aa", "a/b"},
       tls([](MqttOptions& options, const std::string& value) { options.tls.server_name = value; })},
      {"source.tls.cert", {}, {"alone.pem"}, tls([](MqttOptions& options, const std::string& value) {
         options.tls.cert = value;
       })},
      {"source.tls.key", {}, {"alone.key"}, tls([](MqttOptions& options, const std::string& value) {
         options.tls.key = value;
       })},
      {"source.tls", {"{ca: ca.pem}"}, {}, tls([](MqttOptions& options, const std::string&) {
         options.tls.ca = "/ca.pem";
       })},
      {"source", {}, {"{url: 'mqtt://h', tls: {ca: ca.pem}}"}, tls([](MqttOptions& options, const std::string&) {
         options.url = "mqtt://h";
         options.tls.ca = "/ca.pem";
       })},
      {"sinks.lake.bucket",
       {"ore-data", "a.b.c"},
       {"data+lake", "s3://ore", "Ore", "or", "192.168.0.1", "a_b", std::string(64, 'b')},
       lake(&S3SinkOptions::bucket)},
      {"sinks.lake.region",
       {"eu-west-1", "RegionOne"},
       {"eu west", "a/b", std::string(65, 'r')},
       lake(&S3SinkOptions::region)},
      {"sinks.lake.endpoint",
       {"https://s3.local", "http://s3.local:8080"},
       {"s3.local", "https://s3.local/b", "http://127.0.0.1", "ftp://h"},
       lake(&S3SinkOptions::endpoint)},
      {"sinks.lake.key",
       {"{batch}.esdk"},
       {"{seq}.esdk", "/{batch}.esdk", "{batch}", "{gatway}/{batch}.esdk"},
       lake(&S3SinkOptions::key)},
      {"sinks.stick.key", {"a/{batch}.esdk"}, {"../{batch}.esdk", "{batch}.txt"}, stick},
      {"keys.kms.kms_key",
       {kArn},
       {"alias/mine", "arn:aws:kms:eu-west-1:1:key/a"},
       key(WrapForm::aws_kms_rsa, &KeyOptions::kms_key)},
      {"keys.raw.pin", {}, {"sha256:12", "sha1:00"}, key(WrapForm::raw_rsa, &KeyOptions::pin)},
      {"keys.raw.namespace",
       {"mine"},
       {"aws-kms", std::string(1025, 'n'), "\xff"},
       key(WrapForm::raw_rsa, &KeyOptions::key_namespace)},
      {"keys.raw.name", {"mine 2026"}, {std::string(1025, 'n'), "\xff"}, key(WrapForm::raw_rsa, &KeyOptions::name)},
      {"routes.telemetry.topics",
       {"a/+/b", "$share/g/a"},
       {"a#", "$share//a", std::string(65536, 't'), "\xff"},
       [](const std::string& value) -> Result<void> {
         if (auto problem = transport::topic_filter_form(value)) return fail_form("topics", std::move(*problem), value);
         return {};
       }},
  };
}

/// The configuration with this value, which comes from the environment: so it needs no escapes.
Diagnosed<Loaded> load(const Row& row, const std::string& value) {
  World world(kYaml);
  world.variables["VALUE"] = value;
  const bool list = row.setting.ends_with(".topics");
  const bool map = value.starts_with('{') && value.ends_with('}') && value.find(": ") != std::string::npos;
  world.set(row.setting + "=" + (map ? value : list ? "['${VALUE}']" : "'${VALUE}'"));
  return world.load();
}

TEST(PartsAgree, OnWhatASettingMayBe) {
  for (const Row& row : rows()) {
    for (const std::string& value : row.good) {
      EXPECT_THAT(load(row, value), Loads()) << row.setting << ": " << value;
      const auto taken = row.part(value);
      EXPECT_TRUE(taken) << row.setting << ": " << value << ": " << taken.error().message();
    }
    for (const std::string& value : row.bad) {
      EXPECT_THAT(load(row, value), ::testing::Not(Loads())) << row.setting << ": " << value;
      const auto taken = row.part(value);
      ASSERT_FALSE(taken) << "the part takes " << row.setting << ": " << value;
      EXPECT_EQ(taken.error().kind, Kind::invalid) << taken.error().message();
    }
  }
}

}  // namespace
}  // namespace edgeseal::config::test
