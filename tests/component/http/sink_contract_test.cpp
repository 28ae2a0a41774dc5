// SPDX-License-Identifier: GPL-3.0-or-later
// What every sink promises in sink.h, tried on each kind of them.
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "crypto/primitives/sha2.h"
#include "tests/component/http/s3_world.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "transport/sinks/sink_factory.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;

/// A sink and a look at its far side.
class Destination {
 public:
  virtual ~Destination() = default;
  virtual SinkOptions options(const std::string& key) const = 0;
  /// What lies there under that name; nothing when there is nothing.
  virtual std::optional<std::string> content(const std::string& name) = 0;
};

class DirectoryDestination final : public Destination {
 public:
  SinkOptions options(const std::string& key) const override {
    return DirectorySinkOptions{.path = folder_.path(), .key = key};
  }
  std::optional<std::string> content(const std::string& name) override {
    if (!std::filesystem::exists(folder_ / name)) return std::nullopt;
    return test::read_file(folder_ / name);
  }

 private:
  test::TempDir folder_;
};

class S3Destination final : public Destination {
 public:
  SinkOptions options(const std::string& key) const override { return world_.sink_options(key); }
  std::optional<std::string> content(const std::string& name) override { return world_.content(name); }

 private:
  test::S3World& world_ = test::S3World::shared();
};

using MakeDestination = std::function<std::unique_ptr<Destination>()>;

class SinkContract : public ::testing::TestWithParam<std::pair<const char*, MakeDestination>> {
 protected:
  std::unique_ptr<Sink> sink(const std::string& key = kDefaultObjectName) {
    auto made = make_sink(destination->options(key));
    EXPECT_THAT(made, IsOk());
    return std::move(*made);
  }
  std::unique_ptr<Destination> destination = GetParam().second();
};

TEST_P(SinkContract, HoldsEveryByteUnderTheObjectsName) {
  std::string bytes(300'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 / 3);
  const SealedObject object = test::sealed_object(bytes, 1);
  ASSERT_THAT(sink()->deliver(object), IsOk());
  EXPECT_EQ(destination->content("gateway=truck-017/route=telemetry/dt=2026-11-24/hour=09/00000000000000000001-" +
                                 object.batch.hex() + ".esdk"),
            bytes);
}

TEST_P(SinkContract, DeliversTheSameObjectAgainWithoutHarm) {
  const SealedObject object = test::sealed_object("the same", 2);
  const auto first = sink("{batch}.esdk");
  ASSERT_THAT(first->deliver(object), IsOk());
  ASSERT_THAT(first->deliver(object), IsOk());
  ASSERT_THAT(sink("{batch}.esdk")->deliver(object), IsOk());  // after a restart
  EXPECT_EQ(destination->content(object.batch.hex() + ".esdk"), "the same");
}

TEST_P(SinkContract, NamesAJournalObject) {
  SealedObject object = test::sealed_object("frames", 3);
  object.journal = true;
  ASSERT_THAT(sink("{batch}.esdk")->deliver(object), IsOk());
  EXPECT_EQ(destination->content(object.batch.hex() + ".esdks"), "frames");
  EXPECT_EQ(destination->content(object.batch.hex() + ".esdk"), std::nullopt);
}

// Equals signs are what Hive names are made of; the rest is what people call their gateways.
TEST_P(SinkContract, TakesNamesOfAnyCharacters) {
  SealedObject object = test::sealed_object("x", 4);
  object.gateway = "Förder=band 7+(a)&b;@,~!'$#";
  object.route.text = "日本/../é";
  ASSERT_THAT(sink("g={gateway}/r={route}/{batch}.esdk")->deliver(object), IsOk());
  EXPECT_EQ(destination->content("g=Förder=band 7+(a)&b;@,~!'$#/r=日本_.._é/" + object.batch.hex() + ".esdk"), "x");
}

TEST_P(SinkContract, DeliversFromSeveralThreads) {
  const auto shared = sink("{batch}.esdk");
  const std::string bytes(20'000, 'x');
  std::vector<SealedObject> objects;
  for (std::uint64_t i = 0; i < 20; ++i) objects.push_back(test::sealed_object(bytes, 100 + i));
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = thread; i < objects.size(); i += 4) EXPECT_THAT(shared->deliver(objects[i]), IsOk());
    });
  }
  threads.clear();
  for (const SealedObject& object : objects) {
    EXPECT_EQ(destination->content(object.batch.hex() + ".esdk"), bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, SinkContract,
    ::testing::Values(std::pair<const char*, MakeDestination>{"Directory",
                                                              [] { return std::make_unique<DirectoryDestination>(); }},
                      std::pair<const char*, MakeDestination>{"S3", [] { return std::make_unique<S3Destination>(); }}),
    [](const auto& tested) { return tested.param.first; });

}  // namespace
}  // namespace edgeseal::transport
