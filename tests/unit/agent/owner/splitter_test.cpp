// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/splitter.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

Result<std::uint64_t> split(const Input& from, const std::filesystem::path& folder) {
  OutputGuard guard;
  return split_object(from, folder, guard);
}

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Input input(const std::string& name, const Bytes& object) {
  return {name, name, [object](const TakeBytes& take) -> Result<void> {
            for (const std::uint8_t& byte : object) {
              if (auto taken = take(ByteView(&byte, 1)); !taken) return taken;
            }
            return {};
          }};
}

TEST(SplitterTest, WritesEachFrameAsAStandardMessage) {
  const test::TempDir dir;
  const auto files = split(input("12-ab.esdks", journal(link(12, true), {"one", "two"}, {0, 1})), dir.path());
  ASSERT_THAT(files, IsOk());
  EXPECT_EQ(*files, 2U);
  for (const auto& [name, payload] : {std::pair{"12-ab-0000.esdk", "one"}, {"12-ab-0001.esdk", "two"}}) {
    GivenKey keys;
    Kept kept;
    ASSERT_THAT(read_object(as_bytes(test::read_file(dir / name)), kept, keys), IsOk()) << name;
    EXPECT_THAT(kept.payloads, ElementsAre(payload));
  }
}

TEST(SplitterTest, CopiesAMessage) {
  const test::TempDir dir;
  const Bytes message = batch(link(), {record("x")});
  EXPECT_EQ(split(input("1.esdk", message), dir.path()).value(), 1U);
  EXPECT_TRUE(test::read_file(dir / "1.esdk") == as_text(message));
}

TEST(SplitterTest, RefusesADamagedJournalByName) {
  const test::TempDir dir;
  Bytes object = journal(link(12, true), {"one"}, {0});
  object.pop_back();
  EXPECT_THAT(split(input("12.esdks", object), dir.path()),
              Fails(Kind::corrupt, AllOf(HasSubstr("12.esdks"), HasSubstr("truncated: "))));
  EXPECT_THAT(split(input("12.esdks", {}), dir.path()), Fails(Kind::corrupt, HasSubstr("truncated: ")));
  EXPECT_THAT(split(input("12.esdks", from_hex("a0").value()), dir.path()),
              Fails(Kind::corrupt, HasSubstr("journal: ")));
}

TEST(SplitterTest, RefusesWhatIsNeitherJournalNorMessage) {
  const test::TempDir dir;
  EXPECT_THAT(split(input("notes.esdk", from_hex("6e6f").value()), dir.path()),
              Fails(Kind::invalid, AllOf(HasSubstr("notes.esdk"), HasSubstr("version: "))));
  EXPECT_FALSE(std::filesystem::exists(dir / "notes.esdk"));
}

}  // namespace
}  // namespace edgeseal::agent
