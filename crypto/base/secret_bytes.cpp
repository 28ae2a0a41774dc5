// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/secret_bytes.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "crypto/base/guarded.h"
#include "crypto/base/wipe.h"

namespace edgeseal {
namespace {

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

std::size_t whole_pages(std::size_t size) { return (size + page_bytes() - 1) / page_bytes() * page_bytes(); }

/// Single pages of secrets that have ended: wiped, and still locked where that was permitted. Each journal frame takes
/// three keys, and a mapping takes four system calls: together a tenth of a small commit.
class SparePages {
 public:
  /// Null when there is none.
  [[nodiscard]] std::uint8_t* take() { return count_ == 0 ? nullptr : pages_[--count_]; }
  /// False when there are enough.
  [[nodiscard]] bool keep(std::uint8_t* page) {
    if (count_ == pages_.size()) return false;
    pages_[count_++] = page;
    return true;
  }

 private:
  std::array<std::uint8_t*, SecretBytes::kSparePagesMax> pages_{};
  std::size_t count_ = 0;
};

Guarded<SparePages>& spare_pages() {
  static Guarded<SparePages> pages;
  return pages;
}

std::uint8_t* take_spare_page() {
  return spare_pages().with([](SparePages& pages) { return pages.take(); });
}

bool keep_spare_page(std::uint8_t* page) {
  return spare_pages().with([page](SparePages& pages) { return pages.keep(page); });
}

std::uint8_t* map_pages(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Both are best effort: RLIMIT_MEMLOCK may forbid the first, and the unit file turns core dumps off anyway.
  (void)mlock(memory, bytes);
  (void)madvise(memory, bytes, MADV_DONTDUMP);
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  if (size == 0) return;
  const std::size_t mapped = whole_pages(size);
  if (mapped == page_bytes()) data_ = take_spare_page();
  if (data_ != nullptr) {
    std::fill_n(data_, size, std::uint8_t{0});
  } else {
    data_ = map_pages(mapped);
  }
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
  const std::size_t mapped = whole_pages(size_);
  if (mapped != page_bytes() || !keep_spare_page(data_)) munmap(data_, mapped);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace edgeseal
