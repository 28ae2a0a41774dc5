// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/secret_ref.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SecretRefTest : public ::testing::Test {
 protected:
  SecretRefTest() { unsetenv("CREDENTIALS_DIRECTORY"); }
  ~SecretRefTest() override {
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("EDGESEAL_TEST_SECRET");
  }
  /// What a file with `content` is read as.
  std::string read(std::string_view content) const {
    const auto secret = SecretRef{SecretRef::Source::file, dir.write("secret", content).string()}.read();
    return secret ? std::string(as_text(secret->reveal())) : "error: " + secret.error().message();
  }
  test::TempDir dir;
};

TEST_F(SecretRefTest, AFileIsReadWithoutOneTrailingLineBreak) {
  EXPECT_EQ(read("hunter2"), "hunter2");
  EXPECT_EQ(read("hunter2\n"), "hunter2");
  EXPECT_EQ(read("hunter2\r\n"), "hunter2");
  EXPECT_EQ(read("hunter2\n\n"), "hunter2\n");
  EXPECT_EQ(read(" hunter 2 "), " hunter 2 ");
  EXPECT_EQ(read("two\nlines\n"), "two\nlines");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("\n"), "");
  EXPECT_EQ(read(std::string_view("a\0b", 3)), std::string_view("a\0b", 3));
}

TEST_F(SecretRefTest, ALineEndsAtItsFirstBreak) {
  struct Row {
    std::string content;
    std::string line;
  };
  for (const Row& row :
       {Row{"hunter2\n", "hunter2"}, Row{"hunter2", "hunter2"}, Row{"hunter2\r\nnote to self", "hunter2"},
        Row{"hunter2\n\n\n", "hunter2"}, Row{"\nhunter2", ""}, Row{"", ""}}) {
    const auto secret = SecretRef{SecretRef::Source::file, dir.write("secret", row.content).string()}.read_line();
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(as_text(secret->reveal()), row.line);
  }
}

// A pipe would hang, a device never end, and a folder says nothing of itself.
TEST_F(SecretRefTest, OnlyARegularFileIsRead) {
  const std::string pipe = dir / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT((SecretRef{SecretRef::Source::file, pipe}.read()), Fails(Kind::invalid, HasSubstr("no regular file")));
  EXPECT_THAT((SecretRef{SecretRef::Source::file, dir.path()}.read()), Fails(Kind::invalid, HasSubstr("a folder")));
  const std::string zeros = dir / "zeros";
  if (mknod(zeros.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0) {  // root alone may
    EXPECT_THAT((SecretRef{SecretRef::Source::file, zeros}.read()), Fails(Kind::invalid, HasSubstr("no regular file")));
  }
}

TEST_F(SecretRefTest, ACredentialIsAFileInTheDirectorySystemdNames) {
  dir.write("broker-password", "hunter2\n");
  setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
  const auto secret = SecretRef{SecretRef::Source::credential, "broker-password"}.read();
  ASSERT_THAT(secret, IsOk());
  EXPECT_EQ(as_text(secret->reveal()), "hunter2");
}

TEST_F(SecretRefTest, AnEnvironmentVariableIsReadAfresh) {
  const SecretRef ref{SecretRef::Source::env, "EDGESEAL_TEST_SECRET"};
  for (const char* value : {"one", "two\n", ""}) {
    setenv("EDGESEAL_TEST_SECRET", value, 1);
    const auto secret = ref.read();
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(as_text(secret->reveal()), std::string_view(value).substr(0, 3));
  }
}

TEST_F(SecretRefTest, WhatIsMissingIsNamed) {
  const std::string path = (dir / "none").string();
  const auto file = SecretRef{SecretRef::Source::file, path}.read();
  EXPECT_THAT(file, Fails(Kind::invalid, AllOf(HasSubstr(path), HasSubstr("No such file"))));

  const auto env = SecretRef{SecretRef::Source::env, "EDGESEAL_TEST_SECRET"}.read();
  EXPECT_THAT(env, Fails(Kind::invalid, HasSubstr("EDGESEAL_TEST_SECRET is not set")));

  const SecretRef credential{SecretRef::Source::credential, "broker-password"};
  EXPECT_THAT(credential.read(), Fails(Kind::invalid, HasSubstr("LoadCredential=broker-password")));
  setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
  EXPECT_THAT(credential.read(), Fails(Kind::invalid, HasSubstr("credential broker-password")));
}

TEST_F(SecretRefTest, AFolderIsNoSecret) {
  EXPECT_THAT((SecretRef{SecretRef::Source::file, dir.path().string()}.read()),
              Fails(Kind::invalid, HasSubstr("it is a folder")));
}

TEST_F(SecretRefTest, TakesAtMost64KiBAndNeverShowsTheContent) {
  const std::string most(64 * 1024, 's');
  EXPECT_EQ(read(most), most);
  EXPECT_THAT(read(most + "s"), AllOf(HasSubstr("over 64 KiB"), Not(HasSubstr("ssss"))));

  setenv("EDGESEAL_TEST_SECRET", (most + "s").c_str(), 1);
  EXPECT_THAT((SecretRef{SecretRef::Source::env, "EDGESEAL_TEST_SECRET"}.read()),
              Fails(Kind::invalid, AllOf(HasSubstr("over 64 KiB"), Not(HasSubstr("ssss")))));
}

TEST_F(SecretRefTest, IsDescribedByItsName) {
  EXPECT_EQ((SecretRef{SecretRef::Source::credential, "pw"}.describe()), "credential pw");
  EXPECT_EQ((SecretRef{SecretRef::Source::file, "/etc/pw"}.describe()), "file /etc/pw");
  EXPECT_EQ((SecretRef{SecretRef::Source::env, "PW"}.describe()), "env PW");
}

}  // namespace
}  // namespace edgeseal
