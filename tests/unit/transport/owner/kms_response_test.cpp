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

// Spec: AWS KMS API Reference, Decrypt, Errors; the type comes plain, with a namespace, or in a header.
TEST(KmsResponseTest, SortsErrorsByWhatTheCallerDoesNext) {
  struct Row {
    int status;
    const char* type;
    Kind kind;
  };
  const Row rows[] = {
      {400, "InvalidCiphertextException", Kind::invalid},
      {400, "com.amazonaws.kms#IncorrectKeyException", Kind::invalid},
      {400, "ThrottlingException", Kind::overloaded},
      {500, "KMSInternalException", Kind::transient},
      {500, "KeyUnavailableException", Kind::transient},
      {503, "", Kind::transient},
      {429, "", Kind::overloaded},
      {400, "AccessDeniedException", Kind::unauthorised},
      {400, "UnrecognizedClientException", Kind::unauthorised},
      {400, "ExpiredTokenException", Kind::unauthorised},
      {403, "SomethingNew", Kind::unauthorised},
      {400, "NotFoundException", Kind::sink_refused},
      {400, "DisabledException", Kind::sink_refused},
      {400, "KMSInvalidStateException", Kind::sink_refused},
      {400, "SomethingNew", Kind::sink_refused},
  };
  for (const Row& row : rows) {
    const std::string type = row.type;
    EXPECT_EQ(kind_name(error_of(row.status, R"({"__type":")" + type + R"("})").kind), kind_name(row.kind)) << type;
    EXPECT_EQ(kind_name(error_of(row.status, "", {{"x-amzn-errortype", type + ":http://x"}}).kind), kind_name(row.kind))
        << type;
  }
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
