// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "crypto/base/shown_text.h"
#include "crypto/base/utf8.h"

namespace edgeseal::config {
namespace {

constexpr std::size_t kExcerptColumns = 100;

/// Line `number` of `text`, without its break.
std::string_view line_of(std::string_view text, std::size_t number) {
  for (std::size_t line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// A backslash of a file is shown as it stands there.
std::string shown_line(std::string_view line) {
  std::string text;
  for (std::size_t end = line.find('\\'); end != std::string_view::npos; end = line.find('\\')) {
    text += shown(line.substr(0, end)) + '\\';
    line.remove_prefix(end + 1);
  }
  return text + shown(line);
}

/// The line and a caret below its column, both cut to a window around the caret.
std::string excerpt(const Diagnostic& d) {
  const std::string number = std::to_string(d.number);
  std::size_t begin = 0;
  if (d.column > kExcerptColumns) begin = utf8_boundary(d.line, d.column - kExcerptColumns / 2);
  const std::size_t end = utf8_boundary(d.line, std::min(d.line.size(), begin + kExcerptColumns));
  std::string window = d.line.substr(begin, end - begin);
  const std::size_t caret = std::min(d.column - begin - 1, window.size());
  std::ranges::replace(window, '\t', ' ');
  const std::size_t caret_columns = utf8_length(shown_line(std::string_view(window).substr(0, caret)));
  return "  " + number + " | " + shown_line(window) + "\n  " + std::string(number.size(), ' ') + " | " +
         std::string(caret_columns, ' ') + "^\n";
}

}  // namespace

std::string Diagnostic::message() const {
  std::string text = where + ": ";
  if (severity == Severity::warning) text += "warning: ";
  if (!key.empty()) text += key + ": ";
  text += what;
  if (!fix.empty()) text += "; " + fix;
  return shown(text);
}

std::string render(std::span<const Diagnostic> diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    text += diagnostic.message() + "\n";
    if (!diagnostic.line.empty()) text += excerpt(diagnostic);
  }
  return text;
}

Report::Entry Report::entry(Severity severity, const Origin& origin, std::string key, std::string what,
                            std::string fix) const {
  Diagnostic diagnostic{.severity = severity,
                        .where = describe(sources_, origin),
                        .key = std::move(key),
                        .what = std::move(what),
                        .fix = std::move(fix),
                        .line = {}};
  const SourceText& source = *sources_[origin.source];
  if (source.is_file && origin.line > 0 && origin.column > 0) {
    diagnostic.line = line_of(source.text, origin.line);
    diagnostic.number = origin.line;
    diagnostic.column = origin.column;
  }
  return {origin, std::move(diagnostic)};
}

void Report::add(Entries& entries, Severity severity, const Origin& origin, std::string key, std::string what,
                 std::string fix) const {
  if (entries.kept.size() == kKeptMax) {
    ++entries.left_out;
  } else {
    entries.kept.push_back(entry(severity, origin, std::move(key), std::move(what), std::move(fix)));
  }
}

void Report::error(const Origin& origin, std::string key, std::string what, std::string fix, Excerpt excerpt) {
  if (excerpt == Excerpt::hidden) hidden_.emplace(origin.source, origin.line);
  for (std::size_t end = key.size(); end != std::string::npos && end > 0; end = key.find_last_of(".[", end - 1)) {
    if (!unclean_.insert(key.substr(0, end)).second) break;  // then all above it are there too
  }
  add(errors_, Severity::error, origin, std::move(key), std::move(what), std::move(fix));
}

void Report::warning(const Origin& origin, std::string key, std::string what, std::string fix) {
  add(warnings_, Severity::warning, origin, std::move(key), std::move(what), std::move(fix));
}

bool Report::clean(std::string_view key) const { return !unclean_.contains(std::string(key)); }

std::vector<Diagnostic> Report::sorted(Entries entries) const {
  std::ranges::stable_sort(entries.kept, {},
                           [](const Entry& e) { return std::tuple(e.origin.source, e.origin.line, e.origin.column); });
  std::vector<Diagnostic> result;
  result.reserve(entries.kept.size());
  for (Entry& e : entries.kept) {
    const std::pair line(e.origin.source, e.origin.line);
    if (hidden_.contains(line) || (hidden_before_ != nullptr && hidden_before_->contains(line))) {
      e.diagnostic.line.clear();
    }
    result.push_back(std::move(e.diagnostic));
  }
  if (entries.left_out > 0) {
    Diagnostic rest = result.back();
    rest.key.clear();
    rest.fix.clear();
    rest.line.clear();
    rest.what = "and " + std::to_string(entries.left_out) + " more";
    result.push_back(std::move(rest));
  }
  return result;
}

std::vector<Diagnostic> Report::errors() const { return sorted(errors_); }
std::vector<Diagnostic> Report::warnings() const { return sorted(warnings_); }

std::string either(std::span<const std::string> names) {
  constexpr std::size_t kNamedMax = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  if (names.size() > kNamedMax) text += " or one of " + std::to_string(names.size() - kNamedMax) + " more";
  return text;
}

}  // namespace edgeseal::config
