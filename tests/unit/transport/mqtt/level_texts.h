// SPDX-License-Identifier: GPL-3.0-or-later
// Topics and filters to try every one of.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace edgeseal::transport {

/// Every text of up to `depth` levels from `alphabet`.
inline std::vector<std::string> all_of(const std::vector<std::string>& alphabet, std::size_t depth) {
  std::vector<std::string> texts = alphabet;
  std::vector<std::string> longest = alphabet;
  for (std::size_t level = 1; level < depth; ++level) {
    std::vector<std::string> longer;
    for (const std::string& head : longest) {
      for (const std::string& tail : alphabet) longer.push_back(head + "/" + tail);
    }
    texts.insert(texts.end(), longer.begin(), longer.end());
    longest = std::move(longer);
  }
  std::erase(texts, "");
  return texts;
}

}  // namespace edgeseal::transport
