// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/http/http_client.h"

#include <thread>

#include <gmock/gmock.h>

#include "tests/component/http/http_peer.h"
#include "tests/support/matchers.h"
#include "tests/support/self_trace.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::HttpPeer;
using test::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

HttpRequest get(const std::string& url) { return {.url = url}; }

HttpRequest put(const std::string& url, std::string_view body) {
  HttpRequest request = get(url);
  request.method = "PUT";
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = as_bytes(body);
  return request;
}

std::string text_of(const HttpResponse& response) { return std::string(as_text(response.body)); }

TEST(HttpClientTest, SendsWhatItIsGivenAndLittleElse) {
  HttpPeer peer;
  HttpClient client;
  HttpRequest request = put(peer.url() + "/echo/a%3Db/../c%20d?x=%2F", "12345");
  request.headers.push_back({"X-Thing", "one"});
  const auto response = client.send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(text_of(*response), HasSubstr("PUT /echo/a%3Db/../c%20d?x=%2F\n"));
  EXPECT_THAT(text_of(*response), AllOf(HasSubstr("x-thing: one\n"), HasSubstr("content-length: 5\n"),
                                        HasSubstr("content-type: application/octet-stream\n"), HasSubstr("body 5\n")));
  EXPECT_THAT(text_of(*response), Not(HasSubstr("authorization")));
}

// It would cost a round trip an object. The peer never gives leave.
TEST(HttpClientTest, AsksForNoLeaveToSend) {
  HttpPeer peer;
  HttpClient client;
  const std::string large(3 << 20, 'x');
  EXPECT_THAT(text_of(*client.send(put(peer.url() + "/echo", large))),
              AllOf(HasSubstr("body 3145728\n"), Not(HasSubstr("expect"))));
  const SecretBytes secret = SecretBytes::copy_of(as_bytes("s3cr3t"));
  const SigV4 sign{.service = "s3", .region = "x", .access_key_id = "AKID", .secret_access_key = &secret};
  HttpRequest signed_put = put(peer.url() + "/echo", std::string_view(large).substr(0, 1 << 20));
  signed_put.sign = sign;
  EXPECT_THAT(text_of(*client.send(signed_put)), AllOf(HasSubstr("body 1048576\n"), Not(HasSubstr("expect"))));
  // A larger signed one asks (http_client.cpp says why), and sends.
  signed_put = put(peer.url() + "/echo", large);
  signed_put.sign = sign;
  EXPECT_THAT(text_of(*client.send(signed_put)), HasSubstr("body 3145728\n"));
}

TEST(HttpClientTest, SignsEachHeaderAndTheToken) {
  HttpPeer peer;
  HttpClient client;
  const SecretBytes secret = SecretBytes::copy_of(as_bytes("s3cr3t"));
  const SecretBytes token = SecretBytes::copy_of(as_bytes("t0ken"));
  HttpRequest request = put(peer.url() + "/echo", "body");
  request.sign = SigV4{.service = "s3",
                       .region = "eu-west-1",
                       .access_key_id = "AK:ID",
                       .secret_access_key = &secret,
                       .session_token = &token};
  const auto response = client.send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(text_of(*response), AllOf(HasSubstr("Credential=AK:ID/"), HasSubstr("/eu-west-1/s3/aws4_request"),
                                        HasSubstr("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"),
                                        HasSubstr("x-amz-security-token: t0ken\n"), Not(HasSubstr("s3cr3t"))));
  // Nothing of it clings to the connection.
  EXPECT_THAT(text_of(*client.send(get(peer.url() + "/echo"))),
              AllOf(Not(HasSubstr("authorization")), Not(HasSubstr("t0ken"))));
}

TEST(HttpClientTest, KeepsItsConnection) {
  HttpPeer peer;
  HttpClient client;
  for (int i = 0; i < 5; ++i) ASSERT_THAT(client.send(put(peer.url() + "/echo", "x")), IsOk());
  EXPECT_EQ(client.connections_opened(), 1);
}

TEST(HttpClientTest, ServesSeveralThreads) {
  HttpPeer peer;
  HttpClient client;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j) EXPECT_THAT(client.send(put(peer.url() + "/echo", "x")), IsOk());
    });
  }
  threads.clear();
  EXPECT_LE(client.connections_opened(), 4);
}

TEST(HttpClientTest, LeavesStatusesToTheCaller) {
  HttpPeer peer;
  HttpClient client;
  for (const int status : {204, 400, 403, 404, 500, 503}) {
    const auto response = client.send(get(peer.url() + "/status/" + std::to_string(status)));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->status, status);
  }
}

TEST(HttpClientTest, FollowsNoRedirect) {
  HttpPeer peer;
  const auto response = HttpClient().send(get(peer.url() + "/redirect"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("location"), "/echo");
}

TEST(HttpClientTest, BoundsAnAnswer) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/long/100001");
  request.response_bytes_max = 100000;
  EXPECT_THAT(HttpClient().send(request), Fails(Kind::transient, HasSubstr("longer than 100000 bytes")));
  request.url = peer.url() + "/long/100000";
  EXPECT_THAT(HttpClient().send(request), IsOk());
}

TEST(HttpClientTest, HandsOnAnAnswerPieceByPiece) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/long/5000000");
  std::size_t taken = 0;
  request.on_body = [&](const HttpResponse& head, ByteView piece) -> Result<void> {
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "5000000");
    taken += piece.size();
    return {};
  };
  const auto response = HttpClient().send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(taken, 5000000U);
  EXPECT_TRUE(response->body.empty());
}

TEST(HttpClientTest, EndsWhenAPieceIsRefused) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/long/5000000");
  request.on_body = [](const HttpResponse&, ByteView) -> Result<void> { return fail(Kind::corrupt, "not this"); };
  EXPECT_THAT(HttpClient().send(request), Fails(Kind::corrupt, HasSubstr("not this")));
}

TEST(HttpClientTest, KeepsTheBodyOfAnErrorFromThePieces) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/status/500");
  request.on_body = [](const HttpResponse&, ByteView) -> Result<void> { return fail(Kind::fault, "called"); };
  EXPECT_EQ(HttpClient().send(request)->status, 500);
}

TEST(HttpClientTest, NamesTheHostAndTheCauseWhenTheNetworkFails) {
  HttpPeer peer;
  HttpClient client;
  EXPECT_THAT(client.send(get(peer.url() + "/drop?token=secret")),
              Fails(Kind::transient, AllOf(HasSubstr(peer.url()), HasSubstr("mpty reply"), Not(HasSubstr("secret")))));
  EXPECT_THAT(
      client.send(get("http://127.0.0.1:1/x?token=secret")),
      Fails(Kind::transient, AllOf(HasSubstr("http://127.0.0.1:1: "), HasSubstr("onnect"), Not(HasSubstr("secret")))));
  EXPECT_THAT(client.send(get("http://no-such-host.invalid/")),
              Fails(Kind::transient, HasSubstr("no-such-host.invalid")));
}

TEST(HttpClientTest, RefusesOtherSchemes) {
  EXPECT_THAT(HttpClient().send(get("file:///etc/passwd")), Fails(Kind::sink_refused, HasSubstr("http")));
}

TEST(HttpClientTest, GivesUpAfterItsTime) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/hang");
  request.timeouts.whole = std::chrono::seconds{1};
  EXPECT_THAT(HttpClient().send(request), Fails(Kind::transient, HasSubstr("timed out")));
}

// Without a bound of the whole, a server that falls silent would be waited for without end.
TEST(HttpClientTest, GivesUpWhenNothingMovesForItsTime) {
  HttpPeer peer;
  HttpRequest request = get(peer.url() + "/hang");
  request.timeouts = {.whole = std::chrono::seconds{0}, .stall = std::chrono::seconds{1}};
  EXPECT_THAT(HttpClient().send(request), Fails(Kind::transient, HasSubstr("the last 1 seconds")));
}

TEST(HttpClientTest, EndsARequestUnderWayWhenStopped) {
  HttpPeer peer;
  std::stop_source stop;
  HttpClient client({}, stop.get_token());
  std::jthread stopper([&] {
    peer.process().wait_for_line("got GET /hang");
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(client.send(get(peer.url() + "/hang")), Fails(Kind::transient, HasSubstr("shutting down")));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{30});  // the request's own is 60 s
  EXPECT_THAT(client.send(get(peer.url() + "/echo")), Fails(Kind::transient, HasSubstr("shutting down")));
}

TEST(HttpClientTlsTest, TrustsTheGivenAuthority) {
  HttpPeer peer("good");
  const auto response = HttpClient(peer.file("ca.pem")).send(get(peer.url() + "/echo"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
}

TEST(HttpClientTlsTest, RefusesAnAuthorityThatItWasNotGiven) {
  HttpPeer peer("good");
  for (const std::string& ca : {peer.file("stranger.pem"), std::string()}) {
    EXPECT_THAT(HttpClient(ca).send(get(peer.url() + "/echo")),
                Fails(Kind::sink_refused, AllOf(HasSubstr("certificate"), HasSubstr("authority"))));
  }
}

// The folder of the system's store is in libcurl itself, and would be asked for whatever the file does not hold.
TEST(HttpClientTlsTest, LooksForNoAuthorityBesideThoseGiven) {
  HttpPeer peer("good");
  const auto lines_with = [&peer](const std::string& ca) {
    return test::trace_self("%file", [&] { (void)HttpClient(ca).send(get(peer.url() + "/echo")); });
  };
  const auto beside = lines_with(peer.file("stranger.pem"));
  if (!beside) GTEST_SKIP() << "strace cannot attach";
  EXPECT_THAT(*beside, ::testing::Contains(HasSubstr("stranger.pem")));
  EXPECT_THAT(*beside, ::testing::Each(Not(HasSubstr("/etc/ssl/certs/"))));
  EXPECT_THAT(*lines_with(""), ::testing::Contains(HasSubstr("/etc/ssl/certs/"))) << "without a file it is asked";
}

TEST(HttpClientTlsTest, RefusesAnotherHostsCertificate) {
  HttpPeer peer("other-name");
  EXPECT_THAT(HttpClient(peer.file("ca.pem")).send(get(peer.url() + "/echo")),
              Fails(Kind::sink_refused, HasSubstr("localhost")));
}

TEST(HttpClientTlsTest, RefusesAnExpiredCertificate) {
  HttpPeer peer("expired");
  EXPECT_THAT(HttpClient(peer.file("ca.pem")).send(get(peer.url() + "/echo")),
              Fails(Kind::sink_refused, AllOf(HasSubstr("expired"), HasSubstr("renew"))));
}

// The clock of a gateway that has just woken may be years behind: that mends itself.
TEST(HttpClientTlsTest, WaitsForACertificateThatIsNotValidYet) {
  HttpPeer peer("early");
  EXPECT_THAT(HttpClient(peer.file("ca.pem")).send(get(peer.url() + "/echo")),
              Fails(Kind::transient, AllOf(HasSubstr("not yet valid"), HasSubstr("clock"))));
}

TEST(HttpClientTlsTest, NamesACaFileThatCannotBeRead) {
  HttpPeer peer("good");
  EXPECT_THAT(HttpClient(peer.file("absent.pem")).send(get(peer.url() + "/echo")),
              Fails(Kind::sink_refused, HasSubstr("absent.pem")));
}

TEST(HttpClientTlsTest, SaysWhenTheServerSpeaksNoTls) {
  HttpPeer peer;
  EXPECT_THAT(HttpClient().send(get("https" + peer.url().substr(4) + "/echo")),
              Fails(Kind::transient, HasSubstr("TLS")));
}

}  // namespace
}  // namespace edgeseal::transport
