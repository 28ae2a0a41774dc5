// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/pin.h"

#include <utility>

#include "crypto/keys/key_form.h"

namespace edgeseal::crypto {

Result<Pin> Pin::parse(std::string_view text) {
  if (auto problem = pin_form(text)) return fail_form("pin", std::move(*problem), text);
  const auto bytes = from_hex(text.substr(text.find(':') + 1));
  return Pin{*Digest::from(*bytes)};
}

}  // namespace edgeseal::crypto
