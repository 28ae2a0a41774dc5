// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/forms.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "config/options.h"
#include "crypto/base/topic_filter.h"
#include "crypto/keys/key_form.h"

namespace edgeseal::config {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<Problem> check_name_of(std::string_view text, std::string_view marks, std::size_t size_max,
                                     const std::string& expected) {
  const bool good = !text.empty() && text.size() <= size_max && only(text, {kLower, kUpper, kDigits, marks}) &&
                    only(text.substr(0, 1), {kLower, kUpper, kDigits});
  return good ? std::nullopt : std::optional(Problem{expected});
}

}  // namespace

std::optional<Problem> check_text_form(std::string_view text) {
  if (text.empty()) return Problem{"at least one character"};
  if (text.size() > 1024) return Problem{"at most 1,024 bytes"};
  return std::nullopt;
}

std::optional<Problem> check_name(std::string_view text) {
  return check_name_of(text, "_-", 64, "a name of at most 64 letters, digits, _ and -, with a letter or digit first");
}

std::optional<Problem> check_gateway_name(std::string_view text) {
  return check_name_of(text, "_-.", 128,
                       "a name of at most 128 letters, digits, _, - and dots, with a letter or digit first");
}

std::optional<Problem> check_key_namespace(std::string_view text) {
  if (auto problem = crypto::key_namespace_form(text)) return problem;
  return check_text_form(text);
}

std::optional<int> zstd_level(std::string_view text) {
  if (text == "none") return std::nullopt;
  if (text == "zstd") return CompressionOptions{}.zstd_level;
  return number(text.substr(text.find(':') + 1));
}

std::optional<Problem> check_topic_filter(std::string_view text) {
  const std::string_view problem = filter_problem(text);
  if (problem.empty()) return std::nullopt;
  const bool wildcard_in_level = problem.find("whole levels") != std::string_view::npos;
  return Problem{"an MQTT topic filter" + std::string(problem), wildcard_in_level ? "write a/+/b, not a/x+/b" : ""};
}

std::optional<Problem> check_compression(std::string_view text) {
  constexpr std::string_view kPrefix = "zstd:";
  if (text == "zstd" || text == "none") return std::nullopt;
  const std::string expected = "zstd, zstd:1 to zstd:19 or none";
  if (!text.starts_with(kPrefix)) return Problem{expected};
  const auto level = number(text.substr(kPrefix.size()));
  if (level && *level >= 1 && *level <= 19) return std::nullopt;
  return Problem{expected, level && *level > 19 ? "write zstd:19" : ""};
}

}  // namespace edgeseal::config
