// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/regular_file.h"

#include <array>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

class RegularFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (dir / name).string(); }
  test::TempDir dir;
  std::array<std::uint8_t, 4> room{};
};

TEST_F(RegularFileTest, IsReadAsFarAsThereIsRoom) {
  for (const std::string content : {"", "abc", "abcd", "abcdefgh"}) {
    const auto size = read_regular_file(dir.write("file", content).string(), room);
    ASSERT_THAT(size, IsOk());
    EXPECT_EQ(as_text(ByteView(room).first(*size)), content.substr(0, 4));
  }
  std::filesystem::create_symlink(dir / "file", dir / "link");
  EXPECT_THAT(read_regular_file(path("link"), room), IsOk());
}

TEST_F(RegularFileTest, NothingElseIsOpenedForLong) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const std::pair<std::string, const char*> rows[] = {
      {path("pipe"), "no regular file"}, {dir.path().string(), "a folder"}, {path("none"), "No such file"}};
  for (const auto& [name, why] : rows) {
    EXPECT_THAT(read_regular_file(name, room), Fails(Kind::invalid, HasSubstr(why)));
    EXPECT_THAT(check_regular_file(name, 4), Fails(Kind::invalid, HasSubstr(why)));
  }
}

TEST_F(RegularFileTest, ALibraryIsGivenNothingEmptyOrTooLong) {
  EXPECT_THAT(check_regular_file(dir.write("file", "").string(), 4), Fails(Kind::invalid, HasSubstr("empty")));
  EXPECT_THAT(check_regular_file(dir.write("file", "a").string(), 4), IsOk());
  EXPECT_THAT(check_regular_file(dir.write("file", "abcd").string(), 4), IsOk());
  EXPECT_THAT(check_regular_file(dir.write("file", "abcde").string(), 4), Fails(Kind::invalid, HasSubstr("over 4")));
}

}  // namespace
}  // namespace edgeseal
