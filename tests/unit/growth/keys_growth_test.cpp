// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are given as keys. Both parsers take 64 KiB at most, so what is compared stays below.
#include <gtest/gtest.h>

#include "crypto/keys/public_key.h"
#include "crypto/open/private_key.h"
#include "tests/unit/growth/growth.h"

namespace edgeseal::crypto {
namespace {

using test::expect_linear;
using test::joined;
using test::times;

std::vector<test::Shape> shapes(const std::string& label) {
  const std::string begin = "-----BEGIN " + label + "-----\n";
  const std::string end = "-----END " + label + "-----\n";
  return {
      {"many blocks", 200, [=](std::size_t n) { return times(n, begin); }},
      {"many whole blocks", 100, [=](std::size_t n) { return times(n, begin + "AAAA\n" + end); }},
      {"a block without an end", 7000,
       [=](std::size_t n) {
         return joined({as_bytes(begin), times(n, "A")});
       }},
      {"a block of empty lines", 7000,
       [=](std::size_t n) {
         return joined({as_bytes(begin), times(n, "\n"), as_bytes(end)});
       }},
      {"a long block", 1700,
       [=](std::size_t n) {
         return joined({as_bytes(begin), times(n, "AAAA"), as_bytes(end)});
       }},
      {"ends that are none", 700,
       [=](std::size_t n) {
         return joined({as_bytes(begin), times(n, "-----END "), as_bytes(end)});
       }},
      {"a label without an end", 7000,
       [=](std::size_t n) {
         return joined({as_bytes("-----BEGIN "), times(n, "A")});
       }},
      {"dashes", 7000,
       [=](std::size_t n) {
         return joined({times(n, "-"), as_bytes(begin)});
       }},
      {"text before the block", 7000,
       [=](std::size_t n) {
         return joined({times(n, "x"), as_bytes(begin)});
       }},
      {"no PEM at all", 7000,
       [](std::size_t n) {
         return joined({Bytes{0x30, 0x82, 0xff, 0xff}, times(n, "\x30")});
       }},
  };
}

TEST(Growth, OfPublicKeys) {
  std::vector<test::Shape> all = shapes("PUBLIC KEY");
  all.push_back({"JSON of many members", 600, [](std::size_t n) {
                   return joined({as_bytes("{\"a\":1"), times(n, ",\"a\":1"), as_bytes("}")});
                 }});
  all.push_back({"JSON with a long key", 1700, [](std::size_t n) {
                   return joined({as_bytes("{\"PublicKey\":\""), times(n, "AAAA"), as_bytes("\"}")});
                 }});
  all.push_back({"JSON of deep nesting", 6000, [](std::size_t n) {
                   return joined({as_bytes("{\"a\":"), times(n, "["), as_bytes("}")});
                 }});
  expect_linear(
      {.name = "public key", .parse = [](ByteView file, std::size_t) { (void)PublicKey::parse(file); }, .shapes = all});
}

TEST(Growth, OfPrivateKeys) {
  expect_linear({.name = "private key",
                 .parse = [](ByteView file, std::size_t) { (void)PrivateKey::parse(file); },
                 .shapes = shapes("PRIVATE KEY")});
}

}  // namespace
}  // namespace edgeseal::crypto
