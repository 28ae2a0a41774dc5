// SPDX-License-Identifier: GPL-3.0-or-later
// What a server that says it is KMS or S3 may answer: it never gets control characters or novels into our errors, and
// of a plaintext nothing stays in the answer.
#include <algorithm>
#include <array>
#include <string>

#include "tests/fuzzing/target.h"
#include "transport/aws/s3_error.h"
#include "transport/aws/xml.h"
#include "transport/http/uri.h"
#include "transport/owner/kms_response.h"

namespace edgeseal::fuzzing {
namespace {

using transport::HttpResponse;

constexpr std::array<int, 8> kStatuses{200, 301, 400, 403, 404, 408, 429, 503};
constexpr std::array<const char*, 5> kHeaders{"retry-after", "x-amzn-errortype", "x-amz-bucket-region", "date", "etag"};
constexpr std::size_t kErrorBytesMax = 2000;
constexpr std::size_t kXmlDepthMax = 16;
constexpr int kDayMs = 24 * 3600 * 1000;

void check_error(const Error& error) {
  const std::string text = error.message();
  ENSURE(text.size() <= kErrorBytesMax);
  ENSURE(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  ENSURE(!error.retry_after_ms || (*error.retry_after_ms >= 0 && *error.retry_after_ms <= kDayMs));
}

void check_plaintext(ByteView body) {
  PlainBytes left = to_plain(body);
  const auto plaintext = transport::take_plaintext(left);
  ENSURE(left.size() == body.size());
  std::size_t blanked = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    ENSURE(left[i] == body[i] || left[i] == ' ');
    if (left[i] != body[i]) ++blanked;
  }
  if (!plaintext) return check_error(plaintext.error());
  // Four digits, maybe with padding and escapes, are at most three bytes.
  ENSURE(!plaintext->empty() && plaintext->size() <= blanked / 4 * 3);
  ENSURE(!transport::take_plaintext(left));
}

void check_xml(ByteView body) {
  std::size_t bytes = 0;
  std::size_t leaves = 0;
  const auto root = transport::read_xml(body, [&](std::string_view path, std::string_view text) {
    ++leaves;
    bytes += text.size();
    ENSURE(static_cast<std::size_t>(std::ranges::count(path, '/')) < kXmlDepthMax);
  });
  ENSURE(bytes <= 2 * body.size());   // Latin-1 becomes UTF-8
  ENSURE(leaves * 4 <= body.size());  // <a/>
  if (!root) check_error(root.error());
}

void check_uri(std::string_view text) {
  ENSURE(transport::uri_decode(transport::uri_encode(text)) == text);
  const auto decoded = transport::uri_decode(text);
  ENSURE(!decoded || decoded->size() <= text.size());
}

}  // namespace

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  const auto add = [&](std::uint8_t status, std::uint8_t header, std::string_view value, std::string_view body) {
    all.push_back({status, header, static_cast<std::uint8_t>(value.size())});
    append(all.back(), as_bytes(value));
    append(all.back(), as_bytes(body));
  };
  add(0, 4, "\"tag\"", R"({"KeyId":"k","Plaintext":"c2VjcmV0IQ==","EncryptionAlgorithm":"RSAES_OAEP_SHA_256"})");
  add(0, 4, "", "{\n \"Note\": \"a \\\"Plaintext\\\": here\",\n \"Plaintext\" :\t\"Pz8\\/\"\n}");
  add(2, 1, "NotFoundException:http://internal", R"({"__type":"com.amazonaws.kms#DisabledException","message":"off"})");
  add(6, 0, "17", R"({"__type":"ThrottlingException","Message":"Rate exceeded"})");
  add(1, 2, "eu-west-1",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code><Message>a &lt;b&gt; "
      "&#10;</Message><Endpoint/></Error>");
  add(3, 3, "Thu, 26 Nov 2026 12:00:00 GMT", "<Error><Code>RequestTimeTooSkewed</Code></Error>");
  add(0, 4, "",
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated><Contents>"
      "<Key>gateway%3Dtruck%2F1+2.esdk</Key><Size>7</Size></Contents><![CDATA[ ]]></ListBucketResult>");
  add(0, 4, "", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Error><Message>\xe9\xe8</Message></Error>");
  return all;
}

}  // namespace edgeseal::fuzzing

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgeseal::fuzzing;
  Input input(data, size);
  HttpResponse response;
  response.status = kStatuses[input.u8() % kStatuses.size()];
  const char* const name = kHeaders[input.u8() % kHeaders.size()];
  const std::size_t value_size = input.u8();
  response.headers.push_back({name, std::string(edgeseal::as_text(input.bytes(value_size)))});
  const edgeseal::ByteView body = input.rest();
  response.body = edgeseal::to_plain(body);
  check_error(edgeseal::transport::kms_error(response, "arn:aws:kms:eu-west-1:111122223333:key/1"));
  check_error(edgeseal::transport::s3_error(response, {}, "key"));
  check_plaintext(body);
  check_xml(body);
  check_uri(edgeseal::as_text(body));
  return 0;
}
