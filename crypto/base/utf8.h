// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace edgeseal {

/// Whether all of `text` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace edgeseal
