// SPDX-License-Identifier: GPL-3.0-or-later
// edgeseal-open as people call it: what it prints, writes and exits with.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/system/open_fixture.h"

namespace edgeseal::agent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class OpenCommandTest : public ::testing::Test {
 protected:
  test::TempDir dir;
  test::Finished with_key(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), {"--private-key", private_key()});
    return edgeseal_open(std::move(arguments), input);
  }
};

TEST_F(OpenCommandTest, PrintsALineARecordOfAFolderInTheOrderOfSequence) {
  dir.write("in/x/2.esdk", batch(2, {"three"}));
  dir.write("in/y/1.esdks", journal(1, {"one", "two"}));
  const auto done = with_key({(dir / "in").string()});
  ASSERT_EQ(done.status, 0) << done.err;
  std::istringstream lines(done.out);
  std::vector<std::string> payloads;
  for (std::string line; std::getline(lines, line);) payloads.push_back(nlohmann::json::parse(line).at("payload"));
  EXPECT_EQ(payloads, std::vector<std::string>({"one", "two", "three"}));
  EXPECT_EQ(done.err, "") << "no bar without a terminal";
}

TEST_F(OpenCommandTest, ReadsStandardInput) {
  const auto done = with_key({"--format", "payload", "-"}, batch(1, {"42"}));
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "42");
}

TEST_F(OpenCommandTest, WritesAFileAnInputBelowAFolder) {
  dir.write("in/route=a/1.esdk", batch(1, {"42"}));
  const auto done = with_key({"--jobs", "2", "-o", (dir / "out").string() + "/", (dir / "in").string()});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(test::read_file(dir / "out/route=a/1.ndjson"), HasSubstr(R"("payload":"42")"));
}

TEST_F(OpenCommandTest, ExitsWith2AndNamesTheInputAndTheCheck) {
  std::string damaged = batch(1, {"42"});
  damaged.back() ^= 1;
  dir.write("1.esdk", damaged);
  dir.write("2.esdk", batch(2, {"43"}));
  const auto stopped = with_key({"-o", (dir / "out").string(), (dir / "1.esdk").string(), (dir / "2.esdk").string()});
  EXPECT_EQ(stopped.status, 2);
  EXPECT_THAT(stopped.err, AllOf(StartsWith("error: "), HasSubstr("1.esdk: frame-tag: ")));
  EXPECT_FALSE(std::filesystem::exists(dir / "out"));
  const auto went_on = with_key({"--keep-going", "--format", "payload", "-o", (dir / "out").string(),
                                 (dir / "1.esdk").string(), (dir / "2.esdk").string()});
  EXPECT_EQ(went_on.status, 2);
  EXPECT_EQ(test::read_file(dir / "out"), "43");
}

TEST_F(OpenCommandTest, VerifiesWithALineAnInput) {
  dir.write("1.esdk", batch(1, {"42", "43"}));
  const auto done = with_key({"--verify", (dir / "1.esdk").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("1.esdk: ok, truck-017/telemetry seq 1, 2 records"));
}

TEST_F(OpenCommandTest, SplitsAJournalIntoMessagesThatOpenByThemselves) {
  dir.write("1.esdks", journal(1, {"one", "two"}));
  const auto split = edgeseal_open({"split", (dir / "1.esdks").string(), "-o", (dir / "parts").string()});
  ASSERT_EQ(split.status, 0) << split.err;
  const auto done =
      with_key({"--format", "payload", (dir / "parts/1-0000.esdk").string(), (dir / "parts/1-0001.esdk").string()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "onetwo");
}

TEST_F(OpenCommandTest, ExitsWith64WhenUsedWrongly) {
  dir.write("1.esdk", batch(1, {"42"}));
  const std::string file = (dir / "1.esdk").string();
  EXPECT_EQ(edgeseal_open({}).status, 64);
  EXPECT_EQ(edgeseal_open({"--no-such-option"}).status, 64);
  EXPECT_EQ(edgeseal_open({file}).status, 64) << "no key";
  EXPECT_EQ(with_key({}).status, 64) << "no input";
  EXPECT_EQ(with_key({"--format", "xml", file}).status, 64);
  EXPECT_EQ(with_key({"--verify", "-o", "x", file}).status, 64);
  EXPECT_EQ(with_key({"--format", "raw", "-o", (dir / "one").string(), file, file}).status, 64)
      << "two contents in one file are none";
  EXPECT_EQ(edgeseal_open({"split", file}).status, 64) << "no folder";
}

TEST_F(OpenCommandTest, ExitsWith78ForAKeyThatCannotBeUsed) {
  dir.write("1.esdk", batch(1, {"42"}));
  const auto done = edgeseal_open(
      {"--private-key", source("tests/vectors/esdk/private-keys/encrypted-pkcs8.pem"), (dir / "1.esdk").string()});
  EXPECT_EQ(done.status, 78);
  EXPECT_THAT(done.err,
              AllOf(HasSubstr("encrypted-pkcs8.pem: the private key is encrypted"), HasSubstr("fix: decrypt it")));
  EXPECT_EQ(edgeseal_open({"--private-key", "/nowhere", (dir / "1.esdk").string()}).status, 78);
}

TEST_F(OpenCommandTest, NamesWhatItIs) {
  const auto version = edgeseal_open({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, AllOf(StartsWith("edgeseal-open "), HasSubstr("wolfCrypt"), HasSubstr("zstd")));
  const auto help = edgeseal_open({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("--private-key"), HasSubstr("split")));
}

// A fresh corpus of the stock SDK's, each message by the whole program.
TEST_F(OpenCommandTest, OpensForeignMessagesOrRefusesThemByName) {
  const auto made =
      test::run({"node", source("tests/support/peer/peer.mjs"), "make-corpus", (dir / "corpus").string()});
  if (made.status != 0) GTEST_SKIP() << "the stock SDK is not installed; run tests/setup";
  const auto manifest = nlohmann::json::parse(test::read_file(dir / "corpus/manifest.json"));
  std::size_t opened = 0;
  for (const auto& row : manifest.at("messages")) {
    const std::string file = (dir / "corpus").string() + "/" + row.at("file").get<std::string>();
    const auto done = edgeseal_open({"--private-key", (dir / "corpus/ours.pem").string(), "--format", "message", file});
    if (row.at("expect") == "open" && row.at("suite") == "0x0478") {
      EXPECT_EQ(done.status, 0) << file << ": " << done.err;
      EXPECT_EQ(done.out.size(), row.at("plaintext_bytes").get<std::size_t>()) << file;
      ++opened;
    } else {
      EXPECT_EQ(done.status, 2) << file;
      EXPECT_THAT(done.err, StartsWith("error: " + file + ": ")) << file;
    }
  }
  EXPECT_GE(opened, 25U);
}

}  // namespace
}  // namespace edgeseal::agent
