// SPDX-License-Identifier: GPL-3.0-or-later
// Writes CBOR items (RFC 8949) in their shortest form. The gateway's one door to libcbor.
#pragma once
#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/wipe.h"

namespace edgeseal::agent {

/// Appends to a buffer that it borrows. Any thread, one at a time.
class CborWriter {
 public:
  explicit CborWriter(PlainBytes& out) : out_(out) {}
  void uint(std::uint64_t value);
  void integer(std::int64_t value);
  void boolean(bool value);
  void text(std::string_view value);
  void bytes(ByteView value);
  void array(std::size_t items);  ///< that many items follow
  void map(std::size_t pairs);    ///< that many keys and values follow

 private:
  template <typename Encode, typename Value>
  void head(Encode encode, Value value);
  PlainBytes& out_;
};

}  // namespace edgeseal::agent
