// SPDX-License-Identifier: GPL-3.0-or-later
// What an answer to ListObjectsV2 says. Pure.
// Source: Amazon S3 API Reference, ListObjectsV2.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::transport {

struct ListedObject {
  std::string key;
  std::uint64_t bytes = 0;
};

struct ListedPage {
  std::vector<ListedObject> objects;
  std::string next;  ///< continuation token; empty: this was the last page
};

/// S3 has no longer keys, "Object key names" in its user guide.
inline constexpr std::size_t kListedKeyBytesMax = 1024;
inline constexpr std::size_t kListedTokenBytesMax = std::size_t{16} * 1024;

/// Keys are percent-decoded when the answer says that they are encoded, and only then. Fails with Kind::transient when
/// it is no listing, when it goes on without a token, and when a key or the token is longer than the bounds above.
[[nodiscard]] Result<ListedPage> parse_listing(ByteView document);

}  // namespace edgeseal::transport
