// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of values that belong to no part below: names, and the options of agent's own parts (config/options.h).
// Each gives nothing when `text` has the form; otherwise it says what was expected, and what to write.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostics.h"

namespace edgeseal::config {

/// At least one character, at most 1,024 bytes.
[[nodiscard]] std::optional<Problem> check_text_form(std::string_view text);
/// A name of a route, key, sink or source: at most 64 letters, digits, _ and -, with a letter or digit first. It has no
/// dots, because `--set` separates names by dots. Such a name is safe in object names and in the encryption context.
[[nodiscard]] std::optional<Problem> check_name(std::string_view text);
/// A gateway's name: the same with dots, at most 128 characters, because the default is the host's name.
[[nodiscard]] std::optional<Problem> check_gateway_name(std::string_view text);
/// A path that a Unix socket can have: at most 107 bytes (unix(7)). StatusServer asks this function, too.
[[nodiscard]] std::optional<Problem> check_socket_path(std::string_view text);
/// One of zstd, zstd:1 to zstd:19, and none.
[[nodiscard]] std::optional<Problem> check_compression(std::string_view text);
/// The level in a text of that form; nothing for "none".
[[nodiscard]] std::optional<int> zstd_level(std::string_view text);

}  // namespace edgeseal::config
