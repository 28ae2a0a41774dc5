// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/s3_sink.h"

#include <gmock/gmock.h>

#include "tests/component/http/http_peer.h"
#include "tests/component/http/s3_world.h"
#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using test::S3Server;
using test::S3World;
using test::sealed_object;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class S3SinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> uploader_with(const S3SinkOptions& o) { return std::move(S3Sink::create(o).value()); }
  S3World& world = S3World::shared();
  S3SinkOptions options = world.sink_options("s3-sink/{batch}.esdk");
};

// Above 1 MiB libcurl does some things in another way.
TEST_F(S3SinkTest, UploadsALargeObject) {
  const std::string bytes(3 << 20, 'x');
  const SealedObject object = sealed_object(bytes, 1);
  ASSERT_THAT(uploader_with(options)->deliver(object), IsOk());
  EXPECT_EQ(world.content("s3-sink/" + object.batch.hex() + ".esdk"), bytes);
}

TEST_F(S3SinkTest, CallsForHelpWhenCredentialsAreRefusedTwice) {
  options.credentials = FileCredentialsOptions{{SecretRef::Source::file, world.credentials_file("wrong", "wr0ng")}};
  const auto uploader = uploader_with(options);
  EXPECT_THAT(uploader->deliver(sealed_object("x", 2)),
              Fails(Kind::unauthorised, AllOf(HasSubstr("HTTP 403 SignatureDoesNotMatch"),
                                              HasSubstr("check the secret access key"), Not(HasSubstr("wr0ng")))));
  EXPECT_THAT(uploader->deliver(sealed_object("x", 2)), Fails(Kind::sink_refused, HasSubstr("403")));
  EXPECT_FALSE(uploader->renewed());

  world.credentials_file("wrong", S3Server::kSecretKey);  // mended
  EXPECT_TRUE(uploader->renewed()) << "so that the pause ends";
  EXPECT_THAT(uploader->deliver(sealed_object("x", 2)), IsOk());
  world.credentials_file("wrong", "wr0ng");  // not noticed while the old ones pass
  EXPECT_THAT(uploader->deliver(sealed_object("x", 2)), IsOk());
}

// As when a token has expired and its successor is in the file already.
TEST_F(S3SinkTest, TakesNewCredentialsWithoutAWait) {
  options.credentials = FileCredentialsOptions{{SecretRef::Source::file, world.credentials_file("rotated", "0ld")}};
  const auto uploader = uploader_with(options);
  ASSERT_THAT(uploader->deliver(sealed_object("x", 3)), Fails(Kind::unauthorised));
  world.credentials_file("rotated", S3Server::kSecretKey);
  ASSERT_THAT(uploader->deliver(sealed_object("x", 3)), IsOk());
}

TEST_F(S3SinkTest, CannotStartWithoutCredentials) {
  options.credentials = FileCredentialsOptions{{SecretRef::Source::file, "/absent/credentials"}};
  EXPECT_THAT(uploader_with(options)->deliver(sealed_object("x", 4)),
              Fails(Kind::sink_refused, HasSubstr("/absent/credentials")));
}

TEST_F(S3SinkTest, MakesNoBucket) {
  options.bucket = "absent";
  EXPECT_THAT(uploader_with(options)->deliver(sealed_object("x", 5)),
              Fails(Kind::sink_refused, AllOf(HasSubstr("s3://absent/s3-sink/"), HasSubstr("NoSuchBucket"),
                                              HasSubstr("create the bucket"))));
}

// The digest was made when the batch was sealed: if the spool's medium has rotted since, the server must not store it.
TEST_F(S3SinkTest, DoubtsABatchThatIsNotWhatWasSealed) {
  SealedObject object = sealed_object("as it was sealed", 6);
  object.bytes = as_bytes("as it is rotten!");
  EXPECT_THAT(uploader_with(options)->deliver(object),
              Fails(Kind::batch_doubtful, AllOf(HasSubstr("HTTP 400"), HasSubstr("damaged on its way"))));
  EXPECT_EQ(world.content("s3-sink/" + object.batch.hex() + ".esdk"), std::nullopt);
}

TEST_F(S3SinkTest, BacksOffWhileTheServerIsDown) {
  const auto uploader = uploader_with(options);
  const SealedObject object = sealed_object("before and after", 8);
  ASSERT_THAT(uploader->deliver(object), IsOk());
  world.server().kill();
  EXPECT_THAT(uploader->deliver(object), Fails(Kind::transient, HasSubstr(world.server().url())));
  world.server().start();
  EXPECT_THAT(uploader->deliver(object), IsOk());
  EXPECT_EQ(world.content("s3-sink/" + object.batch.hex() + ".esdk"), "before and after");
}

// A web page, a redirect and a mute answer come with 2xx and 3xx from portals, and delete nothing.
TEST_F(S3SinkTest, BelievesNoAnswerThatIsNotS3s) {
  test::HttpPeer peer;
  options.endpoint = peer.url();
  for (const char* bucket : {"page", "echo", "redirect"}) {
    options.bucket = bucket;
    EXPECT_THAT(uploader_with(options)->deliver(sealed_object("x", 10)),
                Fails(Kind::transient, HasSubstr("captive portal")))
        << bucket;
  }
  EXPECT_THAT(test::read_file(peer.file("peer.out")), Not(HasSubstr("got GET /echo"))) << "a redirect was followed";
}

std::string answers_of(const std::vector<std::pair<int, std::string>>& rows) {
  std::string json;
  for (const auto& [status, body] : rows) {
    // The ETag is the MD5 of "x".
    json += (json.empty() ? "[[" : ", [") + std::to_string(status) +
            R"(, {"ETag": "9dd4e461268c8034f5c8564e155c67a6", "x-amz-request-id": "1"}, ")" + body + R"("])";
  }
  return json + "]";
}

const std::string kRefused = "<Error><Code>ExpiredToken</Code></Error>";

// S3 answers an upload with 200 alone.
TEST_F(S3SinkTest, BelievesNoOtherSuccess) {
  const test::HttpPeer peer({}, answers_of({{200, ""}, {204, ""}, {201, ""}}));
  options.endpoint = peer.url();
  const auto uploader = uploader_with(options);
  EXPECT_THAT(uploader->deliver(sealed_object("x", 11)), IsOk());
  EXPECT_THAT(uploader->deliver(sealed_object("x", 11)), Fails(Kind::transient, HasSubstr("HTTP 204")));
  EXPECT_THAT(uploader->deliver(sealed_object("x", 11)), Fails(Kind::transient, HasSubstr("HTTP 201")));
}

TEST_F(S3SinkTest, CountsRefusalsInARowAlone) {
  const test::HttpPeer peer({}, answers_of({{403, kRefused}, {200, ""}, {403, kRefused}}));
  options.endpoint = peer.url();
  const auto uploader = uploader_with(options);
  EXPECT_THAT(uploader->deliver(sealed_object("x", 12)), Fails(Kind::unauthorised));
  EXPECT_THAT(uploader->deliver(sealed_object("x", 12)), IsOk());
  EXPECT_THAT(uploader->deliver(sealed_object("x", 12)), Fails(Kind::unauthorised)) << "the first since a success";
  EXPECT_THAT(uploader->deliver(sealed_object("x", 12)), Fails(Kind::sink_refused));
}

TEST_F(S3SinkTest, TakesANewTokenOfTheSameKeyWithoutAWait) {
  const test::TempDir folder;
  const auto write = [&folder](const std::string& token) {
    return folder.write(
        "aws", "[default]\naws_access_key_id = id\naws_secret_access_key = key\naws_session_token = " + token + "\n");
  };
  options.credentials = FileCredentialsOptions{.file = {SecretRef::Source::file, write("first")}};
  const test::HttpPeer peer({}, answers_of({{200, ""}, {403, kRefused}, {200, ""}}));
  options.endpoint = peer.url();
  const auto uploader = uploader_with(options);
  ASSERT_THAT(uploader->deliver(sealed_object("x", 13)), IsOk());
  write("other");
  EXPECT_THAT(uploader->deliver(sealed_object("x", 13)), IsOk());
}

TEST_F(S3SinkTest, GivesUpWhenNothingMovesForItsTimeHoweverLargeTheObject) {
  const test::HttpPeer peer;
  options.endpoint = peer.url();
  options.bucket = "hang";
  options.timeout = std::chrono::seconds{1};
  const std::string bytes(1 << 20, 'x');  // for which the slowest link is given four minutes
  EXPECT_THAT(uploader_with(options)->deliver(sealed_object(bytes, 14)),
              Fails(Kind::transient, HasSubstr("the last 1 seconds")));
}

TEST_F(S3SinkTest, EndsWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto uploader = S3Sink::create(options, stop.get_token());
  EXPECT_THAT((*uploader)->deliver(sealed_object("x", 9)), Fails(Kind::transient, HasSubstr("shutting down")));
}

}  // namespace
}  // namespace edgeseal::transport
