// SPDX-License-Identifier: GPL-3.0-or-later
// Keys, passwords and tokens: memory that is locked, kept out of core dumps, and wiped.
#pragma once
#include <cstddef>
#include <memory>

#include "crypto/base/bytes.h"

namespace edgeseal {

/// A fixed number of secret bytes in pages of their own. The pages are locked (mlock, where the limit permits), kept
/// out of core dumps, and wiped at the end and when moved from. It cannot be copied, printed, compared or viewed by
/// accident. A few wiped and locked pages are kept for the next secrets. Threads: as with a vector.
class SecretBytes {
 public:
  static constexpr std::size_t kSparePagesMax = 8;

  SecretBytes() = default;
  /// `size` bytes of zero.
  explicit SecretBytes(std::size_t size);
  /// A copy of `plain`, which the caller wipes.
  [[nodiscard]] static SecretBytes copy_of(ByteView plain);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// The one way in: search for `reveal()` to audit every use of a secret. The view dies with this object.
  [[nodiscard]] ByteView reveal() const { return {data_, size_}; }
  [[nodiscard]] MutableByteView reveal() { return {data_, size_}; }

  /// A second owner of the same secret, asked for by name.
  [[nodiscard]] SecretBytes clone() const { return copy_of(reveal()); }

 private:
  void release();
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace edgeseal
