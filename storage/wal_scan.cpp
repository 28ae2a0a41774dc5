// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/wal_scan.h"

#include <algorithm>
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
constexpr std::uint32_t kWalMagic = 0x377f0682;  // its lowest bit: checksums are over big-endian words

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
  Checksum checksum;  ///< as written
  Checksum proper;    ///< of the header's bytes
};

Header parse_header(ByteView bytes) {
  Header header;
  const std::uint32_t magic = read_u32(bytes);
  if ((magic & ~1U) == kWalMagic) header.big_endian = (magic & 1U) != 0;
  header.salts = {read_u32(bytes.subspan(16)), read_u32(bytes.subspan(20))};
  header.checksum = stored_checksum(bytes.subspan(24));
  header.proper = add({}, bytes.first(24), header.big_endian);
  header.sound =
      (magic & ~1U) == kWalMagic && read_u32(bytes.subspan(8)) == kPageSize && header.proper == header.checksum;
  return header;
}

struct Slot {
  WalFrame frame;
  Salts salts{};
  bool accepted = false;  ///< SQLite would take it, if it came so far
};

/// Judges frames in their order. A frame that does not match the checksum before it, as that was written, may yet match
/// what that should have been: then it proves the frame before it as well, whose checksum alone is damaged.
class FrameJudge {
 public:
  explicit FrameJudge(const Header& header)
      : big_endian_(header.big_endian), written_(header.checksum), proper_(header.proper) {}

  [[nodiscard]] Slot judge(ByteView bytes, std::uint64_t at, WalFrame* previous) {
    const Checksum stored = stored_checksum(bytes.subspan(16));
    const Checksum sum = sum_after(written_, bytes);
    const std::uint32_t page = read_u32(bytes);
    const bool matches = page != 0 && sum == stored;  // zeros match zeros
    Slot slot{.frame = {.page = page,
                        .offset = at + kFrameHeaderSize,
                        .commit = read_u32(bytes.subspan(4)) != 0,
                        .sound = matches},
              .salts = {read_u32(bytes.subspan(8)), read_u32(bytes.subspan(12))},
              .accepted = matches};
    if (!matches && page != 0 && proper_ != written_ && sum_after(proper_, bytes) == stored) {
      slot.frame.sound = true;
      if (previous != nullptr) previous->sound = true;
    }
    written_ = stored;
    proper_ = sum;
    return slot;
  }

 private:
  [[nodiscard]] Checksum sum_after(Checksum before, ByteView bytes) const {
    return add(add(before, bytes.first(8), big_endian_), bytes.subspan(kFrameHeaderSize), big_endian_);
  }

  bool big_endian_;
  Checksum written_;  ///< that the frame before has
  Checksum proper_;   ///< that it should have, if its bytes are as they were
};

bool any_is_sound(const std::vector<Slot>& slots) {
  return std::any_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.frame.sound; });
}

std::vector<Slot> read_slots(const RawFile& file, const Header& header) {
  std::array<std::uint8_t, kFrameSize> buffer{};
  std::vector<Slot> slots;
  FrameJudge judge(header);
  for (std::uint64_t at = kHeaderSize; at + kFrameSize <= file.size(); at += kFrameSize) {
    Slot slot;
    if (file.read(at, buffer)) slot = judge.judge(buffer, at, slots.empty() ? nullptr : &slots.back().frame);
    slots.push_back(slot);
  }
  return slots;
}

/// The salts of the present round: those of the header, or of the first frame that can vouch for itself.
std::optional<Salts> salts_of_round(const Header& header, const std::vector<Slot>& slots) {
  if (header.sound) return header.salts;
  const auto first = std::find_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.frame.sound; });
  return first == slots.end() ? std::nullopt : std::optional(first->salts);
}

}  // namespace

Wal read_wal(const std::filesystem::path& path) {
  Wal wal;
  auto file = RawFile::open(path);
  if (!file || file->size() < kHeaderSize + kFrameSize) return wal;
  std::array<std::uint8_t, kHeaderSize> bytes{};
  if (!file->read(0, bytes)) return wal;
  Header header = parse_header(bytes);
  std::vector<Slot> slots = read_slots(*file, header);
  if (!header.sound && !any_is_sound(slots)) {
    // The bit that tells the order of bytes may be what is damaged.
    header.big_endian = !header.big_endian;
    header.proper = add({}, ByteView(bytes).first(24), header.big_endian);
    slots = read_slots(*file, header);
  }

  const std::optional<Salts> salts = salts_of_round(header, slots);
  bool reachable = header.sound;
  bool unreachable_commit = false;
  bool goes_on = true;
  for (const Slot& slot : slots) {
    const bool salted = salts && slot.salts == *salts;
    // No checksum covers the salts: where those are damaged, to go on from a frame of this round proves it as well.
    const bool ours = salted || (slot.frame.sound && goes_on);
    reachable = reachable && salted && slot.accepted;
    goes_on = ours;
    if (!ours) continue;
    wal.commits_unreachable = wal.commits_unreachable || unreachable_commit;
    unreachable_commit = unreachable_commit || (!reachable && slot.frame.commit);
    wal.frames.push_back(slot.frame);
  }
  return wal;
}

}  // namespace edgeseal::storage
