// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner's program reads of objects that anyone may have sealed: CBOR, AWS Encryption SDK messages, journals.
#include <gtest/gtest.h>

#include "agent/owner/claimed_link.h"
#include "agent/owner/content_items.h"
#include "agent/owner/record_json.h"
#include "crypto/open/esdk_header.h"
#include "tests/unit/agent/owner/objects.h"
#include "tests/unit/crypto/open/handmade.h"
#include "tests/unit/growth/growth.h"

namespace edgeseal::agent {
namespace {

using test::expect_linear;
using test::joined;
using test::kWhole;
using test::times;

constexpr std::size_t kPieceBytes = 64 * 1024;

/// The head of a CBOR item (RFC 8949 section 3) with a count of four bytes.
Bytes head(std::uint8_t major, std::size_t count) {
  Bytes bytes;
  WireWriter out(bytes);
  out.u8(static_cast<std::uint8_t>(major << 5 | 26));
  out.u32(static_cast<std::uint32_t>(count));
  return bytes;
}
Bytes text(std::string_view value) { return joined({head(3, value.size()), as_bytes(value)}); }
constexpr std::uint8_t kBytes = 2;
constexpr std::uint8_t kText = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kMap = 5;

void cut(ByteView input, std::size_t piece_bytes) {
  CborSequence sequence;
  test::feed(input, piece_bytes, [&](ByteView piece) {
    sequence.feed(piece);
    for (;;) {
      const auto item = sequence.next();
      if (!item) return false;
      if (!*item) return true;
    }
  });
}

TEST(Growth, OfCuttingCbor) {
  expect_linear({.name = "CBOR sequence",
                 .parse = cut,
                 .shapes =
                     {
                         {"many empty arrays", 4000, [](std::size_t n) { return times(n, Bytes{0x80}); }},
                         {"many empty items of one array", 4000,
                          [](std::size_t n) {
                            return joined({head(kArray, n), times(n, Bytes{0x40})});
                          }},
                         {"many equal names", 4000,
                          [](std::size_t n) {
                            return joined({head(kMap, n), times(n, Bytes{0x61, 'a', 0x01})});
                          }},
                         {"as deep as it may be, again and again", 1000,
                          [](std::size_t n) {
                            return times(n, joined({times(7, Bytes{0x81}), Bytes{0x80}}));
                          }},
                         {"one long string", 200'000,
                          [](std::size_t n) {
                            return joined({head(kBytes, n), Bytes(n, 'x')});
                          }},
                         {"one long text behind small items", 200'000,
                          [](std::size_t n) {
                            return joined({times(80'000, Bytes{0x40}), head(kText, n), Bytes(n, 'x')});
                          }},
                     },
                 .pieces = {kWhole, 1}});
  // Beyond what is set aside for the pieces of an item whose size nothing tells.
  const Bytes small = joined({head(kBytes, 200), Bytes(200, 'x')});
  expect_linear({.name = "CBOR sequence",
                 .parse = cut,
                 .shapes = {{"one long array of small strings", 32'000,
                             [&](std::size_t n) {
                               return joined({head(kArray, n), times(n, small)});
                             }}},
                 .pieces = {kPieceBytes}});
}

TEST(Growth, OfReadingItems) {
  const auto parse = [](ByteView input, std::size_t) {
    (void)parse_header(input);
    (void)parse_record(input);
    (void)parse_journal_start(input);
  };
  const auto record = [](ByteView topic, ByteView payload, ByteView properties) {
    return joined({Bytes{0x87, 0x01}, topic, payload, Bytes{0x01, 0x01, 0x01}, properties});
  };
  const Bytes topic = text("t");
  const Bytes nothing{0x40};
  const auto user = [&](std::size_t n) {
    return joined({Bytes{0xa1}, text("user"), head(kArray, n), times(n, Bytes{0x82, 0x61, 'a', 0x60})});
  };
  const Bytes drop{0x84, 0x01, 0x01, 0x61, 'd', 0x01};
  expect_linear(
      {.name = "items",
       .parse = parse,
       .shapes = {
           {"many user properties", 4000, [&](std::size_t n) { return record(topic, nothing, user(n)); }},
           {"a long topic", 8000,
            [&](std::size_t n) { return record(text(std::string(n, 't')), nothing, Bytes{0xa0}); }},
           {"a long payload", 100'000,
            [&](std::size_t n) {
              return record(topic, joined({head(kBytes, n), Bytes(n, 'x')}), Bytes{0xa0});
            }},
           {"a long content type", 100'000,
            [&](std::size_t n) {
              return record(topic, nothing, joined({Bytes{0xa1}, text("content_type"), text(std::string(n, 'x'))}));
            }},
           {"many drops", 120,
            [&](std::size_t n) {
              return joined({Bytes{0xa1}, text("drops"), head(kArray, n), times(n, drop)});
            }},
           {"a long name", 100'000,
            [](std::size_t n) {
              return joined({Bytes{0xa1}, text(std::string(n, 'k'))});
            }},
           {"a long header of a journal", 8000,
            [](std::size_t n) {
              return joined({Bytes{0xa1}, text("header"), head(kBytes, n), Bytes(n, 'x')});
            }},
       }});
}

class Nobody final : public ObjectConsumer {
 public:
  Result<void> on_link(const ChainLink&) override { return {}; }
  Result<void> on_header(const BatchHeader&, ByteView) override { return {}; }
  Result<void> on_record(const BatchHeader& header, std::uint64_t index, const Record& record, ByteView payload,
                         ByteView) override {
    PlainBytes line;
    return write_record_json(header, index, record, payload, line, [](ByteView) -> Result<void> { return {}; });
  }
  Result<void> on_plaintext(ByteView) override { return {}; }
};

TEST(Growth, OfOpeningObjects) {
  const auto parse = [](ByteView input, std::size_t piece_bytes) {
    GivenKey keys;
    Nobody nobody;
    const auto reader = ObjectReader::create(ReadAs::batch, keys, nobody);
    test::feed(input, piece_bytes, [&](ByteView piece) { return reader->feed(piece).has_value(); });
    EXPECT_TRUE(reader->finish().has_value());
  };
  const auto records = [](std::size_t count, const Record& one, std::uint32_t frame_bytes) {
    const ChainLink of = link(12, false, false);
    return sealed(context_pairs(of), content_of(header_of(of), std::vector<Record>(count, one)), frame_bytes);
  };
  expect_linear({.name = "object",
                 .parse = parse,
                 .shapes =
                     {
                         {"many empty records", 200, [&](std::size_t n) { return records(n, record(""), 65'536); }},
                         {"frames of one byte", 20, [&](std::size_t n) { return records(n, record(""), 1); }},
                         {"one long payload", 20'000,
                          [&](std::size_t n) { return records(1, record(std::string(n, 'x')), 4096); }},
                         {"one long payload of bytes to escape", 20'000,
                          [&](std::size_t n) { return records(1, record(std::string(n, '\x01')), 4096); }},
                         {"one long payload that is no text", 20'000,
                          [&](std::size_t n) { return records(1, record(std::string(n, '\xff')), 4096); }},
                         {"a journal of many frames", 20,
                          [&](std::size_t n) {
                            std::vector<std::uint32_t> places(n);
                            for (std::uint32_t i = 0; i < n; ++i) places[i] = i;
                            return journal(link(12, true, false), std::vector<std::string>(n), places);
                          }},
                         {"a long payload, compressed", 100'000,
                          [&](std::size_t n) { return batch(link(), {record(std::string(n, 'x'))}); }},
                     },
                 .pieces = {kPieceBytes, 1}});
}

TEST(Growth, OfHeadersOfMessages) {
  const auto parse = [](ByteView input, std::size_t piece_bytes) {
    ClaimedLink claimed;
    test::feed(input, piece_bytes, [&](ByteView piece) { return claimed.feed(piece); });
    (void)claimed.link();
  };
  const auto with_edks = [](std::vector<crypto::Edk> edks) {
    crypto::Handmade made;
    made.edks = std::move(edks);
    return made.message();
  };
  const auto with_context = [](const std::vector<std::pair<std::string, std::string>>& pairs) {
    crypto::Handmade made;
    made.context = crypto::context_of(pairs);
    return made.message();
  };
  const auto numbered = [](std::size_t n) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < n; ++i) pairs.emplace_back("k" + std::to_string(i), "");
    return pairs;
  };
  expect_linear({.name = "header",
                 .parse = parse,
                 .shapes =
                     {
                         {"many empty EDKs", 2000,
                          [&](std::size_t n) {
                            return with_edks(std::vector<crypto::Edk>(n, {"", "", {}}));
                          }},
                         {"many EDKs of RSA", 200,
                          [&](std::size_t n) {
                            return with_edks(std::vector<crypto::Edk>(n, {"aws-kms-rsa", "arn", Bytes(512, 2)}));
                          }},
                         {"a long name of an EDK", 8000,
                          [&](std::size_t n) {
                            return with_edks({{std::string(n, 'n'), "", {}}});
                          }},
                         {"many pairs of context", 800, [&](std::size_t n) { return with_context(numbered(n)); }},
                         {"many equal pairs of context", 800,
                          [&](std::size_t n) {
                            return with_context({n, std::pair<std::string, std::string>{"k", "v"}});
                          }},
                         {"a long pair of context", 8000,
                          [&](std::size_t n) {
                            return with_context({{"k", std::string(n - 1, 'v')}});
                          }},
                     },
                 .pieces = {kWhole, 1}});
}

}  // namespace
}  // namespace edgeseal::agent
