// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/secret_bytes.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/base/wipe.h"

namespace {

/// What a watched mapping held at the instant it was given back. Single pages are given back once enough are spare.
struct Watch {
  const void* address = nullptr;
  std::size_t size = 0;
  std::optional<bool> wiped;
};
Watch watch;

bool all_wiped(const void* memory, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  return std::all_of(bytes, bytes + size, [](std::uint8_t byte) { return byte == edgeseal::kWipeByte; });
}

}  // namespace

/// Stands before the C library's: looks at the pages first.
extern "C" int munmap(void* address, std::size_t size) noexcept {
  if (address == watch.address) watch.wiped = all_wiped(address, watch.size);
  return static_cast<int>(syscall(SYS_munmap, address, size));
}

namespace edgeseal {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> && std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView>, "no way in but reveal()");
template <typename T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};
template <typename T>
concept Printable = requires(std::ostream& out, const T& a) {
  out << a;
};
static_assert(!Comparable<SecretBytes> && !Printable<SecretBytes>);

SecretBytes secret_of(std::size_t size) {
  SecretBytes secret(size);
  std::ranges::fill(secret.reveal(), std::uint8_t{0xa5});
  return secret;
}

/// So that the next page that ends is given back.
void fill_spare_pages() {
  std::vector<SecretBytes> many;
  for (std::size_t i = 0; i < SecretBytes::kSparePagesMax; ++i) many.emplace_back(1);
}

void start_watching(const SecretBytes& secret) { watch = {secret.reveal().data(), secret.size(), std::nullopt}; }

/// The lines of /proc/self/smaps about the mapping that begins at `address`; empty when there is none.
std::string mapping_at(const void* address) {
  std::ostringstream start;
  start << std::hex << reinterpret_cast<std::uintptr_t>(address) << '-';
  std::ifstream smaps("/proc/self/smaps");
  std::string text;
  bool ours = false;
  for (std::string line; std::getline(smaps, line);) {
    if (line.rfind(start.str(), 0) == 0) ours = true;
    if (ours) text += line + '\n';
    if (ours && line.rfind("VmFlags", 0) == 0) break;
  }
  return text;
}

TEST(SecretBytesTest, BeginAsZerosAndCanBeWrittenThroughReveal) {
  SecretBytes secret(5000);
  EXPECT_THAT(secret.reveal(), Each(0));
  secret.reveal()[4999] = 7;
  EXPECT_EQ(std::as_const(secret).reveal().back(), 7);
}

TEST(SecretBytesTest, EmptyOnesOwnNothing) {
  const SecretBytes none;
  const SecretBytes zero(0);
  EXPECT_TRUE(none.empty() && zero.empty());
  EXPECT_TRUE(SecretBytes::copy_of({}).empty());
  EXPECT_TRUE(zero.clone().empty());
}

TEST(SecretBytesTest, ACloneIsASecondOwner) {
  SecretBytes secret = secret_of(32);
  const SecretBytes second = secret.clone();
  secret.reveal()[0] = 0;
  EXPECT_NE(second.reveal().data(), secret.reveal().data());
  EXPECT_THAT(second.reveal(), Each(0xa5));
}

class SecretBytesWipeTest : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, SecretBytesWipeTest, ::testing::Values(1, 32, 4095, 4096, 4097, 70000));

TEST_P(SecretBytesWipeTest, AreWipedBeforeTheirPagesAreGivenBack) {
  {
    const SecretBytes secret = secret_of(GetParam());
    fill_spare_pages();
    start_watching(secret);
  }
  EXPECT_EQ(watch.wiped, true);
}

TEST_P(SecretBytesWipeTest, AreWipedWhenAnotherSecretIsMovedOverThem) {
  SecretBytes secret = secret_of(GetParam());
  SecretBytes next = secret_of(8);
  fill_spare_pages();
  start_watching(secret);
  secret = std::move(next);
  EXPECT_EQ(watch.wiped, true);
  EXPECT_EQ(secret.size(), 8U);
  EXPECT_THAT(secret.reveal(), Each(0xa5));
}

// A move hands over the pages themselves, so nothing is left behind that would need wiping.
TEST_P(SecretBytesWipeTest, MovingLeavesNoCopyBehind) {
  SecretBytes secret = secret_of(GetParam());
  const std::uint8_t* pages = secret.reveal().data();
  SecretBytes moved = std::move(secret);
  EXPECT_EQ(moved.reveal().data(), pages);
  EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(secret.reveal().data(), nullptr);
  fill_spare_pages();
  start_watching(moved);
  moved = SecretBytes();
  EXPECT_EQ(watch.wiped, true);
}

TEST(SecretBytesTest, MovedOntoThemselvesKeepTheirBytes) {
  SecretBytes secret = secret_of(16);
  SecretBytes& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.size(), 16U);
  EXPECT_THAT(secret.reveal(), Each(0xa5));
}

TEST(SecretBytesTest, StayOutOfCoreDumpsAndAreLockedWhereTheLimitPermits) {
  const SecretBytes secret = secret_of(32);
  const std::string mapping = mapping_at(secret.reveal().data());
  ASSERT_FALSE(mapping.empty()) << "a secret has a mapping of its own";
  const std::string flags = mapping.substr(mapping.find("VmFlags"));
  EXPECT_THAT(flags, HasSubstr(" dd"));
#ifndef EDGESEAL_SANITIZED  // their runtimes make mlock do nothing
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur >= 1024 * 1024) {
    EXPECT_THAT(flags, HasSubstr(" lo"));
  }
#endif
}

TEST(SecretBytesTest, LargePagesGoWithThem) {
  const void* address = nullptr;
  {
    const SecretBytes secret = secret_of(5000);
    address = secret.reveal().data();
    ASSERT_FALSE(mapping_at(address).empty());
  }
  EXPECT_TRUE(mapping_at(address).empty());
}

TEST(SecretBytesTest, ASinglePageIsWipedAndServesTheNextAsZeros) {
  fill_spare_pages();
  SecretBytes secret = secret_of(32);
  const std::uint8_t* page = secret.reveal().data();
  secret = SecretBytes();
  EXPECT_TRUE(all_wiped(page, 32));
  const SecretBytes next(100);
  EXPECT_EQ(next.reveal().data(), page);
  EXPECT_THAT(next.reveal(), Each(0));
}

}  // namespace
}  // namespace edgeseal
