// SPDX-License-Identifier: GPL-3.0-or-later
// What servers answer, and what stands in files of credentials: JSON, XML, INI.
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/growth/growth.h"
#include "transport/aws/file_credentials.h"
#include "transport/aws/s3_error.h"
#include "transport/owner/kms_response.h"
#include "transport/owner/s3_listing.h"

namespace edgeseal::transport {
namespace {

using test::expect_linear;
using test::joined;
using test::Shape;
using test::times;

Bytes between(std::string_view before, ByteView inside, std::string_view after) {
  return joined({as_bytes(before), inside, as_bytes(after)});
}

/// `make` gives each of `count` pieces from its number.
template <typename Make>
Bytes numbered(std::size_t count, const Make& make) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += make(std::to_string(i));
  return Bytes(as_bytes(all).begin(), as_bytes(all).end());
}

std::vector<Shape> json_shapes() {
  return {
      {"many empty objects", 2000, [](std::size_t n) { return between("{\"a\":[{}", times(n, ",{}"), "]}"); }},
      {"deep nesting", 2000,
       [](std::size_t n) {
         return between("{\"a\":", joined({times(n, "["), times(n, "]")}), "}");
       }},
      {"nesting that is never closed", 2000, [](std::size_t n) { return times(n, "{\"a\":"); }},
      {"many equal names", 2000, [](std::size_t n) { return between("{\"a\":1", times(n, ",\"a\":1"), "}"); }},
      {"many names", 2000,
       [](std::size_t n) {
         return between("{\"a\":1", numbered(n, [](const auto& i) { return ",\"n" + i + "\":1"; }), "}");
       }},
      {"a long string", 20'000, [](std::size_t n) { return between("{\"message\":\"", times(n, "x"), "\"}"); }},
      {"a string of escapes", 20'000, [](std::size_t n) { return between("{\"message\":\"", times(n, "\\n"), "\"}"); }},
      {"a string that never ends", 20'000,
       [](std::size_t n) { return between("{\"Plaintext\":\"", times(n, "A"), ""); }},
      {"a long plaintext", 20'000, [](std::size_t n) { return between("{\"Plaintext\":\"", times(n, "AAAA"), "\"}"); }},
      {"many plaintexts that are none", 2000, [](std::size_t n) { return times(n, "\"Plaintext\""); }},
      {"blanks", 20'000, [](std::size_t n) { return between("{\"Plaintext\"", times(n, " "), ":\"AAAA\"}"); }},
      {"a long number", 20'000, [](std::size_t n) { return between("{\"a\":", times(n, "9"), "}"); }},
  };
}

std::vector<Shape> xml_shapes() {
  return {
      {"many empty leaves", 2000, [](std::size_t n) { return between("<Error>", times(n, "<a/>"), "</Error>"); }},
      {"many codes", 2000, [](std::size_t n) { return between("<Error>", times(n, "<Code>x</Code>"), "</Error>"); }},
      {"a long text", 20'000,
       [](std::size_t n) { return between("<Error><Message>", times(n, "x"), "</Message></Error>"); }},
      {"a text of entities", 20'000,
       [](std::size_t n) { return between("<Error><Message>", times(n, "&lt;"), "</Message></Error>"); }},
      {"text between leaves", 2000,
       [](std::size_t n) { return between("<Error>", times(n, "xxxxxxxx<a/>"), "</Error>"); }},
      {"many attributes", 2000,
       [](std::size_t n) {
         return between("<Error ", numbered(n, [](const auto& i) { return "a" + i + "='' "; }), "/>");
       }},
      {"many names", 2000,
       [](std::size_t n) {
         return between("<Error>", numbered(n, [](const auto& i) { return "<a" + i + "/>"; }), "</Error>");
       }},
      {"a comment", 20'000, [](std::size_t n) { return between("<Error><!--", times(n, "x"), "--></Error>"); }},
      {"a tag that never ends", 20'000, [](std::size_t n) { return between("<Error a='", times(n, "x"), ""); }},
  };
}

std::vector<Shape> listing_shapes() {
  const std::string_view open = "<ListBucketResult>";
  const std::string_view close = "</ListBucketResult>";
  return {
      {"many keys", 2000,
       [=](std::size_t n) { return between(open, times(n, "<Contents><Key>a/b</Key></Contents>"), close); }},
      {"many keys of one object", 2000,
       [=](std::size_t n) {
         return joined({as_bytes(open), as_bytes("<Contents>"), times(n, "<Key>a</Key>"), as_bytes("</Contents>"),
                        as_bytes(close)});
       }},
      {"many encoded keys", 2000,
       [=](std::size_t n) {
         return joined({as_bytes(open), as_bytes("<EncodingType>url</EncodingType>"),
                        times(n, "<Contents><Key>%41%2F%42+</Key><Size>1</Size></Contents>"), as_bytes(close)});
       }},
      {"many sizes", 2000,
       [=](std::size_t n) {
         return between(open, times(n, "<Contents><Size>18446744073709551615</Size></Contents>"), close);
       }},
      {"many tokens", 2000,
       [=](std::size_t n) {
         return between(open, times(n, "<NextContinuationToken>tttttttttttttttttttt</NextContinuationToken>"), close);
       }},
      {"a long key", 20'000,
       [=](std::size_t n) {
         return joined({as_bytes(open), as_bytes("<Contents><Key>"), times(n, "a/"), as_bytes("</Key></Contents>"),
                        as_bytes(close)});
       }},
  };
}

TEST(Growth, OfWhatKmsAnswers) {
  expect_linear({.name = "KMS error",
                 .parse =
                     [](ByteView input, std::size_t) {
                       HttpResponse response{.status = 400, .headers = {}, .body = to_plain(input)};
                       (void)kms_error(response, "arn");
                     },
                 .shapes = json_shapes()});
  expect_linear({.name = "KMS plaintext",
                 .parse =
                     [](ByteView input, std::size_t) {
                       PlainBytes body = to_plain(input);
                       (void)take_plaintext(body);
                     },
                 .shapes = json_shapes()});
}

TEST(Growth, OfWhatS3Answers) {
  expect_linear(
      {.name = "S3 error",
       .parse = [](ByteView input,
                   std::size_t) { (void)s3_error({.status = 400, .headers = {}, .body = to_plain(input)}, {}, "key"); },
       .shapes = xml_shapes()});
  expect_linear({.name = "S3 listing",
                 .parse = [](ByteView input, std::size_t) { (void)parse_listing(input); },
                 .shapes = listing_shapes()});
}

// A file of credentials ends at 64 KiB: what is compared stays below.
TEST(Growth, OfAFileOfCredentials) {
  const test::TempDir folder;
  const auto parse = [&](ByteView input, std::size_t) {
    const std::string path = folder.write("credentials", std::string(as_text(input)));
    (void)FileCredentials({SecretRef::Source::file, path}, "p").get();
  };
  expect_linear(
      {.name = "credentials",
       .parse = parse,
       .shapes = {
           {"many profiles", 1000, [](std::size_t n) { return times(n, "[p]\n"); }},
           {"many lines of one name", 250,
            [](std::size_t n) { return between("[p]\n", times(n, "aws_session_token=1\n"), ""); }},
           {"empty lines", 7000, [](std::size_t n) { return times(n, "\n"); }},
           {"one long line", 7000, [](std::size_t n) { return between("[p]\naws_access_key_id=", times(n, "x"), ""); }},
           {"blanks without an end", 7000, [](std::size_t n) { return times(n, " "); }},
           {"brackets that are not closed", 3500, [](std::size_t n) { return times(n, "[\n"); }},
           {"a line of brackets", 7000, [](std::size_t n) { return times(n, "["); }},
       }});
}

}  // namespace
}  // namespace edgeseal::transport
