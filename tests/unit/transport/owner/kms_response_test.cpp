// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/kms_response.h"

#include <utility>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

std::string taken_from(PlainBytes& body) {
  const auto plaintext = take_plaintext(body);
  EXPECT_THAT(plaintext, IsOk());
  return plaintext ? std::string(as_text(plaintext->reveal())) : std::string();
}

TEST(KmsResponseTest, TakesThePlaintextAndLeavesBlanks) {
  PlainBytes body = to_plain(as_bytes(R"({"KeyId":"k","Plaintext":"c2VjcmV0IQ==","EncryptionAlgorithm":"a"})"));
  EXPECT_EQ(taken_from(body), "secret!");
  EXPECT_EQ(as_text(body), R"({"KeyId":"k","Plaintext":"            ","EncryptionAlgorithm":"a"})");
}

TEST(KmsResponseTest, ReadsAnySpellingOfTheJson) {
  PlainBytes body =
      to_plain(as_bytes("{\n  \"Note\": \"a \\\"Plaintext\\\": here\",\n  \"Plaintext\" :\t\"Pz8\\/\"\n}"));
  EXPECT_EQ(taken_from(body), "???");
}

TEST(KmsResponseTest, RefusesWhatHoldsNoPlaintext) {
  for (const char* text :
       {"", "{}", R"({"Plaintext")", R"({"Plaintext":)", R"({"Plaintext":7})", R"({"Plaintext":")",
        R"({"Plaintext":""})", R"({"Plaintext":"c2Vjc"})", R"({"Plaintext":"c2*j"})", R"({"A":"Plaintext"})"}) {
    PlainBytes body = to_plain(as_bytes(text));
    EXPECT_THAT(take_plaintext(body), Fails(Kind::transient, HasSubstr("Plaintext"))) << text;
  }
}

// Even when it turns out not to be base64.
TEST(KmsResponseTest, LeavesNothingOfABrokenPlaintext) {
  PlainBytes body = to_plain(as_bytes(R"({"Plaintext":"c2VjcmV0*"})"));
  EXPECT_THAT(take_plaintext(body), Fails(Kind::transient, Not(HasSubstr("c2Vj"))));
  EXPECT_THAT(std::string(as_text(body)), Not(HasSubstr("c2Vj")));
}

Error error_of(int status, const std::string& body, std::vector<HttpHeader> headers = {}) {
  return kms_error({.status = status, .headers = std::move(headers), .body = to_plain(as_bytes(body))}, "arn:…:key/1");
}

// Spec: AWS KMS API Reference, Decrypt, Errors, and Common Error Types; the type comes plain, with a namespace, or in a
// header. docs/answers.md has the same table.
TEST(KmsResponseTest, SortsErrorsByWhatTheCallerDoesNext) {
  struct Row {
    int status;
    const char* type;
    Kind kind;
    const char* fix = "";
  };
  const Row rows[] = {
      // Another of the message's keys may open it.
      {400, "InvalidCiphertextException", Kind::invalid},
      {400, "com.amazonaws.kms#IncorrectKeyException", Kind::invalid},
      {400, "ValidationException", Kind::invalid},
      // Asked again.
      {400, "ThrottlingException", Kind::overloaded},
      {400, "Throttling", Kind::overloaded},
      {400, "LimitExceededException", Kind::overloaded},
      {503, "ServiceUnavailable", Kind::overloaded},
      {500, "KMSInternalException", Kind::transient},
      {503, "DependencyTimeoutException", Kind::transient},
      {500, "KeyUnavailableException", Kind::transient},
      {500, "InternalFailure", Kind::transient},
      {500, "SomethingNew", Kind::transient},
      {408, "SomethingNew", Kind::transient},
      {429, "SomethingNew", Kind::overloaded},
      {503, "SomethingNew", Kind::overloaded},
      // The key: other objects may have another.
      {400, "AccessDeniedException", Kind::sink_refused, "kms:Decrypt"},
      {400, "NotFoundException", Kind::sink_refused, "ARN"},
      {400, "DisabledException", Kind::sink_refused, "enable"},
      {400, "KMSInvalidStateException", Kind::sink_refused, "pending deletion"},
      {400, "InvalidKeyUsageException", Kind::sink_refused, "ENCRYPT_DECRYPT"},
      {400, "InvalidGrantTokenException", Kind::sink_refused},
      {400, "SomethingNew", Kind::sink_refused},
      // The caller: no other key will do better.
      {400, "UnrecognizedClientException", Kind::unauthorised, "credentials"},
      {403, "InvalidClientTokenId", Kind::unauthorised, "credentials"},
      {400, "ExpiredTokenException", Kind::unauthorised, "renew"},
      {400, "InvalidSignatureException", Kind::unauthorised, "secret access key"},
      {400, "IncompleteSignature", Kind::unauthorised, "credentials"},
      {403, "MissingAuthenticationTokenException", Kind::unauthorised, "credentials"},
      {400, "RequestExpired", Kind::unauthorised, "clock"},
      {403, "RequestTimeTooSkewed", Kind::unauthorised, "clock"},
      {403, "SomethingNew", Kind::unauthorised, "credentials"},
  };
  for (const Row& row : rows) {
    const std::string type = row.type;
    const Error in_body = error_of(row.status, R"({"__type":")" + type + R"("})");
    const Error in_header = error_of(row.status, "", {{"x-amzn-errortype", type + ":http://x"}});
    EXPECT_EQ(kind_name(in_body.kind), kind_name(row.kind)) << type;
    EXPECT_EQ(kind_name(in_header.kind), kind_name(row.kind)) << type;
    EXPECT_THAT(in_body.fix, HasSubstr(row.fix)) << type;
  }
}

// A status is not KMS's word: a proxy or a portal may have said it.
TEST(KmsResponseTest, SortsAnswersWithoutAType) {
  const HttpHeader mark{"x-amzn-requestid", "1"};
  struct Row {
    int status;
    Kind with_mark;
    Kind without;
  };
  for (const Row& row : {Row{500, Kind::transient, Kind::transient}, Row{502, Kind::transient, Kind::transient},
                         Row{503, Kind::overloaded, Kind::overloaded}, Row{429, Kind::overloaded, Kind::overloaded},
                         Row{408, Kind::transient, Kind::transient}, Row{401, Kind::unauthorised, Kind::transient},
                         Row{403, Kind::unauthorised, Kind::transient}, Row{400, Kind::sink_refused, Kind::transient},
                         Row{302, Kind::sink_refused, Kind::transient}, Row{404, Kind::sink_refused, Kind::transient},
                         Row{204, Kind::sink_refused, Kind::transient}}) {
    EXPECT_EQ(kind_name(error_of(row.status, "", {mark}).kind), kind_name(row.with_mark)) << row.status;
    EXPECT_EQ(kind_name(error_of(row.status, "<html/>").kind), kind_name(row.without)) << row.status;
  }
}

TEST(KmsResponseTest, KnowsAWrongClockInEitherForm) {
  for (const char* message : {"Signature expired: 20261124T000000Z is now earlier than 20261124T120000Z",
                              "Signature not yet current: 20271124T000000Z is still later than 20261124T120000Z"}) {
    const Error error =
        error_of(400, std::string(R"({"__type":"InvalidSignatureException","message":")") + message + "\"}");
    EXPECT_EQ(error.kind, Kind::unauthorised);
    EXPECT_EQ(error.fix, "set the clock of this machine: it differs too much from the server's");
  }
}

TEST(KmsResponseTest, KeepsTheTimeThatItIsAskedToWait) {
  EXPECT_EQ(error_of(400, R"({"__type":"ThrottlingException"})", {{"retry-after", "7"}}).retry_after_ms, 7000);
}

TEST(KmsResponseTest, SaysWhatWhereAndFix) {
  EXPECT_EQ(error_of(400, R"({"__type":"AccessDeniedException","Message":"User x may not\nkms:Decrypt"})").message(),
            "arn:…:key/1: KMS: HTTP 400 AccessDeniedException: User x may not kms:Decrypt; allow kms:Decrypt on this "
            "key, in its policy or the user's");
}

TEST(KmsResponseTest, NeedsNoBodyThatItUnderstands) {
  for (const char* body : {"", "<html>", "[]", R"({"__type":7,"message":[]})", "{\"__type\":\"\xff\"}"}) {
    EXPECT_EQ(error_of(502, body).what, "KMS: HTTP 502") << body;
  }
}

}  // namespace
}  // namespace edgeseal::transport
