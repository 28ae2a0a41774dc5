// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/aws/environment_credentials.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

class EnvironmentCredentialsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) unsetenv(name);
  }
  void TearDown() override { SetUp(); }
  EnvironmentCredentials provider;
};

TEST_F(EnvironmentCredentialsTest, ReadsTheThreeVariables) {
  setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t", 1);
  setenv("AWS_SESSION_TOKEN", "tok", 1);
  const auto credentials = provider.get();
  ASSERT_THAT(credentials, IsOk());
  EXPECT_EQ(credentials->access_key_id, "AKID");
  EXPECT_EQ(as_text(credentials->secret_access_key.reveal()), "s3cr3t");
  EXPECT_EQ(as_text(credentials->session_token.reveal()), "tok");
}

TEST_F(EnvironmentCredentialsTest, AreReadAfreshEachTime) {
  setenv("AWS_ACCESS_KEY_ID", "first", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
  ASSERT_THAT(provider.get(), IsOk());
  setenv("AWS_ACCESS_KEY_ID", "second", 1);
  EXPECT_EQ(provider.get()->access_key_id, "second");
  EXPECT_TRUE(provider.get()->session_token.empty());
}

TEST_F(EnvironmentCredentialsTest, NameTheVariableThatIsMissingOrEmpty) {
  setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t", 1);
  EXPECT_THAT(provider.get(), Fails(Kind::sink_refused, HasSubstr("AWS_ACCESS_KEY_ID is not set")));
  setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "", 1);
  EXPECT_THAT(provider.get(), Fails(Kind::sink_refused, HasSubstr("AWS_SECRET_ACCESS_KEY is not set")));
}

}  // namespace
}  // namespace edgeseal::transport
