// SPDX-License-Identifier: GPL-3.0-or-later
// Who may hold the spool, who may read it, and what is said when it cannot be opened.
#include "storage/spool_files.h"

#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/sqlite.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

using SpoolFilesTest = SpoolTest;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat file {};
  EXPECT_EQ(::stat(path.c_str(), &file), 0) << path;
  return file.st_mode & 07777U;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

TEST_F(SpoolFilesTest, OnlyTheOwnerMayReadWhateverTheUmask) {
  const Umask open_to_all(0);
  open();
  must_commit(batch("telemetry", "one"));
  for (const char* name : {"spool.db", "spool.db-wal", "spool.db-shm", "spool.db.lock", "spool.db.reserve"}) {
    EXPECT_EQ(mode_of(folder / name), 0600U) << name;
  }
}

TEST_F(SpoolFilesTest, AFileThatOthersCouldReadIsClosedToThem) {
  open();
  spool.reset();
  std::filesystem::permissions(options.path, std::filesystem::perms(0644));
  open();
  must_commit(batch("telemetry", "one"));
  EXPECT_EQ(mode_of(options.path), 0600U);
  EXPECT_EQ(mode_of(folder / "spool.db-wal"), 0600U);
}

TEST_F(SpoolFilesTest, ASecondWriterIsRefusedAndToldWhoHoldsIt) {
  open();
  must_commit(batch("telemetry", "one"));
  EXPECT_THAT(Spool::open(options, random),
              Fails(Kind::invalid, HasSubstr("process " + std::to_string(::getpid()) + ")")));
  const pid_t other = ::fork();
  if (other == 0) {
    // The child has the parent's descriptors but must not be taken for its owner.
    const auto second = Spool::open(options, random);
    ::_exit(!second && second.error().kind == Kind::invalid ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  must_commit(batch("telemetry", "two"));
  spool.reset();
  EXPECT_THAT(Spool::open(options, random), IsOk());
}

TEST_F(SpoolFilesTest, TheFolderMustExist) {
  options.path = folder / "missing" / "spool.db";
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("folder does not exist")));
  options.path = folder.write("file", "") / "spool.db";
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("folder does not exist")));
}

TEST_F(SpoolFilesTest, ARelativePathIsOneOfTheWorkingFolder) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  options.path = "spool.db";
  open();
  must_commit(batch("telemetry", "one"));
  spool.reset();
  std::filesystem::current_path(before);
  options.path = folder / "spool.db";
  open();
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
}

TEST_F(SpoolFilesTest, WhatIsNoFileIsRefusedAndLeftAlone) {
  options.path = folder / "taken";
  std::filesystem::create_directory(options.path);
  ASSERT_EQ(::chmod(options.path.c_str(), 0755), 0);
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("something else than a file")));
  EXPECT_EQ(mode_of(options.path), 0755U);
  EXPECT_FALSE(std::filesystem::exists(folder / "taken.lock"));
  options.path = folder / "pipe";
  ASSERT_EQ(::mkfifo(options.path.c_str(), 0644), 0);
  EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("something else than a file")));
  EXPECT_EQ(mode_of(options.path), 0644U);
}

TEST_F(SpoolFilesTest, AnothersDatabaseIsRefusedAndLeftAlone) {
  for (const char* script : {"CREATE TABLE others (a)", "PRAGMA application_id = 7; CREATE TABLE others (a)"}) {
    std::filesystem::remove(options.path);
    ASSERT_THAT((*Connection::open(options.path, Connection::Access::write, {}))->run_script(script), IsOk());
    ASSERT_EQ(::chmod(options.path.c_str(), 0644), 0);
    EXPECT_THAT(Spool::open(options, random), Fails(Kind::invalid, HasSubstr("spool.db")));
    EXPECT_EQ(mode_of(options.path), 0644U);
    EXPECT_FALSE(std::filesystem::exists(folder / "spool.db.reserve"));
  }
}

TEST_F(SpoolFilesTest, TheReserveIsTakenAndGivenBack) {
  auto files = SpoolFiles::claim(options.path);
  ASSERT_THAT(files, IsOk());
  files->restore_reserve();
  const auto reserve = folder / "spool.db.reserve";
  const auto size = std::filesystem::file_size(reserve);
  EXPECT_GT(size, 0U);
  struct stat file {};
  ASSERT_EQ(::stat(reserve.c_str(), &file), 0);
  EXPECT_GE(static_cast<std::uint64_t>(file.st_blocks) * 512, size) << "a file with holes reserves nothing";
  EXPECT_TRUE(files->release_reserve());
  EXPECT_EQ(std::filesystem::file_size(reserve), 0U);
  EXPECT_FALSE(files->release_reserve());
  files->restore_reserve();
  EXPECT_EQ(std::filesystem::file_size(reserve), size);
}

TEST_F(SpoolFilesTest, WithoutEntropyThereIsNoSpool) {
  test::FailingRandom none;
  EXPECT_THAT(Spool::open(options, none), Fails(Kind::fault, HasSubstr("no entropy")));
  open();
}

}  // namespace
}  // namespace edgeseal::storage
