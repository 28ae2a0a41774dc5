// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace edgeseal::crypto {

/// wolfCrypt's version, and which AES it uses on this processor: "5.5.4, AES-NI" or "5.5.4, portable C".
[[nodiscard]] std::string wolfcrypt_description();

}  // namespace edgeseal::crypto
