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

/// A path of such placeholders and text, {batch} among them, .esdk at the end; no "." or ".." or empty part, no '/'
/// first, no backslash, no control characters, UTF-8, at most 512 bytes. Filled in with the longest names that there
/// are, it has at most 1,024 bytes, as S3's keys, and 254 in each part, so that a file system takes it as well.
[[nodiscard]] std::optional<Problem> object_name_form(std::string_view text);

}  // namespace edgeseal::transport
