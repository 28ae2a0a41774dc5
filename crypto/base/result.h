// SPDX-License-Identifier: GPL-3.0-or-later
// How functions fail here: they give a value or an Error. The two cannot be confused, and cannot be ignored.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace edgeseal {

/// What the caller does next. Errors are sorted by that alone.
enum class Kind {
  invalid,         ///< tell the user: the input, the file or the option is wrong
  transient,       ///< back off and try again
  overloaded,      ///< back off for as long as the far side said (Error::retry_after_ms)
  unauthorised,    ///< refresh the credentials once, then treat as sink_refused
  batch_refused,   ///< quarantine this batch; others may pass
  batch_doubtful,  ///< this batch was refused, perhaps by a passing fault: try it again, and quarantine it in the end
  sink_refused,    ///< pause the sink: nothing will pass until someone mends it
  full,            ///< apply the bounds: no room
  corrupt,         ///< set aside what is broken, salvage what verifies
  fault,           ///< a primitive or a device failed: stop sealing
};

/// The name of a kind, as logs and tests spell it.
[[nodiscard]] std::string_view kind_name(Kind kind);

struct [[nodiscard]] Error {
  Kind kind = Kind::fault;
  std::string
      what{};  ///< what went wrong; steps are put in front, outermost first: "commit frame: spool.db: disk full"
  std::string where{};                  ///< file, file:line:column, URL or object; may be empty
  std::string fix{};                    ///< what the user can do; may be empty
  std::optional<int> retry_after_ms{};  ///< set with Kind::overloaded when the far side named a time

  /// This error, as seen by a caller that was busy with `step`. Each layer adds one.
  [[nodiscard]] Error during(std::string_view step) &&;
  /// "where: what; fix", without what is empty. It holds no secrets: whoever makes an Error keeps them out.
  [[nodiscard]] std::string message() const;
};

/// No later try can mend it: what holds the data, or a primitive, is broken.
[[nodiscard]] inline bool is_final(const Error& error) {
  return error.kind == Kind::corrupt || error.kind == Kind::fault;
}

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(Kind::invalid, "…")` in a function that returns a Result.
[[nodiscard]] tl::unexpected<Error> fail(Kind kind, std::string what, std::string where = {}, std::string fix = {});

/// `return failed(result)` and `return failed(result, "step")`: hands on the error of `result`, which has one.
template <typename T>
[[nodiscard]] tl::unexpected<Error> failed(Result<T>& result) {
  return tl::unexpected<Error>(std::move(result).error());
}
template <typename T>
[[nodiscard]] tl::unexpected<Error> failed(Result<T>& result, std::string_view step) {
  return tl::unexpected<Error>(std::move(result).error().during(step));
}

}  // namespace edgeseal
