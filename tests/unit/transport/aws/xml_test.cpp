// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/xml.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {

bool operator==(const XmlLeaf& a, const XmlLeaf& b) { return a.path == b.path && a.text == b.text; }

namespace {

using test::Fails;
using test::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<std::vector<XmlLeaf>> parse(const std::string& text) { return parse_xml(as_bytes(text)); }

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

}  // namespace
}  // namespace edgeseal::transport
