// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/kms_client.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/component/http/http_peer.h"
#include "tests/support/matchers.h"
#include "tests/support/servers.h"

namespace edgeseal::transport {
namespace {

using std::chrono::milliseconds;
using test::Fails;
using test::IsOk;
using test::KmsServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr KmsAlgorithm kSha256 = KmsAlgorithm::rsaes_oaep_sha_256;
constexpr KmsAlgorithm kSha1 = KmsAlgorithm::rsaes_oaep_sha_1;
constexpr const char* kPlaintext = "an 80-byte plaintext would be a digest of 48 bytes and then a data key of 32, so";

std::string arn_of(int bits) { return "arn:aws:kms:eu-west-1:111122223333:key/rsa-" + std::to_string(bits); }

class FixedCredentials final : public CredentialsProvider {
 public:
  FixedCredentials(std::string secret, std::string token) : secret_(std::move(secret)), token_(std::move(token)) {}
  Result<AwsCredentials> get() override {
    return AwsCredentials{.access_key_id = KmsServer::kAccessKey,
                          .secret_access_key = SecretBytes::copy_of(as_bytes(secret_)),
                          .session_token = SecretBytes::copy_of(as_bytes(token_))};
  }

 private:
  std::string secret_;
  std::string token_;
};

class KmsClientTest : public ::testing::Test {
 protected:
  /// A key made by OpenSSL; gives the server's argument to import it.
  std::string make_key(int bits) {
    const std::string pem = folder / (std::to_string(bits) + ".pem");
    const auto made = test::run(
        {"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" + std::to_string(bits), "-out", pem},
        {}, std::chrono::seconds{60});
    EXPECT_EQ(made.status, 0) << made.err;
    return pem + "=" + arn_of(bits);
  }
  /// RSAES-OAEP by OpenSSL, hash and MGF1 alike.
  Bytes encrypt(int bits, const std::string& hash) {
    const auto made =
        test::run({"openssl", "pkeyutl", "-encrypt", "-inkey", folder / (std::to_string(bits) + ".pem"), "-pkeyopt",
                   "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:" + hash, "-pkeyopt", "rsa_mgf1_md:" + hash},
                  kPlaintext);
    EXPECT_EQ(made.status, 0) << made.err;
    const ByteView ciphertext = as_bytes(made.out);
    return {ciphertext.begin(), ciphertext.end()};
  }
  std::unique_ptr<KmsClient> client_of(const std::string& url, const std::string& secret = KmsServer::kSecretKey,
                                       const std::string& token = {}, const std::string& region = {}) {
    KmsOptions options{.region = region,
                       .endpoint = url,
                       .retry = {.attempts_max = 4,
                                 .draw = [] { return 1.0; },
                                 .pause = [this](milliseconds time) { pauses.push_back(time); }}};
    return std::move(KmsClient::create(options, std::make_unique<FixedCredentials>(secret, token)).value());
  }
  test::TempDir folder;
  std::vector<milliseconds> pauses;
};

TEST_F(KmsClientTest, DecryptsWithKeysOfEachSizeAndHash) {
  std::vector<std::string> arguments;
  for (const int bits : {2048, 3072, 4096}) arguments.insert(arguments.end(), {"--import-key", make_key(bits)});
  const KmsServer kms(arguments);
  const auto client = client_of(kms.url());
  for (const int bits : {2048, 3072, 4096}) {
    for (const auto& [hash, algorithm] : {std::pair{"sha256", kSha256}, std::pair{"sha1", kSha1}}) {
      const auto plaintext = client->decrypt(arn_of(bits), encrypt(bits, hash), algorithm);
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(as_text(std::as_const(*plaintext).reveal()), kPlaintext);
    }
  }
  EXPECT_THAT(pauses, ElementsAre());

  // What is not this key's, or not under this algorithm, is told from all that someone has to mend.
  EXPECT_THAT(client->decrypt(arn_of(3072), encrypt(2048, "sha256"), kSha256),
              Fails(Kind::invalid, AllOf(HasSubstr("InvalidCiphertextException"), HasSubstr(arn_of(3072)))));
  EXPECT_THAT(client->decrypt(arn_of(2048), encrypt(2048, "sha1"), kSha256), Fails(Kind::invalid));
}

TEST_F(KmsClientTest, WaitsOutThrottling) {
  const KmsServer kms({"--import-key", make_key(2048), "--fail-first", "2"});
  const auto plaintext = client_of(kms.url())->decrypt(arn_of(2048), encrypt(2048, "sha256"), kSha256);
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_THAT(pauses, ElementsAre(milliseconds{500}, milliseconds{1000}));
}

TEST_F(KmsClientTest, GivesUpAfterSomeAttempts) {
  const KmsServer kms({"--import-key", make_key(2048), "--fail-first", "100"});
  EXPECT_THAT(client_of(kms.url())->decrypt(arn_of(2048), encrypt(2048, "sha256"), kSha256),
              Fails(Kind::overloaded, HasSubstr("ThrottlingException: Rate exceeded")));
  EXPECT_EQ(pauses.size(), 3U);
}

TEST_F(KmsClientTest, NamesWhatSomeoneMustMend) {
  const KmsServer kms({"--import-key", make_key(2048), "--deny-decrypt", arn_of(2048)});
  const Bytes ciphertext = encrypt(2048, "sha256");
  EXPECT_THAT(client_of(kms.url())->decrypt(arn_of(2048), ciphertext, kSha256),
              Fails(Kind::sink_refused, AllOf(HasSubstr("AccessDeniedException"), HasSubstr("allow kms:Decrypt"))));
  EXPECT_THAT(client_of(kms.url())->decrypt(arn_of(1024), ciphertext, kSha256),
              Fails(Kind::sink_refused, HasSubstr("NotFoundException")));
  EXPECT_THAT(client_of(kms.url(), "wr0ng")->decrypt(arn_of(2048), ciphertext, kSha256),
              Fails(Kind::unauthorised,
                    AllOf(HasSubstr("InvalidSignatureException"), HasSubstr("clock"), Not(HasSubstr("wr0ng")))));
  EXPECT_THAT(client_of(kms.url(), KmsServer::kSecretKey, {}, "us-east-1")->decrypt(arn_of(2048), ciphertext, kSha256),
              Fails(Kind::unauthorised, HasSubstr("scoped to")));
  EXPECT_THAT(pauses, ElementsAre());
}

TEST_F(KmsClientTest, SendsTheSessionToken) {
  const KmsServer kms({"--import-key", make_key(2048), "--session-token", "t0ken/+="});
  const Bytes ciphertext = encrypt(2048, "sha256");
  EXPECT_THAT(client_of(kms.url(), KmsServer::kSecretKey, "t0ken/+=")->decrypt(arn_of(2048), ciphertext, kSha256),
              IsOk());
  EXPECT_THAT(client_of(kms.url())->decrypt(arn_of(2048), ciphertext, kSha256),
              Fails(Kind::unauthorised, HasSubstr("UnrecognizedClientException")));
}

// docs/answers.md, Answers of KMS: each row, over the network. Those with a type alone are kms_response_test.cpp's.
TEST_F(KmsClientTest, TakesNoOtherAnswerForASuccess) {
  const std::string arn = arn_of(2048);
  const auto good = [&](const std::string& key, const std::string& algorithm) {
    return nlohmann::json{{"KeyId", key}, {"Plaintext", "AAAA"}, {"EncryptionAlgorithm", algorithm}}.dump();
  };
  const nlohmann::json none = nlohmann::json::object();
  struct Row {
    const char* name;
    nlohmann::json answer;
    Kind kind;
    std::size_t pauses;
    const char* words;
  };
  const Row rows[] = {
      {"a page", {200, none, "<html>Log in</html>"}, Kind::transient, 3, "captive portal"},
      {"nothing", {200, none, ""}, Kind::transient, 3, "Plaintext"},
      {"another key's", {200, none, good(arn_of(4096), "RSAES_OAEP_SHA_256")}, Kind::transient, 3, "another key"},
      {"another algorithm's", {200, none, good(arn, "RSAES_OAEP_SHA_1")}, Kind::transient, 3, "another algorithm"},
      {"a redirect", {302, {{"Location", "/other"}}, ""}, Kind::transient, 3, "captive portal"},
      {"a portal's refusal", {403, none, "<html>Log in</html>"}, Kind::transient, 3, "captive portal"},
      {"a refusal with KMS's mark", {403, {{"x-amzn-requestid", "1"}}, ""}, Kind::unauthorised, 0, "HTTP 403"},
      {"an error without a body", {500, none, ""}, Kind::transient, 3, "HTTP 500"},
      {"too much to do", {503, {{"Retry-After", "2"}}, ""}, Kind::overloaded, 3, "HTTP 503"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const test::HttpPeer peer({}, nlohmann::json::array({row.answer}).dump());
    pauses.clear();
    EXPECT_THAT(client_of(peer.url())->decrypt(arn, as_bytes("x"), kSha256), Fails(row.kind, HasSubstr(row.words)));
    EXPECT_EQ(pauses.size(), row.pauses);
    if (row.kind != Kind::overloaded) continue;
    EXPECT_THAT(pauses, ::testing::Each(::testing::Ge(milliseconds{2000}))) << "as it asked";
  }
}

TEST_F(KmsClientTest, WaitsNoMoreForARegionThatItHasWaitedFor) {
  const auto client = client_of("http://127.0.0.1:1");
  for (const std::size_t expected : {3U, 0U, 0U}) {
    pauses.clear();
    EXPECT_THAT(client->decrypt(arn_of(2048), as_bytes("x"), kSha256), Fails(Kind::transient));
    EXPECT_EQ(pauses.size(), expected);
  }
}

TEST_F(KmsClientTest, AsksAgainWhenNobodyAnswers) {
  EXPECT_THAT(client_of("http://127.0.0.1:1")->decrypt(arn_of(2048), as_bytes("x"), kSha256),
              Fails(Kind::transient, HasSubstr("http://127.0.0.1:1")));
  EXPECT_EQ(pauses.size(), 3U);
}

}  // namespace
}  // namespace edgeseal::transport
