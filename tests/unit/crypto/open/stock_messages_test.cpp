// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that the stock SDK sealed, sound and damaged: tests/vectors/esdk, each with the check that must refuse it.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "crypto/open/private_keys.h"
#include "crypto/primitives/sha2.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/crypto/open/given_key.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::StartsWith;

const std::filesystem::path kFolder = test::source_dir() + "/tests/vectors/esdk";

Bytes file(const std::string& name) {
  const std::string content = test::read_file(kFolder / name);
  return {content.begin(), content.end()};
}

PrivateKeys keys(const std::string& name) {
  std::vector<PrivateKey> all;
  all.push_back(PrivateKey::parse(file(name)).value());
  return PrivateKeys(std::move(all));
}

nlohmann::json manifest() { return nlohmann::json::parse(test::read_file(kFolder / "stock.json")); }

/// Version 1 and the signing suite 0x0578: refused for that, whatever else is wrong.
bool is_of_another_suite(ByteView message) {
  return message.size() >= 3 && (message[0] == 1 || (message[0] == 2 && message[1] == 5));
}

TEST(StockMessagesTest, AreOpenedOrRefusedByName) {
  const auto rows = manifest();
  PrivateKeys source = keys(rows.at("private_key"));
  std::size_t opened_count = 0;
  std::size_t refused_count = 0;
  for (const auto& row : rows.at("messages")) {
    const auto name = row.at("file").get<std::string>();
    const Bytes message = file(name);
    const Opened opened = open_message(message, source);
    if (is_of_another_suite(message)) {
      EXPECT_THAT(opened.result, Fails(Kind::invalid, StartsWith("suite: "))) << name;
      ++refused_count;
    } else if (row.at("expect") == "open") {
      EXPECT_THAT(opened.result, IsOk()) << name;
      EXPECT_EQ(sha256(as_bytes(opened.plaintext)).value().hex(), row.at("plaintext_sha256")) << name;
      ++opened_count;
    } else {
      EXPECT_EQ(refused_as(opened.result), row.at("check").get<std::string>()) << name;
      ++refused_count;
    }
  }
  EXPECT_GE(opened_count, 25U);
  EXPECT_GE(refused_count, 45U);
}

// With RSA in the way: a data key bound to its context, each byte of the message flipped.
TEST(StockMessagesTest, BoundToTheirContextAreRefusedWhateverByteIsFlipped) {
  PrivateKeys source = keys("ours.private.pem");
  const Bytes message = file("good/kms-rsa.esdk");
  ASSERT_THAT(open_message(message, source).result, IsOk());
  for (std::size_t at = 0; at < message.size(); at += 3) {
    Bytes changed = message;
    changed[at] ^= 0x10;
    const Opened opened = open_message(changed, source);
    EXPECT_FALSE(opened.result.has_value()) << at;
    EXPECT_EQ(opened.plaintext, "") << at;
  }
}

}  // namespace
}  // namespace edgeseal::crypto
