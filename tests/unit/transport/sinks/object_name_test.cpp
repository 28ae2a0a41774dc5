// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/object_name.h"

#include <limits>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/unit/transport/sinks/sealed_object.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using ::testing::HasSubstr;

std::string name_of(std::string_view text, const SealedObject& object) { return ObjectName::parse(text)->of(object); }

TEST(ObjectNameTest, IsHiveStyleByDefault) {
  EXPECT_EQ(name_of(kDefaultObjectName, sealed_object("x")),
            "gateway=truck-017/route=telemetry/dt=2026-11-24/hour=09/"
            "00000000000000000042-abababababababababababababababab.esdk");
}

TEST(ObjectNameTest, OfAJournalObjectEndsInEsdks) {
  SealedObject object = sealed_object("x");
  object.journal = true;
  EXPECT_EQ(name_of("{batch}.esdk", object), std::string(kBatchHex) + ".esdks");
}

TEST(ObjectNameTest, SortsAsNumbersDo) {
  SealedObject object = sealed_object("x");
  std::string before;
  for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{9}, std::uint64_t{10}, std::uint64_t{1} << 40,
                                     std::numeric_limits<std::uint64_t>::max()}) {
    object.sequence = {number};
    const std::string name = name_of("{seq}-{batch}.esdk", object);
    EXPECT_LT(before, name);
    before = name;
  }
}

TEST(ObjectNameTest, KeepsNamesFromChangingThePath) {
  struct Row {
    std::string route;
    std::string part;
  };
  const Row rows[] = {
      {"a/b", "a_b"},     {"..", "__"},         {".", "_"},     {"", "_"},
      {"a\\b", "a_b"},    {"a\nb\x7f", "a_b_"}, {"50%", "50_"}, {"c:*?\"<>|d", "c_______d"},
      {"Erz é", "Erz é"}, {"\xff\xfe", "__"},   {"a=b", "a=b"},
  };
  for (const Row& row : rows) {
    SealedObject object = sealed_object("x");
    object.route.text = row.route;
    EXPECT_EQ(name_of("{route}/{batch}.esdk", object), row.part + "/" + std::string(kBatchHex) + ".esdk") << row.route;
  }
}

TEST(ObjectNameTest, KeepsTwoNamesFromMakingADotPart) {
  SealedObject object = sealed_object("x");
  object.gateway = ".";
  object.route.text = ".";
  EXPECT_EQ(name_of("{gateway}{route}/{batch}.esdk", object), "__/" + std::string(kBatchHex) + ".esdk");
}

}  // namespace
}  // namespace edgeseal::transport
