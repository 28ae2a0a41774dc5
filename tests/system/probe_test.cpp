// SPDX-License-Identifier: GPL-3.0-or-later
// What `check` passes on this machine, `run` starts with; what cannot work is refused by both in the same words.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSinkS3 = "sinks: {cloud: {type: s3, bucket: ore-data, region: r, path_style: true, ";

class ProbeTest : public GatewayTest {
 protected:
  [[nodiscard]] Finished check(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"check"};
    const auto config = config_arguments();
    arguments.insert(arguments.end(), config.begin(), config.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return edgeseal(arguments);
  }
  /// With `yaml` over the configuration, neither passes; both name the setting and say why.
  void both_refuse(const std::string& yaml, const std::string& setting, const std::string& why) {
    configure("1s", yaml);
    for (const Finished& done : {check(), run_gateway_to_its_end()}) {
      EXPECT_EQ(done.status, 78) << yaml;
      EXPECT_THAT(done.err, AllOf(HasSubstr(setting), HasSubstr(why))) << yaml;
    }
  }
  /// With it, check warns and run starts, both in these words.
  void both_await(const std::string& yaml, const std::string& words) {
    configure("1s", yaml);
    const Finished done = check();
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("warning: " + words), HasSubstr("waits for it"))) << yaml;
    start_gateway();
    EXPECT_THAT(gateway_->output(), HasSubstr(words)) << yaml;
    EXPECT_EQ(stop_gateway(), 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
};

/// What can lie where a file should: its name, and what is said of it. Empty: the part says it in its own words.
struct Thing {
  std::string name;
  std::string why;
};

TEST_F(ProbeTest, WhateverLiesInThePlaceOfAFileIsRefusedByBoth) {
  const std::string certificate = key("rsa-2048.certificate.pem");
  folder_.write("empty", "");
  folder_.write("words", "not a certificate\n");
  folder_.write("k", "no key\n");
  std::filesystem::create_directory(folder_ / "folder");
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::vector<Thing> nothing_readable{{"absent", "No such file"}, {"folder", "a folder"}, {"pipe", "no regular file"}};
  if (mknod(path("zeros").c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0) {  // root alone may
    nothing_readable.push_back({"zeros", "no regular file"});
  }
  std::vector<Thing> no_pem = nothing_readable;
  no_pem.insert(no_pem.end(), {{"empty", "empty"}, {"words", ""}});
  const std::string tls = "source: {url: 'mqtts://127.0.0.1:1', tls: ";
  for (const auto& [name, why] : no_pem) {
    both_refuse(tls + "{ca: " + name + "}}\n", "source.tls: CA certificates", why);
    both_refuse(tls + "{cert: " + name + ", key: k}}\n", "source.tls: client certificate", why);
    both_refuse(tls + "{cert: '" + certificate + "', key: " + name + "}}\n", "source.tls: private key", why);
    both_refuse(kSinkS3 + ("ca: " + name) + "}}\n", "sinks.cloud.ca: CA certificates", why);
    both_refuse("keys: {owner: {file: " + name + "}}\n", "keys.owner", why);
  }
  for (const auto& [name, why] : nothing_readable) {
    both_refuse("source: {username: u, password: {file: " + name + "}}\n", "source.password", why);
  }
  both_refuse("sinks: {out: {path: words}}\n", "sinks.out.path", "words");
}

TEST_F(ProbeTest, WhatMayYetComeIsAwaitedByBoth) {
  both_await("sinks: {out: {path: absent}}\n", path("absent") + ": sinks.out.path");
  both_await("sinks: {out: {require_mount: true}}\n", path("out") + ": sinks.out.path: no medium is mounted");
  both_await(kSinkS3 + std::string("credentials: {file: absent}}}\n"), path("absent") + ": sinks.cloud.credentials");
}

// systemd hands credentials and variables to the service, and not to who runs check beside it.
TEST_F(ProbeTest, WhatTheServiceAloneGetsIsAWarningOfCheckAndNoStart) {
  for (const std::string source : {"credential", "env"}) {
    configure("1s", "source: {username: u, password: {" + source + ": EDGESEAL_TEST_ABSENT}}\n");
    const Finished done = check();
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(done.err, HasSubstr("warning: source.password"));
    const Finished run = run_gateway_to_its_end();
    EXPECT_EQ(run.status, 78);
    EXPECT_THAT(run.err, HasSubstr("source.password"));
  }
}

TEST_F(ProbeTest, AllThatIsWrongIsToldInOneRun) {
  const std::string pin = "sha256:" + std::string(64, '0');
  configure("1s", "keys: {owner: {wrap: aws-kms-rsa, namespace: null, name: null, pin: '" + pin + "'}}\n" +
                      "source: {url: 'mqtts://127.0.0.1:1', tls: {ca: absent}, username: u, password: {file: gone}}\n");
  for (const Finished& done : {check(), run_gateway_to_its_end()}) {
    EXPECT_EQ(done.status, 78);
    EXPECT_THAT(done.err,
                AllOf(HasSubstr("is pinned"), HasSubstr("no kms_key"), HasSubstr("absent"), HasSubstr("gone")));
  }
  folder_.write("words", "not a certificate\n");
  configure("1s", "source: {url: 'mqtts://127.0.0.1:1', tls: {ca: absent, cert: words, key: gone}}\n");
  for (const Finished& done : {check(), run_gateway_to_its_end()}) {
    EXPECT_EQ(done.status, 78);
    EXPECT_THAT(done.err, AllOf(HasSubstr("source.tls: CA certificates: No such file"),
                                HasSubstr("source.tls: client certificate: "),
                                HasSubstr("source.tls: private key of the client certificate: No such file")));
  }
  configure("1s", "source: {url: 'mqtts://127.0.0.1:1', tls: {ca: absent, cert: '" + key("rsa-2048.certificate.pem") +
                      "', key: '" + key("rsa-3072.private.pem") + "'}}\n");
  EXPECT_THAT(check().err, AllOf(HasSubstr("CA certificates: No such file"),
                                 HasSubstr("private key of the client certificate: key values mismatch")));
  configure("1s", "keys: {owner: {pin: '" + pin + "'}}\nspool: {max_bytes: lots}\n");
  EXPECT_THAT(check().err, AllOf(HasSubstr("lots"), HasSubstr("is pinned"))) << "a key beside another mistake";
}

TEST_F(ProbeTest, CheckSaysWhoseFilesItLookedAt) {
  configure("1s", "source: {username: u, password: {file: gone}}\ngateways: {one: {}, two: {}}\n");
  const Finished here = check({"--gateway", "one"});
  EXPECT_EQ(here.status, 78);
  EXPECT_THAT(here.err,
              AllOf(HasSubstr("one: the files that it names are looked at on this machine"), HasSubstr("gone")));
  const Finished all = check({"--all"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.err, AllOf(HasSubstr("the public keys alone were looked at"), Not(HasSubstr("gone"))));
}

}  // namespace
}  // namespace edgeseal::test
