// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/log.h"

#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "crypto/base/shown_text.h"

namespace edgeseal::agent {
namespace {

using config::LogFormat;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string logged(LogFormat format, const std::string& line) {
  testing::internal::CaptureStderr();
  {
    Log log({.format = format});
    log.warning(line);
  }
  return testing::internal::GetCapturedStderr();
}

// A topic, or a server's word, may be as long as its sender likes.
TEST(LogTest, BoundsALineInEveryForm) {
  for (const std::string& filling : {std::string(1'000'000, 'x'), std::string(1'000'000, '\n')}) {
    for (const LogFormat format : {LogFormat::text, LogFormat::json, LogFormat::journal}) {
      const std::string line = logged(format, "begins " + filling + " ends");
      EXPECT_LE(line.size(), 8 * kShownBytesMax) << static_cast<int>(format);
      EXPECT_THAT(line, HasSubstr("begins "));
      EXPECT_THAT(line, HasSubstr(" ends"));
      EXPECT_EQ(std::ranges::count(line, '\n'), 1) << "one line, at its end";
    }
  }
}

TEST(LogTest, WritesNothingBelowItsLevel) {
  using config::LogLevel;
  for (const auto& [level, written] : {std::pair{LogLevel::debug, "dbg inf wrn err"},
                                       {LogLevel::info, "inf wrn err"},
                                       {LogLevel::warning, "wrn err"},
                                       {LogLevel::error, "err"}}) {
    testing::internal::CaptureStderr();
    {
      Log log({.level = level, .format = LogFormat::text});
      log.debug("dbg");
      log.info("inf");
      log.warning("wrn");
      log.error("err");
    }
    std::string words;
    std::istringstream lines(testing::internal::GetCapturedStderr());
    for (std::string line; std::getline(lines, line);) {
      words += (words.empty() ? "" : " ") + line.substr(line.rfind(' ') + 1);
    }
    EXPECT_EQ(words, written);
  }
}

TEST(LogTest, IsJsonWhereItShouldBeHoweverALineIsCut) {
  for (std::size_t at = 0; at < 4; ++at) {
    const std::string line = logged(
        LogFormat::json, std::string(at, 'x') + [] {
          std::string text;
          while (text.size() < 3 * kShownBytesMax) text += "\u4e2d\"\\\xff";
          return text;
        }());
    const auto json = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(json.is_object()) << line.substr(0, 100);
    EXPECT_EQ(json["level"], "warning");
    EXPECT_THAT(json["message"].get<std::string>(), HasSubstr("…"));
  }
}

TEST(LogTest, LeavesAnOrdinaryLineAsItIs) {
  EXPECT_THAT(logged(LogFormat::json, "a \"b\""), EndsWith(R"("message":"a \"b\""})"
                                                           "\n"));
  EXPECT_THAT(logged(LogFormat::journal, "a \"b\""), StartsWith("<4>a \"b\"\n"));
}

}  // namespace
}  // namespace edgeseal::agent
