// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/yaml_source.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Parsed {
  std::optional<Node> tree;
  std::string said;
};

Parsed parse(std::string text) {
  const SourceText defaults{.name = "default", .folder = "/", .text = {}, .is_file = false};
  const SourceText file{.name = "f", .folder = "/", .text = std::move(text)};
  const Sources sources = {&defaults, &file};
  Report report(sources);
  Parsed parsed{parse_yaml(sources, 1, report), {}};
  EXPECT_NE(parsed.tree.has_value() && !report.failed(), report.failed());
  parsed.said = render(report.errors());
  return parsed;
}

TEST(YamlSource, KeepsTheOriginOfEveryValueAndName) {
  const Parsed parsed = parse("a: 1\nb:\n  - x\n  - {c: y}\nd:\n");
  ASSERT_TRUE(parsed.tree);
  const Node& tree = *parsed.tree;
  ASSERT_EQ(tree.children.size(), 3U);
  EXPECT_EQ(tree.find("a")->origin.column, 4U);
  EXPECT_EQ(tree.find("a")->key_origin.column, 1U);
  const Node& list = *tree.find("b");
  ASSERT_EQ(list.children.size(), 2U);
  EXPECT_EQ(list.children[0].origin.line, 3U);
  EXPECT_EQ(list.children[0].origin.column, 5U);
  EXPECT_EQ(list.children[1].find("c")->text, "y");
  EXPECT_TRUE(tree.find("d")->is(Node::Kind::null));
  EXPECT_EQ(tree.find("d")->origin.line, 5U) << "nothing is where its name is";
}

TEST(YamlSource, ReadsTextsAsTexts) {
  const Parsed parsed = parse("[~, null, 'null', \"~\", true, 007, 0x10, 1e3, \"\\u00e9\", !!str 5]");
  ASSERT_TRUE(parsed.tree);
  std::vector<std::string> texts;
  for (const Node& item : parsed.tree->children) texts.push_back(item.is(Node::Kind::null) ? "<null>" : item.text);
  EXPECT_THAT(texts, ::testing::ElementsAre("<null>", "<null>", "null", "~", "true", "007", "0x10", "1e3", "é", "5"));
}

TEST(YamlSource, CopiesWhatAnAliasStandsFor) {
  const Parsed parsed = parse("a: &x {b: [1, 2]}\nc: *x\n");
  ASSERT_TRUE(parsed.tree);
  EXPECT_EQ(parsed.tree->find("c")->find("b")->children.size(), 2U);
}

TEST(YamlSource, AnEmptyTextIsNothing) {
  for (const char* text : {"", "\n", "# a comment", "---", "~"}) {
    const Parsed parsed = parse(text);
    ASSERT_TRUE(parsed.tree) << text;
    EXPECT_TRUE(parsed.tree->is(Node::Kind::null)) << text;
  }
}

TEST(YamlSource, TellsEveryKeyThatIsGivenTwice) {
  const Parsed parsed = parse("a: 1\nb: {c: 1, c: 2}\nd:\n  - {e: 1}\n  - {e: 1, e: 2}\na: 2\n");
  EXPECT_THAT(parsed.said, HasSubstr("f:2:11: b.c: expected each key once"));
  EXPECT_THAT(parsed.said, HasSubstr("f:5:12: d[1].e: expected each key once"));
  EXPECT_THAT(parsed.said, HasSubstr("f:6:1: a: expected each key once, found it again (first in line 1)"));
}

TEST(YamlSource, RefusesATextThatItsEndCutsOff) {
  for (const char* text : {"a: \"b", "a: \"b\n", "a: 'b\n", "a: 'b''\n", "a: \"b\\\"\n", "a: &x \"b\n", "a: !!str 'b\n",
                           "\"a\nb: c\n", "a: [\"b]\n", "a: [b", "a: {b: c", "a: \"b\n# c\n"}) {
    EXPECT_FALSE(parse(text).tree) << text;
  }
  for (const char* text : {"a: \"b\"", "a: \"b\"\n", "a: 'b'''\n", "a: \"b\\\\\"\n", "a: &x 'b' # c\n", "a: it's\n",
                           "a: b\"\n", "a: |\n  \"b\n"}) {
    EXPECT_TRUE(parse(text).tree) << text;
  }
}

TEST(YamlSource, NamesATabThatIndents) {
  for (const char* text : {"a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n", "a:\n \tb: 1\n"}) {
    EXPECT_THAT(parse(text).said, HasSubstr("expected spaces as indent, found a tab")) << text;
  }
  EXPECT_TRUE(parse("a:\tb\n").tree) << "a tab elsewhere";
}

TEST(YamlSource, HasBounds) {
  EXPECT_TRUE(parse("# " + std::string(kYamlBytesMax - 2, 'x')).tree);
  EXPECT_THAT(parse("# " + std::string(kYamlBytesMax - 1, 'x')).said, HasSubstr("at most 1 MiB"));
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(kYamlDepthMax)).tree);
  EXPECT_THAT(parse(nested(kYamlDepthMax + 1)).said, HasSubstr("at most 24 maps and lists"));
  std::string many = "[";
  for (std::size_t i = 0; i < kYamlValuesMax; ++i) many += "1,";
  EXPECT_THAT(parse(many + "1]").said, HasSubstr("at most 200,000 values"));
  std::string heavy = "- &a " + std::string(100'000, 'x') + "\n";
  for (int i = 0; i < 50; ++i) heavy += "- *a\n";
  EXPECT_THAT(parse(heavy).said, HasSubstr("aliases expanded"));
}

// Each is what a fuzzer or a prankster would write, as long as a file may be. The bound is generous: it is there to
// tell linear from quadratic, which would take minutes.
TEST(YamlSource, IsDoneSoonWithAnything) {
  for (const std::string unit :
       {"[",   "{",    "- ",    "? ",   "a: ",    "&a ",     "*a ",      "!a ",  "\"",         "'",
        "|\n", ">\n ", "---\n", "%a\n", "a:\n",   "- - a\n", "{a: ",     "[a, ", "a: &a\n",    " ",
        "\t",  "#",    "\\",    "\n",   "a: b\n", ": ",      "\xc3\xa9", "[[],", "? a\n: b\n", "- &a b\n- *a\n"}) {
    std::string text;
    while (text.size() + unit.size() <= kYamlBytesMax) text += unit;
    const auto begin = std::chrono::steady_clock::now();
    (void)parse(std::move(text));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << unit;
  }
}

}  // namespace
}  // namespace edgeseal::config
