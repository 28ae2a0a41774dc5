// SPDX-License-Identifier: GPL-3.0-or-later
// No command destroys what it reads, what it did not make, or what it has just written.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/system/gateway_fixture.h"
#include "tests/system/open_fixture.h"

namespace edgeseal::test {
namespace {

class DestroyTest : public GatewayTest {
 protected:
  const std::string public_key = key("rsa-2048.public.pem");
  const std::string private_key = key("rsa-2048.private.pem");
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  Finished seal(std::vector<std::string> more) {
    std::vector<std::string> words{"seal", "--key", public_key, "--raw", "edgeseal/owner"};
    words.insert(words.end(), more.begin(), more.end());
    return edgeseal(words);
  }
  Finished opened(std::vector<std::string> more) {
    std::vector<std::string> words{"--private-key", private_key};
    words.insert(words.end(), more.begin(), more.end());
    return open(words);
  }
  [[nodiscard]] static mode_t mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
    return status.st_mode;
  }
};

TEST_F(DestroyTest, AnInputIsNeverAnOutput) {
  const std::string batch = agent::batch(1, {"42"});
  folder_.write("a.esdk", batch);
  std::filesystem::create_hard_link(at("a.esdk"), at("hard.esdk"));
  const std::vector<std::vector<std::string>> commands{
      {"-o", at("a.esdk"), at("a.esdk")},
      {"-o", at("hard.esdk"), at("a.esdk")},
      {"-o", at("./a.esdk"), at("a.esdk")},
      {"--format", "cbor", "-o", at("a.esdk"), at("a.esdk")},
      {"split", "-o", folder_.path().string(), at("a.esdk")},
  };
  for (const auto& command : commands) {
    const Finished done = command[0] == "split" ? open(command) : opened(command);
    EXPECT_NE(done.status, 0) << ::testing::PrintToString(command);
    EXPECT_THAT(done.err, ::testing::HasSubstr("is to be read"));
    EXPECT_EQ(read_file(at("a.esdk")), batch) << ::testing::PrintToString(command);
  }
  folder_.write("plain", "text");
  EXPECT_EQ(seal({"-o", at("plain"), at("plain")}).status, 64);
  EXPECT_EQ(read_file(at("plain")), "text");
  ASSERT_EQ(seal({"-o", at("m"), at("plain")}).status, 0);
  const std::string sealed = read_file(at("m"));
  EXPECT_EQ(opened({"--format", "message", "-o", at("m"), at("m")}).status, 64);
  EXPECT_EQ(read_file(at("m")), sealed);
}

TEST_F(DestroyTest, TwoInputsAreNeverOneOutput) {
  folder_.write("a/x", "one");
  folder_.write("b/x", "two");
  std::filesystem::create_directory(at("out"));
  const Finished done = seal({"-o", at("out"), at("a/x"), at("b/x")});
  EXPECT_EQ(done.status, 64);
  EXPECT_THAT(done.err, ::testing::HasSubstr("two inputs"));
  EXPECT_TRUE(std::filesystem::is_empty(at("out"))) << "said before anything is written";
}

TEST_F(DestroyTest, NothingFoundReplacesNothing) {
  folder_.write("keep.ndjson", "kept");
  std::filesystem::create_directory(at("empty"));
  EXPECT_EQ(opened({"-o", at("keep.ndjson"), at("empty")}).status, 1);
  folder_.write("bad.esdk", "no message");
  EXPECT_EQ(opened({"--keep-going", "-o", at("keep.ndjson"), at("bad.esdk")}).status, 2);
  EXPECT_EQ(read_file(at("keep.ndjson")), "kept");
}

TEST_F(DestroyTest, WhatIsNoFileIsNotReplacedByOne) {
  folder_.write("plain", "text");
  folder_.write("target", "kept");
  std::filesystem::create_symlink(at("target"), at("link"));
  EXPECT_EQ(seal({"-o", at("link"), at("plain")}).status, 64);
  EXPECT_EQ(read_file(at("target")), "kept");
  EXPECT_TRUE(std::filesystem::is_symlink(at("link")));
  const std::string batch = folder_.write("b.esdk", agent::batch(1, {"42"})).string();
  EXPECT_NE(opened({"-o", at("link"), batch}).status, 0);
  EXPECT_EQ(read_file(at("target")), "kept");
  // A device of our own making: what is written there goes there.
  if (mknod(at("null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) return;
  const mode_t before = mode(at("null"));
  EXPECT_EQ(seal({"-o", at("null"), at("plain")}).status, 0);
  EXPECT_EQ(opened({"-o", at("null"), batch}).status, 0);
  EXPECT_EQ(mode(at("null")), before);
}

TEST_F(DestroyTest, AReplacedFileKeepsItsMode) {
  const std::string batch = folder_.write("b.esdk", agent::batch(1, {"42"})).string();
  folder_.write("out.ndjson", "before");
  ASSERT_EQ(chmod(at("out.ndjson").c_str(), 0644), 0);
  ASSERT_EQ(opened({"-o", at("out.ndjson"), batch}).status, 0);
  EXPECT_EQ(mode(at("out.ndjson")), S_IFREG | 0644U);
  EXPECT_THAT(read_file(at("out.ndjson")), ::testing::HasSubstr("\"42\""));
}

}  // namespace
}  // namespace edgeseal::test
