// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/batch/cbor_writer.h"

#include <array>

#include <cbor.h>

#include "crypto/base/ensure.h"

namespace edgeseal::agent {
namespace {
constexpr std::size_t kHeadBytesMax = 9;
}

template <typename Encode, typename Value>
void CborWriter::head(Encode encode, Value value) {
  std::array<unsigned char, kHeadBytesMax> buffer{};
  const std::size_t size = encode(value, buffer.data(), buffer.size());
  ENSURE(size > 0);
  append(out_, ByteView(buffer).first(size));
}

void CborWriter::uint(std::uint64_t value) { head(cbor_encode_uint, value); }

void CborWriter::integer(std::int64_t value) {
  if (value >= 0) {
    uint(static_cast<std::uint64_t>(value));
  } else {
    head(cbor_encode_negint, static_cast<std::uint64_t>(-(value + 1)));
  }
}

void CborWriter::boolean(bool value) { head(cbor_encode_bool, value); }

void CborWriter::text(std::string_view value) {
  head(cbor_encode_string_start, value.size());
  append(out_, as_bytes(value));
}

void CborWriter::bytes(ByteView value) {
  head(cbor_encode_bytestring_start, value.size());
  append(out_, value);
}

void CborWriter::array(std::size_t items) { head(cbor_encode_array_start, items); }

void CborWriter::map(std::size_t pairs) { head(cbor_encode_map_start, pairs); }

}  // namespace edgeseal::agent
