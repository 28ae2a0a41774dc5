// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/xml.h"

#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {

namespace {

using XmlLeaf = std::pair<std::string, std::string>;

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<std::vector<XmlLeaf>> parse(const std::string& text) {
  std::vector<XmlLeaf> leaves;
  const auto root =
      read_xml(as_bytes(text), [&](std::string_view path, std::string_view leaf) { leaves.emplace_back(path, leaf); });
  if (!root) return tl::unexpected(root.error());
  return leaves;
}

TEST(XmlTest, GivesTheLeavesInOrder) {
  const auto leaves = parse(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<List xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>\n"
      "  <Contents><Key>1</Key><Size>7</Size></Contents><Contents><Key>2</Key></Contents><Prefix/></List>");
  ASSERT_THAT(leaves, IsOk());
  EXPECT_THAT(*leaves, ElementsAre(XmlLeaf{"List/Name", "b"}, XmlLeaf{"List/Contents/Key", "1"},
                                   XmlLeaf{"List/Contents/Size", "7"}, XmlLeaf{"List/Contents/Key", "2"},
                                   XmlLeaf{"List/Prefix", ""}));
}

TEST(XmlTest, ResolvesEntitiesAndCharacterData) {
  EXPECT_THAT(*parse("<a>&lt;&amp;&gt;&quot;&#39;&#xE9;<![CDATA[<raw>]]></a>"),
              ElementsAre(XmlLeaf{"a", "<&>\"'é<raw>"}));
}

// A document type is how entities that grow, or that read files, come in.
TEST(XmlTest, RefusesADocumentType) {
  EXPECT_THAT(parse("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), Fails(Kind::transient, HasSubstr("document type")));
}

TEST(XmlTest, RefusesDeepNesting) {
  std::string text;
  for (int i = 0; i < 17; ++i) text += "<a>";
  EXPECT_THAT(parse(text), Fails(Kind::transient, HasSubstr("too deeply")));
}

TEST(XmlTest, RefusesWhatIsNotXml) {
  for (const char* text : {"", "no", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>"}) {
    EXPECT_THAT(parse(text), Fails(Kind::transient, HasSubstr("XML answer"))) << text;
  }
}

TEST(XmlTest, NamesTheRoot) {
  EXPECT_EQ(read_xml(as_bytes("<html><body>Log in</body></html>"), [](auto, auto) {}), "html");
}

// One name of 262 KB above a quarter of a million leaves took a copy of that name for each.
TEST(XmlTest, RefusesALongName) {
  const std::string name(257, 'n');
  EXPECT_THAT(parse("<" + name + "><a/></" + name + ">"), Fails(Kind::transient, HasSubstr("256 bytes")));
  EXPECT_THAT(parse("<" + name.substr(1) + "/>"), IsOk());
}

// Counted, not timed: what is handed over in all is what stood in the document, but for the path, which is a view.
TEST(XmlTest, HandsOverNoMoreThanTheDocumentHolds) {
  for (const std::size_t leaves : {1000U, 2000U, 4000U}) {
    std::string document = "<a><b>";
    for (std::size_t i = 0; i < leaves; ++i) document += "<c>x</c><d/>";
    document += "</b></a>";
    std::size_t calls = 0;
    std::size_t bytes = 0;
    std::set<const char*> paths;
    ASSERT_THAT(read_xml(as_bytes(document),
                         [&](std::string_view path, std::string_view text) {
                           ++calls;
                           bytes += text.size();
                           paths.insert(path.data());
                         }),
                IsOk());
    EXPECT_EQ(calls, 2 * leaves);
    EXPECT_EQ(bytes, leaves);
    EXPECT_LE(paths.size(), 4U) << "the path is built once, not copied a leaf";
  }
}

}  // namespace
}  // namespace edgeseal::transport
