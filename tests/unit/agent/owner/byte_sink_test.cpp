// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/byte_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

class FileSinkTest : public ::testing::Test {
 protected:
  test::TempDir dir;
  std::filesystem::path path = dir / "out";
};

TEST_F(FileSinkTest, GivesTheFileItsNameOnlyWhenItIsWhole) {
  auto file = FileSink::create(path).value();
  ASSERT_THAT(file->write(as_bytes("one")), IsOk());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_THAT(file->commit(), IsOk());
  EXPECT_EQ(test::read_file(path), "one");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(FileSinkTest, LeavesNothingBehindWithoutACommit) {
  dir.write("out", "before");
  {
    auto file = FileSink::create(path).value();
    ASSERT_THAT(file->write(Bytes(200'000, 'x')), IsOk());
    EXPECT_EQ(files_in(dir.path()), 1U) << "it has no name before it is whole";
  }
  EXPECT_EQ(files_in(dir.path()), 1U);
  EXPECT_EQ(test::read_file(path), "before");
}

TEST_F(FileSinkTest, GoesBackToTheLastMark) {
  auto file = FileSink::create(path).value();
  ASSERT_THAT(file->write(as_bytes("kept ")), IsOk());
  ASSERT_THAT(file->mark(), IsOk());
  ASSERT_THAT(file->write(Bytes(200'000, 'x')), IsOk());
  ASSERT_THAT(file->write(as_bytes("gathered")), IsOk());
  ASSERT_THAT(file->rewind(), IsOk());
  ASSERT_THAT(file->write(as_bytes("and more")), IsOk());
  ASSERT_THAT(file->commit(), IsOk());
  EXPECT_EQ(test::read_file(path), "kept and more");
}

TEST_F(FileSinkTest, MakesTheFoldersAboveIt) {
  auto file = FileSink::create(dir / "a/b/out").value();
  ASSERT_THAT(file->commit(), IsOk());
  EXPECT_TRUE(std::filesystem::exists(dir / "a/b/out"));
  dir.write("file", "");
  EXPECT_THAT(FileSink::create(dir / "file/out"), Fails(Kind::invalid, HasSubstr("file")));
}

TEST(DescriptorSinkTest, SaysWhenTheDiskIsFull) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  DescriptorSink sink(full, "the output");
  ASSERT_THAT(sink.write(as_bytes("gathered first")), IsOk());
  EXPECT_THAT(sink.flush(), Fails(Kind::full, HasSubstr("the output")));
  EXPECT_THAT(sink.write(Bytes(100'000, 'x')), Fails(Kind::full));
  close(full);
}

}  // namespace
}  // namespace edgeseal::agent
