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

// As people copy them from the environment, and as editors on Windows save them.
TEST_F(FileCredentialsTest, TakesTheShapesThatPeopleWrite) {
  const std::vector<std::string> files = {
      "[default]\nAWS_ACCESS_KEY_ID=AKID\nAWS_SECRET_ACCESS_KEY=sec/ret=\nAWS_SESSION_TOKEN=token\n",
      "\xef\xbb\xbf[default]\r\naws_access_key_id = AKID\r\naws_secret_access_key = sec/ret=\r\naws_session_token = "
      "token\r\n",
      "[default]\n  Aws_Access_Key_Id = \"AKID\"\n  aws_secret_access_key = 'sec/ret='\n  aws_session_token=\"token\"",
      "[other\naws_access_key_id=x\n[default]\naws_access_key_id=AKID\naws_secret_access_key=sec/"
      "ret=\naws_session_token=token",
      "[\"default\"]\naws_access_key_id=AKID\naws_secret_access_key=sec/ret=\naws_session_token=token",
  };
  for (const std::string& file : files) {
    folder.write("credentials", file);
    const auto credentials = get("default");
    ASSERT_THAT(credentials, IsOk()) << file;
    EXPECT_EQ(credentials->access_key_id, "AKID") << file;
    EXPECT_EQ(as_text(credentials->secret_access_key.reveal()), "sec/ret=") << file;
    EXPECT_EQ(as_text(credentials->session_token.reveal()), "token") << file;
  }
}

TEST_F(FileCredentialsTest, StampChangesWithTheFile) {
  const FileCredentials provider({SecretRef::Source::file, path}, "default");
  const std::string before = provider.stamp();
  EXPECT_EQ(provider.stamp(), before);
  folder.write("credentials", std::string(kFile) + "\n");
  const std::string after = provider.stamp();
  EXPECT_NE(after, before);
  std::filesystem::remove(path);
  EXPECT_NE(provider.stamp(), after);
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
      FileCredentialsOptions{.file = {SecretRef::Source::credential, "credentials"}, .profile = "gateway"});
  EXPECT_EQ(provider->get()->access_key_id, "AKID2");
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(provider->get(), Fails(Kind::sink_refused, HasSubstr("credential credentials")));
}

}  // namespace
}  // namespace edgeseal::transport
