// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/whole_file.h"

#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class WholeFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir.path()), {}));
  }
  [[nodiscard]] Result<void> put(const fs::path& to, const std::string& text) const {
    auto file = WholeFile::create(to);
    if (!file) return failed(file);
    EXPECT_EQ(::write(file->descriptor(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return file->commit();
  }
  [[nodiscard]] static mode_t mode(const fs::path& of) {
    struct stat status {};
    EXPECT_EQ(lstat(of.c_str(), &status), 0);
    return status.st_mode;
  }
  test::TempDir dir;
  fs::path path = dir / "out";
};

TEST_F(WholeFileTest, HasNoNameBeforeItIsWhole) {
  {
    auto file = WholeFile::create(path).value();
    EXPECT_EQ(files(), 0U);
  }
  EXPECT_EQ(files(), 0U);
  ASSERT_THAT(put(path, "one"), IsOk());
  EXPECT_EQ(test::read_file(path), "one");
  EXPECT_EQ(mode(path), S_IFREG | 0600U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(WholeFileTest, KeepsTheModeOfTheFileWhosePlaceItTakes) {
  for (const mode_t kept : {0644U, 0600U, 0640U, 0664U}) {
    dir.write("out", "before");
    ASSERT_EQ(chmod(path.c_str(), kept), 0);
    ASSERT_THAT(put(path, "after"), IsOk());
    EXPECT_EQ(test::read_file(path), "after");
    EXPECT_EQ(mode(path), S_IFREG | kept);
    EXPECT_EQ(files(), 1U);
  }
}

TEST_F(WholeFileTest, TakesNoPlaceButAFiles) {
  const fs::path target = dir.write("target", "kept");
  fs::create_symlink(target, dir / "link");
  fs::create_symlink("nowhere", dir / "dangling");
  fs::create_directory(dir / "folder");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  std::vector<std::string> names{"link", "dangling", "folder", "pipe"};
  if (mknod((dir / "device").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) names.emplace_back("device");
  for (const std::string& name : names) {
    const mode_t before = mode(dir / name);
    EXPECT_THAT(put(dir / name, "x"), Fails(Kind::invalid, HasSubstr(name))) << name;
    EXPECT_EQ(mode(dir / name), before) << name;
  }
  EXPECT_EQ(test::read_file(target), "kept");
  EXPECT_FALSE(fs::exists(dir / "nowhere"));
}

TEST_F(WholeFileTest, ReplacesNothingThatHasComeMeanwhile) {
  auto file = WholeFile::create(path).value();
  dir.write("out", "somebody else's");
  EXPECT_THAT(file.commit(), Fails(Kind::invalid, HasSubstr("meanwhile")));
  EXPECT_EQ(test::read_file(path), "somebody else's");
  EXPECT_EQ(files(), 1U);
}

TEST_F(WholeFileTest, RefusesANameThatIsTooLongBeforeAnythingIsWritten) {
  EXPECT_THAT(WholeFile::create(dir / std::string(256, 'n')), Fails(Kind::invalid, HasSubstr("too long")));
  EXPECT_THAT(put(dir / std::string(255, 'n'), "x"), IsOk());
}

TEST_F(WholeFileTest, LeavesNothingWhenASignalEndsTheProcess) {
  dir.write("out", "before");
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGKILL}) {
    const pid_t child = fork();
    if (child == 0) {
      auto file = WholeFile::create(path);
      const bool written = file && ::write(file->descriptor(), "half", 4) == 4;
      if (written) raise(number);
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << number;
    EXPECT_EQ(files(), 1U) << number;
    EXPECT_EQ(test::read_file(path), "before");
  }
}

TEST_F(WholeFileTest, AreToldApartWhateverTheyAreCalled) {
  const fs::path input = dir.write("a.esdk", "sealed");
  fs::create_directory(dir / "sub");
  fs::create_symlink(dir.path(), dir / "folder");
  fs::create_hard_link(input, dir / "hard");
  const std::vector<fs::path> same{input, dir / "./a.esdk", dir / "sub/../a.esdk", dir / "folder/a.esdk", dir / "hard"};
  for (const fs::path& name : same) {
    OutputGuard guard;
    guard.reads(input);
    EXPECT_THAT(guard.admit(name), Fails(Kind::invalid, HasSubstr("which is to be read"))) << name;
  }
  OutputGuard guard;
  guard.reads(input);
  guard.reads(dir / "absent");
  EXPECT_THAT(guard.admit(dir / "new"), IsOk());
  EXPECT_THAT(guard.admit(dir / "folder/new"), Fails(Kind::invalid, HasSubstr("two inputs")));
  EXPECT_THAT(guard.admit(dir / "sub/new"), IsOk());
  EXPECT_THAT(guard.admit(dir / "made/later/x"), IsOk());
  EXPECT_THAT(guard.admit(dir / "made/./later/x"), Fails(Kind::invalid, HasSubstr("two inputs")));
}

TEST_F(WholeFileTest, AStreamMayTakeSeveral) {
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  fs::create_symlink(dir / "pipe", dir / "to-pipe");
  EXPECT_EQ(output_place(dir / "to-pipe"), OutputPlace::stream);
  OutputGuard guard;
  EXPECT_THAT(guard.admit(dir / "pipe"), IsOk());
  EXPECT_THAT(guard.admit(dir / "to-pipe"), IsOk());
}

}  // namespace
}  // namespace edgeseal
