// SPDX-License-Identifier: GPL-3.0-or-later
// Matchers for Result: IsOk(), Fails(Kind::full, HasSubstr("…")).
#pragma once
#include <ostream>

#include <gmock/gmock.h>

#include "crypto/base/result.h"

namespace edgeseal {
inline void PrintTo(const Error& error, std::ostream* out) { *out << kind_name(error.kind) << ": " << error.message(); }
}  // namespace edgeseal

namespace edgeseal::test {

MATCHER(IsOk, negation ? "is an error" : "is a value") {
  if (!arg.has_value()) *result_listener << kind_name(arg.error().kind) << ": " << arg.error().message();
  return arg.has_value();
}

/// Holds for an error of this kind whose message() matches.
MATCHER_P2(Fails, kind, message, "") {
  if (arg.has_value()) {
    *result_listener << "it succeeded";
    return false;
  }
  *result_listener << kind_name(arg.error().kind) << ": " << arg.error().message();
  return arg.error().kind == kind && ::testing::ExplainMatchResult(message, arg.error().message(), result_listener);
}
inline auto Fails(Kind kind) { return Fails(kind, ::testing::_); }

}  // namespace edgeseal::test
