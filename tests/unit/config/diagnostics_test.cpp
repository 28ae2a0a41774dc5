// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/diagnostics.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Texts {
  SourceText defaults{.name = "default", .folder = "/", .text = {}, .is_file = false};
  SourceText file{.name = "gw.yaml", .folder = "/etc", .text = {}};
  Sources sources{&defaults, &file};
};

std::string rendered(const std::string& text, std::uint32_t line, std::uint32_t column) {
  Texts texts;
  texts.file.text = text;
  Report report(texts.sources);
  report.error({1, line, column}, "a.b", "expected x, found y", "write x");
  return render(report.errors());
}

TEST(Diagnostics, PointAtTheColumn) {
  EXPECT_EQ(rendered("a:\n  b: y\n", 2, 6),
            "gw.yaml:2:6: a.b: expected x, found y; write x\n"
            "  2 |   b: y\n"
            "    |      ^\n");
}

TEST(Diagnostics, CountCharactersForTheCaretAndBytesForTheColumn) {
  EXPECT_EQ(rendered("é: y", 1, 5),
            "gw.yaml:1:5: a.b: expected x, found y; write x\n"
            "  1 | é: y\n"
            "    |    ^\n");
}

TEST(Diagnostics, ShowAWindowOfALongLine) {
  const std::string text = rendered(std::string(5000, 'x') + "HERE" + std::string(5000, 'y'), 1, 5001);
  EXPECT_THAT(text, HasSubstr("xxHEREyy"));
  EXPECT_LT(text.size(), 400U);
  const std::size_t here = text.find("HERE") - text.rfind('\n', text.find("HERE"));
  EXPECT_EQ(text.find('^') - text.rfind('\n', text.find('^')), here);
}

TEST(Diagnostics, PointBehindTheEndOfALine) {
  EXPECT_THAT(rendered("a:", 1, 3), HasSubstr("  1 | a:\n    |   ^\n"));
  EXPECT_THAT(rendered("a:", 1, 300), HasSubstr("^\n"));
  EXPECT_THAT(rendered("a:", 7, 3), Not(HasSubstr("|")));
}

TEST(Diagnostics, KeepControlCharactersFromTheTerminal) {
  EXPECT_THAT(rendered("a: \x1b[31m\r\n", 1, 4), Not(HasSubstr("\x1b")));
  const Diagnostic hostile{.where = "a\u202eb.yaml:1:1",
                           .key = "k\u009b",
                           .what = "found " + in_quotes("\x1b[31m\n"),
                           .fix = "write \u2028",
                           .line = "a\u009bb\u202ec: d",
                           .number = 1,
                           .column = 11};
  EXPECT_EQ(render(std::vector{hostile}),
            "a\\u{202E}b.yaml:1:1: k\\u{9B}: found \"\\u{1B}[31m\\u{A}\"; write \\u{2028}\n"
            "  1 | a\\u{9B}b\\u{202E}c: d\n"
            "    |                    ^\n");
}

TEST(Diagnostics, CutLongValuesBetweenCharacters) {
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "é"), "\"" + std::string(59, 'x') + "…\"");
}

// One complaint about `source: {password: hunter2, keep_alive: 30}` must not show what the other took care to hide.
TEST(Diagnostics, ALineThatOneMustNotShowIsShownByNone) {
  Texts texts;
  texts.file.text = "{password: hunter2, keep_alive: 30}\nlog: 3";
  Report report(texts.sources);
  report.error({1, 1, 33}, "keep_alive", "expected a duration");
  report.error({1, 1, 12}, "password", "expected a reference", {}, Report::Excerpt::hidden);
  report.error({1, 2, 6}, "log", "expected a map");
  EXPECT_THAT(render(report.errors()), Not(HasSubstr("hunter2")));
  EXPECT_THAT(render(report.errors()), HasSubstr("log: 3"));
}

TEST(Diagnostics, AreSortedByPlace) {
  Texts texts;
  texts.file.text = "a\nb";
  Report report(texts.sources);
  report.error({1, 2, 1}, "second", "x");
  report.error({1, 1, 1}, "first", "x");
  report.error({0, 0, 0}, "default", "x");
  ASSERT_EQ(report.errors().size(), 3U);
  EXPECT_EQ(report.errors()[0].where, "default");
  EXPECT_EQ(report.errors()[1].key, "first");
}

TEST(Diagnostics, AreBounded) {
  Texts texts;
  texts.file.text = std::string(1 << 20, '\n');
  Report report(texts.sources);
  for (std::uint32_t i = 1; i <= 100'000; ++i) report.error({1, i, 1}, "a", "x");
  const auto errors = report.errors();
  ASSERT_EQ(errors.size(), Report::kKeptMax + 1);
  EXPECT_THAT(errors.back().message(), HasSubstr("and 99800 more"));
}

// What is only counted is known to be wrong all the same.
TEST(Diagnostics, MoreThanAreKeptAreNotClean) {
  Texts texts;
  Report report(texts.sources);
  for (int i = 0; i < 1000; ++i) report.error({0, 0, 0}, "keys.k" + std::to_string(i) + ".file", "x");
  EXPECT_TRUE(report.full());
  EXPECT_FALSE(report.clean("keys.k999"));
  EXPECT_TRUE(report.clean("keys.k1000"));
}

TEST(Diagnostics, EitherNamesTwentyAtMost) {
  EXPECT_EQ(either(std::vector<std::string>{"a", "b", "c"}), "a, b or c");
  EXPECT_THAT(either(std::vector<std::string>(1000, "x")), ::testing::EndsWith("x or one of 980 more"));
}

TEST(Diagnostics, CleanMeansNoErrorThereOrBelow) {
  Texts texts;
  Report report(texts.sources);
  report.error({0, 0, 0}, "routes.a.topics[0]", "x");
  EXPECT_FALSE(report.clean("routes"));
  EXPECT_FALSE(report.clean("routes.a"));
  EXPECT_FALSE(report.clean("routes.a.topics"));
  EXPECT_TRUE(report.clean("routes.ab"));
  EXPECT_TRUE(report.clean("route"));
  EXPECT_TRUE(report.clean("routes.a.topics.b"));
}

TEST(Diagnostics, NearestName) {
  const std::array<std::string, 4> names = {"topics", "keys", "sinks", "max_bytes"};
  EXPECT_EQ(nearest("topcis", names), "topics");  // a swap is one step
  EXPECT_EQ(nearest("topic", names), "topics");
  EXPECT_EQ(nearest("MAX_BYTE", names), "max_bytes");
  EXPECT_EQ(nearest("key", names), "keys");
  EXPECT_EQ(nearest("sink", names), "sinks");
  EXPECT_EQ(nearest("teleport", names), std::nullopt);
  EXPECT_EQ(nearest("", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(1 << 20, 'x'), names), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

}  // namespace
}  // namespace edgeseal::config
