// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/cbor_reader.h"

#include <algorithm>
#include <limits>

#include <cbor.h>

#include "agent/owner/content_items.h"
#include "agent/owner/content_refusal.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kCompactAtBytes = 64 * 1024;
constexpr std::size_t kRoomBytes = std::size_t{5} << 20;  // what may stand around a payload, and a piece
static_assert(kRoomBytes >= kPropertiesBytesMax + kCompactAtBytes);

struct Token {
  enum class Type { uint, negint, bytes, text, array, map, boolean, other };
  Type type = Type::other;
  std::uint64_t value = 0;  ///< number, negint's -1 - n, count, or truth
  ByteView data;
};

template <Token::Type type, typename Value>
void take_value(void* token, Value value) {
  *static_cast<Token*>(token) = {type, static_cast<std::uint64_t>(value), {}};
}

template <Token::Type type>
void take_data(void* token, cbor_data data, std::size_t size) {
  *static_cast<Token*>(token) = {type, 0, ByteView(data, size)};
}

cbor_callbacks make_callbacks() {
  cbor_callbacks callbacks = cbor_empty_callbacks;  // what is not named here stays Type::other
  callbacks.uint8 = take_value<Token::Type::uint, std::uint8_t>;
  callbacks.uint16 = take_value<Token::Type::uint, std::uint16_t>;
  callbacks.uint32 = take_value<Token::Type::uint, std::uint32_t>;
  callbacks.uint64 = take_value<Token::Type::uint, std::uint64_t>;
  callbacks.negint8 = take_value<Token::Type::negint, std::uint8_t>;
  callbacks.negint16 = take_value<Token::Type::negint, std::uint16_t>;
  callbacks.negint32 = take_value<Token::Type::negint, std::uint32_t>;
  callbacks.negint64 = take_value<Token::Type::negint, std::uint64_t>;
  callbacks.boolean = take_value<Token::Type::boolean, bool>;
  callbacks.array_start = take_value<Token::Type::array, std::size_t>;
  callbacks.map_start = take_value<Token::Type::map, std::size_t>;
  callbacks.byte_string = take_data<Token::Type::bytes>;
  callbacks.string = take_data<Token::Type::text>;
  return callbacks;
}

struct Decoded {
  cbor_decoder_result result;
  Token token;
};

Decoded decode(ByteView in) {
  static const cbor_callbacks kCallbacks = make_callbacks();
  Decoded decoded{};
  decoded.result = cbor_stream_decode(in.data(), in.size(), &kCallbacks, &decoded.token);
  return decoded;
}

/// The token that stands first in `item` at `at`, when it is of this type; then `at` moves past it.
std::optional<Token> take(ByteView item, std::size_t& at, Token::Type type) {
  const Decoded decoded = decode(item.subspan(at));
  if (decoded.result.status != CBOR_DECODER_FINISHED || decoded.token.type != type) return std::nullopt;
  at += decoded.result.read;
  return decoded.token;
}

template <typename T>
std::optional<std::uint64_t> value_of(const std::optional<T>& token) {
  return token ? std::optional(token->value) : std::nullopt;
}

}  // namespace

void CborSequence::feed(ByteView piece) {
  if (item_at_ == buffer_.size() || item_at_ > kCompactAtBytes) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(item_at_));
    scan_at_ -= item_at_;
    expected_ -= std::min(expected_, item_at_);
    item_at_ = 0;
  }
  // By doubling, a payload of 256 MiB would be held three times. Memory that nothing has come for is not used yet. But
  // what grows by less than it has is grown by half: by steps of one size it would be copied too often.
  const std::size_t needed = std::max(buffer_.size() + piece.size(), expected_);
  if (needed > buffer_.capacity() && needed > kRoomBytes) {
    const bool doubles = needed / 2 > buffer_.size();
    buffer_.reserve(needed + (doubles ? kRoomBytes : std::max(kRoomBytes, needed / 2)));
  }
  append(buffer_, piece);
}

Result<std::optional<ByteView>> CborSequence::next() {
  while (scan_at_ < buffer_.size()) {
    const auto [result, token] = decode(ByteView(buffer_).subspan(scan_at_));
    if (result.status == CBOR_DECODER_NEDATA) {
      if (result.required > kItemBytesMax) return refuse(ContentRefusal::content, "a CBOR item over 257 MiB");
      expected_ = scan_at_ + result.required;
      break;
    }
    if (result.status == CBOR_DECODER_ERROR) return refuse(ContentRefusal::content, "it is not CBOR");
    if (token.type == Token::Type::other) {
      return refuse(ContentRefusal::content, "a CBOR item of a kind that batches do not hold");
    }
    scan_at_ += result.read;
    if (!open_.empty()) --open_.back();
    if (token.type == Token::Type::array || token.type == Token::Type::map) {
      if (token.value > kItemBytesMax || open_.size() == kDepthMax) {
        return refuse(ContentRefusal::content, "a CBOR item too large or too deep");
      }
      open_.push_back(token.type == Token::Type::map ? 2 * token.value : token.value);
    }
    while (!open_.empty() && open_.back() == 0) open_.pop_back();
    if (open_.empty()) {
      const ByteView item = ByteView(buffer_).subspan(item_at_, scan_at_ - item_at_);
      item_at_ = scan_at_;
      return item;
    }
  }
  if (buffer_.size() - item_at_ > kItemBytesMax) return refuse(ContentRefusal::content, "a CBOR item over 257 MiB");
  return std::nullopt;
}

std::optional<std::uint64_t> CborReader::uint() { return value_of(take(item_, at_, Token::Type::uint)); }

std::optional<std::int64_t> CborReader::integer() {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (const auto value = uint()) {
    return *value <= kMax ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
  }
  const auto negative = value_of(take(item_, at_, Token::Type::negint));
  if (!negative || *negative > kMax) return std::nullopt;
  return -1 - static_cast<std::int64_t>(*negative);
}

std::optional<bool> CborReader::boolean() {
  const auto value = value_of(take(item_, at_, Token::Type::boolean));
  return value ? std::optional(*value != 0) : std::nullopt;
}

std::optional<std::string> CborReader::text(std::size_t bytes_max) {
  const auto token = take(item_, at_, Token::Type::text);
  return token && token->data.size() <= bytes_max ? std::optional(std::string(as_text(token->data))) : std::nullopt;
}

std::optional<ByteView> CborReader::bytes() {
  const auto token = take(item_, at_, Token::Type::bytes);
  return token ? std::optional(token->data) : std::nullopt;
}

std::optional<std::uint64_t> CborReader::array() { return value_of(take(item_, at_, Token::Type::array)); }

std::optional<std::uint64_t> CborReader::map() { return value_of(take(item_, at_, Token::Type::map)); }

}  // namespace edgeseal::agent
