// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/loader.h"

#include <chrono>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "config/show.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST(Loader, FillsInEveryDefault) {
  const World world(kSmallest);
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_THAT(loaded->warnings, IsEmpty());
  const Options& o = loaded->options;
  EXPECT_EQ(o.gateway, "truck-017");
  ASSERT_EQ(o.sources.size(), 1U);
  EXPECT_EQ(o.sources[0].name, "source");
  EXPECT_EQ(o.sources[0].mqtt.url, "mqtt://127.0.0.1:1883");
  EXPECT_EQ(o.sources[0].mqtt.client_id, "edgeseal-truck-017");
  EXPECT_EQ(o.sources[0].mqtt.keep_alive, 30s);
  EXPECT_FALSE(o.sources[0].mqtt.password);
  ASSERT_EQ(o.keys.size(), 1U);
  EXPECT_EQ(o.keys[0].id, "mine");
  EXPECT_EQ(o.keys[0].file, world.folder / "mine.der");
  EXPECT_EQ(o.keys[0].kms_key, "");
  ASSERT_EQ(o.routes.size(), 1U);
  EXPECT_EQ(o.routes[0].source, "source");
  EXPECT_EQ(o.routes[0].batch.age_max, 60s);
  EXPECT_EQ(o.routes[0].compression.zstd_level, 1);
  ASSERT_EQ(o.sinks.size(), 1U);
  const auto& directory = std::get<transport::DirectorySinkOptions>(o.sinks[0].options);
  EXPECT_EQ(directory.path, world.folder / "out");
  EXPECT_EQ(directory.key, transport::kDefaultObjectName);
  EXPECT_EQ(o.spool.path, "/var/lib/edgeseal/spool.db");
  EXPECT_EQ(o.status.socket, "/run/edgeseal/status.sock");
}

// Every setting at a value of its own, none of them the default.
TEST(Loader, PutsEachSettingWhereItBelongs) {
  const World world(R"(version: 1
gateway: gw-1
sources:
  plant:
    url: mqtts://broker:8884
    mqtt_version: 3.1.1
    client_id: me
    username: user
    password: {file: secret}
    tls: {ca: ca.pem, cert: c.pem, key: /k.pem, server_name: other}
    keep_alive: 2m
    receive_maximum: 7
    max_packet: 64KiB
  yard: {password: {env: YARD}}
keys:
  raw: {file: a.pem, wrap: raw-rsa, namespace: ns, name: n, oaep: sha1, pin: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
  kms: {file: b.json, kms_key: "arn:aws:kms:eu-west-1:111122223333:key/x"}
routes:
  first: {source: plant, topics: [a, b/#], qos: 2, keys: [raw, kms], sinks: [s, d], batch: {max_bytes: 2MiB, max_records: 3, max_age: 4s}, compression: zstd:9, priority: 8, ttl: 30d}
  second: {source: yard, topics: [a], qos: 0, keys: [raw], sinks: [d], compression: none}
sinks:
  s: {type: s3, bucket: b, region: r, endpoint: "https://e:1", path_style: true, key: "{batch}.esdk", credentials: {credential: aws, profile: up}, ca: s3.pem, timeout: 5s}
  d: {type: directory, path: /media, key: "x/{batch}.esdk", require_mount: true}
spool: {path: spool.db, max_bytes: 3GiB, min_free: 0B, when_full: block, commit_interval: 100ms}
log: {level: warning, format: json}
status: {socket: ""}
)");
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_THAT(render(loaded->warnings), "");
  const Options& o = loaded->options;
  EXPECT_EQ(o.gateway, "gw-1");
  ASSERT_EQ(o.sources.size(), 2U);
  const auto& plant = o.sources[0].mqtt;
  EXPECT_EQ(plant.url, "mqtts://broker:8884");
  EXPECT_EQ(plant.version, transport::MqttVersion::v3_1_1);
  EXPECT_EQ(plant.client_id, "me");
  EXPECT_EQ(plant.username, "user");
  EXPECT_EQ(plant.password, (SecretRef{SecretRef::Source::file, world.folder / "secret"}));
  EXPECT_EQ(plant.tls.ca, world.folder / "ca.pem");
  EXPECT_EQ(plant.tls.cert, world.folder / "c.pem");
  EXPECT_EQ(plant.tls.key, "/k.pem");
  EXPECT_EQ(plant.tls.server_name, "other");
  EXPECT_EQ(plant.keep_alive, 2min);
  EXPECT_EQ(plant.receive_maximum, 7);
  EXPECT_EQ(plant.packet_bytes_max, 64U << 10);
  EXPECT_EQ(o.sources[1].mqtt.client_id, "edgeseal-gw-1-yard");
  EXPECT_EQ(o.sources[1].mqtt.password, (SecretRef{SecretRef::Source::env, "YARD"}));
  ASSERT_EQ(o.keys.size(), 2U);
  EXPECT_EQ(o.keys[0].wrap, crypto::WrapForm::raw_rsa);
  EXPECT_EQ(o.keys[0].key_namespace, "ns");
  EXPECT_EQ(o.keys[0].name, "n");
  EXPECT_EQ(o.keys[0].oaep, OaepHash::sha1);
  EXPECT_THAT(o.keys[0].pin, HasSubstr("9f86d081"));
  EXPECT_EQ(o.keys[1].kms_key, "arn:aws:kms:eu-west-1:111122223333:key/x");
  ASSERT_EQ(o.routes.size(), 2U);
  const RouteOptions& first = o.routes[0];
  EXPECT_EQ(first.name.text, "first");
  EXPECT_EQ(first.source, "plant");
  EXPECT_THAT(first.topics, ElementsAre("a", "b/#"));
  EXPECT_EQ(first.qos, 2);
  EXPECT_THAT(first.keys, ElementsAre("raw", "kms"));
  EXPECT_THAT(first.sinks, ElementsAre(SinkName{"s"}, SinkName{"d"}));
  EXPECT_EQ(first.batch.bytes_max, 2U << 20);
  EXPECT_EQ(first.batch.records_max, 3U);
  EXPECT_EQ(first.batch.age_max, 4s);
  EXPECT_EQ(first.compression.zstd_level, 9);
  EXPECT_EQ(first.priority, 8);
  EXPECT_EQ(first.ttl, 720h);
  EXPECT_EQ(o.routes[1].qos, 0);
  EXPECT_EQ(o.routes[1].ttl, std::nullopt);
  EXPECT_EQ(o.routes[1].compression.zstd_level, std::nullopt);
  const auto& s3 = std::get<transport::S3SinkOptions>(o.sinks[0].options);
  EXPECT_EQ(s3.bucket, "b");
  EXPECT_EQ(s3.region, "r");
  EXPECT_EQ(s3.endpoint, "https://e:1");
  EXPECT_TRUE(s3.path_style);
  EXPECT_EQ(s3.key, "{batch}.esdk");
  const auto& credentials = std::get<transport::FileCredentialsOptions>(s3.credentials);
  EXPECT_EQ(credentials.file.describe(), "credential aws");
  EXPECT_EQ(credentials.profile, "up");
  EXPECT_EQ(s3.ca, world.folder / "s3.pem");
  EXPECT_EQ(s3.timeout, 5s);
  EXPECT_EQ(std::get<transport::DirectorySinkOptions>(o.sinks[1].options).key, "x/{batch}.esdk");
  EXPECT_TRUE(std::get<transport::DirectorySinkOptions>(o.sinks[1].options).require_mount);
  EXPECT_EQ(o.spool.path, world.folder / "spool.db");
  EXPECT_EQ(o.spool.bytes_max, std::uint64_t{3} << 30);
  EXPECT_EQ(o.spool.free_bytes_min, 0U);
  EXPECT_EQ(o.spool.when_full, storage::WhenFull::block);
  EXPECT_EQ(o.commit.interval, 100ms);
  EXPECT_EQ(o.log.level, LogLevel::warning);
  EXPECT_EQ(o.log.format, LogFormat::json);
  EXPECT_EQ(o.status.socket, "");
}

TEST(Loader, NoMessageAndNoBatchIsLargerThanAQuarterOfTheSpool) {
  const auto sizes = [](const std::string& spool) {
    const auto loaded = World(kSmallest).set("spool.max_bytes=" + spool).load();
    EXPECT_THAT(loaded, Loads());
    return std::pair<std::uint64_t, std::uint64_t>{loaded->options.sources.at(0).mqtt.packet_bytes_max,
                                                   loaded->options.routes.at(0).batch.bytes_max};
  };
  EXPECT_THAT(sizes("1MiB"), Pair(256 << 10, 256 << 10));
  EXPECT_THAT(sizes("8MiB"), Pair(2 << 20, 1 << 20));
  EXPECT_THAT(sizes("1GiB"), Pair(16 << 20, 1 << 20));
}

TEST(Loader, LowersWhatIsWrittenToAQuarterOfTheSpoolAndSaysSo) {
  for (const char* setting : {"source.max_packet", "routes.telemetry.batch.max_bytes"}) {
    SCOPED_TRACE(setting);
    World world(kSmallest);
    world.set("spool.max_bytes=8MiB").set(std::string(setting) + "=2MiB");
    EXPECT_THAT(complaints(world), IsEmpty());
    world.set(std::string(setting) + "=2097153B");
    EXPECT_THAT(complaints(world), HasSubstr(std::string(setting) +
                                             ": found 2097153B; a quarter of spool.max_bytes is in effect, which is "
                                             "2MiB; write 2MiB, or give the spool more room"));
    const auto loaded = world.load();
    ASSERT_THAT(loaded, Loads());
    EXPECT_LE(loaded->options.sources.at(0).mqtt.packet_bytes_max, 2U << 20);
    EXPECT_LE(loaded->options.routes.at(0).batch.bytes_max, 2U << 20);
    EXPECT_THAT(show(loaded->settings, ShowFormat::yaml, true), Not(HasSubstr("2097153B")));
  }
}

TEST(Loader, RefusesABatchThatIsLargerThanTheSpool) {
  World world(kSmallest);
  world.set("spool.max_bytes=8MiB").set("source.max_packet=9MiB");
  EXPECT_THAT(world.load(), Loads());
  world.set("routes.telemetry.batch.max_bytes=8388609B");
  EXPECT_THAT(complaints(world), HasSubstr("routes.telemetry.batch.max_bytes: expected at most spool.max_bytes (8MiB), "
                                           "found 8388609B; such a batch would never fit"));
}

TEST(Loader, TellsWhichFilesItCannotRead) {
  World world;
  world.file("good.yaml", kSmallest).file("bad.yaml", "a: [");
  world.request.files.push_back(world.folder / "none.yaml");
  std::filesystem::create_directory(world.folder / "empty.d");
  world.request.files.push_back(world.folder / "empty.d");
  const std::string said = complaints(world);
  EXPECT_THAT(said, HasSubstr("none.yaml: expected a file that can be read, found: No such file or directory"));
  EXPECT_THAT(said, HasSubstr("empty.d: expected *.yaml in this folder, found none"));
  EXPECT_THAT(said, HasSubstr("bad.yaml:1:1: expected YAML"));
  EXPECT_THAT(complaints(World()), HasSubstr("write -c FILE"));
}

TEST(Loader, ReadsNoDevice) {
  World world;
  world.request.files = {"/dev/zero"};
  EXPECT_THAT(complaints(world), HasSubstr("it is no regular file"));
}

TEST(Loader, ReadsALargeFileNoFurtherThanItsBound) {
  World world;
  world.file("gw.yaml", "");
  std::filesystem::resize_file(world.folder / "gw.yaml", std::uintmax_t{1} << 40);  // sparse
  EXPECT_THAT(complaints(world), HasSubstr("at most 1 MiB"));
}

// How many there are is judged before they are looked at: the only complaint is the count, though each is wrong.
TEST(Loader, JudgesTheNumberOfTopicsFirst) {
  std::string topics;
  for (int i = 0; i < 80'000; ++i) topics += "a#,";
  const World world(
      "version: 1\nkeys: {k: {file: k}}\nsinks: {s: {type: directory, path: o}}\n"
      "routes: {r: {keys: [k], sinks: [s], topics: [" +
      topics + "]}}\n");
  const auto loaded = world.load();
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U) << complaints(world);
  EXPECT_THAT(loaded.error()[0].what, HasSubstr("a list of 1 to 1000, found 80000"));
}

// A secret under a name that is misspelt, or in a wrong place, is still a secret.
TEST(Loader, NeverShowsAMisspeltOrMisplacedSecret) {
  const std::string key = std::string(kSmallest);
  const char* const kBlocks[] = {
      "source: {passwrd: hunter2}",
      "source: {pasword: hunter2}",
      "source: {pass: hunter2}",
      "source: {pwd: hunter2}",
      "source: {secret: hunter2}",
      "source: {token: hunter2}",
      "source: {Password: hunter2}",
      "source:\n  passwort: hunter2",
      "source: {passwords: {literal: hunter2}}",
      "source: {password: {value: hunter2}}",
      "source: {password: {fiel: hunter2}}",
      "source: {password: hunter2}",
      "source: {password: [hunter2]}",
      "source: {passphrase: hunter2, keep_alive: 30}",
      "source: {tls: hunter2}",
      "source: hunter2",
      "sources: hunter2",
      "sources: {a: hunter2}",
      "source: {url: 'mqtt://user:hunter2@host'}",
      "source: {url: 'tcp://user:hunter2@host'}",
      "source: {url: 'user:hunter2@host'}",
      "source: {url: 'mqtt:/user:hunter2@host'}",
      "source: {broker: 'mqtt://user:hunter2@host'}",
      "url: mqtt://user:hunter2@host",
      "password: hunter2",
      "passwrd: hunter2",
      "api_key: hunter2",
      "spool: {password: hunter2}",
      "spool: hunter2",
      "log: {token: hunter2}",
      "status: hunter2",
      "gateways: {truck-017: {source: {pasword: hunter2}}}",
      "gateways: {truck-017: {secret: hunter2}}",
      "groups: [{match: '*', set: {source: {pasword: hunter2}}}]",
      "source: {pasword: hunter2",
      "source: {pasword: hunter2, pasword: hunter2}",
      "source: {username: '${1A:-hunter2}'}",
      "source: {url: '${URL}'}",
      "source: {pasword: '${SECRET}'}",
      "source: {pasword:\n   'hunter2${UNSET}'}",
      "source: {pasword:\n   'x${hunter2'}",
      "source: {username: 'x${hunter2!}'}",
      "source: {username: hunter2, keep_alive: 30}",
      "source: {password: {env: hunter2}, keep_alive: 30}",
      "source: {passwords: [\n  hunter2]}",
      "sinks: {stick: {type: s3, bucket: b, region: r, credentials: hunter2}}",
      "sinks: {stick: {type: s3, bucket: b, region: r, credentials: {profile: hunter2}, timeout: 1}}",
      "gateways: {truck-017: hunter2}",
      "gateways: hunter2",
      "groups: hunter2",
      "groups: [hunter2]",
      "groups: [{match: '*', set: hunter2}]",
      "gateways: {other: {source: {pasword: hunter2}}, truck-017: {source: {keep_alive: 30}}}",
  };
  for (const char* block : kBlocks) {
    const std::string sinks = "sinks:\n  stick: {type: directory, path: out}\n";
    std::string rest = key;
    if (std::string_view(block).starts_with("sinks:")) rest.erase(rest.find(sinks), sinks.size());
    World world(rest + block + "\n");
    world.variables = {{"URL", "mqtt://user:hunter2@host"}, {"SECRET", "hunter2"}};
    EXPECT_THAT(world.load(), Not(Loads())) << block;
    EXPECT_THAT(complaints(world), Not(HasSubstr("hunter2"))) << block;
  }
  EXPECT_THAT(complaints(World("hunter2\n")), Not(HasSubstr("hunter2"))) << "a secret's file as a configuration";
  for (const char* set : {"source.url=mqtt://user:hunter2@host", "source.pasword=hunter2", "pasword=hunter2",
                          "source.password=hunter2", "source=hunter2", "mqtt://user:hunter2@host", "hunter2",
                          "source.url: mqtt://user:hunter2@host=1", "source={pasword: hunter2"}) {
    World world(key);
    world.set(set);
    EXPECT_THAT(world.load(), Not(Loads())) << set;
    EXPECT_THAT(complaints(world), Not(HasSubstr("hunter2"))) << set;
  }
}

TEST(Loader, TakesAByteOrderMark) { EXPECT_THAT(World("\xef\xbb\xbf" + std::string(kSmallest)).load(), Loads()); }

// It goes into the client id as well, which has rules of its own.
TEST(Loader, ComplainsOfAGatewayNameWithControlCharactersOnce) {
  const std::string yaml(kSmallest);
  World written(yaml + "gateway: \"a\\tb\"\n");
  World from_environment(yaml + "gateway: ${NAME}\n");
  from_environment.variables["NAME"] = "a\nb";
  World given(yaml);
  given.gateway("a\x7f");
  for (const World* world : {&written, &from_environment, &given}) {
    const auto loaded = world->load();
    ASSERT_FALSE(loaded);
    ASSERT_EQ(loaded.error().size(), 1U) << complaints(*world);
    EXPECT_EQ(loaded.error()[0].key, "gateway");
  }
}

TEST(Fleet, NamesItsGateways) {
  World world(std::string(kSmallest) + "gateways:\n  b: {}\n  a: {log: {level: debug}}\n");
  EXPECT_THAT(gateway_names(world.request.files).value(), ElementsAre("b", "a"));
  EXPECT_THAT(gateway_names(World(kSmallest).request.files).value(), IsEmpty());
  EXPECT_FALSE(gateway_names({"/none"}));
}

// What one gateway has wrong must not keep another from starting.
TEST(Fleet, AMistakeUnderAnotherNameIsNotThisGatewaysMistake) {
  World world(std::string(kSmallest) +
              "groups:\n  - {match: ship-*, set: {spool: {max_byte: 1GiB}}}\n"
              "gateways:\n  truck-1: {}\n  truck-2: {lgo: {level: debug}}\n");
  EXPECT_THAT(world.gateway("truck-1").load(), Loads());
  EXPECT_THAT(complaints(world.gateway("truck-2")), HasSubstr("did you mean log?"));
  EXPECT_THAT(complaints(world.gateway("ship-1")), HasSubstr("did you mean max_bytes?"));
}

TEST(Fleet, AThousandGatewaysAreCheckedInSeconds) {
  std::string yaml(kSmallest);
  yaml += "groups:\n";
  for (int i = 0; i < 20; ++i)
    yaml += "  - {match: 'gw-*" + std::to_string(i % 10) + "', set: {spool: {max_bytes: 4GiB}}}\n";
  yaml += "gateways:\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    yaml += "  gw-" + n + ":\n    source: {url: 'mqtt://10.0." + std::to_string(i / 250) + "." +
            std::to_string(i % 250) + "', client_id: client-" + n +
            "}\n    spool: {min_free: " + std::to_string(i + 1) + "MiB}\n";
  }
  const World world(yaml);
  const auto begin = std::chrono::steady_clock::now();
  const auto files = Files::read(world.request.files);
  ASSERT_THAT(files, Loads());
  const auto names = files->gateway_names();
  ASSERT_EQ(names.size(), 1000U);
  for (const std::string& name : names) {
    const auto loaded = files->load(name, {}, environment());
    ASSERT_THAT(loaded, Loads());
    ASSERT_EQ(loaded->options.sources[0].mqtt.client_id, "client-" + name.substr(3));
    ASSERT_EQ(loaded->options.spool.bytes_max, std::uint64_t{4} << 30);
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  RecordProperty("milliseconds", std::to_string(took / 1ms));
  EXPECT_LT(took, 20s);
}

}  // namespace
}  // namespace edgeseal::config::test
