// SPDX-License-Identifier: GPL-3.0-or-later
// One judgement a value: what the form takes, the part takes, and what it refuses, the part refuses in its words.
// config asks the same forms (tests/unit/config).
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "transport/aws/s3_form.h"
#include "transport/aws/s3_location.h"
#include "transport/ingest/broker_address.h"
#include "transport/ingest/broker_form.h"
#include "transport/sinks/object_name.h"
#include "transport/sinks/object_name_form.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::transport {
namespace {

using testing::HasSubstr;

struct FormRow {
  Form form;
  Result<void> (*part)(const std::string& text);  ///< the part, given the text and otherwise good values
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

template <typename T>
Result<void> without_value(Result<T> result) {
  if (!result) return failed(result);
  return {};
}

std::vector<FormRow> rows() {
  return {
      {broker_url_form,
       [](const std::string& text) { return without_value(parse_broker_url(text)); },
       {"mqtt://h", "mqtt://h:1", "mqtts://a-b.c_d:65535", "mqtt://[::1]:1883", "mqtts://[fe80::1]", "mqtt://1.2.3.4"},
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
        "mqtt://h:+1",
        "mqtt://h: 1",

        "mqtt://h/",
        "mqtt://h/x",
        "mqtt://h:1883/",
        "mqtt://u@h",
        "mqtt://u:p@h",
        "tcp://u:p@h",
        "mqtt://h?x",
        "mqtt://h#x",
        "mqtt://[::1",
        "mqtt://[]",
        "mqtt://[1]",
        "mqtt://[::1]x",
        "mqtt://[::1]1883",
        "mqtt://[::1]:",
        "mqtt://h h",
        "mqtt://h\n",
        "MQTT://h",
        "ws://h",
        "https://h",
        "mqtt://" + std::string(256, 'h')}},
      {endpoint_form,
       [](const std::string& text) {
         return S3Location{"ore", "x", text, true}.check();
       },
       {"https://s3.local", "http://127.0.0.1:8080", "https://[::1]:1"},
       {"s3.local", "s3://s3.local", "https://", "https://s3.local/b", "https://s3.local//", "https://me:pw@s3.local",
        "https://s3.local?x", "ftp://s3.local", "https://s3.local:x", "https://s3 .local"}},
      {bucket_form,
       [](const std::string& text) {
         return S3Location{text, "x", "http://h", true}.check();
       },
       {"ore-data", "Container_1.x", "b", std::string(255, 'a')},
       {"", "s3://a", "a/b", "a b", "data+lake", "-a", ".a", "_a", "a?", "é", "a\n", std::string(256, 'a')}},
      {region_form,
       [](const std::string& text) {
         return S3Location{"ore", text, "http://h", true}.check();
       },
       {"eu-west-1", "RegionOne", "us_east", std::string(64, 'r')},
       {"", "eu west", "eu/1", "eu.west", "a:b", std::string(65, 'r')}},
      {object_name_form,
       [](const std::string& text) { return without_value(ObjectName::parse(text)); },
       {kDefaultObjectName, "{batch}.esdk", "a/{route}/{date}T{hour}/{seq}-{batch}.esdk", "é {batch}.esdk",
        std::string(200, 'a') + "/{batch}.esdk", "{gateway}-{route}/{batch}.esdk"},
       {"",
        "{seq}.esdk",
        "{batch}",
        "{batch}.esdks",
        "/{batch}.esdk",
        "a//{batch}.esdk",
        "{batch}.esdk/",
        "./{batch}.esdk",
        "a/../{batch}.esdk",
        "{batch.esdk",
        "batch}.esdk",
        "{{batch}}.esdk",
        "{}{batch}.esdk",
        "{Batch}.esdk",
        "{gatway}/{batch}.esdk",
        "}{batch}.esdk",
        "{batch}.esdk{",
        "a\\{batch}.esdk",
        "a\n{batch}.esdk",
        "\x7f{batch}.esdk",
        "\xff{batch}.esdk",
        std::string(512, 'a') + "{batch}.esdk",
        std::string(236, 'a') + "/" + std::string(255, 'b') + "/{batch}.esdk",  // one part too long for a file system
        "{gateway}{gateway}/{batch}.esdk",                                      // so is this with the longest name
        "{gateway}/{gateway}/{gateway}/{gateway}/{gateway}/{gateway}/{gateway}/{gateway}/{batch}.esdk"}},
  };
}

TEST(FormsTest, AreWhatThePartsTakeAndRefuse) {
  int number = 0;
  for (const FormRow& row : rows()) {
    for (const std::string& text : row.good) {
      const auto problem = row.form(text);
      EXPECT_FALSE(problem) << "form " << number << " refuses " << text << ": expected " << problem->expected;
      const auto taken = row.part(text);
      EXPECT_TRUE(taken) << text << ": " << taken.error().message();
    }
    for (const std::string& text : row.bad) {
      const auto problem = row.form(text);
      ASSERT_TRUE(problem) << "form " << number << " takes " << text;
      EXPECT_FALSE(problem->expected.empty());
      const auto taken = row.part(text);
      ASSERT_FALSE(taken) << "the part takes " << text;
      EXPECT_EQ(taken.error().kind, Kind::invalid);
      EXPECT_THAT(taken.error().what, HasSubstr("expected " + problem->expected));
    }
    ++number;
  }
}

TEST(FormsTest, NeverRepeatAUsersPasswordAsWhatToWrite) {
  for (const char* text : {"mqtt://me:secret@h", "tcp://me:secret@h", "ssl://me:secret@h:1"}) {
    const auto problem = broker_url_form(text);
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ((problem->expected + problem->fix).find("secret"), std::string::npos) << problem->fix;
  }
}

TEST(FormsTest, ABucketThatBecomesPartOfAHostNameIsOneThatCan) {
  struct Address {
    const char* bucket;
    const char* endpoint;
    bool path_style;
    const char* misfit;  ///< empty: fits
  };
  const std::string long_name(64, 'a');
  const std::vector<Address> addresses = {
      {"ore-data", "", false, ""},
      {"ore.data", "", false, ""},
      {"123", "", true, "bucket"},  // AWS reads it as part of an address
      {"or", "", false, "bucket"},
      {"Ore", "", false, "bucket"},
      {"Ore", "", true, "bucket"},  // path style makes no bucket of AWS's
      {"ore_data", "", false, "bucket"},
      {"ore-", "", false, "bucket"},
      {"a..b", "", false, "bucket"},
      {"192.168.0.1", "", false, "bucket"},
      {long_name.c_str(), "", false, "bucket"},
      {"Ore_1", "https://s3.example.com", true, ""},
      {"Ore_1", "https://s3.example.com", false, "bucket"},
      {"ore", "https://s3.example.com", false, ""},
      {"ore", "http://127.0.0.1:8080", false, "endpoint"},
      {"ore", "http://[::1]:8080", false, "endpoint"},
      {"ore", "http://127.0.0.1:8080", true, ""},
  };
  for (const Address& each : addresses) {
    const auto misfit = s3_address_misfit(each.bucket, each.endpoint, each.path_style);
    EXPECT_EQ(misfit ? misfit->setting : "", each.misfit) << each.bucket << " at " << each.endpoint;
    const bool usable = S3Location{each.bucket, "x", each.endpoint, each.path_style}.check().has_value();
    EXPECT_EQ(usable, !misfit) << each.bucket << " at " << each.endpoint;
  }
}

}  // namespace
}  // namespace edgeseal::transport
