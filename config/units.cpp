// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

namespace edgeseal::config {
namespace {

const std::array<Scale, 5> kDurations = {{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
const std::array<Scale, 7> kSizes = {{{"B", 1},
                                      {"KB", 1000},
                                      {"KiB", 1 << 10},
                                      {"MB", 1'000'000},
                                      {"MiB", 1 << 20},
                                      {"GB", 1'000'000'000},
                                      {"GiB", 1 << 30}}};

std::string names_of(std::span<const Scale> scales) {
  std::string text;
  for (const Scale& scale : scales) text += (text.empty() ? "" : " ") + scale.unit;
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// What else people call a unit, in lower case, and what it is.
struct Alias {
  std::string_view name;
  std::string_view unit;
  std::uint64_t times;
};
constexpr std::array<Alias, 37> kAliases = {{
    {"msec", "ms", 1},
    {"msecs", "ms", 1},
    {"millis", "ms", 1},
    {"milliseconds", "ms", 1},
    {"sec", "s", 1},
    {"secs", "s", 1},
    {"second", "s", 1},
    {"seconds", "s", 1},
    {"min", "m", 1},
    {"mins", "m", 1},
    {"minute", "m", 1},
    {"minutes", "m", 1},
    {"hr", "h", 1},
    {"hrs", "h", 1},
    {"hour", "h", 1},
    {"hours", "h", 1},
    {"day", "d", 1},
    {"days", "d", 1},
    {"w", "d", 7},
    {"week", "d", 7},
    {"weeks", "d", 7},
    {"byte", "B", 1},
    {"bytes", "B", 1},
    {"k", "KB", 1},
    {"ki", "KiB", 1},
    {"m", "MB", 1},
    {"mi", "MiB", 1},
    {"g", "GB", 1},
    {"gi", "GiB", 1},
    {"tb", "GB", 1000},
    {"t", "GB", 1000},
    {"ti", "GiB", 1024},
    {"tib", "GiB", 1024},
    {"megabytes", "MB", 1},
    {"gigabytes", "GB", 1},
    {"kilobytes", "KB", 1},
    {"terabytes", "GB", 1000},
}};

/// The same amount in a spelling that is read; nothing when that is not certain.
std::optional<std::string> meant(std::uint64_t count, std::string_view wrong, std::span<const Scale> scales) {
  while (wrong.starts_with(' ')) wrong.remove_prefix(1);
  while (wrong.ends_with(' ')) wrong.remove_suffix(1);
  const std::string name = lower(wrong);
  for (const Scale& scale : scales) {
    if (lower(scale.unit) == name) return std::to_string(count) + scale.unit;
  }
  for (const Alias& alias : kAliases) {
    const bool ours = std::ranges::find(scales, alias.unit, &Scale::unit) != scales.end();
    if (ours && alias.name == name && count < UINT64_MAX / alias.times) {
      return std::to_string(count * alias.times) + std::string(alias.unit);
    }
  }
  return std::nullopt;
}

/// "1m30s" is 90 seconds; nothing for what is not such a sum.
std::optional<std::uint64_t> sum(std::string_view text, std::span<const Scale> scales) {
  std::uint64_t total = 0;
  while (!text.empty()) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count > 1'000'000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view unit = text.substr(0, std::min(text.size(), text.find_first_of("0123456789")));
    const auto scale = std::ranges::find(scales, unit, &Scale::unit);
    if (scale == scales.end() || total > (UINT64_MAX >> 2)) return std::nullopt;
    total += count * scale->factor;
    text.remove_prefix(unit.size());
  }
  return total;
}

std::string format(std::uint64_t value, std::span<const Scale> scales, std::uint64_t step) {
  const Scale* best = &scales.front();
  for (const Scale& scale : scales) {
    if (value != 0 && value % scale.factor == 0 && (step == 0 || scale.factor % step == 0)) best = &scale;
  }
  return std::to_string(value / best->factor) + best->unit;
}

/// `suggest` is what to write for a number that has no unit.
tl::expected<std::uint64_t, Problem> parse(std::string_view text, std::span<const Scale> scales, std::string_view thing,
                                           std::string (*suggest)(std::uint64_t)) {
  const std::string expected = std::string(thing) + " with a unit (" + names_of(scales) + ")";
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
    if (unit[0] == ':') return wrong("a time with : is not read; write it with a unit, as in 90s or 90m");
    const auto total = sum(text, scales);
    if (total) return wrong("write " + format(*total, scales, scales.size() == kSizes.size() ? 1024 : 0));
    const auto same = meant(count, unit, scales);
    return wrong(same ? "write " + *same : "for example " + suggest(30));
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

}  // namespace

std::span<const Scale> duration_scales() { return kDurations; }

std::span<const Scale> size_scales() { return kSizes; }

tl::expected<std::chrono::milliseconds, Problem> parse_duration(std::string_view text) {
  return parse(text, kDurations, "a duration", suggest_duration).map([](std::uint64_t count) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(count));
  });
}

tl::expected<std::uint64_t, Problem> parse_size(std::string_view text) {
  return parse(text, kSizes, "a size", suggest_size);
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), kDurations, 0);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::uint64_t kBinaryStep = 1024;
  return format(bytes, kSizes, kBinaryStep);
}

}  // namespace edgeseal::config
