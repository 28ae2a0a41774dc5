// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/secret_bytes.h"

#include <algorithm>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "crypto/base/wipe.h"

namespace edgeseal {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  if (size == 0) return;
  const std::size_t mapped = whole_pages(size);
  void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Both are best effort: RLIMIT_MEMLOCK may forbid the first, and the unit file turns core dumps off anyway.
  (void)mlock(memory, mapped);
  (void)madvise(memory, mapped, MADV_DONTDUMP);
  data_ = static_cast<std::uint8_t*>(memory);
}

SecretBytes SecretBytes::copy_of(ByteView plain) {
  SecretBytes secret(plain.size());
  std::copy(plain.begin(), plain.end(), secret.data_);
  return secret;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { release(); }

void SecretBytes::release() {
  if (data_ == nullptr) return;
  wipe(data_, size_);
  munmap(data_, whole_pages(size_));
  data_ = nullptr;
  size_ = 0;
}

}  // namespace edgeseal
