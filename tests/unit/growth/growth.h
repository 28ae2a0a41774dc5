// SPDX-License-Identifier: GPL-3.0-or-later
// What every parser of bytes from outside must hold to: eight times the input costs eight times the work and memory,
// and not sixty-four times. Both are counted (tests/support/counted_steps.h), so no machine is too slow for it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/base/bytes.h"
#include "tests/support/counted_memory.h"
#include "tests/support/counted_steps.h"

namespace edgeseal::test {

/// A parser that is fed `input` in pieces of at most `piece_bytes`. What it makes of the input is not asked here.
using Parse = std::function<void(ByteView input, std::size_t piece_bytes)>;

/// An input of some hostile shape, made of `units` of what the shape is about.
struct Shape {
  const char* name;
  std::size_t units;  ///< of the smaller of the two inputs that are compared
  std::function<Bytes(std::size_t units)> input;
};

inline constexpr std::size_t kWhole = SIZE_MAX;

struct Parser {
  const char* name;
  Parse parse;
  std::vector<Shape> shapes;
  std::vector<std::size_t> pieces{kWhole};  ///< of how many bytes; what streams takes single bytes, too
};

struct Cost {
  std::size_t steps = 0;
  std::size_t bytes = 0;  ///< of memory
};

inline Cost cost_of(const Parser& parser, ByteView input, std::size_t piece_bytes) {
  const Cost before{steps(), allocated_bytes()};
  parser.parse(input, piece_bytes);
  return {steps() - before.steps, allocated_bytes() - before.bytes};
}

/// Feeds `input` to `take` in pieces, until it gives false.
template <typename Take>
void feed(ByteView input, std::size_t piece_bytes, const Take& take) {
  while (!input.empty()) {
    const ByteView piece = input.first(std::min(piece_bytes, input.size()));
    if (!take(piece)) return;
    input = input.subspan(piece.size());
  }
}

inline void expect_linear(const Parser& parser) {
  constexpr std::size_t kTimes = 8;
  constexpr std::size_t kTimesMax = 16;            // a sort and a growing buffer are allowed for, a square is not
  constexpr std::size_t kMemoryFree = 256 * 1024;  // buffers of a fixed size
  for (const Shape& shape : parser.shapes) {
    const Bytes little = shape.input(shape.units);
    const Bytes much = shape.input(kTimes * shape.units);
    for (const std::size_t piece_bytes : parser.pieces) {
      SCOPED_TRACE(std::string(parser.name) + ": " + shape.name + ", in pieces of " +
                   std::to_string(std::min(piece_bytes, much.size())));
      const Cost once = cost_of(parser, little, piece_bytes);
      const Cost again = cost_of(parser, much, piece_bytes);
      EXPECT_GE(once.steps, shape.units) << "the parser never came to what the shape is about";
      EXPECT_LE(again.steps, kTimesMax * once.steps) << once.steps << " steps for an eighth";
      EXPECT_LE(again.bytes, kTimesMax * once.bytes + kMemoryFree) << once.bytes << " bytes for an eighth";
    }
  }
}

/// `unit`, so many times.
inline Bytes times(std::size_t count, ByteView unit) {
  Bytes all;
  all.reserve(count * unit.size());
  for (std::size_t i = 0; i < count; ++i) append(all, unit);
  return all;
}
inline Bytes times(std::size_t count, std::string_view unit) { return times(count, as_bytes(unit)); }

/// Pieces of text or bytes in a row.
inline Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) append(all, part);
  return all;
}

}  // namespace edgeseal::test
