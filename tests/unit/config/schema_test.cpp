// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/schema.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/places.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using ::testing::HasSubstr;

TEST(Schema, EveryRowIsCompleteAndItsOwn) {
  std::set<std::string> seen;
  for (const Key& key : schema()) {
    EXPECT_TRUE(seen.insert(key.path + "/" + key.variant).second) << key.path;
    EXPECT_FALSE(key.help.empty()) << key.path;
    const bool needs_form = key.type == Type::text || (key.type == Type::list && key.store);
    EXPECT_TRUE(key.form != nullptr ? needs_form || key.type == Type::path : !needs_form) << key.path;
    EXPECT_EQ(key.choices.empty(), key.type != Type::choice) << key.path;
    EXPECT_FALSE(key.required && key.sample.empty()) << key.path;
  }
}

TEST(Schema, HasEveryRangeAroundItsDefault) {
  // Loading a configuration that relies on all defaults reads each through its own row, which would abort.
  EXPECT_THAT(World(kSmallest).load(), Loads());
  std::string s3(kSmallest);
  s3.replace(s3.find("type: directory, path: out"), 26, "type: s3, bucket: ore, region: r");
  EXPECT_THAT(World(s3).load(), Loads());
}

TEST(Schema, MarkdownHasALineASetting) {
  const std::string table = to_markdown();
  EXPECT_THAT(table, HasSubstr("| `spool.commit_interval` | a duration from 1ms to 1m | `20ms` | longest time"));
  EXPECT_THAT(table, HasSubstr("| `keys.NAME.namespace` | text | `edgeseal` | provider id that openers look for (wrap: "
                               "raw-rsa) |"));
  EXPECT_THAT(table, HasSubstr("| `routes.NAME.topics` | a list of 1 to 1000 | required | MQTT topic filters |"));
  for (const Key& key : schema()) {
    std::string name = key.path;
    if (const auto star = name.find('*'); star != std::string::npos) name.replace(star, 1, "NAME");
    const std::string cell = "| `" + name + "` |";
    EXPECT_NE(table.find(cell), std::string::npos) << cell;
    EXPECT_EQ(table.find(cell), table.rfind(cell)) << cell;
  }
}

// EDGESEAL_UPDATE=1 writes the table into the page anew.
TEST(Schema, TheConfigurationPageHasTheTable) {
  const std::string page = edgeseal::test::source_dir() + "/docs/configuration.md";
  const std::string begin = "<!-- options -->\n";
  std::string text = edgeseal::test::read_file(page);
  const std::size_t from = text.find(begin) + begin.size();
  const std::size_t to = text.find("<!-- /options -->");
  ASSERT_LT(from, to);
  const char* update = std::getenv("EDGESEAL_UPDATE");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream(page, std::ios::binary) << text.substr(0, from) << to_markdown() << text.substr(to);
    text = edgeseal::test::read_file(page);
  }
  EXPECT_EQ(text.substr(from, text.find("<!-- /options -->") - from), to_markdown());
}

}  // namespace
}  // namespace edgeseal::config::test
