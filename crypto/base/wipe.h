// SPDX-License-Identifier: GPL-3.0-or-later
// Overwrites what must not be found in memory later, and containers that do so by themselves.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"

namespace edgeseal {

#ifdef EDGESEAL_WIPE_BYTE
inline constexpr std::uint8_t kWipeByte = EDGESEAL_WIPE_BYTE;  ///< in debug builds a pattern that is recognised
#else
inline constexpr std::uint8_t kWipeByte = 0;
#endif

/// Overwrites `size` bytes with kWipeByte; the compiler may not leave it out.
void wipe(void* memory, std::size_t size);

/// Wipes all memory that it gives back, when a container grows, moves or ends. It is for plaintext that lives briefly.
/// Its memory is neither locked nor kept out of core dumps, so keys belong into SecretBytes.
template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  explicit WipingAllocator(const WipingAllocator<U>&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept {
    wipe(memory, count * sizeof(T));
    ::operator delete(memory);
  }
  /// Elements that are given no value are not set to zero: what resizes writes there next.
  template <typename U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
  template <typename U>
  bool operator==(const WipingAllocator<U>&) const noexcept {
    return true;
  }
};

/// Plaintext bytes: payloads, batch contents before sealing and after opening.
using PlainBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline void append(PlainBytes& out, ByteView tail) {
  if (tail.empty()) return;
  // Not insert(): for an allocator that is not its own the library copies byte by byte, half the time of a batch. And
  // resize() without `construct` above sets to zero byte by byte.
  const std::size_t at = out.size();
  out.resize(at + tail.size());
  std::memcpy(out.data() + at, tail.data(), tail.size());
}
[[nodiscard]] inline PlainBytes to_plain(ByteView view) {
  PlainBytes plain;
  append(plain, view);
  return plain;
}

}  // namespace edgeseal
