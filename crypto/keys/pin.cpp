// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/pin.h"

namespace edgeseal::crypto {

Result<Pin> Pin::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  if (text.starts_with(kPrefix)) {
    if (const auto bytes = from_hex(text.substr(kPrefix.size()))) {
      if (const auto digest = Digest::from(*bytes)) return Pin{*digest};
    }
  }
  return fail(Kind::invalid, "expected a pin like sha256:<64 hex digits>, found \"" + std::string(text) + "\"", {},
              "edgeseal pin FILE prints the pin of a key");
}

}  // namespace edgeseal::crypto
