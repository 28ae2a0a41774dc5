// SPDX-License-Identifier: GPL-3.0-or-later
// Percent-encoding as Signature Version 4 wants it, done before a URL is handed to the HTTP client.
// Source: RFC 3986 section 2; AWS General Reference, "Create a canonical request" (UriEncode, and S3's exception: a
// path is encoded once).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace edgeseal::transport {

/// Every byte outside A-Z a-z 0-9 - . _ ~ becomes %XX with upper-case digits; a blank is %20, `/` is %2F.
[[nodiscard]] std::string uri_encode(std::string_view text);

/// The same, but `/` stays: a path, segment by segment.
[[nodiscard]] std::string uri_encode_path(std::string_view path);

/// `name=value&…` in the order that SigV4 signs: sorted by encoded name, then by encoded value. A name without a value
/// is `name=`.
[[nodiscard]] std::string uri_query(const std::vector<std::pair<std::string, std::string>>& parameters);

/// Undoes percent-encoding; `+` becomes a blank, as in form encoding. Nothing when a `%` is not followed by two digits.
[[nodiscard]] std::optional<std::string> uri_decode(std::string_view text);

/// The part of a URL that may be shown: scheme, host and port, without user, path or query.
[[nodiscard]] std::string uri_origin(std::string_view url);

}  // namespace edgeseal::transport
