// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/loader.h"

#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Loader, FillsInEveryDefault) {
  const World world(kSmallest);
  const auto loaded = world.load();
  ASSERT_THAT(loaded, Loads());
  EXPECT_THAT(loaded->warnings, IsEmpty());
  const Options& o = loaded->options;
  EXPECT_EQ(o.gateway, "truck-017");
  ASSERT_EQ(o.sources.size(), 1U);
  EXPECT_EQ(o.sources[0].name, "source");
  EXPECT_EQ(o.sources[0].mqtt.url, "mqtt://127.0.0.1:1883");
  EXPECT_EQ(o.sources[0].mqtt.client_id, "edgeseal-truck-017");
  EXPECT_EQ(o.sources[0].mqtt.keep_alive, 30s);
  ASSERT_EQ(o.keys.size(), 1U);
  EXPECT_EQ(o.keys[0].id, "mine");
  EXPECT_EQ(o.keys[0].file, world.folder / "mine.der");
  ASSERT_EQ(o.routes.size(), 1U);
  EXPECT_EQ(o.routes[0].source, "source");
  EXPECT_EQ(o.routes[0].batch.age_max, 60s);
  EXPECT_EQ(o.routes[0].compression.zstd_level, 3);
  ASSERT_EQ(o.sinks.size(), 1U);
  const auto& directory = std::get<transport::DirectorySinkOptions>(o.sinks[0].options);
  EXPECT_EQ(directory.path, world.folder / "out");
  EXPECT_EQ(directory.key, transport::kDefaultObjectName);
  EXPECT_EQ(o.spool.path, "/var/lib/edgeseal/spool.db");
  EXPECT_EQ(o.status.socket, "/run/edgeseal/status.sock");
}

}  // namespace
}  // namespace edgeseal::config::test
