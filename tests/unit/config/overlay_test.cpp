// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/overlay.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

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
  EXPECT_THAT(complaints(world), HasSubstr("c.yaml:1:6: log: expected a map of settings, found a single value"));
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

// A gateway takes away what all have; only so can it change a sink's type.
TEST(Overlay, NullUnderAGatewayRemovesWhatTheBaseSays) {
  World world(std::string(kSmallest) + R"(
gateways:
  truck-017:
    sinks: {stick: {type: s3, path: ~, bucket: bkt, region: r}}
    spool: {max_bytes: null}
  truck-018: {}
spool: {max_bytes: 1MiB}
)");
  auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_TRUE(std::holds_alternative<transport::S3SinkOptions>(loaded->options.sinks[0].options));
  EXPECT_EQ(loaded->options.spool.bytes_max, std::uint64_t{2} << 30);
  EXPECT_EQ(max_bytes_mib(world.gateway("truck-018")), 1U);
}

// Each file's settings of a gateway are laid on in turn: a null of an earlier file stays one for what came before it.
TEST(Overlay, NullsOfAGatewayAreAppliedFileByFile) {
  World world(std::string(kSmallest) + "spool: {max_bytes: 1MiB, min_free: 7MiB}\n");
  world.file("b.yaml", "gateways: {truck-017: {spool: ~}}");
  world.file("c.yaml", "gateways: {truck-017: {spool: {max_bytes: 3MiB}}}");
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_EQ(loaded->options.spool.bytes_max, std::uint64_t{3} << 20);
  EXPECT_NE(loaded->options.spool.free_bytes_min, std::uint64_t{7} << 20) << "what the null took away is back";
  world.file("d.yaml", "gateways: {truck-017: ~}");
  EXPECT_EQ(max_bytes_mib(world), 1U) << "nothing that earlier files say of it counts";
  world.file("e.yaml", "gateways: {truck-017: {spool: {max_bytes: 5MiB}}}");
  EXPECT_EQ(max_bytes_mib(world), 5U);
}

TEST(Overlay, NullsOfGroupsAndSetsRemoveToo) {
  World world(std::string(kSmallest) + "spool: {max_bytes: 1MiB}\n");
  world.file("b.yaml", "groups: [{match: '*', set: {spool: {max_bytes: ~}}}]");
  EXPECT_EQ(max_bytes_mib(world), 2048U);
  world.file("c.yaml", "gateways: {truck-017: {spool: {max_bytes: 4MiB}}}");
  EXPECT_EQ(max_bytes_mib(world), 4U);
  world.set("spool=null");
  EXPECT_EQ(max_bytes_mib(world), 2048U);
}

TEST(Overlay, AGatewayWithoutSettingsIsNamed) {
  World world(std::string(kSmallest) + "gateways:\n  truck-1:\n  truck-2: {}\n");
  EXPECT_THAT(gateway_names(world.request.files).value(), ElementsAre("truck-1", "truck-2"));
  EXPECT_THAT(complaints(world.gateway("truck-1")), "");
}

TEST(Overlay, WhatEditorsLeaveInAFolderIsNotRead) {
  World world;
  world.folder.write("conf.d/10-a.yaml", std::string(kSmallest) + "spool: {max_bytes: 1MiB}");
  for (const char* name : {".hidden.yaml", ".#10-a.yaml", "#10-a.yaml#", "10-a.yaml~", "#x.yaml", "~x.yml~"}) {
    world.folder.write(std::string("conf.d/") + name, "spool: {max_bytes: 3MiB}");
  }
  world.request.files = {world.folder / "conf.d"};
  EXPECT_EQ(max_bytes_mib(world), 1U);
  world.folder.write("conf.d/20-b.yml", "spool: {max_bytes: 2MiB}");
  EXPECT_EQ(max_bytes_mib(world), 2U);
}

TEST(Overlay, WhatIsNoFileInAFolderIsNamedAndNeverWaitedFor) {
  World world;
  world.folder.write("conf.d/10-a.yaml", kSmallest);
  std::filesystem::create_directory(world.folder / "conf.d/20-folder.yaml");
  std::filesystem::create_symlink("nowhere", world.folder / "conf.d/30-dangling.yaml");
  ASSERT_EQ(::mkfifo((world.folder / "conf.d/40-fifo.yaml").c_str(), 0600), 0);
  world.request.files = {world.folder / "conf.d"};
  const std::string said = complaints(world);
  EXPECT_THAT(said, HasSubstr("20-folder.yaml: expected a file that can be read"));
  EXPECT_THAT(said, HasSubstr("30-dangling.yaml: expected a file that can be read, found: No such file"));
  EXPECT_THAT(said, HasSubstr("40-fifo.yaml: expected a file that can be read, found: it is no regular file"));
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
