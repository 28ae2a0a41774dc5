// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/record_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "crypto/base/shown_text.h"
#include "crypto/base/utf8.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

std::string line_of(const Record& one, const BatchHeader& header = header_of(link())) {
  PlainBytes out;
  write_record_json(header, 0, one, out);
  return std::string(as_text(out));
}

// The form that users' scripts rely on, byte for byte.
TEST(RecordJsonTest, WritesTheLineThatIsPromised) {
  EXPECT_EQ(line_of(record("42")),
            R"({"gateway":"truck-017","route":"telemetry","seq":12,"index":0,"received":"2026-11-24T09:15:03.123456Z",)"
            R"("clock":"synced","topic":"plant/7/telemetry","qos":1,"retain":false,"dup":false,"payload":"42"})"
            "\n");
}

TEST(RecordJsonTest, SaysWhenTheClockFollowedNothing) {
  BatchHeader header = header_of(link());
  header.clock_synced = false;
  EXPECT_EQ(nlohmann::json::parse(line_of(record("42"), header)).at("clock"), "unsynced");
}

TEST(RecordJsonTest, EscapesWhatJsonAndTerminalsTakeForTheirs) {
  const std::string payload("\"\\\n\r\t\x00\x1b\x7f/é🚚", 15);
  const std::string line = line_of(record(payload));
  EXPECT_EQ(nlohmann::json::parse(line).at("payload"), payload);
  EXPECT_EQ(line.find_first_of(std::string("\x00\x1b\x7f\r\t", 5)), std::string::npos);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(RecordJsonTest, LeavesNothingRawThatSteersATerminalAndKeepsEachValue) {
  const std::string hostile = "a\u0080\u009b\u061c\u200e\u202e\u2028\u2066\ufeff\U000e0041é中😀z";
  Record one = record(hostile, hostile);
  one.properties.user = {{hostile, hostile}};
  const std::string line = line_of(one);
  for (std::string_view rest(line); rest != "\n";) {
    const Utf8Character next = first_character(rest);
    ASSERT_NE(next.bytes, 0U);
    EXPECT_FALSE(is_unshowable(next.character)) << std::hex << static_cast<unsigned>(next.character);
    rest.remove_prefix(next.bytes);
  }
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("payload"), hostile);
  EXPECT_EQ(json.at("topic"), hostile);
  EXPECT_EQ(json.at("properties").at("user").at(0).at("name"), hostile);
}

TEST(RecordJsonTest, WritesWhatIsNotUtf8InBase64) {
  const auto json = nlohmann::json::parse(line_of(record("\xff\xfe", "t\xff")));
  EXPECT_EQ(json.at("payload_base64"), "//4=");
  EXPECT_FALSE(json.contains("payload"));
  EXPECT_EQ(json.at("topic_base64"), "dP8=");
}

TEST(RecordJsonTest, ShowsPropertiesWhenThereAreAny) {
  Record one = record("42");
  EXPECT_FALSE(nlohmann::json::parse(line_of(one)).contains("properties"));
  one.properties.user = {{"a", "1"}, {"a", "\xff"}};
  one.properties.content_type = "text/plain";
  one.properties.response_topic = "r";
  one.properties.correlation_data = Bytes{0xff};
  one.properties.payload_format = std::uint8_t{1};
  one.properties.message_expiry_seconds = 60U;
  EXPECT_EQ(nlohmann::json::parse(line_of(one)).at("properties"), nlohmann::json::parse(R"({
      "user": [{"name": "a", "value": "1"}, {"name": "a", "value_base64": "/w=="}],
      "content_type": "text/plain", "response_topic": "r", "correlation_data_base64": "/w==",
      "payload_format": 1, "message_expiry_s": 60})"));
}

}  // namespace
}  // namespace edgeseal::agent
