// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/file_credentials.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "transport/aws/credentials_factory.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFile =
    "# made by hand\n"
    "[default]\r\n"
    "aws_access_key_id = AKID1\r\n"
    "aws_secret_access_key=sec/ret=1\r\n"
    "region = eu-west-1\n"
    "; another\n"
    "[ gateway ]\n"
    "\taws_access_key_id\t=\tAKID2\n"
    "aws_secret_access_key = secret2\n"
    "aws_session_token = token2\n"
    "[half]\n"
    "aws_access_key_id = AKID3";

class FileCredentialsTest : public ::testing::Test {
 protected:
  Result<AwsCredentials> get(const std::string& profile) {
    return FileCredentials({SecretRef::Source::file, path}, profile).get();
  }
  test::TempDir folder;
  std::string path = folder.write("credentials", kFile);
};

TEST_F(FileCredentialsTest, ReadsTheDefaultProfile) {
  const auto credentials = get("default");
  ASSERT_THAT(credentials, IsOk());
  EXPECT_EQ(credentials->access_key_id, "AKID1");
  EXPECT_EQ(as_text(credentials->secret_access_key.reveal()), "sec/ret=1");
  EXPECT_TRUE(credentials->session_token.empty());
}

TEST_F(FileCredentialsTest, ReadsANamedProfileWithItsToken) {
  const auto credentials = get("gateway");
  ASSERT_THAT(credentials, IsOk());
  EXPECT_EQ(credentials->access_key_id, "AKID2");
  EXPECT_EQ(as_text(credentials->secret_access_key.reveal()), "secret2");
  EXPECT_EQ(as_text(credentials->session_token.reveal()), "token2");
}

TEST_F(FileCredentialsTest, NameTheProfileThatIsNotThere) {
  EXPECT_THAT(get("prod"), Fails(Kind::sink_refused, AllOf(HasSubstr("no profile [prod]"), HasSubstr(path))));
}

TEST_F(FileCredentialsTest, NameTheKeyThatAProfileLacksAndNoValue) {
  EXPECT_THAT(get("half"), Fails(Kind::sink_refused,
                                 AllOf(HasSubstr("[half] has no aws_secret_access_key"), Not(HasSubstr("AKID3")))));
}

TEST_F(FileCredentialsTest, NameAFileThatCannotBeRead) {
  path = folder / "absent";
  EXPECT_THAT(get("default"), Fails(Kind::sink_refused, AllOf(HasSubstr("absent"), HasSubstr("No such file"))));
}

TEST_F(FileCredentialsTest, AreReadAfreshEachTime) {
  FileCredentials provider({SecretRef::Source::file, path}, "default");
  ASSERT_EQ(provider.get()->access_key_id, "AKID1");
  folder.write("credentials", "[default]\naws_access_key_id=NEW\naws_secret_access_key=s\n");
  EXPECT_EQ(provider.get()->access_key_id, "NEW");
}

TEST_F(FileCredentialsTest, ComeFromASystemdCredentialInTheSameFormat) {
  setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  const auto provider = make_credentials_provider(
      {.from = AwsCredentialsOptions::From::credential, .name = "credentials", .profile = "gateway"});
  EXPECT_EQ(provider->get()->access_key_id, "AKID2");
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(provider->get(), Fails(Kind::sink_refused, HasSubstr("credential credentials")));
}

}  // namespace
}  // namespace edgeseal::transport
