// SPDX-License-Identifier: GPL-3.0-or-later
// Reaching a broker, being refused by it, losing it and coming back.
#include "tests/component/mqtt/source_fixture.h"

namespace edgeseal::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using transport::MqttVersion;

// For mosquitto's dynamic security plugin; its ACL file does not refuse subscriptions.
constexpr const char* kOnlyPlantMayBeSubscribed = R"({
  "defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true, "subscribe": false, "unsubscribe": true},
  "clients": [], "anonymousGroup": "all", "groups": [{"groupname": "all", "roles": [{"rolename": "plant"}]}],
  "roles": [{"rolename": "plant", "acls": [{"acltype": "subscribePattern", "topic": "plant/#", "allow": true}]}]})";

class ConnectionTest : public testing::TestWithParam<MqttVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, ConnectionTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1), version_name);

TEST_P(ConnectionTest, FindsTheSessionThatTheBrokerKept) {
  SourceFixture at{GetParam()};
  at.start_subscribed();
  EXPECT_THAT(at.listener->connected(), ElementsAre(false));
  at.stop();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "while away"});
  at.start();
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->connected(), ElementsAre(true));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("while away"));
}

TEST_P(ConnectionTest, ComesBackAfterTheBrokerWasRestarted) {
  SourceFixture at{GetParam(), {.persistence = true}};
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "before"});
  ASSERT_TRUE(at.listener->has_messages(1));
  at.broker.stop();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("the broker closed the connection"));
  at.broker.start();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "after"});
  ASSERT_TRUE(at.listener->has_messages(2));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("before", "after"));
  EXPECT_THAT(at.listener->connected(), ElementsAre(false, true));
  EXPECT_EQ(at.listener->messages()[1].connection, 2U);
}

// The session is gone, and with it the subscriptions.
TEST_P(ConnectionTest, SubscribesAgainWhenTheBrokerHasForgottenTheSession) {
  SourceFixture at{GetParam()};
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  at.broker.stop();
  at.broker.start();
  ASSERT_TRUE(at.listener->has_connected(2));
  EXPECT_THAT(at.listener->connected(), ElementsAre(false, false));
  ASSERT_TRUE(eventually([&] { return at.subscriptions_answered() == 2; }));
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "after"});
  EXPECT_TRUE(at.listener->has_messages(1));
}

TEST_P(ConnectionTest, GivesUpFiltersThatAreNoLongerConfigured) {
  SourceFixture at{GetParam()};
  at.subscriptions = {{"plant/#", 1}, {"old/#", 1}};
  at.start_subscribed(2);
  at.stop();
  at.subscriptions = {{"plant/#", 1}};
  at.start({"old/#", "plant/#"});
  ASSERT_TRUE(eventually([&] { return at.logged("Sending UNSUBACK to gateway-1") == 1; }));
  at.listener->release_at_once(*at.source);
  at.broker.publish({"-t", "old/7", "-q", "1", "-m", "unwanted"});
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "wanted"});
  ASSERT_TRUE(at.listener->has_messages(1));
  EXPECT_THAT(at.listener->payloads(), ElementsAre("wanted"));
}

TEST_P(ConnectionTest, IsMadeWhenTheBrokerComesLater) {
  SourceFixture at{GetParam()};
  at.broker.stop();
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr(at.broker.url()));
  at.broker.start();
  EXPECT_TRUE(at.listener->has_connected(1));
}

// mosquitto 2.0.11 gives no reason, not even with MQTT 5.
TEST_P(ConnectionTest, IsMadeAgainAfterAnotherClientTookTheSession) {
  SourceFixture at{GetParam()};
  at.start_subscribed();
  at.broker.publish({"-i", "gateway-1", "-t", "other", "-m", "x"});
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("the broker closed the connection"));
  EXPECT_TRUE(at.listener->has_connected(2));
}

TEST_P(ConnectionTest, NeedsTheRightPassword) {
  SourceFixture at{GetParam(), {.user = "edgeseal", .password = "right"}};
  const TempDir secrets;
  at.options.username = "edgeseal";
  at.options.password = SecretRef{SecretRef::Source::file, secrets.write("password", "wrong\n").string()};
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], AnyOf(HasSubstr("Not authorized"), HasSubstr("not authorized")));
  EXPECT_THAT(at.listener->connected(), IsEmpty());
  // The secret is read afresh for each attempt.
  secrets.write("password", "right\n");
  EXPECT_TRUE(at.listener->has_connected(1));
}

TEST_P(ConnectionTest, TellsTheReasonOfEachFailureAndNotOfTheOneBefore) {
  SourceFixture at{GetParam(), {.user = "edgeseal", .password = "right"}};
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("the broker refused the connection"));
  at.broker.stop();
  EXPECT_TRUE(eventually([&] {
    return at.listener->disconnected().back().find("Connection refused") != std::string::npos;
  })) << at.listener->disconnected().back();
}

TEST_P(ConnectionTest, GoesOnWithoutAFilterThatTheBrokerRefuses) {
  const TempDir rules;
  const std::string file = rules.write("rules.json", kOnlyPlantMayBeSubscribed).string();
  SourceFixture at{GetParam(),
                   {.more = {"--config", "plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so", "--config",
                             "plugin_opt_config_file " + file}}};
  at.subscriptions = {{"forbidden/#", 1}, {"plant/#", 1}};
  at.start_subscribed(2);
  ASSERT_TRUE(eventually([&] { return !at.listener->shortfalls().empty(); }));
  EXPECT_THAT(at.listener->shortfalls(), ElementsAre(HasSubstr("subscription forbidden/#: QoS 1, ")));
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "allowed"});
  EXPECT_TRUE(at.listener->has_messages(1));
}

// --- TLS
// ----------------------------------------------------------------------------------------------------------------

TEST(TlsConnectionTest, ChecksTheBrokersCertificate) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  at.options.tls.ca = at.broker.file("ca.pem");
  at.start_subscribed();
  at.broker.publish({"-t", "plant/7", "-q", "1", "-m", "hello"});
  EXPECT_TRUE(at.listener->has_messages(1));
}

TEST(TlsConnectionTest, IsRefusedWithAnotherAuthority) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  at.options.tls.ca = at.broker.file("stranger-ca.pem");
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("certificate verify failed"));
  EXPECT_THAT(at.listener->connected(), IsEmpty());
}

TEST(TlsConnectionTest, ShowsTheClientsCertificate) {
  SourceFixture at{MqttVersion::v5, {.mutual_tls = true}};
  at.options.tls = {at.broker.file("ca.pem"), at.broker.file("client.pem"), at.broker.file("client.key"), {}};
  at.start();
  EXPECT_TRUE(at.listener->has_connected(1));
}

TEST(TlsConnectionTest, IsRefusedWithoutAClientCertificateOrWithAStrangers) {
  SourceFixture at{MqttVersion::v5, {.mutual_tls = true}};
  at.options.tls.ca = at.broker.file("ca.pem");
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->connected(), IsEmpty());
  at.stop();
  at.options.tls.cert = at.broker.file("stranger.pem");
  at.options.tls.key = at.broker.file("stranger.key");
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->connected(), IsEmpty());
}

TEST(TlsConnectionTest, ChecksTheNameInTheCertificate) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  at.options.tls.ca = at.broker.file("ca.pem");
  at.options.tls.server_name = "another.example";
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("hostname mismatch"));
  at.stop();
  at.options.url = "mqtts://127.0.0.1:" + std::to_string(at.broker.port());
  for (const char* good : {"localhost", "127.0.0.1", ""}) {
    at.options.tls.server_name = good;
    at.start();
    EXPECT_TRUE(at.listener->has_connected(1)) << good;
    at.stop();
  }
}

TEST(TlsConnectionTest, UsesTheSystemsAuthoritiesWhenNoneAreGiven) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("certificate verify failed"));
  at.stop();
  setenv("SSL_CERT_FILE", at.broker.file("ca.pem").c_str(), 1);  // OpenSSL's own way to name the system's store
  at.start();
  EXPECT_TRUE(at.listener->has_connected(1));
  unsetenv("SSL_CERT_FILE");
}

TEST(TlsConnectionTest, TrustsNoOtherAuthorityBesideThoseGiven) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  setenv("SSL_CERT_FILE", at.broker.file("ca.pem").c_str(), 1);
  at.options.tls.ca = at.broker.file("stranger-ca.pem");
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("certificate verify failed"));
  EXPECT_THAT(at.listener->connected(), IsEmpty());
  unsetenv("SSL_CERT_FILE");
}

TEST(TlsConnectionTest, IsNotMadeBelowTls12) {
  SourceFixture at{MqttVersion::v5, {.tls = true}};
  const TempDir logs;
  Process old_server({"openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
                      "-cert", at.broker.file("server.pem"), "-key", at.broker.file("server.key")},
                     (logs / "out").string());
  const std::string listening = old_server.wait_for_line("ACCEPT 127.0.0.1:");
  at.options.url = "mqtts://localhost:" + listening;
  at.options.tls.ca = at.broker.file("ca.pem");
  at.start();
  ASSERT_TRUE(at.listener->has_disconnected(1));
  EXPECT_THAT(at.listener->disconnected()[0], HasSubstr("protocol version"));
}

TEST(TlsConnectionTest, CarriesManyMessages) {
  SourceFixture at{MqttVersion::v5, {.tls = true, .more = {"--max-queued", "0"}}};
  at.options.tls.ca = at.broker.file("ca.pem");
  at.start_subscribed();
  at.listener->release_at_once(*at.source);
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += std::string(300, 'x') + std::to_string(i) + "\n";
  const std::string large(3'000'000, 'y');
  at.broker.publish({"-t", "plant/7", "-q", "1", "-l"}, lines);
  at.broker.publish({"-t", "plant/7", "-q", "1", "-s"}, large);
  ASSERT_TRUE(at.listener->has_messages(3001));
  EXPECT_EQ(at.listener->payloads().back(), large);
}

// --- options that can never work
// ----------------------------------------------------------------------------------------

TEST(SourceOptionsTest, AreRefusedAtTheStart) {
  SystemClock clock;
  RecordingListener listener;
  const auto start = [&](transport::MqttOptions options, const std::string& filter) {
    transport::MqttSource source(std::move(options), {{filter, 1}}, {}, clock);
    return source.start(listener);
  };
  EXPECT_THAT(start({.url = "ftp://broker"}, "a"), Fails(Kind::invalid, HasSubstr("ftp://broker")));
  EXPECT_THAT(start({.client_id = "c"}, "a/#/b"), Fails(Kind::invalid, HasSubstr("a/#/b")));
  EXPECT_THAT(start({.client_id = "c", .packet_bytes_max = 0}, "a"), Fails(Kind::invalid, HasSubstr("0 bytes")));
  EXPECT_THAT(
      start({.client_id = "c", .username = "u", .password = SecretRef{SecretRef::Source::file, "/nowhere"}}, "a"),
      Fails(Kind::invalid, HasSubstr("/nowhere")));
}

}  // namespace
}  // namespace edgeseal::test
