// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_disk.h"

#include <algorithm>
#include <array>

namespace edgeseal::test {
namespace {

constexpr std::uint64_t kSectorBytes = 512;
/// Of a hundred pieces, how many survive a cut: drawn for each file, so that "all" and "none" are as likely as a
/// mixture.
constexpr std::array<unsigned, 5> kSurvivalPercent{0, 10, 50, 90, 100};
/// One in so many of the pieces that do not survive is noise.
constexpr unsigned kNoiseOneIn = 8;

unsigned percent(std::mt19937_64& random) { return static_cast<unsigned>(random() % 100); }

void put(Bytes& content, std::uint64_t offset, ByteView bytes) {
  content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

std::optional<SimDisk::FileNumber> SimDisk::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : found->second;
}

SimDisk::FileNumber SimDisk::create(const std::string& name) {
  files_.emplace(++newest_, File{});
  names_[name] = newest_;
  unsynced_names_.emplace_back(name, newest_);
  return newest_;
}

void SimDisk::remove(const std::string& name) {
  names_.erase(name);
  unsynced_names_.emplace_back(name, std::nullopt);
}

void SimDisk::sync_names() {
  synced_names_ = names_;
  unsynced_names_.clear();
  forget_unnamed();
}

void SimDisk::forget_unnamed() {
  std::erase_if(files_, [this](const auto& file) {
    return std::none_of(names_.begin(), names_.end(), [&](const auto& name) { return name.second == file.first; });
  });
}

std::size_t SimDisk::read(FileNumber file, std::uint64_t offset, MutableByteView out) const {
  const Bytes& content = files_.at(file).now;
  if (offset >= content.size()) return 0;
  const std::size_t count = std::min<std::size_t>(out.size(), content.size() - offset);
  std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  return count;
}

bool SimDisk::grow(File& file, std::uint64_t size) {
  if (size <= file.now.size()) return true;
  if (used() + (size - file.now.size()) > bytes_max) return false;
  file.now.resize(size);
  return true;
}

bool SimDisk::write(FileNumber number, std::uint64_t offset, ByteView bytes) {
  File& file = files_.at(number);
  if (!grow(file, offset + bytes.size())) return false;
  put(file.now, offset, bytes);
  file.unsynced.push_back({offset, Bytes(bytes.begin(), bytes.end())});
  return true;
}

bool SimDisk::resize(FileNumber number, std::uint64_t size) {
  File& file = files_.at(number);
  if (!grow(file, size)) return false;
  file.now.resize(size);
  file.unsynced.push_back({size, {}});
  return true;
}

void SimDisk::sync(FileNumber number) {
  File& file = files_.at(number);
  // What has not changed need not be copied: a file of megabytes is synced at each commit.
  for (const Change& change : file.unsynced) {
    if (change.bytes.empty()) {
      file.synced.resize(change.offset);
    } else {
      put(file.synced, change.offset, change.bytes);
    }
  }
  file.unsynced.clear();
}

void SimDisk::lose_writes(File& file, std::mt19937_64& random) {
  const unsigned survival = kSurvivalPercent[random() % kSurvivalPercent.size()];
  for (const Change& change : file.unsynced) {
    if (change.bytes.empty()) {
      if (percent(random) < survival) file.synced.resize(change.offset);
      continue;
    }
    const std::uint64_t end = change.offset + change.bytes.size();
    for (std::uint64_t at = change.offset; at < end;) {
      const std::uint64_t piece_end = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
      const ByteView piece = ByteView(change.bytes).subspan(at - change.offset, piece_end - at);
      if (percent(random) < survival) {
        put(file.synced, at, piece);
      } else if (random() % kNoiseOneIn == 0) {
        Bytes noise(piece.size());
        std::generate(noise.begin(), noise.end(), [&] { return static_cast<std::uint8_t>(random()); });
        put(file.synced, at, noise);
      }
      at = piece_end;
    }
  }
  file.now = file.synced;
  file.unsynced.clear();
}

void SimDisk::lose_power(std::mt19937_64& random) {
  for (auto& [number, file] : files_) lose_writes(file, random);
  // Of each name's changes the first few have reached the disk; of different names' in any order.
  names_ = synced_names_;
  std::map<std::string, bool> lost;
  for (const auto& [name, file] : unsynced_names_) {
    if (lost[name] || random() % 2 == 0) {
      lost[name] = true;
    } else if (file) {
      names_[name] = file;
    } else {
      names_.erase(name);
    }
  }
  sync_names();
}

std::uint64_t SimDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : names_) bytes += files_.at(*file).now.size();
  return bytes;
}

}  // namespace edgeseal::test
