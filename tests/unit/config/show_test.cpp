// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/show.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/places.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string good_example() {
  return edgeseal::test::read_file(edgeseal::test::source_dir() + "/tests/vectors/config/good/example.yaml");
}

TEST(Show, SaysWhereEachValueComesFrom) {
  World world(kSmallest);
  world.set("spool.max_bytes=1024KiB");
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  const std::string yaml = show(loaded->settings, ShowFormat::yaml, true);
  EXPECT_THAT(yaml, HasSubstr("gateway: truck-017  # default\n"));
  EXPECT_THAT(yaml, HasSubstr("routes:\n  telemetry:\n    source: source  # default\n    topics: [\"plant/#\"]  # " +
                              (world.folder / "gw.yaml").string() + ":5:23\n"));
  EXPECT_THAT(yaml, HasSubstr("  max_bytes: 1MiB  # --set spool.max_bytes=…\n"));
  const auto json = nlohmann::json::parse(show(loaded->settings, ShowFormat::json, true));
  EXPECT_EQ(json["settings"]["routes"]["telemetry"]["qos"], 1);
  EXPECT_EQ(json["origins"]["spool.max_bytes"], "--set spool.max_bytes=…");
}

// A small spool makes defaults smaller, and that is shown: it is what the gateway goes by.
TEST(Show, SaysWhatASmallSpoolMakesOfDefaults) {
  World world(kSmallest);
  world.set("spool.max_bytes=2MiB");
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  const auto json = nlohmann::json::parse(show(loaded->settings, ShowFormat::json, true));
  EXPECT_EQ(json["settings"]["source"]["max_packet"], "512KiB");
  EXPECT_EQ(json["settings"]["routes"]["telemetry"]["batch"]["max_bytes"], "512KiB");
  EXPECT_EQ(json["origins"]["source.max_packet"], "default");
  EXPECT_EQ(loaded->options.sources.at(0).mqtt.packet_bytes_max, 512U << 10);
}

// What is shown is a configuration, and it means the same.
TEST(Show, IsLoadedAsTheSameSettings) {
  std::string text = good_example();
  text.replace(text.find("username: edgeseal"), 18, "username: 'a: #\"$${b} \\ é'");
  for (const ShowFormat format : {ShowFormat::yaml, ShowFormat::json}) {
    const World world(text);
    const auto first = world.load();
    ASSERT_THAT(first, Loads());
    EXPECT_EQ(first->options.sources[0].mqtt.username, "a: #\"${b} \\ é");
    const std::string shown = show(first->settings, format, false);
    const World again(shown);
    const auto second = again.load();
    ASSERT_THAT(second, Loads()) << shown;
    EXPECT_EQ(show(second->settings, format, false), shown);
  }
}

TEST(Show, NamesThatYamlTakesForOtherThingsSurvive) {
  for (const char* name : {"null", "Null", "NULL", "true", "false", "1", "1e3", "yes", "0x1", "a"}) {
    std::string text(kSmallest);
    const std::string quoted = "'" + std::string(name) + "'";
    text.replace(text.find("[stick]"), 7, "[" + quoted + "]");
    text.replace(text.find("  stick:"), 8, "  " + quoted + ":");
    for (const ShowFormat format : {ShowFormat::yaml, ShowFormat::json}) {
      const auto first = World(text).load();
      ASSERT_THAT(first, Loads()) << name;
      const std::string shown = show(first->settings, format, false);
      const auto second = World(shown).load();
      ASSERT_THAT(second, Loads()) << shown;
      EXPECT_EQ(second->options.sinks[0].name.text, name);
      EXPECT_EQ(show(second->settings, format, false), shown);
    }
  }
}

// Whatever a text is made of, it comes back as it was, and stays what it is when shown again.
TEST(Show, AnyTextSurvives) {
  const std::vector<std::string> pieces = {"null",   "yes",
                                           "1e3",    "~",
                                           "a",      " ",
                                           ":",      ": ",
                                           "#",      " #",
                                           "'",      "\"",
                                           "\\",     "$",
                                           "${",     "}",
                                           "{",      "[",
                                           "]",      ",",
                                           "-",      "- ",
                                           "?",      "!",
                                           "&",      "*",
                                           "%",      "@",
                                           "`",      "|",
                                           ">",      "=",
                                           "<<",     ".",
                                           "0x1",    "é",
                                           "\u2028", "\xf0\x9f\x98\x80",
                                           "\u200b"};
  std::vector<std::string> texts = pieces;
  for (const std::string& one : pieces) {
    for (const std::string& other : pieces) texts.push_back(one + other);
  }
  std::string yaml(kSmallest);
  yaml += "source: {username: '${V}', client_id: '${V}'}\n";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    World world(yaml);
    world.variables["V"] = texts[i];
    const auto first = world.load();
    ASSERT_THAT(first, Loads()) << texts[i];
    const ShowFormat format = i % 2 == 0 ? ShowFormat::yaml : ShowFormat::json;
    const std::string shown = show(first->settings, format, i % 4 == 0 && format == ShowFormat::yaml);
    const auto second = World(shown).load();
    ASSERT_THAT(second, Loads()) << shown;
    EXPECT_EQ(second->options.sources[0].mqtt.username, texts[i]) << shown;
    EXPECT_EQ(second->options.sources[0].mqtt.client_id, texts[i]) << shown;
  }
}

TEST(Show, HoldsReferencesInsteadOfSecrets) {
  World world(good_example());
  world.set("source.password={credential: null, env: BROKER_PASSWORD}");
  world.variables["BROKER_PASSWORD"] = "hunter2";
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  const std::string yaml = show(loaded->settings, ShowFormat::yaml, true);
  EXPECT_THAT(yaml, HasSubstr("  password:\n    env: BROKER_PASSWORD"));
  EXPECT_THAT(yaml, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace edgeseal::config::test
