// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway with a bucket: a real S3 server that is away, comes back, refuses, and forgets to answer.
#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/places.h"
#include "tests/support/servers.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
constexpr std::chrono::seconds kDrain{90};  // Swift takes seconds to start, and the backoff doubles meanwhile

const std::map<std::string, std::string> kCredentials{{"AWS_ACCESS_KEY_ID", S3Server::kAccessKey},
                                                      {"AWS_SECRET_ACCESS_KEY", S3Server::kSecretKey},
                                                      {"AWS_SESSION_TOKEN", ""}};

std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> payloads;
  for (int n = from; n < to; ++n) payloads.push_back("{\"n\":" + std::to_string(n) + ",\"unit\":\"kPa\"}");
  return payloads;
}

class S3GatewayTest : public GatewayTest {
 protected:
  S3GatewayTest() : GatewayTest({.more = {"--max-queued", "100000"}}) {}

  /// Batches of `records` go to the bucket and nowhere else. `more` is added to the sink's settings.
  void configure_s3(int records, const std::string& more = {}, const std::string& endpoint = {}) {
    configure("1h", "sinks:\n  out: null\n  lake: {type: s3, bucket: " + std::string(S3Server::kBucket) +
                        ", region: " + S3Server::kRegion + ", path_style: true, endpoint: \"" +
                        (endpoint.empty() ? s3_.url() : endpoint) + "\"" + more + "}\n" +
                        "routes: {telemetry: {sinks: [lake], batch: {max_records: " + std::to_string(records) +
                        "}}}\n");
  }
  void publish(const std::vector<std::string>& payloads) {
    std::string lines;
    for (const std::string& payload : payloads) lines += payload + "\n";
    broker_->publish({"-q", "1", "-t", "plant/7/telemetry", "-l"}, lines);
  }
  /// The credentials file: whole at each instant, as who renews one writes it.
  void write_secret(const std::string& secret) {
    folder_.write("renewed", "[default]\naws_access_key_id = " + std::string(S3Server::kAccessKey) +
                                 "\naws_secret_access_key = " + secret + "\n");
    std::filesystem::rename(folder_ / "renewed", folder_ / "aws-credentials");
  }
  [[nodiscard]] json sink() const { return status()["sinks"]["lake"]; }
  /// Every record that the bucket holds, opened from there.
  [[nodiscard]] std::vector<std::string> opened_from_bucket() const {
    const Finished done =
        run({test::program_dir() + "/edgeseal-open", "--private-key", key("rsa-2048.private.pem"), "--s3-endpoint",
             s3_.url(), "--region", S3Server::kRegion, std::string("s3://") + S3Server::kBucket + "/"},
            {}, std::chrono::seconds(60), kCredentials);
    EXPECT_EQ(done.status, 0) << done.err;
    std::vector<std::string> payloads;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) payloads.push_back(json::parse(line).at("payload"));
    return payloads;
  }
  /// Copies the bucket to a folder with the aws command and returns the names below it.
  [[nodiscard]] std::vector<std::string> downloaded(const std::string& to) const {
    const Finished done =
        run({"/usr/bin/aws", "--endpoint-url", s3_.url(), "--region", S3Server::kRegion, "s3", "cp", "--recursive",
             "--only-show-errors", std::string("s3://") + S3Server::kBucket + "/", (folder_ / to).string()},
            {}, std::chrono::seconds(60), kCredentials);
    EXPECT_EQ(done.status, 0) << done.err;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / to)) {
      if (entry.is_regular_file()) names.push_back(std::filesystem::relative(entry, folder_ / to).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  /// The names that the batches in the spool will have, asked of the file itself.
  [[nodiscard]] std::vector<std::string> names_in_spool() const {
    const Finished done =
        run({"sqlite3", "-readonly", (folder_ / "spool.db").string(),
             "SELECT sequence || '-' || lower(hex(batch_id)) || '.esdk' FROM batches ORDER BY sequence"});
    EXPECT_EQ(done.status, 0) << done.err;
    std::vector<std::string> names;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) names.push_back(line);
    return names;
  }
  /// The sequence numbers in the order in which the sink confirmed them, of all gateways started so far.
  [[nodiscard]] std::vector<int> confirmed() const {
    std::vector<int> sequences;
    const std::regex line_of("sink lake confirmed batch ([0-9]+) of route telemetry");
    for (const std::string& path : logs_) {
      std::ifstream log(path);
      for (std::string line; std::getline(log, line);) {
        if (std::smatch found; std::regex_search(line, found, line_of)) sequences.push_back(std::stoi(found[1]));
      }
    }
    return sequences;
  }
  static std::vector<int> up_to(int last) {
    std::vector<int> numbers;
    for (int n = 1; n <= last; ++n) numbers.push_back(n);
    return numbers;
  }

  S3Server s3_;
};

TEST_F(S3GatewayTest, ObjectsArriveUnderHiveStyleNames) {
  configure_s3(10);
  start_gateway(kCredentials);
  publish(numbered(0, 30));
  ASSERT_TRUE(eventually([&] { return sink()["batches_delivered"] == 3 && spool_is_empty(); }, kDrain));
  EXPECT_EQ(stop_gateway(), 0);
  const auto names = downloaded("bucket");
  ASSERT_THAT(names, SizeIs(3));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::regex expected("gateway=truck-017/route=telemetry/dt=20[0-9]{2}-[01][0-9]-[0-3][0-9]/hour=[0-2][0-9]/" +
                              std::string("0*") + std::to_string(i + 1) + "-[0-9a-f]{32}\\.esdk");
    EXPECT_TRUE(std::regex_match(names[i], expected)) << names[i];
  }
  EXPECT_EQ(opened_from_bucket(), numbered(0, 30));
  EXPECT_THAT(objects(), IsEmpty()) << "nothing went to the folder";
}

TEST_F(S3GatewayTest, KilledWhileForwardingAndBackItIsDrainedInOrder) {
  configure_s3(10);
  start_gateway(kCredentials);
  publish(numbered(0, 100));
  ASSERT_TRUE(eventually([&] { return sink()["batches_delivered"] >= 2; }, kDrain));
  s3_.kill();
  publish(numbered(100, 300));
  ASSERT_TRUE(eventually([&] { return committed() == 300 && sink()["failures_in_a_row"] >= 2; }, kDrain));
  EXPECT_EQ(sink()["state"], "waiting");
  EXPECT_THAT(sink()["last_error"].get<std::string>(), HasSubstr("127.0.0.1"));
  const auto kept = names_in_spool();
  EXPECT_GE(kept.size(), 20U);
  s3_.start();
  ASSERT_TRUE(eventually([&] { return spool_is_empty(); }, kDrain)) << sink();
  EXPECT_EQ(sink()["state"], "up");
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(confirmed(), up_to(30));
  EXPECT_EQ(opened_from_bucket(), numbered(0, 300));
  // What was tried again and again has the name that it had at first, and stands there once.
  std::vector<std::string> names;
  for (const std::string& name : downloaded("bucket")) names.push_back(std::filesystem::path(name).filename());
  EXPECT_THAT(names, SizeIs(30));
  for (const std::string& name : kept) {
    EXPECT_EQ(std::count_if(names.begin(), names.end(), [&](const std::string& n) { return n.ends_with(name); }), 1)
        << name;
  }
}

/// A TCP relay to the port in argument 1 that loses the first answers, as many as argument 2 says: the server has
/// stored the object, and the client cannot know.
constexpr const char* kForgetfulRelay = R"py(
import socket, sys, threading
target, lost = int(sys.argv[1]), int(sys.argv[2])
lock = threading.Lock()

def relay(source, sink, answers):
    global lost
    try:
        while data := source.recv(65536):
            with lock:
                if answers and lost > 0:
                    lost -= 1
                    print("lost an answer", data.split(b"\r\n")[0].decode(), flush=True)
                    break
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

listener = socket.create_server(("127.0.0.1", 0))
print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", target))
    threading.Thread(target=relay, args=(client, server, False), daemon=True).start()
    threading.Thread(target=relay, args=(server, client, True), daemon=True).start()
)py";

TEST_F(S3GatewayTest, AnAnswerThatWasLostCostsAnUploadAndNoSecondObject) {
  const std::string relay = folder_.write("relay.py", kForgetfulRelay).string();
  Process forgetful({"/usr/bin/python3", relay, s3_.url().substr(s3_.url().rfind(':') + 1), "2"},
                    (folder_ / "relay.out").string());
  configure_s3(10, {}, forgetful.wait_for_line("ready "));
  start_gateway(kCredentials);
  publish(numbered(0, 20));
  ASSERT_TRUE(eventually([&] { return sink()["batches_delivered"] == 2 && spool_is_empty(); }, kDrain)) << sink();
  EXPECT_EQ(stop_gateway(), 0);
  std::istringstream lost(forgetful.output());
  int stored = 0;
  for (std::string line; std::getline(lost, line);) stored += line == "lost an answer HTTP/1.1 200 OK" ? 1 : 0;
  EXPECT_EQ(stored, 2) << forgetful.output();
  EXPECT_THAT(downloaded("bucket"), SizeIs(2));
  EXPECT_EQ(opened_from_bucket(), numbered(0, 20));
}

TEST_F(S3GatewayTest, AWrongSecretPausesTheSinkAloudAndTheSpoolKeepsAllUntilItIsMended) {
  write_secret("guessed");
  configure_s3(10, ", credentials: {file: aws-credentials}");
  start_gateway();
  publish(numbered(0, 50));
  ASSERT_TRUE(eventually([&] { return committed() == 50 && sink()["state"] == "paused"; }, kDrain)) << sink();
  EXPECT_THAT(sink()["last_error"].get<std::string>(),
              AllOf(HasSubstr("SignatureDoesNotMatch"), HasSubstr("s3://ore/gateway=truck-017/")));
  EXPECT_THAT(edgeseal({"status", "--socket", (folder_ / "status.sock").string()}).out,
              AllOf(HasSubstr("paused"), HasSubstr("SignatureDoesNotMatch")));
  EXPECT_EQ(sink()["quarantined"], 0) << "the batch is not at fault";
  EXPECT_THAT(names_in_spool(), SizeIs(5));
  EXPECT_EQ(stop_gateway(), 0);
  const std::string log = read_file(logs_.back());
  EXPECT_THAT(log, HasSubstr("sink lake did not take batch 1 of route telemetry"));
  EXPECT_THAT(log, ::testing::Not(HasSubstr("guessed")));

  write_secret(S3Server::kSecretKey);
  start_gateway();
  ASSERT_TRUE(eventually([&] { return spool_is_empty(); }, kDrain)) << sink();
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(confirmed(), up_to(5));
  EXPECT_EQ(opened_from_bucket(), numbered(0, 50));
}

// A pause for refused credentials lasts five minutes, unless their file changes.
TEST_F(S3GatewayTest, RenewedCredentialsEndThePauseOfARunningGateway) {
  write_secret("revoked");
  configure_s3(10, ", credentials: {file: aws-credentials}");
  start_gateway();
  publish(numbered(0, 20));
  ASSERT_TRUE(eventually([&] { return committed() == 20 && sink()["state"] == "paused"; }, kDrain)) << sink();
  write_secret("revoked, too");
  ASSERT_TRUE(eventually([&] { return sink()["failures_in_a_row"] >= 2; }, kDrain)) << sink();
  EXPECT_EQ(sink()["state"], "paused");
  write_secret(S3Server::kSecretKey);
  ASSERT_TRUE(eventually([&] { return spool_is_empty(); }, std::chrono::seconds(30))) << sink();
  EXPECT_EQ(sink()["state"], "up");
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_from_bucket(), numbered(0, 20));
}

class S3GatewayWrapTest : public S3GatewayTest, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(S3Gateway, S3GatewayWrapTest, ::testing::Values("raw_rsa", "aws_kms_rsa"),
                         [](const auto& wrap) { return std::string(wrap.param); });

// The judge is another's code: the stock SDK opens each object of a run, to the same bytes as edgeseal-open.
TEST_P(S3GatewayWrapTest, TheStockSdkOpensEveryObjectOfFiveThousandPayloads) {
  const std::string peer = test::source_dir() + "/tests/support/peer/peer.mjs";
  if (const Finished help = run({"node", peer, "--help"}); help.status != 0) GTEST_SKIP() << help.err;
  const bool kms = std::string(GetParam()) == "aws_kms_rsa";
  configure_s3(250);
  if (kms) {
    std::ofstream(folder_ / "more.yaml", std::ios::app)
        << "keys: {owner: {wrap: aws-kms-rsa, kms_key: \"" << kArn << "\", namespace: null, name: null}}\n";
  }
  start_gateway(kCredentials);
  const auto payloads = numbered(0, 5000);
  publish(payloads);
  ASSERT_TRUE(eventually([&] { return committed() == 5000 && spool_is_empty(); }, kDrain)) << status();
  EXPECT_EQ(stop_gateway(), 0);

  const auto names = downloaded("bucket");
  ASSERT_THAT(names, SizeIs(20));
  ASSERT_THAT(names, Each(::testing::EndsWith(".esdk")));
  EXPECT_EQ(opened_from_bucket(), payloads);
  const Finished raw = open({"--private-key", key("rsa-2048.private.pem"), "--format", "raw", "-o",
                             (folder_ / "raw").string() + "/", (folder_ / "bucket").string()});
  ASSERT_EQ(raw.status, 0) << raw.err;
  std::vector<std::string> command{"node", peer, "open-many", "--private-key", key("rsa-2048.private.pem")};
  if (kms) command.insert(command.end(), {"--kms-arn", kArn});
  if (!kms) command.insert(command.end(), {"--namespace", "edgeseal", "--name", "owner"});
  for (const std::string& name : names) command.push_back((folder_ / "bucket" / name).string());
  const Finished opened = run(command, {}, std::chrono::seconds(60));
  EXPECT_EQ(opened.status, 0) << opened.err;
  std::set<std::string> ours;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "raw")) {
    if (entry.is_regular_file()) ours.insert(run({"sha256sum", entry.path().string()}).out.substr(0, 64));
  }
  std::set<std::string> theirs;
  std::istringstream lines(opened.out);
  for (std::string line; std::getline(lines, line);) {
    const json answer = json::parse(line);
    ASSERT_EQ(answer.at("ok"), true) << line;
    EXPECT_EQ(answer.at("suite"), "0x0478");
    EXPECT_EQ(answer.at("context").at("gateway"), "truck-017");
    theirs.insert(answer.at("sha256"));
  }
  EXPECT_THAT(theirs, SizeIs(20));
  EXPECT_EQ(theirs, ours);
}

}  // namespace
}  // namespace edgeseal::test
