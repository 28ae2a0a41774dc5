// SPDX-License-Identifier: GPL-3.0-or-later
// What an answer to an upload must carry before the batch may leave the spool: a row an answer, and what follows.
#include "transport/aws/s3_proof.h"

#include <gmock/gmock.h>

#include "tests/support/flipped_bits.h"
#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

// SHA-256 and MD5 of "sealed", by sha256sum and md5sum.
constexpr const char* kBytes = "sealed";
constexpr const char* kSha256 = "ydADa+1nRLzfaS/JgNhxfX5fWk9Ogma0qEmCYC+xzQk=";
constexpr const char* kOtherSha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
constexpr const char* kMd5 = "0bead884803fe8c5643dda0dcb94b1bc";
constexpr const char* kOtherMd5 = "d41d8cd98f00b204e9800998ecf8427e";

Uploaded uploaded() {
  Digest digest;
  const Bytes sha = *from_base64(kSha256);
  std::copy(sha.begin(), sha.end(), digest.bytes.begin());
  return {.bytes = as_bytes(kBytes), .digest = digest, .where = "s3://ore/x.esdk"};
}

HttpResponse answer(std::vector<HttpHeader> headers) { return {.status = 200, .headers = std::move(headers)}; }

const HttpHeader kId{"x-amz-request-id", "4442587FB7D0A2F9"};

HttpHeader etag(const std::string& text) { return {"etag", "\"" + text + "\""}; }

struct ProofRow {
  const char* about;
  std::vector<HttpHeader> put;
  std::vector<HttpHeader> head;  ///< empty: must not be asked for
  const char* refusal;           ///< empty: proven
};

TEST(S3ProofTest, TakesWhatProvesItselfAndNothingElse) {
  const HttpHeader kms{"x-amz-server-side-encryption", "aws:kms"};
  const HttpHeader customer{"x-amz-server-side-encryption-customer-algorithm", "AES256"};
  const HttpHeader length{"content-length", "6"};
  const std::vector<ProofRow> rows = {
      {"an ETag that is the MD5", {kId, etag(kMd5)}, {}, ""},
      {"without quotation marks, as some servers give it", {kId, {"etag", kMd5}}, {}, ""},
      {"in capitals", {kId, etag("0BEAD884803FE8C5643DDA0DCB94B1BC")}, {}, ""},
      {"the other request id", {{"x-amz-id-2", "a"}, etag(kMd5)}, {}, ""},
      {"the checksum, echoed", {kId, {"x-amz-checksum-sha256", kSha256}, etag("opaque")}, {}, ""},
      {"the checksum, and an ETag that KMS made",
       {kId, kms, {"x-amz-checksum-sha256", kSha256}, etag(kOtherMd5)},
       {},
       ""},
      {"no headers at all, as a portal's page", {}, {}, "not S3 answered"},
      {"a page", {{"content-type", "text/html"}}, {}, "(text/html): not S3 answered"},
      {"the right ETag from somebody who is not S3", {etag(kMd5)}, {}, "not S3 answered"},
      {"an empty request id", {{"x-amz-request-id", ""}, etag(kMd5)}, {}, "not S3 answered"},
      {"the checksum of other bytes", {kId, {"x-amz-checksum-sha256", kOtherSha256}, etag(kMd5)}, {}, "other bytes"},
      {"the ETag of other bytes", {kId, etag(kOtherMd5)}, {}, "other bytes"},
      {"the ETag of no bytes, by AES256",
       {kId, {"x-amz-server-side-encryption", "AES256"}, etag(kOtherMd5)},
       {},
       "other bytes"},
      {"no ETag, and a HEAD with the checksum", {kId}, {kId, length, {"x-amz-checksum-sha256", kSha256}}, ""},
      {"an ETag of KMS, and a HEAD that agrees", {kId, kms, etag(kOtherMd5)}, {kId, length, etag(kOtherMd5)}, ""},
      {"an ETag of a customer's key", {kId, customer, etag(kOtherMd5)}, {kId, length, etag(kOtherMd5)}, ""},
      {"an opaque ETag", {kId, etag("a-1")}, {kId, length, etag("a-1")}, ""},
      {"a HEAD with another ETag", {kId, etag("a-1")}, {kId, length, etag("b-1")}, "proves nothing"},
      {"a HEAD with another length", {kId, etag("a-1")}, {kId, {"content-length", "5"}, etag("a-1")}, "other bytes"},
      {"a HEAD without a length", {kId, etag("a-1")}, {kId, etag("a-1")}, "other bytes"},
      {"a HEAD with another checksum", {kId}, {kId, length, {"x-amz-checksum-sha256", kOtherSha256}}, "other bytes"},
      {"a HEAD of a portal", {kId}, {length, {"x-amz-checksum-sha256", kSha256}}, "not S3 answered"},
      {"no ETag anywhere", {kId}, {kId, length}, "proves nothing"},
  };
  for (const ProofRow& row : rows) {
    bool asked = false;
    const auto proven = prove_upload(answer(row.put), uploaded(), [&]() -> Result<HttpResponse> {
      asked = true;
      return answer(row.head);
    });
    EXPECT_EQ(asked, !row.head.empty()) << row.about;
    if (*row.refusal == '\0') {
      EXPECT_THAT(proven, IsOk()) << row.about;
    } else {
      ASSERT_FALSE(proven) << row.about;
      EXPECT_THAT(proven.error().what, HasSubstr(row.refusal)) << row.about;
      EXPECT_EQ(proven.error().kind == Kind::sink_refused, std::string_view(row.refusal) == "proves nothing")
          << row.about;
      EXPECT_EQ(proven.error().where, "s3://ore/x.esdk");
    }
  }
}

TEST(S3ProofTest, EveryBitOfAProofCounts) {
  const HttpHeader length{"content-length", "6"};
  const auto proves = [](std::vector<HttpHeader> put, const std::vector<HttpHeader>& head) {
    return prove_upload(answer(std::move(put)), uploaded(), [&]() -> Result<HttpResponse> { return answer(head); })
        .has_value();
  };
  const Bytes sha256 = *from_base64(kSha256);
  const Bytes md5 = *from_hex(kMd5);
  test::expect_every_bit_counts(sha256, [&](const Bytes& sum) {
    return proves({kId, {"x-amz-checksum-sha256", to_base64(sum)}}, {});
  });
  test::expect_every_bit_counts(md5, [&](const Bytes& sum) { return proves({kId, etag(to_hex(sum))}, {}); });
  test::expect_every_bit_counts(sha256, [&](const Bytes& sum) {
    return proves({kId}, {kId, length, {"x-amz-checksum-sha256", to_base64(sum)}});
  });
  test::expect_every_bit_counts(md5, [&](const Bytes& sum) {
    return proves({kId, etag(std::string(kMd5) + "-2")}, {kId, length, etag(to_hex(sum) + "-2")});
  });
}

TEST(S3ProofTest, FailsAsTheHeadDoes) {
  const auto proven = prove_upload(answer({kId}), uploaded(),
                                   []() -> Result<HttpResponse> { return fail(Kind::transient, "cut off"); });
  EXPECT_THAT(proven, Fails(Kind::transient, HasSubstr("cut off")));
}

}  // namespace
}  // namespace edgeseal::transport
