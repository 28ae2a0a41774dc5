// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <system_error>

namespace edgeseal::config {
namespace {

struct Scale {
  std::string unit;
  std::uint64_t factor;
};

const std::array<Scale, 5> kDurations = {{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
const std::array<Scale, 7> kSizes = {{{"B", 1},
                                      {"KB", 1000},
                                      {"KiB", 1 << 10},
                                      {"MB", 1'000'000},
                                      {"MiB", 1 << 20},
                                      {"GB", 1'000'000'000},
                                      {"GiB", 1 << 30}}};

template <std::size_t N>
std::array<std::string, N> names_of(const std::array<Scale, N>& scales) {
  std::array<std::string, N> names;
  std::ranges::transform(scales, names.begin(), &Scale::unit);
  return names;
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The unit that was meant by `wrong`: the longest that it begins with ("msec" is ms), or one that begins with it ("G"
/// is GB), whatever the case.
std::optional<std::string> meant(std::string_view wrong, std::span<const Scale> scales) {
  const Scale* best = nullptr;
  for (const Scale& scale : scales) {
    const bool longer = best == nullptr || scale.unit.size() > best->unit.size();
    if (longer && lower(wrong).starts_with(lower(scale.unit))) best = &scale;
  }
  if (best != nullptr) return best->unit;
  const auto longer =
      std::ranges::find_if(scales, [&](const Scale& s) { return lower(s.unit).starts_with(lower(wrong)); });
  return longer == scales.end() ? std::nullopt : std::optional(longer->unit);
}

/// `suggest` is what to write for a number that has no unit.
tl::expected<std::uint64_t, Problem> parse(std::string_view text, std::span<const Scale> scales, std::string_view thing,
                                           std::span<const std::string> names, std::string (*suggest)(std::uint64_t)) {
  const std::string expected = std::string(thing) + " with a unit (" + joined(names) + ")";
  const auto wrong = [&](std::string fix) { return tl::unexpected(Problem{expected, std::move(fix)}); };
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string digits(text.data(), end);
  if (error == std::errc::result_out_of_range) return wrong("the number is too large");
  if (error != std::errc()) return wrong("for example " + suggest(30));
  std::string_view unit = text.substr(digits.size());
  if (unit.empty()) return wrong("write " + suggest(count));
  if (unit[0] == '.' || unit[0] == ',') return wrong("write a whole number of a smaller unit");
  const auto scale = std::ranges::find(scales, unit, &Scale::unit);
  if (scale == scales.end()) {
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    const auto near = meant(unit, scales);
    return wrong("write " + (near ? digits + *near : suggest(count)));
  }
  if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / scale->factor) {
    return wrong("the number is too large");
  }
  return count * scale->factor;
}

std::string suggest_duration(std::uint64_t count) { return std::to_string(count) + "s"; }

/// Small numbers are not meant as bytes.
std::string suggest_size(std::uint64_t count) {
  constexpr std::uint64_t kBytesMin = 1024;
  return count < kBytesMin ? std::to_string(count) + "MiB" : format_size(count);
}

std::string format(std::uint64_t value, std::span<const Scale> scales, std::uint64_t step) {
  const Scale* best = &scales.front();
  for (const Scale& scale : scales) {
    if (value != 0 && value % scale.factor == 0 && (step == 0 || scale.factor % step == 0)) best = &scale;
  }
  return std::to_string(value / best->factor) + best->unit;
}

}  // namespace

std::span<const std::string> duration_units() {
  static const auto names = names_of(kDurations);
  return names;
}

std::span<const std::string> size_units() {
  static const auto names = names_of(kSizes);
  return names;
}

tl::expected<std::chrono::milliseconds, Problem> parse_duration(std::string_view text) {
  return parse(text, kDurations, "a duration", duration_units(), suggest_duration).map([](std::uint64_t count) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(count));
  });
}

tl::expected<std::uint64_t, Problem> parse_size(std::string_view text) {
  return parse(text, kSizes, "a size", size_units(), suggest_size);
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), kDurations, 0);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::uint64_t kBinaryStep = 1024;
  return format(bytes, kSizes, kBinaryStep);
}

}  // namespace edgeseal::config
