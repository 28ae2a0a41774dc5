// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/file_header.h"

#include <algorithm>
#include <string_view>

#include "storage/raw_file.h"
#include "storage/spool_schema.h"

namespace edgeseal::storage {
namespace {

constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};
// Bytes 16 to 23: pages of 4096, write and read version 2 (WAL), nothing reserved, three constants.
constexpr std::string_view kFixed{"\x10\x00\x02\x02\x00\x40\x20\x20", 8};
constexpr std::size_t kFixedAt = 16;
constexpr std::size_t kVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;

}  // namespace

FileHeader read_file_header(ByteView page) {
  return {.sqlite = as_text(page.first(kSqliteMagic.size())) == kSqliteMagic,
          .application = read_u32(page.subspan(kApplicationIdAt)) == kApplicationId,
          .version = static_cast<std::int32_t>(read_u32(page.subspan(kVersionAt))),
          .as_made = as_text(page.subspan(kFixedAt, kFixed.size())) == kFixed};
}

}  // namespace edgeseal::storage
