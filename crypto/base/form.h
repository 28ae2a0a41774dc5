// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of single values of a configuration. The part that owns a value judges it, in a function of type Form
// beside its options. Both config and the part ask that function, so the part takes every value that config lets pass.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/result.h"

namespace edgeseal {

/// What a value should have been, and what to write instead (may be empty).
struct Problem {
  std::string expected;
  std::string fix{};
};

/// A fault in how settings fit together that are each right by themselves.
struct Misfit {
  std::string setting;  ///< the one to change, as the configuration names it below the part's own name: "tls.key"
  Problem problem;
  std::string found;  ///< what stands there now, as it is to be shown
};

/// One form: nothing when `text` has it. Pure; any thread may call it.
using Form = std::optional<Problem> (*)(std::string_view text);

inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Whether every character of `text` is in one of the `sets`. True for an empty text.
[[nodiscard]] bool only(std::string_view text, std::initializer_list<std::string_view> sets);

/// Whether `text` is HOST or HOST:PORT, as RFC 3986 section 3.2 has it without user information: a name or an address,
/// IPv6 in brackets, a port from 1 to 65535.
[[nodiscard]] bool is_host_and_port(std::string_view text);

/// Whether `text` is a name or an address of a host; IPv6 stands without brackets.
[[nodiscard]] bool is_host(std::string_view text);

/// The Error of a part that got a value without the right form, in the words that config uses: "bucket: expected …,
/// found "…"". Its kind is Kind::invalid.
[[nodiscard]] tl::unexpected<Error> fail_form(std::string_view name, Problem problem, std::string_view found);
/// The same for values that do not fit together.
[[nodiscard]] tl::unexpected<Error> fail_misfit(Misfit misfit);

/// `text` in double quotes, cut after 60 bytes. What may not be shown in it is escaped where it is printed.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace edgeseal
