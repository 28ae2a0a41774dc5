// SPDX-License-Identifier: GPL-3.0-or-later
// Names and numbers that look alike. Each has a type of its own, so that none is passed for another.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"

namespace edgeseal {

/// A fixed number of bytes with a meaning of its own; `Tag` keeps the kinds apart.
template <typename Tag, std::size_t Size>
struct FixedBytes {
  static constexpr std::size_t kSize = Size;
  std::array<std::uint8_t, Size> bytes{};
  auto operator<=>(const FixedBytes&) const = default;
  [[nodiscard]] ByteView view() const { return bytes; }
  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  /// Nothing unless `view` has exactly Size bytes.
  [[nodiscard]] static std::optional<FixedBytes> from(ByteView view) {
    if (view.size() != Size) return std::nullopt;
    FixedBytes id;
    std::copy(view.begin(), view.end(), id.bytes.begin());
    return id;
  }
  [[nodiscard]] static Result<FixedBytes> random(Random& source) {
    FixedBytes id;
    if (auto filled = source.fill(id.bytes); !filled) return failed(filled);
    return id;
  }
};

/// Longest names, in bytes, of a gateway and of a route (config/forms.h has their forms).
inline constexpr std::size_t kGatewayNameBytesMax = 128;
inline constexpr std::size_t kRouteNameBytesMax = 64;

using Digest = FixedBytes<struct DigestTag, 32>;    ///< a SHA-256
using SpoolId = FixedBytes<struct SpoolIdTag, 16>;  ///< random, made with the spool file
using BatchId = FixedBytes<struct BatchIdTag, 16>;  ///< random, one per batch
using BootId = FixedBytes<struct BootIdTag, 16>;    ///< the kernel's, one per boot of the machine

/// A route's name as configured. Owners find it in the encryption context.
struct RouteName {
  std::string text;
  auto operator<=>(const RouteName&) const = default;
};
/// A sink's name as configured.
struct SinkName {
  std::string text;
  auto operator<=>(const SinkName&) const = default;
};

/// Place of a batch in its route's chain; the first is 1.
struct Sequence {
  std::uint64_t number = 0;
  auto operator<=>(const Sequence&) const = default;
  [[nodiscard]] Sequence next() const { return {number + 1}; }
};

/// The last batch of a route's chain. The next batch must name it as the one before.
/// Before the first batch: sequence 0 and a digest of zero bytes.
struct ChainTip {
  Sequence sequence;
  Digest digest;
  auto operator<=>(const ChainTip&) const = default;
};

/// A hash function for parts that have none: SHA-256 over the whole argument.
using HashFunction = Result<Digest> (*)(ByteView);

}  // namespace edgeseal
