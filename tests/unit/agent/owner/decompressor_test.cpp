// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/decompressor.h"

#include <gtest/gtest.h>

#include "agent/batch/compression.h"
#include "tests/support/matchers.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::StartsWith;

struct Undone {
  Result<void> result;
  std::string content;
};

Undone undo(ByteView compressed, std::size_t piece_bytes = 1000) {
  Decompressor decompressor;
  Undone undone;
  for (std::size_t at = 0; at < compressed.size() && undone.result; at += piece_bytes) {
    undone.result = decompressor.feed(compressed.subspan(at, std::min(piece_bytes, compressed.size() - at)),
                                      [&undone](ByteView content) -> Result<void> {
                                        undone.content += as_text(content);
                                        return {};
                                      });
  }
  if (undone.result) undone.result = decompressor.finish();
  return undone;
}

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += "line " + std::to_string(i * i) + "\n";
  text.resize(size);
  return text;
}

TEST(DecompressorTest, UndoesEachLevelHoweverTheBytesArrive) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
    const std::string text = text_of(size);
    for (const int level : {1, 3}) {
      const PlainBytes compressed = compress(as_bytes(text), level).value();
      for (const std::size_t piece_bytes : {std::size_t{997}, compressed.size()}) {
        const Undone undone = undo(compressed, piece_bytes);
        ASSERT_THAT(undone.result, IsOk());
        EXPECT_TRUE(undone.content == text) << size << " at level " << level;
      }
    }
  }
  EXPECT_THAT(undo(compress(as_bytes(text_of(100'000)), 19).value(), 1).result, IsOk());
}

TEST(DecompressorTest, RefusesDamageCutsAndWhatFollows) {
  const PlainBytes compressed = compress(as_bytes(text_of(1000)), 3).value();
  PlainBytes changed = compressed;
  changed[0] ^= 1;
  EXPECT_THAT(undo(changed).result, Fails(Kind::corrupt, StartsWith("compression: "))) << "the magic";
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_THAT(undo(ByteView(compressed).first(size)).result, Fails(Kind::corrupt, StartsWith("compression: ")));
  }
  PlainBytes two = compressed;
  append(two, compressed);
  EXPECT_THAT(undo(two).result, Fails(Kind::corrupt, StartsWith("compression: ")));
  EXPECT_THAT(undo(as_bytes("not zstd at all")).result, Fails(Kind::corrupt, StartsWith("compression: ")));
}

// RFC 8878 section 3.1.1.1.2: the window that a frame asks for is memory that a reader must have.
TEST(DecompressorTest, RefusesAWindowOverItsBound) {
  // magic, no single segment, window descriptor for 2^30, an empty last block
  EXPECT_THAT(undo(from_hex("28b52ffd00a0010000").value()).result, Fails(Kind::corrupt, StartsWith("compression: ")));
}

}  // namespace
}  // namespace edgeseal::agent
