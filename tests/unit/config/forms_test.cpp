// SPDX-License-Identifier: GPL-3.0-or-later
// What each form takes; what it refuses, and in which words, stands in tests/vectors/config/bad and in the rows here.
#include "config/forms.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "transport/sinks/sink_options.h"

namespace edgeseal::config {
namespace {

struct Row {
  Form form;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

TEST(Forms, TakeAndRefuse) {
  const std::string hex(64, 'a');
  const std::string key = "arn:aws:kms:eu-west-1:111122223333:key/";
  const std::vector<Row> rows = {
      {check_name,
       {"a", "mine-2026", "A_b-3", "7", std::string(64, 'x')},
       {"", "-a", "_a", "a.b", "a b", "a/b", "é", std::string(65, 'x'), std::string("a\0", 2)}},
      {check_gateway_name,
       {"truck-017", "gw.plant-7.example.com", "7"},
       {"", ".", "..", ".a", "a/b", "a*", std::string(129, 'x')}},
      {check_broker_url,
       {"mqtt://h", "mqtt://h:1", "mqtts://a-b.c_d:65535", "mqtt://[::1]:1883", "mqtts://[fe80::1]"},
       {"",
        "mqtt",
        "mqtt:",
        "mqtt:h",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://h:",
        "mqtt://h:0",
        "mqtt://h:65536",
        "mqtt://h:1x",
        "mqtt://h:-1",
        "mqtt://h/",
        "mqtt://h/x",
        "mqtt://u@h",
        "mqtt://u:p@h",
        "mqtt://h?x",
        "mqtt://h#x",
        "mqtt://[::1",
        "mqtt://[]",
        "mqtt://[1]",
        "mqtt://[::1]x",
        "mqtt://[::1]:",
        "mqtt://h h",
        "ws://h",
        "https://h",
        "mqtt://" + std::string(256, 'h')}},
      {check_endpoint_url,
       {"https://s3.local", "http://127.0.0.1:8080", "https://[::1]:1"},
       {"s3.local", "s3://s3.local", "https://s3.local/", "https://s3.local/b", "https://me:pw@s3.local"}},
      {check_pin,
       {"sha256:" + hex, "sha256:" + std::string(64, 'F')},
       {"", hex, "sha1:" + hex, "sha256:", "sha256:" + hex + "a", "sha256:" + std::string(63, 'a'),
        "sha256:" + std::string(64, 'g')}},
      {check_kms_key,
       {key + "1234abcd-12ab-34cd-56ef-1234567890ab", key + "mrk-1234abcd",
        "arn:aws-cn:kms:cn-north-1:111122223333:key/a", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/a"},
       {"", "alias/mine", "arn:aws:kms:eu-west-1:111122223333:alias/mine", key, key + "a b", key + "a/b", key + "a:b",
        "arn:aws:kms::111122223333:key/a", "arn:aws:kms:eu-west-1:1:key/a", "arn:aws:s3:eu-west-1:111122223333:key/a",
        "arn:gcp:kms:eu-west-1:111122223333:key/a", "1234abcd-12ab-34cd-56ef-1234567890ab"}},
      {check_key_namespace, {"edgeseal", "my keys"}, {"", "aws-kms", "aws-kms-rsa", "aws-kms-hierarchy"}},
      {check_compression,
       {"zstd", "none", "zstd:1", "zstd:19"},
       {"", "zstd:", "zstd:0", "zstd:20", "zstd:-1", "zstd:3x", "ZSTD", "gzip"}},
      {check_bucket, {"ore-data", "Container_1.x"}, {"", "s3://a", "a/b", "a b", std::string(256, 'a')}},
      {check_region, {"eu-west-1", "RegionOne"}, {"", "eu west", "eu/1"}},
      {check_object_key,
       {transport::kDefaultObjectName, "{batch}.esdk", "a/{route}/{date}T{hour}/{seq}-{batch}.esdk"},
       {"", "{seq}.esdk", "{batch}", "{batch}.esdks", "/{batch}.esdk", "a//{batch}.esdk", "{batch}.esdk/",
        "./{batch}.esdk", "a/../{batch}.esdk", "{batch.esdk", "batch}.esdk", "{{batch}}.esdk", "{}{batch}.esdk",
        "{Batch}.esdk", "a\\{batch}.esdk", std::string(512, 'a') + "{batch}.esdk"}},
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
