// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/overlay.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::uint64_t max_bytes_mib(const World& world) {
  const auto loaded = world.load();
  EXPECT_THAT(loaded, Loads());
  return loaded ? loaded->options.spool.bytes_max >> 20 : 0;
}

// Files, then groups, then the gateway's own, then --set; each step is there to be seen, one after the other.
TEST(Overlay, LaterLayersWin) {
  World world(std::string(kSmallest) + "spool: {max_bytes: 1MiB}\n");
  EXPECT_EQ(max_bytes_mib(world), 1U);
  world.file("b.yaml", "spool: {max_bytes: 2MiB}");
  EXPECT_EQ(max_bytes_mib(world), 2U);
  world.file("c.yaml", "groups: [{match: 'truck-*', set: {spool: {max_bytes: 3MiB}}}]");
  EXPECT_EQ(max_bytes_mib(world), 3U);
  world.file(
      "d.yaml",
      "groups: [{match: 'truck-*', set: {spool: {max_bytes: 3MiB}}}, {match: '*', set: {spool: {max_bytes: 4MiB}}},"
      " {match: 'ship-?', set: {spool: {max_bytes: 99MiB}}}]");
  EXPECT_EQ(max_bytes_mib(world), 4U);
  world.file("e.yaml", "gateways: {truck-017: {spool: {max_bytes: 5MiB}}, truck-018: {spool: {max_bytes: 6MiB}}}");
  EXPECT_EQ(max_bytes_mib(world), 5U);
  world.gateway("truck-018");
  EXPECT_EQ(max_bytes_mib(world), 6U);
  world.set("spool.max_bytes=7MiB");
  EXPECT_EQ(max_bytes_mib(world), 7U);
  world.set("spool={max_bytes: 8MiB}");
  EXPECT_EQ(max_bytes_mib(world), 8U);
  world.set("spool.max_bytes=");
  EXPECT_EQ(max_bytes_mib(world), 2048U) << "nothing removes, so the default is back";
}

TEST(Overlay, MapsMergeListsReplaceNullRemoves) {
  World world(kSmallest);
  world.file("b.yaml", R"(
routes:
  telemetry: {topics: [other/#], qos: 2}
  second: {topics: [x], keys: [mine], sinks: [stick]}
)");
  auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  ASSERT_EQ(loaded->options.routes.size(), 2U);
  EXPECT_THAT(loaded->options.routes[0].topics, ElementsAre("other/#"));
  EXPECT_THAT(loaded->options.routes[0].keys, ElementsAre("mine"));
  EXPECT_EQ(loaded->options.routes[0].qos, 2);
  world.file("c.yaml", "routes: {telemetry: ~, second: {topics: null}}");
  EXPECT_THAT(complaints(world),
              HasSubstr("b.yaml:4:3: routes.second.topics: expected a list of 1 to 1000, found nothing"));
  world.file("d.yaml", "routes: {second: {topics: [y]}}");
  loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  ASSERT_EQ(loaded->options.routes.size(), 1U);
  EXPECT_EQ(loaded->options.routes[0].name.text, "second");
}

TEST(Overlay, AMapReplacesAScalarAndAScalarAMap) {
  World world(std::string(kSmallest) + "log: 3\n");
  world.file("b.yaml", "log: {level: debug}");
  EXPECT_THAT(world.load(), Loads());
  world.file("c.yaml", "log: 4");
  EXPECT_THAT(complaints(world), HasSubstr("c.yaml:1:6: log: expected a map of settings, found \"4\""));
}

TEST(Overlay, EachValueKeepsTheFolderOfTheFileThatGivesIt) {
  World world;
  world.file("a/gw.yaml", kSmallest).file("b/gw.yaml", "sinks: {stick: {path: ../carry}}").set("spool.path=spool.db");
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_EQ(loaded->options.keys[0].file, world.folder / "a/mine.der");
  EXPECT_EQ(std::get<transport::DirectorySinkOptions>(loaded->options.sinks[0].options).path, world.folder / "carry");
  EXPECT_EQ(loaded->options.spool.path, std::filesystem::current_path() / "spool.db");
}

TEST(Overlay, AFolderGivesItsYamlFilesByName) {
  World world;
  world.folder.write("conf.d/20-b.yaml", "spool: {max_bytes: 2MiB}");
  world.folder.write("conf.d/10-a.yaml", std::string(kSmallest) + "spool: {max_bytes: 1MiB}");
  world.folder.write("conf.d/30-c.yaml.bak", "spool: {max_bytes: 3MiB}");
  world.request.files = {world.folder / "conf.d"};
  EXPECT_EQ(max_bytes_mib(world), 2U);
}

TEST(Overlay, TheGatewaysNameComesFromItsOptionTheFilesOrTheHost) {
  World world(kSmallest);
  const auto name = [&] {
    const auto loaded = world.load();
    EXPECT_THAT(loaded, Loads());
    return loaded ? loaded->options.gateway : "";
  };
  EXPECT_EQ(name(), "truck-017");
  world.file("b.yaml", "gateway: gw-${N:-1}");
  EXPECT_EQ(name(), "gw-1");
  world.set("gateway=gw-2");
  EXPECT_EQ(name(), "gw-2");
  world.gateway("gw-3");
  EXPECT_EQ(name(), "gw-3");
}

TEST(Overlay, TheNameOfAnOptionIsNotLookedUpInTheEnvironment) {
  World world(std::string(kSmallest) + "gateway: ${UNSET}\n");
  EXPECT_THAT(complaints(world), HasSubstr("UNSET"));
  EXPECT_THAT(world.gateway("gw").load(), Loads());
}

}  // namespace
}  // namespace edgeseal::config::test
