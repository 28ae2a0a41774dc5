// SPDX-License-Identifier: GPL-3.0-or-later
// A pin proves that a public key is the one that was meant.
#pragma once
#include <string>
#include <string_view>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace edgeseal::crypto {

/// SHA-256 over the DER SubjectPublicKeyInfo, as RFC 7469 section 2.4 takes it; written "sha256:" and 64 hex digits.
struct Pin {
  Digest digest;
  bool operator==(const Pin&) const = default;
  [[nodiscard]] std::string text() const { return "sha256:" + digest.hex(); }
  /// Fails with Kind::invalid and what pin_form says.
  [[nodiscard]] static Result<Pin> parse(std::string_view text);
};

}  // namespace edgeseal::crypto
