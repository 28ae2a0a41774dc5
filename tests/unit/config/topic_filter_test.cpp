// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/topic_filter.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace edgeseal::config {
namespace {

TEST(TopicFilter, Syntax) {
  using namespace std::string_literals;
  // spec: MQTT 5.0, 4.7.1 (the examples among them), 4.7.3 and 4.8.2
  const std::vector<std::string> good = {"a",
                                         "/",
                                         "#",
                                         "+",
                                         "sport/tennis/player1/#",
                                         "sport/#",
                                         "+/tennis/#",
                                         "sport/+/player1",
                                         "/+",
                                         "a//b",
                                         "+/+",
                                         "$SYS/#",
                                         " ",
                                         "a b/c",
                                         "é/ü",
                                         "$share/g/#",
                                         "$share/g//",
                                         "$shared",
                                         "$SYS",
                                         "$share/g/+/x",
                                         "/#",
                                         std::string(65'535, 'x')};
  for (const std::string& filter : good) EXPECT_FALSE(check_topic_filter(filter)) << filter.substr(0, 40);
  const std::vector<std::string> bad = {"",
                                        "sport/tennis#",
                                        "sport/tennis/#/ranking",
                                        "sport+",
                                        "a/+b",
                                        "#/a",
                                        "##",
                                        "++",
                                        "a/#b",
                                        "a\0b"s,
                                        "$share/g",
                                        "$share/",
                                        "$share//a",
                                        "$share/g/",
                                        "$share/+/a",
                                        "$share/g/a#",
                                        std::string(65'536, 'x')};
  for (const std::string& filter : bad) EXPECT_TRUE(check_topic_filter(filter)) << filter.substr(0, 40);
}

struct Row {
  const char* outer;
  const char* inner;
  bool covers;
};

TEST(TopicFilter, Covers) {
  const std::vector<Row> rows = {
      {"a", "a", true},
      {"a", "b", false},
      {"#", "a/b", true},
      {"#", "#", true},
      {"#", "+/+", true},
      {"a/#", "a", true},
      {"a/#", "a/b/c", true},
      {"a/#", "a/+/#", true},
      {"a/#", "b/#", false},
      {"a/+", "a/b", true},
      {"a/+", "a/+", true},
      {"a/+", "a/#", false},
      {"a/+", "a", false},
      {"a/b", "a/+", false},
      {"+", "a", true},
      {"+", "#", false},
      {"+/#", "a", true},
      {"+/+", "a", false},
      {"a/+/c", "a/b/c", true},
      {"a/+/c", "a/b/d", false},
      {"#", "$SYS/x", false},
      {"+/x", "$SYS/x", false},
      {"$SYS/#", "$SYS/x", true},
      {"$SYS/#", "#", false},
      {"a/", "a", false},
      {"a/+", "a/", true},
      {"/+", "/a", true},
      {"+/+", "/a", true},
      {"+/#", "#", true},
      {"/+/#", "/#", true},
      {"a/#", "#", false},
      {"#", "$share/g/a", false},
      {"$share/g/a", "$share/g/a", true},
      {"$share/g/#", "$share/g/a", false},
  };
  for (const Row& row : rows) EXPECT_EQ(covers(row.outer, row.inner), row.covers) << row.outer << " " << row.inner;
}

}  // namespace
}  // namespace edgeseal::config
