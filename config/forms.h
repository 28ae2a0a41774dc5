// SPDX-License-Identifier: GPL-3.0-or-later
// The forms that single values have: nothing when `text` has the form, else what was expected and what to write.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostics.h"

namespace edgeseal::config {

/// At least one character, at most 1,024 bytes.
[[nodiscard]] std::optional<Problem> check_text_form(std::string_view text);
/// A name of a route, key, sink or source: letters, digits, _ and -, a letter or digit first, at most 64. No dots, for
/// `--set` separates by them; safe in object names and in the encryption context.
[[nodiscard]] std::optional<Problem> check_name(std::string_view text);
/// A gateway's name: as above, but with dots, at most 128 (host names have at most 64).
[[nodiscard]] std::optional<Problem> check_gateway_name(std::string_view text);
/// A path that a Unix socket may have: at most 107 bytes (unix(7)). StatusServer asks this, too.
[[nodiscard]] std::optional<Problem> check_socket_path(std::string_view text);
/// zstd, zstd:1 to zstd:19, none.
[[nodiscard]] std::optional<Problem> check_compression(std::string_view text);
/// The level in a text that check_compression lets pass; nothing for "none".
[[nodiscard]] std::optional<int> zstd_level(std::string_view text);

}  // namespace edgeseal::config
