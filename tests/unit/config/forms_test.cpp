// SPDX-License-Identifier: GPL-3.0-or-later
// What each form takes; what it refuses, and in which words, stands in tests/vectors/config/bad and in the rows here.
// Forms of values that a part owns are tested with the part: tests/unit/transport/forms_test.cpp,
// tests/unit/crypto/keys/key_set_test.cpp.
#include "config/forms.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/keys/key_form.h"

namespace edgeseal::config {
namespace {

struct FormRow {
  Form form;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

TEST(Forms, TakeAndRefuse) {
  const std::string hex(64, 'a');
  const std::string key = "arn:aws:kms:eu-west-1:111122223333:key/";
  const std::vector<FormRow> rows = {
      {check_name,
       {"a", "mine-2026", "A_b-3", "7", std::string(64, 'x')},
       {"", "-a", "_a", "a.b", "a b", "a/b", "é", std::string(65, 'x'), std::string("a\0", 2)}},
      {check_gateway_name,
       {"truck-017", "gw.plant-7.example.com", "7"},
       {"", ".", "..", ".a", "a/b", "a*", std::string(129, 'x')}},
      {crypto::pin_form,
       {"sha256:" + hex, "sha256:" + std::string(64, 'F')},
       {"", hex, "sha1:" + hex, "sha256:", "sha256:" + hex + "a", "sha256:" + std::string(63, 'a'),
        "sha256:" + std::string(64, 'g')}},
      {crypto::kms_key_form,
       {key + "1234abcd-12ab-34cd-56ef-1234567890ab", key + "mrk-1234abcd",
        "arn:aws-cn:kms:cn-north-1:111122223333:key/a", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/a"},
       {"", "alias/mine", "arn:aws:kms:eu-west-1:111122223333:alias/mine", key, key + "a b", key + "a/b", key + "a:b",
        "arn:aws:kms::111122223333:key/a", "arn:aws:kms:eu-west-1:1:key/a", "arn:aws:s3:eu-west-1:111122223333:key/a",
        "arn:gcp:kms:eu-west-1:111122223333:key/a", "1234abcd-12ab-34cd-56ef-1234567890ab"}},
      {crypto::key_namespace_form, {"edgeseal", "my keys"}, {"", "aws-kms", "aws-kms-rsa", "aws-kms-hierarchy"}},
      {crypto::key_name_form, {"k", "aws-kms", std::string(1024, 'k')}, {"", std::string(1025, 'k'), "\xff"}},
      {check_socket_path, {"/run/s", "/" + std::string(106, 's')}, {"/" + std::string(107, 's')}},
      {check_compression,
       {"zstd", "none", "zstd:1", "zstd:19"},
       {"", "zstd:", "zstd:0", "zstd:20", "zstd:-1", "zstd:3x", "ZSTD", "gzip"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const std::string& text : rows[i].good) {
      const auto problem = rows[i].form(text);
      EXPECT_FALSE(problem) << "form " << i << " refuses " << text << ": expected " << problem->expected;
    }
    for (const std::string& text : rows[i].bad) {
      const auto problem = rows[i].form(text);
      EXPECT_TRUE(problem) << "form " << i << " takes " << text;
      EXPECT_FALSE(problem && problem->expected.empty());
    }
  }
}

TEST(Forms, ZstdLevel) {
  EXPECT_EQ(zstd_level("none"), std::nullopt);
  EXPECT_EQ(zstd_level("zstd"), 1);
  EXPECT_EQ(zstd_level("zstd:19"), 19);
}

}  // namespace
}  // namespace edgeseal::config
