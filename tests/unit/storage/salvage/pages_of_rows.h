// SPDX-License-Identifier: GPL-3.0-or-later
// Where the rows of an undamaged spool lie, so that a test can say which of them a damage may cost.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "crypto/base/ids.h"
#include "storage/salvage/raw_pages.h"

namespace edgeseal::storage {

// The log: https://www.sqlite.org/fileformat2.html, section 4.1.
inline constexpr std::uint64_t kWalHeaderSize = 32;
inline constexpr std::uint64_t kFrameHeaderSize = 24;
inline constexpr std::uint64_t kWalFrameSize = kFrameHeaderSize + kPageSize;

/// The pages that a row's bytes lie on: every page that holds its digest, and the chain that its object overflows to.
class PagesOfRows {
 public:
  PagesOfRows(const std::filesystem::path& db, const std::filesystem::path& wal) : pages_(db, wal) {
    Page page{};
    for (std::uint32_t number = 1; number <= pages_.count(); ++number) {
      if (!pages_.read(number, Overlay::sound, page)) continue;
      images_[number] = {page.begin(), page.end()};
      chained_[images_[number].substr(4, kProbe)] = number;
    }
  }
  [[nodiscard]] std::set<std::uint32_t> holding(ByteView bytes) const {
    std::set<std::uint32_t> found;
    for (const auto& [number, image] : images_) {
      if (image.find(as_text(bytes)) != std::string::npos) found.insert(number);
    }
    return found;
  }
  [[nodiscard]] std::set<std::uint32_t> of(const Digest& digest, const Bytes& bytes) const {
    std::set<std::uint32_t> found = holding(digest.view());
    found.merge(chain_of(bytes));
    return found;
  }
  /// The chain that these bytes overflow to; none when their page holds them whole.
  [[nodiscard]] std::set<std::uint32_t> chain_of(const Bytes& bytes) const {
    std::set<std::uint32_t> found;
    const std::string_view text = as_text(bytes);
    for (std::size_t at = 0; at + kProbe <= text.size(); ++at) {
      const auto page = chained_.find(std::string(text.substr(at, kProbe)));
      if (page == chained_.end()) continue;
      found.insert(page->second);
      at += kPageSize - 5;  // the next page of the chain goes on where this one ends
      // The last few bytes may stand on a page that this cannot tell: any page that begins with them.
      if (at + 1 < text.size() && at + 1 + kProbe > text.size()) {
        for (const auto& [number, image] : images_) {
          if (image.compare(4, text.size() - at - 1, text.substr(at + 1)) == 0) found.insert(number);
        }
      }
    }
    return found;
  }
  [[nodiscard]] std::uint32_t count() const { return pages_.count(); }

 private:
  static constexpr std::size_t kProbe = 16;
  RawPages pages_;
  std::map<std::uint32_t, std::string> images_;
  std::map<std::string, std::uint32_t> chained_;
};

}  // namespace edgeseal::storage
