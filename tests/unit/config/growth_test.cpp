// SPDX-License-Identifier: GPL-3.0-or-later
// A configuration four times as long costs four times as much, and not sixteen times. What is counted is memory that is
// asked for, which does not depend on the machine; transport/mqtt/topic_filter_set_test.cpp counts steps.
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/counted_memory.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using ::testing::HasSubstr;

/// `count` times what `make` gives for a number.
std::string times(std::size_t count, const std::function<std::string(std::string)>& make) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += make(std::to_string(i));
  return text;
}

std::size_t bytes_to_load(const std::string& yaml) {
  const World world(yaml);
  const std::size_t before = edgeseal::test::allocated_bytes();
  (void)world.load();
  return edgeseal::test::allocated_bytes() - before;
}

const std::string kSinks = "sinks: {s: {type: directory, path: o}}\n";
const std::string kKeys = "keys: {k: {file: k}}\n";

TEST(Growth, IsThatOfTheConfiguration) {
  struct Shape {
    const char* name;
    std::size_t count;
    std::function<std::string(std::size_t)> yaml;
  };
  const auto entries = [](std::size_t n) { return times(n, [](const auto& i) { return "n" + i + ": {},"; }); };
  const Shape shapes[] = {
      {"unknown keys", 8000, [](std::size_t n) { return times(n, [](const auto& i) { return "key" + i + ": 1\n"; }); }},
      {"keys given twice", 8000, [](std::size_t n) { return times(n, [](const auto&) { return "a: 1\n"; }); }},
      {"routes", 8000, [&](std::size_t n) { return kSinks + kKeys + "routes: {" + entries(n) + "}\n"; }},
      {"keys", 8000, [&](std::size_t n) { return kSinks + "keys: {" + entries(n) + "}\n"; }},
      {"sinks", 8000, [&](std::size_t n) { return kKeys + "sinks: {" + entries(n) + "}\n"; }},
      {"gateways", 8000, [&](std::size_t n) { return kSinks + kKeys + "gateways: {" + entries(n) + "}\n"; }},
      {"unused keys", 250,
       [](std::size_t n) {
         return kSinks + "keys: {" + times(n, [](const auto& i) { return "k" + i + ": {file: f},"; }) +
                "}\nroutes: {r: {topics: [a], keys: [k0], sinks: [s]}}\n";
       }},
      {"references to keys that are not there, and keys", 200,
       [](std::size_t n) {
         const std::string list = times(n, [](const auto& i) { return "x" + i + ","; });
         return kSinks + "keys: {" +
                times(n, [](const auto& i) { return "some-long-name-of-a-key-" + i + ": {file: f},"; }) +
                "}\nroutes: {" +
                times(50,
                      [&](const auto& i) { return "r" + i + ": {topics: [a], keys: [" + list + "], sinks: [s]},\n"; }) +
                "}\n";
       }},
      {"topics", 250,
       [](std::size_t n) {
         return kSinks + kKeys + "routes: {r: {keys: [k], sinks: [s], topics: [" +
                times(n, [](const auto& i) { return "plant/+/" + i + ","; }) + "]}}\n";
       }},
      {"routes that share a source", 250,
       [](std::size_t n) {
         return kSinks + "keys: {" + times(n, [](const auto& i) { return "k" + i + ": {file: f},"; }) + "}\nroutes: {" +
                times(n,
                      [](const auto& i) {
                        return "r" + i + ": {topics: [t" + i + "], keys: [k" + i + "], sinks: [s]},\n";
                      }) +
                "}\n";
       }},
  };
  for (const Shape& shape : shapes) {
    const std::string little = "version: 1\n" + shape.yaml(shape.count);
    const std::string much = "version: 1\n" + shape.yaml(4 * shape.count);
    ASSERT_LT(much.size(), std::size_t{1} << 20) << shape.name;
    EXPECT_LT(bytes_to_load(much), 6 * bytes_to_load(little)) << shape.name;
  }
}

// A few lines that would stand for 10^9 values: what they cost is bounded before they are copied.
TEST(Growth, AliasesOfAliasesAreRefusedBeforeTheyCost) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1) + ", ";
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + times(9, [&](const auto&) { return alias; }) +
            alias.substr(0, alias.size() - 2) + "]\n";
  }
  EXPECT_THAT(complaints(World(bomb)), HasSubstr("aliases expanded"));
  EXPECT_LT(bytes_to_load(bomb), std::size_t{400} << 20);
}

// A name stands in the path of all that is below it.
TEST(Growth, ALongNameIsRefused) {
  const std::string entries = times(20'000, [](const auto& i) { return "n" + i + ": 1,"; });
  const std::string yaml = "? " + std::string(500'000, 'k') + "\n: {" + entries + "}\n";
  EXPECT_THAT(complaints(World(yaml)), HasSubstr("at most 256 bytes as key"));
  EXPECT_LT(bytes_to_load(yaml), std::size_t{100} << 20);
}

}  // namespace
}  // namespace edgeseal::config::test
