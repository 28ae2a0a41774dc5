// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/directory_sink.h"

#include <functional>

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/transport/sinks/sealed_object.h"

namespace edgeseal::transport {
namespace {

namespace fs = std::filesystem;
using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class DirectorySinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> sink_in(const fs::path& path, const std::string& key = "{route}/{date}/{batch}.esdk") {
    auto sink = DirectorySink::create({.path = path, .key = key});
    EXPECT_THAT(sink, IsOk());
    return std::move(*sink);
  }
  static std::unique_ptr<Sink> require_mount(const fs::path& path) {
    auto sink = DirectorySink::create({.path = path, .key = "{batch}.esdk", .require_mount = true});
    EXPECT_THAT(sink, IsOk());
    return std::move(*sink);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    }
    return names;
  }
  test::TempDir folder;
  const std::string name = std::string(kBatchHex) + ".esdk";
  const fs::path place = folder.path() / "telemetry" / "2026-11-24";
};

TEST_F(DirectorySinkTest, WritesTheObjectUnderItsNameAndNothingElse) {
  const auto sink = sink_in(folder.path());
  ASSERT_THAT(sink->deliver(sealed_object("sealed bytes")), IsOk());
  EXPECT_EQ(test::read_file(place / name), "sealed bytes");
  EXPECT_THAT(files(), UnorderedElementsAre(name));
}

TEST_F(DirectorySinkTest, DeliversTheSameObjectAgain) {
  const auto sink = sink_in(folder.path());
  ASSERT_THAT(sink->deliver(sealed_object("sealed bytes")), IsOk());
  EXPECT_THAT(sink->deliver(sealed_object("sealed bytes")), IsOk());
  EXPECT_THAT(files(), UnorderedElementsAre(name));
}

TEST_F(DirectorySinkTest, NeverOverwritesOtherContent) {
  const auto sink = sink_in(folder.path());
  ASSERT_THAT(sink->deliver(sealed_object("sealed bytes")), IsOk());
  for (const char* other : {"sealed bytez", "sealed bytes and more", "sealed", ""}) {
    EXPECT_THAT(sink->deliver(sealed_object(other)), Fails(Kind::batch_refused, HasSubstr("other content")));
  }
  EXPECT_EQ(test::read_file(place / name), "sealed bytes");
}

// A process that was killed between creating and renaming leaves the .part file.
TEST_F(DirectorySinkTest, TakesUpWhatACrashLeft) {
  const fs::path left =
      folder.write("telemetry/2026-11-24/." + std::string(kBatchHex) + ".part", "longer than the rest");
  ASSERT_THAT(sink_in(folder.path())->deliver(sealed_object("short")), IsOk());
  EXPECT_EQ(test::read_file(place / name), "short");
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(DirectorySinkTest, WritesLargeObjectsWhole) {
  const std::string bytes(3'000'001, 'x');
  const auto sink = sink_in(folder.path());
  ASSERT_THAT(sink->deliver(sealed_object(bytes)), IsOk());
  EXPECT_EQ(test::read_file(place / name), bytes);
  EXPECT_THAT(sink->deliver(sealed_object(bytes)), IsOk());
}

TEST_F(DirectorySinkTest, NeverMakesTheFolderItself) {
  const auto sink = sink_in(folder / "stick");
  EXPECT_THAT(sink->deliver(sealed_object("x")), Fails(Kind::transient, AllOf(HasSubstr("stick"), HasSubstr("mount"))));
  fs::create_directory(folder / "stick");
  EXPECT_THAT(sink->deliver(sealed_object("x")), IsOk());
}

TEST_F(DirectorySinkTest, MakesFoldersAgainThatWereTakenAway) {
  const auto sink = sink_in(folder.path());
  ASSERT_THAT(sink->deliver(sealed_object("x")), IsOk());
  fs::remove_all(folder / "telemetry");
  ASSERT_THAT(sink->deliver(sealed_object("x")), IsOk());
  EXPECT_EQ(test::read_file(place / name), "x");
}

TEST_F(DirectorySinkTest, NamesAFileWhereAFolderShouldBe) {
  folder.write("telemetry", "in the way");
  EXPECT_THAT(sink_in(folder.path())->deliver(sealed_object("x")),
              Fails(Kind::transient, AllOf(HasSubstr("telemetry"), HasSubstr("Not a directory"))));
}

// Whatever may have an object's name, or the name it is written under: nothing is followed, opened or replaced.
TEST_F(DirectorySinkTest, RefusesTheBatchForWhatIsNoFile) {
  fs::create_directories(place);
  test::TempDir outside;
  const std::vector<std::function<void(const fs::path&)>> makers = {
      [](const fs::path& at) { ASSERT_EQ(mkfifo(at.c_str(), 0600), 0); },
      [](const fs::path& at) { fs::create_directory(at); },
      [&](const fs::path& at) { fs::create_symlink(outside.write("same", "sealed bytes"), at); },
      [&](const fs::path& at) { fs::create_symlink(outside / "nothing yet", at); },
      [](const fs::path& at) { fs::create_symlink(at, at); },
  };
  for (const auto& make : makers) {
    make(place / name);
    EXPECT_THAT(sink_in(folder.path())->deliver(sealed_object("sealed bytes")),
                Fails(Kind::batch_refused, HasSubstr("other than a file")));
    EXPECT_EQ(std::distance(fs::directory_iterator(place), {}), 1);
    fs::remove(place / name);
  }
  EXPECT_FALSE(fs::exists(outside / "nothing yet"));
}

TEST_F(DirectorySinkTest, WritesOnlyToAPartFileOfItsOwn) {
  fs::create_directories(place);
  test::TempDir outside;
  const fs::path kept = outside.write("kept", "precious");
  const fs::path part = place / ("." + std::string(kBatchHex) + ".part");
  const std::vector<std::function<void()>> makers = {
      [&] { ASSERT_EQ(mkfifo(part.c_str(), 0600), 0); },
      [&] { fs::create_symlink(kept, part); },
      [&] { fs::create_hard_link(kept, part); },
  };
  for (const auto& make : makers) {
    make();
    ASSERT_THAT(sink_in(folder.path())->deliver(sealed_object("sealed bytes")), IsOk());
    EXPECT_EQ(test::read_file(place / name), "sealed bytes");
    EXPECT_THAT(files(), UnorderedElementsAre(name));
    fs::remove(place / name);
  }
  EXPECT_EQ(test::read_file(kept), "precious");
}

TEST_F(DirectorySinkTest, FollowsNoLinkOutOfItsFolder) {
  test::TempDir outside;
  for (const fs::path& link : {folder / "telemetry", place}) {
    fs::create_directories(link.parent_path());
    fs::create_directory_symlink(outside.path(), link);
    EXPECT_THAT(sink_in(folder.path())->deliver(sealed_object("x")),
                Fails(Kind::transient, AllOf(HasSubstr(link), HasSubstr("symbolic link"))));
    fs::remove(link);
    EXPECT_THAT(sink_in(folder.path())->deliver(sealed_object("x")), IsOk());
    fs::remove_all(folder / "telemetry");
  }
  EXPECT_TRUE(fs::is_empty(outside.path()));
}

TEST_F(DirectorySinkTest, WritesThroughALinkThatIsItsPath) {
  test::TempDir outside;
  fs::create_directory_symlink(outside.path(), folder / "stick");
  EXPECT_THAT(sink_in(folder / "stick")->deliver(sealed_object("x")), IsOk());
  EXPECT_EQ(test::read_file(outside / "telemetry/2026-11-24" / name), "x");
}

TEST_F(DirectorySinkTest, WritesNothingWhereNoMediumIsMounted) {
  const auto sink = require_mount(folder.path());
  EXPECT_THAT(sink->deliver(sealed_object("x")), Fails(Kind::transient, HasSubstr("no medium is mounted")));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(DirectorySinkTest, WritesWhileTheMediumIsMounted) {
  if (geteuid() != 0) GTEST_SKIP() << "mounting needs root";
  const fs::path stick = folder / "stick";
  fs::create_directory(stick);
  const auto sink = require_mount(stick);
  if (mount("tmpfs", stick.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "no mounts here";
  const auto mounted = sink->deliver(sealed_object("x"));
  fs::create_directory(stick / "below");
  const auto below = require_mount(stick / "below")->deliver(sealed_object("x"));
  ASSERT_EQ(umount(stick.c_str()), 0);
  const auto unmounted = sink->deliver(sealed_object("x"));
  // What a unit's sandbox makes of ReadWritePaths=: a mount, of the same disk.
  ASSERT_EQ(mount(stick.c_str(), stick.c_str(), nullptr, MS_BIND, nullptr), 0);
  const auto bound = sink->deliver(sealed_object("x"));
  ASSERT_EQ(umount(stick.c_str()), 0);
  EXPECT_THAT(mounted, IsOk());
  for (const auto& refused : {below, unmounted, bound}) {
    EXPECT_THAT(refused, Fails(Kind::transient, AllOf(HasSubstr("no medium is mounted"), HasSubstr("mount point"))));
  }
  EXPECT_TRUE(fs::is_empty(stick));
}

TEST_F(DirectorySinkTest, LeavesNothingBehindOnAFullDisk) {
  if (geteuid() != 0) GTEST_SKIP() << "mounting needs root";
  const fs::path stick = folder / "stick";
  fs::create_directory(stick);
  if (mount("tmpfs", stick.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "no mounts here";
  const std::string bytes(1 << 20, 'x');
  const auto result = sink_in(stick)->deliver(sealed_object(bytes));
  const auto left = files();
  ASSERT_EQ(mount("tmpfs", stick.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64k"), 0);
  const auto read_only = sink_in(stick, "{gateway}/{batch}.esdk")->deliver(sealed_object("x"));
  ASSERT_EQ(umount(stick.c_str()), 0);
  EXPECT_THAT(result, Fails(Kind::transient, AllOf(HasSubstr("No space left"), HasSubstr("make room"))));
  EXPECT_THAT(left, ::testing::IsEmpty());
  EXPECT_THAT(read_only, Fails(Kind::sink_refused, HasSubstr("Read-only")));
}

TEST_F(DirectorySinkTest, IsNotMadeForANameThatNoFileSystemCanHold) {
  const std::string key = std::string(300, 'n') + "/{batch}.esdk";
  EXPECT_THAT(DirectorySink::create({.path = folder.path(), .key = key}), Fails(Kind::invalid, HasSubstr("254 bytes")));
}

}  // namespace
}  // namespace edgeseal::transport
