// SPDX-License-Identifier: GPL-3.0-or-later
// edgeseal-open with data keys from KMS and objects in S3: a stand-in and a real server, on loopback.
#include <gtest/gtest.h>

#include "tests/system/open_fixture.h"

namespace edgeseal::agent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::map<std::string, std::string> kCredentials{
    {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"}, {"AWS_SESSION_TOKEN", ""}};

class OpenWithKmsTest : public ::testing::Test {
 protected:
  test::TempDir dir;
  std::unique_ptr<test::Process> kms;
  std::string endpoint;

  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{source("tests/support/servers/kms_standin.py"),
                                     "--access-key",
                                     kCredentials.at("AWS_ACCESS_KEY_ID"),
                                     "--secret-key",
                                     kCredentials.at("AWS_SECRET_ACCESS_KEY"),
                                     "--region",
                                     "eu-west-1",
                                     "--import-key",
                                     private_key() + "=" + std::string(kKeyArn)};
    command.insert(command.end(), more.begin(), more.end());
    kms = std::make_unique<test::Process>(command, (dir / "kms.log").string());
    endpoint = kms->wait_for_line("ready ");
  }
  test::Finished open(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--endpoint", endpoint, "--format", "payload"});
    return edgeseal_open(std::move(arguments), {}, kCredentials);
  }
};

TEST_F(OpenWithKmsTest, AsksForTheKeyThatTheBatchNames) {
  start();
  dir.write("1.esdk", batch(1, {"42"}));
  dir.write("2.esdks", journal(2, {"43", "44"}));
  const auto done = open({"--kms", (dir / "1.esdk").string(), (dir / "2.esdks").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "424344");
}

TEST_F(OpenWithKmsTest, OpensRawRsaBatchesUnderAKeyThatIsGiven) {
  start();
  dir.write("1.esdk", batch(1, {"42"}, crypto::WrapForm::raw_rsa));
  EXPECT_EQ(open({"--kms", (dir / "1.esdk").string()}).status, 2);
  const auto done = open({"--kms-key", std::string(kKeyArn), (dir / "1.esdk").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "42");
}

TEST_F(OpenWithKmsTest, SaysWhatKmsSaidWhenItRefuses) {
  start({"--deny-decrypt", std::string(kKeyArn)});
  dir.write("1.esdk", batch(1, {"42"}));
  const auto done = open({"--kms", (dir / "1.esdk").string()});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("AccessDenied"));
}

// Every further input would be refused in the same way; what has been opened by then stays.
TEST_F(OpenWithKmsTest, EndsWithCredentialsThatAreNoGoodThoughItShouldKeepGoing) {
  start({"--session-token", "t0ken"});
  dir.write("1.esdk", batch(1, {"42"}));
  dir.write("2.esdk", batch(2, {"43"}));
  const auto done = open({"--kms", "--keep-going", (dir / "1.esdk").string(), (dir / "2.esdk").string()});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, AllOf(HasSubstr("UnrecognizedClientException"), HasSubstr("1 of 2 inputs were not tried"),
                              Not(HasSubstr("2.esdk"))));
}

/// The Python program in docs/opening.md whose second line begins so.
std::string program_in_docs(const std::string& second_line) {
  const std::string page = test::read_file(source("docs/opening.md"));
  const std::string start = "```python\n";
  const std::size_t named = page.find(second_line);
  const std::size_t from = page.rfind(start, named) + start.size();
  return named == std::string::npos ? "" : page.substr(from, page.find("```", from) - from);
}

// Should nothing else be left: the page's own recipe, with the aws command and no code of ours.
TEST_F(OpenWithKmsTest, OrByHandAsThePageShows) {
  start();
  dir.write("open.py", program_in_docs("\"\"\"open.py "));
  std::string plaintext;
  for (int i = 0; i < 20'000; ++i) plaintext += "line " + std::to_string(i) + "\n";  // more than a frame
  for (const auto wrap : {crypto::WrapForm::aws_kms_rsa, crypto::WrapForm::raw_rsa}) {
    const auto materials = materials_for({{"a", "b"}}, wrap);
    crypto::Drbg drbg = crypto::Drbg::create().value();
    Bytes message;
    ASSERT_THAT(crypto::EsdkWriter(materials, drbg).seal(as_bytes(plaintext), message), test::IsOk());
    dir.write("1.esdk", as_text(message));
    const auto done = test::run({"python3", (dir / "open.py").string(), (dir / "1.esdk").string(), "--key-id",
                                 std::string(kKeyArn), "--endpoint-url", endpoint, "--region", "eu-west-1"},
                                {}, std::chrono::seconds(60), kCredentials);
    if (done.err.find("No such file or directory: 'aws'") != std::string::npos)
      GTEST_SKIP() << "no aws command; run tests/setup";
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_TRUE(done.out == plaintext);
  }
}

// The page's other program splits a journal object, and the stock SDK opens what comes of it.
TEST(SplitByHandTest, GivesMessagesThatTheStockSdkOpens) {
  const test::TempDir dir;
  dir.write("split.py", program_in_docs("\"\"\"split.py "));
  dir.write("12-ab.esdks", journal(12, {"one", std::string(70'000, 'x')}));
  const auto split = test::run({"python3", (dir / "split.py").string(), (dir / "12-ab.esdks").string()});
  ASSERT_EQ(split.status, 0) << split.err;
  const auto done = edgeseal_open({"--private-key", private_key(), "--format", "payload",
                                   (dir / "12-ab-0000.esdk").string(), (dir / "12-ab-0001.esdk").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "one" + std::string(70'000, 'x'));
  const auto stock = test::run({"node", source("tests/support/peer/peer.mjs"), "open", "--private-key", private_key(),
                                (dir / "12-ab-0001.esdk").string()});
  if (stock.err.find("run tests/setup") != std::string::npos) GTEST_SKIP() << stock.err;
  EXPECT_EQ(stock.status, 0) << stock.err;
  EXPECT_THAT(stock.out, HasSubstr(std::string(70'000, 'x')));
}

class OpenFromS3Test : public ::testing::Test {
 protected:
  test::TempDir dir;
};

TEST_F(OpenFromS3Test, OpensAPrefixInTheOrderOfSequence) {
  test::Process s3({source("tests/support/servers/s3_server"), "--dir", (dir / "s3").string(), "--bucket", "ore-data"},
                   (dir / "s3.log").string());
  std::string endpoint;
  try {
    endpoint = s3.wait_for_line("ready ");
  } catch (const std::runtime_error& error) {
    FAIL() << "no S3 server: " << error.what();
  }
  for (const std::uint64_t sequence : {10U, 9U, 1U}) {
    dir.write("up/" + std::to_string(sequence) + "-ab.esdk", batch(sequence, {std::to_string(sequence) + ";"}));
  }
  const std::map<std::string, std::string> credentials{
      {"AWS_ACCESS_KEY_ID", "test:tester"}, {"AWS_SECRET_ACCESS_KEY", "testing"}, {"AWS_SESSION_TOKEN", ""}};
  const auto put = test::run({"aws", "--endpoint-url", endpoint, "--region", "us-east-1", "s3", "cp", "--recursive",
                              (dir / "up").string(), "s3://ore-data/gateway=truck-017/route=telemetry/"},
                             {}, std::chrono::seconds(60), credentials);
  if (put.status == 127) GTEST_SKIP() << "no aws command; run tests/setup";
  ASSERT_EQ(put.status, 0) << put.err;
  const auto done = edgeseal_open({"--private-key", private_key(), "--s3-endpoint", endpoint, "--region", "us-east-1",
                                   "--format", "payload", "s3://ore-data/gateway=truck-017/"},
                                  {}, credentials);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "1;9;10;");
}

}  // namespace
}  // namespace edgeseal::agent
