// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/wal_scan.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "crypto/base/bytes.h"
#include "storage/raw_file.h"

namespace edgeseal::storage {
namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kFrameHeaderSize = 24;
constexpr std::size_t kFrameSize = kFrameHeaderSize + kPageSize;
constexpr std::uint32_t kMagic = 0x377f0682;  // its lowest bit: checksums are over big-endian words

struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const Checksum&) const = default;
};

/// As the file keeps it, always big-endian.
Checksum stored_checksum(ByteView at) { return {read_u32(at), read_u32(at.subspan(4))}; }

Checksum add(Checksum sum, ByteView bytes, bool big_endian) {
  const bool swap = big_endian != (std::endian::native == std::endian::big);
  std::array<std::uint32_t, 2> words{};
  for (std::size_t at = 0; at + sizeof words <= bytes.size(); at += sizeof words) {
    std::memcpy(words.data(), bytes.data() + at, sizeof words);
    if (swap) words = {__builtin_bswap32(words[0]), __builtin_bswap32(words[1])};
    sum.first += words[0] + sum.second;
    sum.second += words[1] + sum.first;
  }
  return sum;
}

using Salts = std::array<std::uint32_t, 2>;

struct Header {
  bool sound = false;
  bool big_endian = std::endian::native == std::endian::big;
  Salts salts{};
  Checksum checksum;
};

Header parse_header(ByteView bytes) {
  Header header;
  const std::uint32_t magic = read_u32(bytes);
  if ((magic & ~1U) == kMagic) header.big_endian = (magic & 1U) != 0;
  header.salts = {read_u32(bytes.subspan(16)), read_u32(bytes.subspan(20))};
  header.checksum = stored_checksum(bytes.subspan(24));
  header.sound = (magic & ~1U) == kMagic && read_u32(bytes.subspan(8)) == kPageSize &&
                 add({}, bytes.first(24), header.big_endian) == header.checksum;
  return header;
}

struct Slot {
  WalFrame frame;
  Salts salts{};
};

}  // namespace

Wal read_wal(const std::filesystem::path& path) {
  Wal wal;
  auto file = RawFile::open(path);
  if (!file || file->size() < kHeaderSize + kFrameSize) return wal;
  std::array<std::uint8_t, kFrameSize> buffer{};
  if (!file->read(0, MutableByteView(buffer).first(kHeaderSize))) return wal;
  const Header header = parse_header(ByteView(buffer).first(kHeaderSize));

  std::vector<Slot> slots;
  Checksum before = header.checksum;
  // The salts of the present round: those of the header, or of the first frame that can vouch for itself.
  std::optional<Salts> salts;
  if (header.sound) salts = header.salts;
  for (std::uint64_t at = kHeaderSize; at + kFrameSize <= file->size(); at += kFrameSize) {
    Slot slot;
    if (file->read(at, buffer)) {
      const ByteView bytes(buffer);
      const Checksum sum =
          add(add(before, bytes.first(8), header.big_endian), bytes.subspan(kFrameHeaderSize), header.big_endian);
      before = stored_checksum(bytes.subspan(16));
      slot.salts = {read_u32(bytes.subspan(8)), read_u32(bytes.subspan(12))};
      slot.frame = {.page = read_u32(bytes),
                    .offset = at + kFrameHeaderSize,
                    .commit = read_u32(bytes.subspan(4)) != 0,
                    .sound = sum == before};
      if (slot.frame.sound && !salts) salts = slot.salts;
    }
    slots.push_back(slot);
  }

  bool reachable = header.sound;
  bool unreachable_commit = false;
  for (const Slot& slot : slots) {
    const bool ours = salts && slot.salts == *salts && slot.frame.page != 0;
    reachable = reachable && ours && slot.frame.sound;
    if (!ours) continue;
    wal.commits_unreachable = wal.commits_unreachable || unreachable_commit;
    unreachable_commit = unreachable_commit || (!reachable && slot.frame.sound && slot.frame.commit);
    wal.frames.push_back(slot.frame);
  }
  return wal;
}

}  // namespace edgeseal::storage
