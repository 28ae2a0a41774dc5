// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of ours, opened by the stock AWS Encryption SDK for JavaScript: the judge of what we write.
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "crypto/envelope/esdk_writer.h"
#include "crypto/keys/key_set.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::crypto {
namespace {

using test::IsOk;

constexpr std::string_view kArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

std::string source(const std::string& path) { return test::source_dir() + "/" + path; }

std::string plaintext_of(std::size_t bytes) {
  constexpr std::string_view kPattern = "{\"sensor\":\"plant/7\",\"value\":42}\n";
  std::string text;
  while (text.size() < bytes) text += kPattern;
  text.resize(bytes);
  return text;
}

struct Case {
  std::string name;
  KeySet keys;
  EncryptionContext::Pairs context;
  std::size_t plaintext_bytes = 0;
  std::uint32_t frame_bytes = esdk::kFrameBytesDefault;
};

SealingKey key(WrapForm wrap, unsigned bits, OaepHash oaep = OaepHash::sha256) {
  const std::string der = test::read_file(source("tests/vectors/keys/rsa-" + std::to_string(bits) + ".public.der"));
  const KeyOptions options{
      .id = "key-" + std::to_string(bits), .wrap = wrap, .kms_key = std::string(kArn), .oaep = oaep};
  return SealingKey::create(options, as_bytes(der)).value();
}

/// Starts node once for all messages.
class PeerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto help = test::run({"node", source("tests/support/peer/peer.mjs"), "--help"});
    if (help.status != 0) missing = help.status == 127 ? "node is not installed; run tests/setup" : help.err;
  }
  void SetUp() override {
    if (!missing.empty()) GTEST_SKIP() << missing;
  }

  /// Seals every case with keys of its own and lets the peer open them with `bits`' private keys.
  void seal_and_compare(const std::vector<Case>& cases, const std::vector<unsigned>& private_keys) {
    Drbg drbg = std::move(*Drbg::create());
    std::vector<std::string> command{"node", source("tests/support/peer/peer.mjs"), "open-many"};
    for (const unsigned bits : private_keys) {
      command.insert(command.end(),
                     {"--private-key", source("tests/vectors/keys/rsa-" + std::to_string(bits) + ".private.pem")});
    }
    for (const Case& each : cases) {
      const auto materials =
          EncryptionMaterials::create(each.keys, EncryptionContext::create(each.context).value(), drbg);
      ASSERT_THAT(materials, IsOk());
      Bytes message;
      ASSERT_THAT(
          EsdkWriter(*materials, drbg, each.frame_bytes).seal(as_bytes(plaintext_of(each.plaintext_bytes)), message),
          IsOk());
      command.push_back(dir.write(each.name + ".esdk", as_text(message)).string());
    }
    const auto opened = test::run(command, {}, std::chrono::seconds(60));
    EXPECT_EQ(opened.status, 0) << opened.err;
    std::istringstream lines(opened.out);
    for (const Case& each : cases) {
      std::string line;
      ASSERT_TRUE(std::getline(lines, line)) << "nothing about " << each.name;
      const auto answer = nlohmann::json::parse(line);
      ASSERT_EQ(answer.at("ok"), true) << each.name << ": " << line;
      EXPECT_EQ(answer.at("suite"), "0x0478") << each.name;
      EXPECT_EQ(answer.at("context").get<EncryptionContext::Pairs>(), each.context) << each.name;
      EXPECT_EQ(answer.at("plaintext_base64"), to_base64(as_bytes(plaintext_of(each.plaintext_bytes)))) << each.name;
    }
  }

  test::TempDir dir;
  static inline std::string missing;
  const EncryptionContext::Pairs context{{"gateway", "truck-017"}, {"route", "telemetry"}, {"seq", "12"}};
};

TEST_F(PeerTest, OpensEveryFormSizeAndHash) {
  std::vector<Case> cases;
  for (const unsigned bits : {2048U, 3072U, 4096U}) {
    const std::string size = std::to_string(bits);
    cases.push_back({"raw-sha256-" + size, {key(WrapForm::raw_rsa, bits)}, context, 1000});
    cases.push_back({"raw-sha1-" + size, {key(WrapForm::raw_rsa, bits, OaepHash::sha1)}, context, 1000});
    cases.push_back({"kms-" + size, {key(WrapForm::aws_kms_rsa, bits)}, context, 1000});
    cases.push_back({"kms-empty-context-" + size, {key(WrapForm::aws_kms_rsa, bits)}, {}, 1000});
  }
  seal_and_compare(cases, {2048, 3072, 4096});
}

TEST_F(PeerTest, OpensEveryWayAPlaintextCanEndInItsFrames) {
  const KeySet keys{key(WrapForm::raw_rsa, 2048)};
  std::vector<Case> cases;
  for (const std::size_t bytes : {0U, 1U, 15U, 16U, 17U, 31U, 32U, 33U, 1000U, 4777U}) {
    cases.push_back({"frame-16-of-" + std::to_string(bytes), keys, context, bytes, 16});
  }
  for (const std::size_t bytes : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 200001U}) {
    cases.push_back({"default-frame-of-" + std::to_string(bytes), keys, context, bytes});
  }
  cases.push_back({"frame-1-of-70", keys, context, 70, 1});
  seal_and_compare(cases, {2048});
}

TEST_F(PeerTest, OpensContextsOfEveryShape) {
  EncryptionContext::Pairs large;
  for (int i = 0; i < 300; ++i)
    large["key-" + std::to_string(i)] = std::string(100 + static_cast<std::size_t>(i % 50), 'x');
  const EncryptionContext::Pairs unicode{
      {"größe", "42 µm"},    {"機械", "七號"}, {"🚚", "017"},   {"\xf0\x9d\x84\x9e", "1"},
      {"\xef\xac\x80", "2"}, {"Z", "upper"},   {"a", "lower"}, {"aa", "longer"}};
  std::vector<Case> cases;
  for (const WrapForm form : {WrapForm::raw_rsa, WrapForm::aws_kms_rsa}) {
    const std::string name = form == WrapForm::raw_rsa ? "raw-" : "kms-";
    cases.push_back({name + "none", {key(form, 2048)}, {}, 100});
    cases.push_back({name + "unicode", {key(form, 2048)}, unicode, 100});
    cases.push_back({name + "empty-value", {key(form, 2048)}, {{"nothing", ""}}, 100});
    cases.push_back({name + "large", {key(form, 2048)}, large, 100});
  }
  seal_and_compare(cases, {2048});
}

// Rotation: any one of the private halves is enough, wherever its EDK stands.
TEST_F(PeerTest, OpensAMessageOfSeveralKeysWithAnyOfThem) {
  const KeySet keys{key(WrapForm::raw_rsa, 2048), key(WrapForm::aws_kms_rsa, 3072),
                    key(WrapForm::raw_rsa, 4096, OaepHash::sha1)};
  for (const unsigned bits : {2048U, 3072U, 4096U}) {
    seal_and_compare({{"several-" + std::to_string(bits), keys, context, 1000, 64}}, {bits});
  }
}

// The test must be able to fail: a stranger's key opens nothing.
TEST_F(PeerTest, RefusesAMessageForAnotherKey) {
  Drbg drbg = std::move(*Drbg::create());
  const auto materials = EncryptionMaterials::create({key(WrapForm::raw_rsa, 2048)}, {}, drbg);
  ASSERT_THAT(materials, IsOk());
  Bytes message;
  ASSERT_THAT(EsdkWriter(*materials, drbg).seal(as_bytes("secret"), message), IsOk());
  const auto opened = test::run({"node", source("tests/support/peer/peer.mjs"), "open-many", "--private-key",
                                 source("tests/vectors/keys/rsa-3072.private.pem"),
                                 dir.write("stranger.esdk", as_text(message)).string()});
  EXPECT_EQ(opened.status, 1);
  EXPECT_EQ(nlohmann::json::parse(opened.out).at("ok"), false);
}

}  // namespace
}  // namespace edgeseal::crypto
