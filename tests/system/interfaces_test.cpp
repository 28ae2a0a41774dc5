// SPDX-License-Identifier: GPL-3.0-or-later
// What outsiders rely on, a row a promise: programs, commands, options, exit statuses, settings, records, names of
// files. A change here is a change for every user: it needs a reason, and a line in the CHANGELOG.
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/places.h"
#include "tests/support/servers.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

class InterfacesTest : public GatewayTest {
 protected:
  [[nodiscard]] Finished program(const std::string& name, const std::vector<std::string>& arguments) const {
    return name == "edgeseal" ? edgeseal(arguments) : open(arguments);
  }
  [[nodiscard]] static std::string source(const std::string& path) { return test::source_dir() + "/" + path; }
  /// `edgeseal check` of this text as a file, with the files that it names beside it.
  [[nodiscard]] Finished check(const std::string& yaml, const std::vector<std::string>& more = {}) const {
    const std::pair<const char*, const char*> files[] = {{"rsa-2048.public.der", "kms-public.der"},
                                                         {"rsa-2048.certificate.pem", "ca.pem"},
                                                         {"rsa-2048.certificate.pem", "gw.pem"},
                                                         {"rsa-2048.private.pem", "gw.key"}};
    for (const auto& [from, to] : files) {
      std::filesystem::copy_file(key(from), folder_ / to, std::filesystem::copy_options::overwrite_existing);
    }
    folder_.write("f", "a password\n");
    std::vector<std::string> command{"env",
                                     "HOSTNAME=truck-017",
                                     test::program_dir() + "/edgeseal",
                                     "check",
                                     "-c",
                                     folder_.write("fleet.yaml", yaml).string()};
    command.insert(command.end(), more.begin(), more.end());
    return run(command);
  }
};

TEST_F(InterfacesTest, CommandsOfTheHouseAreThere) {
  for (const char* name : {"tests/setup", "tests/demo", "tests/run", ".ci/run"}) {
    const auto permissions = std::filesystem::status(source(name)).permissions();
    EXPECT_NE(permissions & std::filesystem::perms::owner_exec, std::filesystem::perms::none) << name;
  }
  const json presets = json::parse(read_file(source("CMakePresets.json")));
  std::string names;
  for (const json& preset : presets.at("buildPresets")) names += preset.at("name").get<std::string>() + " ";
  for (const char* name : {"release", "debug", "asan", "tsan", "fuzz", "coverage"}) {
    EXPECT_THAT(names, HasSubstr(name));
  }
  for (const json& preset : presets.at("configurePresets")) {
    if (!preset.contains("binaryDir")) continue;
    EXPECT_EQ(preset.at("binaryDir"), "${sourceDir}/build/${presetName}");
  }
}

TEST_F(InterfacesTest, EachCommandHasItsOptionsInItsHelp) {
  struct Row {
    std::string program;
    std::vector<std::string> command;
    std::vector<std::string> options;
  };
  const std::vector<Row> rows{
      {"edgeseal", {}, {"--help", "--version", "run", "check", "config", "seal", "pin", "status"}},
      {"edgeseal", {"run"}, {"-c", "FILE", "--gateway NAME", "--set PATH=VALUE", "--help"}},
      {"edgeseal", {"check"}, {"-c", "FILE", "--gateway NAME", "--set PATH=VALUE", "--all", "--help"}},
      {"edgeseal", {"config"}, {"show", "schema", "--help"}},
      {"edgeseal", {"config", "show"}, {"-c", "--gateway", "--set", "--origins", "--format", "yaml", "json", "--help"}},
      {"edgeseal", {"config", "schema"}, {"--help"}},
      {"edgeseal",
       {"seal"},
       {"--key PUBLIC", "--kms-key ARN", "--raw NAMESPACE/NAME", "--context K=V", "-o", "OUT", "FILE", "--help"}},
      {"edgeseal", {"pin"}, {"FILE", "--help"}},
      {"edgeseal", {"status"}, {"--json", "--watch", "--help"}},
      {"edgeseal-open",
       {},
       {"--private-key PEM",
        "--kms",
        "--kms-key ARN",
        "--region R",
        "--endpoint URL",
        "--format",
        "ndjson",
        "cbor",
        "raw",
        "payload",
        "message",
        "-o",
        "FILE|DIR",
        "--jobs",
        "--verify",
        "--keep-going",
        "INPUT",
        "s3://bucket/prefix",
        "--help",
        "--version",
        "split"}},
      {"edgeseal-open", {"split"}, {"-o", "DIR", "INPUT", "--help"}},
  };
  for (const Row& row : rows) {
    std::vector<std::string> arguments = row.command;
    arguments.emplace_back("--help");
    const Finished help = program(row.program, arguments);
    const std::string named = row.program + " " + ::testing::PrintToString(row.command);
    EXPECT_EQ(help.status, 0) << named;
    for (const std::string& option : row.options) EXPECT_THAT(help.out, HasSubstr(option)) << named;
  }
}

TEST_F(InterfacesTest, VersionSaysVersionCommitLibrariesAndAes) {
  struct Row {
    std::string program;
    std::vector<std::string> lines;
  };
  // The AES in use stands behind wolfCrypt's version.
  const std::vector<Row> rows{
      {"edgeseal",
       {R"(edgeseal \d+\.\d+\.\d+ \([0-9a-f]{7,40}\))", R"(wolfCrypt +\d+\.\d+\.\d+, .+)", R"(SQLite +3\.\d+\.\d+)",
        R"(Paho .*\d+\.\d+.*)", R"(libcurl +libcurl/\d+\.\d+.*)", R"(zstd +\d+\.\d+\.\d+)"}},
      {"edgeseal-open",
       {R"(edgeseal-open \d+\.\d+\.\d+ \([0-9a-f]{7,40}\))", R"(wolfCrypt +\d+\.\d+\.\d+, .+)",
        R"(zstd +\d+\.\d+\.\d+)"}},
  };
  for (const Row& row : rows) {
    const Finished version = program(row.program, {"--version"});
    EXPECT_EQ(version.status, 0);
    for (const std::string& line : row.lines) {
      EXPECT_TRUE(std::regex_search(version.out, std::regex("(^|\n)" + line + "\n"))) << line << " in " << version.out;
    }
  }
}

TEST_F(InterfacesTest, ExitStatusesSayWhatWentWrong) {
  folder_.write("garbage.esdk", "no message at all");
  configure();
  folder_.write("bad.yaml", "version: 1\nsppol: {}\n");
  const std::string garbage = (folder_ / "garbage.esdk").string();
  const std::string good = (folder_ / "gateway.yaml").string();
  const std::string pem = key("rsa-2048.private.pem");
  struct Row {
    std::string program;
    std::vector<std::string> arguments;
    int status;
  };
  const std::vector<Row> rows{
      // 0: fine
      {"edgeseal", {"check", "-c", good}, 0},
      {"edgeseal", {"check", "-c", good, "--gateway", "truck-018", "--set", "spool.max_bytes=1GiB"}, 0},
      {"edgeseal", {"config", "show", "-c", good, "--origins", "--format", "yaml"}, 0},
      {"edgeseal", {"config", "show", "-c", good, "--format", "json"}, 0},
      {"edgeseal", {"config", "schema"}, 0},
      {"edgeseal", {"pin", key("rsa-2048.public.der"), key("rsa-2048.public.pem")}, 0},
      {"edgeseal",
       {"seal", "--key", key("rsa-2048.public.pem"), "--raw", "ns/name", "--context", "k=v", "-o",
        (folder_ / "sealed.esdk").string(), garbage},
       0},
      {"edgeseal", {"seal", "--key", key("rsa-2048.public.pem"), "--kms-key", kArn, garbage, good}, 0},
      {"edgeseal-open", {"--private-key", pem, "--format", "message", good + ".esdk"}, 0},
      {"edgeseal-open", {"--private-key", pem, "--format", "message", "--jobs", "2", "--verify", good + ".esdk"}, 0},
      // 1: a run-time failure
      {"edgeseal", {"seal", "--key", key("rsa-2048.public.pem"), "--raw", "ns/name", "/nowhere/file"}, 1},
      {"edgeseal", {"status", "--socket", (folder_ / "nobody.sock").string(), "--json"}, 1},
      {"edgeseal-open", {"--private-key", pem, "--format", "message", "-o", garbage + "/out", good + ".esdk"}, 1},
      // 2: an input that cannot be opened
      {"edgeseal-open", {"--private-key", pem, garbage}, 2},
      {"edgeseal-open", {"--private-key", pem, "--keep-going", garbage, good + ".esdk"}, 2},
      {"edgeseal-open", {"split", "-o", (folder_ / "parts").string(), garbage}, 2},
      // 64: wrong use
      {"edgeseal", {}, 64},
      {"edgeseal", {"fly"}, 64},
      {"edgeseal", {"run"}, 64},
      {"edgeseal", {"seal", garbage}, 64},
      {"edgeseal-open", {}, 64},
      {"edgeseal-open", {"--private-key", pem, "--format", "xml", garbage}, 64},
      // 78: configuration or key
      {"edgeseal", {"run", "-c", (folder_ / "bad.yaml").string()}, 78},
      {"edgeseal", {"check", "-c", (folder_ / "bad.yaml").string()}, 78},
      {"edgeseal", {"check", "-c", "/nowhere/gateway.yaml"}, 78},
      {"edgeseal", {"config", "show", "-c", (folder_ / "bad.yaml").string()}, 78},
      {"edgeseal", {"pin", key("ec-p256.public.der")}, 78},
      {"edgeseal", {"seal", "--key", key("rsa-1024.public.der"), "--raw", "ns/name", garbage}, 78},
      {"edgeseal-open", {"--private-key", "/nowhere/key.pem", garbage}, 78},
  };
  for (const Row& row : rows) {
    const Finished done = program(row.program, row.arguments);
    EXPECT_EQ(done.status, row.status) << row.program << " " << ::testing::PrintToString(row.arguments) << "\n"
                                       << done.err;
    EXPECT_FALSE(row.status != 0 && done.err.empty()) << "an error is explained";
  }
  EXPECT_THAT(read_file(source("systemd/units/edgeseal.service")), HasSubstr("RestartPreventExitStatus=78"));
}

TEST_F(InterfacesTest, PinIsTheSha256OfTheDerKeyWithSizeAndKind) {
  const Finished pin = edgeseal({"pin", key("rsa-3072.public.der")});
  EXPECT_THAT(pin.out, StartsWith("sha256:" + run({"sha256sum", key("rsa-3072.public.der")}).out.substr(0, 64)));
  EXPECT_THAT(pin.out, HasSubstr("RSA 3072, DER"));
}

/// The sample of the interface's page, with a broker, a key and paths of this machine, and what exists so far.
constexpr const char* kSample = R"(version: 1
gateway: ${HOSTNAME}
source:
  url: mqtt://127.0.0.1:1883
  client_id: edgeseal-${HOSTNAME}
  username: ${NOBODY:-edgeseal}
  password: {credential: broker-password}
  keep_alive: 30s
  receive_maximum: 1000
keys:
  mine-2026:
    file: kms-public.der
    pin: PIN
    wrap: aws-kms-rsa
    kms_key: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
  theirs:
    file: kms-public.der
    wrap: raw-rsa
    name: mine-2026
    namespace: edgeseal
    oaep: sha1
routes:
  telemetry:
    topics: [plant/+/telemetry/#]
    qos: 1
    keys: [mine-2026]
    sinks: [lake]
    batch: {max_bytes: 1MiB, max_records: 10000, max_age: 60s}
    compression: zstd
    priority: 5
sinks:
  lake:
    type: s3
    bucket: ore-data
    region: eu-west-1
    endpoint: https://s3.example.com
    path_style: true
    key: gateway={gateway}/route={route}/dt={date}/hour={hour}/{seq}-{batch}.esdk
    credentials: environment
  stick:
    type: directory
    path: /media/carry-out
spool:
  path: /var/lib/edgeseal/spool.db
  max_bytes: 2GiB
  min_free: 256MiB
  when_full: drop-oldest
  commit_interval: 20ms
log: {level: info, format: auto}
status: {socket: /run/edgeseal/status.sock}
groups:
  - match: truck-*
    set: {spool: {max_bytes: 8GiB}}
gateways:
  truck-017: {source: {url: "mqtts://10.0.0.7:8883", tls: {ca: ca.pem, cert: gw.pem, key: gw.key, server_name: broker}}}
)";

TEST_F(InterfacesTest, EachSettingOfTheSampleIsAccepted) {
  std::string sample = kSample;
  const std::string pin = "sha256:" + run({"sha256sum", key("rsa-2048.public.der")}).out.substr(0, 64);
  sample.replace(sample.find("PIN"), 3, pin);
  const Finished done = check(sample);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("truck-017: fine"));
  const Finished all = check(sample, {"--all"});
  EXPECT_EQ(all.status, 0) << all.err;

  // Groups come over files, gateways over groups, --set over all.
  const Finished shown = run({"env", "HOSTNAME=truck-017", test::program_dir() + "/edgeseal", "config", "show",
                              "--format", "json", "-c", (folder_ / "fleet.yaml").string(), "--set", "log.level=debug"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const json config = json::parse(shown.out);
  EXPECT_EQ(config["gateway"], "truck-017");
  EXPECT_EQ(config["source"]["client_id"], "edgeseal-truck-017");
  EXPECT_EQ(config["source"]["username"], "edgeseal") << "the default of ${NAME:-default}";
  EXPECT_EQ(config["source"]["url"], "mqtts://10.0.0.7:8883");
  EXPECT_EQ(config["spool"]["max_bytes"], "8GiB");
  EXPECT_EQ(config["log"]["level"], "debug");
}

TEST_F(InterfacesTest, EachChoiceOfASettingIsAcceptedAndNothingElse) {
  struct Row {
    std::string path;
    std::vector<std::string> good;
    std::vector<std::string> bad;
  };
  const std::vector<Row> rows{
      {"source.mqtt_version", {"5", "3.1.1"}, {"4"}},
      {"source.url", {"mqtt://127.0.0.1:1883", "mqtts://broker"}, {"http://127.0.0.1"}},
      {"source.keep_alive", {"1m", "30s", "1h"}, {"30"}},
      {"source.password",
       {"{credential: c}", "{credential: null, file: " + (folder_ / "f").string() + "}", "{credential: null, env: E}"},
       {"literal", "{vault: v}"}},
      {"keys.mine-2026.wrap", {"aws-kms-rsa", "raw-rsa"}, {"kms"}},
      {"keys.mine-2026.oaep", {"sha256", "sha1"}, {"md5"}},
      {"routes.telemetry.qos", {"0", "1", "2"}, {"3"}},
      {"routes.telemetry.compression", {"zstd", "zstd:1", "zstd:19", "none"}, {"zstd:20", "gzip"}},
      {"routes.telemetry.priority", {"0", "9"}, {"10"}},
      {"routes.telemetry.batch.max_bytes", {"64KB", "64KiB", "2MB", "2MiB"}, {"64", "many"}},
      {"routes.telemetry.batch.max_age", {"500ms", "60s", "5m", "1h"}, {"60", "1w"}},
      {"sinks.lake.credentials", {"environment", "{file: f}", "{credential: c}"}, {"guest"}},
      {"sinks.lake.key",
       {"'{seq}-{batch}.esdk'", "'{gateway}{route}{date}{hour}{batch}.esdk'"},
       {"'{colour}{batch}.esdk'"}},
      {"spool.when_full", {"drop-oldest", "drop-newest", "block"}, {"ignore"}},
      {"spool.max_bytes", {"2GiB", "1GB"}, {"2Gib"}},
      {"log.level", {"debug", "info", "warning", "error"}, {"loud"}},
      {"log.format", {"auto", "text", "json", "journal"}, {"xml"}},
  };
  std::string sample = kSample;
  sample.erase(sample.find("    pin: PIN\n"), 13);
  for (const Row& row : rows) {
    for (const std::string& value : row.good) {
      const Finished done = check(sample, {"--gateway", "plain", "--set", row.path + "=" + value});
      EXPECT_EQ(done.status, 0) << row.path << "=" << value << "\n" << done.err;
    }
    for (const std::string& value : row.bad) {
      const Finished done = check(sample, {"--gateway", "plain", "--set", row.path + "=" + value});
      EXPECT_EQ(done.status, 78) << row.path << "=" << value;
      EXPECT_THAT(done.err, HasSubstr(row.path.substr(row.path.rfind('.') + 1))) << row.path << "=" << value;
    }
  }
}

TEST_F(InterfacesTest, AnUnknownKeySuggestsTheNearestNameAndEachErrorSaysItsPlace) {
  std::string sample = kSample;
  sample.replace(sample.find("receive_maximum"), 15, "recieve_maximum");
  sample.replace(sample.find("max_age: 60s"), 12, "max_age: 60 ");
  const Finished done = check(sample);
  EXPECT_EQ(done.status, 78);
  EXPECT_TRUE(std::regex_search(done.err, std::regex("fleet\\.yaml:9:3: .*recieve_maximum[^\n]*"))) << done.err;
  EXPECT_THAT(done.err, HasSubstr("receive_maximum"));
  EXPECT_TRUE(std::regex_search(done.err, std::regex("fleet\\.yaml:\\d+:\\d+: .*max_age.*\"60\".*60s"))) << done.err;
}

TEST_F(InterfacesTest, AFolderOfFilesIsReadInTheOrderOfTheirNamesAndPathsAreRelativeToTheirFile) {
  configure();
  folder_.write("conf.d/10-base.yaml", "spool: {max_bytes: 1GiB, path: sub.db}\n");
  folder_.write("conf.d/20-more.yaml", "spool: {max_bytes: 3GiB}\n");
  folder_.write("conf.d/ignored.txt", "no: yaml\n");
  const Finished shown = edgeseal({"config", "show", "--format", "json", "-c", (folder_ / "gateway.yaml").string(),
                                   "-c", (folder_ / "conf.d").string()});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const json config = json::parse(shown.out);
  EXPECT_EQ(config["spool"]["max_bytes"], "3GiB");
  EXPECT_EQ(config["spool"]["path"], (folder_ / "conf.d/sub.db").string());
}

TEST_F(InterfacesTest, ARecordHasThePromisedFieldsInThePromisedOrder) {
  configure();
  start_gateway();
  broker_->publish({"-q", "1", "-t", "plant/1", "-m", "42"});
  broker_->publish({"-q", "1", "-t", "plant/1", "-s"}, "\xff\x00");
  broker_->publish({"-V", "5", "-q", "1", "-t", "plant/1", "-m", "43", "-D", "publish", "user-property", "a", "b"});
  ASSERT_TRUE(eventually([&] { return committed() == 3; }));
  EXPECT_EQ(stop_gateway(), 0);
  const Finished done = open({"--private-key", key("rsa-2048.private.pem"), (folder_ / "out").string()});
  ASSERT_EQ(done.status, 0) << done.err;
  std::istringstream lines(done.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const std::regex first(
      R"re(\{"gateway":"truck-017","route":"telemetry","seq":1,"index":0,)re"
      R"re("received":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","clock":"(synced|unsynced)","topic":"plant/1",)re"
      R"re("qos":1,"retain":false,"dup":false,"payload":"42"\})re");
  EXPECT_TRUE(std::regex_match(line, first)) << line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, HasSubstr(R"("dup":false,"payload_base64":"/w==")")) << "mosquitto_pub -s was given one byte";
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(json::parse(line).contains("properties")) << line;

  // The names of objects, and what each format gives.
  const std::regex name(R"(gateway=truck-017/route=telemetry/dt=\d{4}-\d\d-\d\d/hour=\d\d/0*\d+-[0-9a-f]{32}\.esdk)");
  for (const std::string& object : objects()) {
    EXPECT_TRUE(std::regex_match(std::filesystem::relative(object, folder_ / "out").string(), name)) << object;
  }
  const std::vector<std::string> with_key{"--private-key", key("rsa-2048.private.pem"), "--format"};
  const auto opened_as = [&](const std::string& format) {
    std::vector<std::string> arguments = with_key;
    arguments.insert(arguments.end(), {format, objects().front()});
    return open(arguments);
  };
  EXPECT_THAT(opened_as("payload").out, StartsWith("42"));
  EXPECT_EQ(opened_as("raw").out, opened_as("message").out) << "the content of one message, as it was sealed";
  EXPECT_THAT(opened_as("raw").out, StartsWith("\x28\xb5\x2f\xfd")) << "zstd";
  EXPECT_THAT(opened_as("cbor").out, HasSubstr("clock_synced"));
}

}  // namespace
}  // namespace edgeseal::test
