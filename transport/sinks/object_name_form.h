// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a sink's `key`: the template of its objects' names.
#pragma once
#include <array>

#include "crypto/base/form.h"

namespace edgeseal::transport {

/// What a template may name in braces, in the order of ObjectName's fields.
inline constexpr std::array<std::string_view, 6> kObjectNameFields = {"gateway", "route", "seq",
                                                                      "batch",   "date",  "hour"};

inline constexpr const char* kDefaultObjectName =
    "gateway={gateway}/route={route}/dt={date}/hour={hour}/{seq}-{batch}.esdk";

/// A path of text and such placeholders. It names {batch}, and ends in .esdk. It is UTF-8 of at most 512 bytes, without
/// a backslash and control characters, without a '/' in front, and without a part that is empty, "." or "..". With the
/// longest names filled in it has at most 1,024 bytes, as S3 wants, and 254 bytes per part, as file systems want.
[[nodiscard]] std::optional<Problem> object_name_form(std::string_view text);

}  // namespace edgeseal::transport
