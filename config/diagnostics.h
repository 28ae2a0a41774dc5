// SPDX-License-Identifier: GPL-3.0-or-later
// Complaints about a configuration: gathered, so that all are told in one go, and printed as compilers do.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "config/redaction.h"
#include "config/source_text.h"
#include "crypto/base/form.h"
#include "crypto/base/nearest.h"

namespace edgeseal::config {

enum class Severity { error, warning };

/// One complaint. It holds copies of everything that it says, so it outlives the files that it speaks of.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string where;       ///< "fleet.yaml:14:22", "--set spool.max_bytes=1"
  std::string key;         ///< "routes.telemetry.batch.max_age"; may be empty
  std::string what;        ///< "expected a duration with a unit (ms s m h d), found \"60\""
  std::string fix;         ///< "write 60s"; may be empty
  std::string line;        ///< the line of the excerpt; empty if there is none, or if it may hold a secret
  std::size_t number = 0;  ///< of that line, from 1
  std::size_t column = 0;  ///< in it, in bytes, from 1

  /// One line: "where: key: what; fix", with "warning: " before the key of a warning. What a terminal could take for a
  /// command is escaped (crypto/base/shown_text.h).
  [[nodiscard]] std::string message() const;
};

/// All of them, one after the other, each with its excerpt and a caret. Ends in a line break unless it is empty. What a
/// terminal could take for a command is escaped (crypto/base/shown_text.h).
[[nodiscard]] std::string render(std::span<const Diagnostic> diagnostics);

/// Gathers complaints about some texts.
/// Ownership: borrows `sources`, which may still grow, and `hidden`. It shows the lines of `hidden` in no excerpt.
class Report {
 public:
  /// At most so many errors are kept, and at most so many warnings. The others are only counted.
  static constexpr std::size_t kKeptMax = 200;

  /// Whether a complaint shows its line. When one complaint hides a line, no other complaint shows it either.
  enum class Excerpt { shown, hidden };

  explicit Report(const Sources& sources, const HiddenLines* hidden = nullptr)
      : sources_(sources), hidden_before_(hidden) {}

  void error(const Origin& origin, std::string key, std::string what, std::string fix = {},
             Excerpt excerpt = Excerpt::shown);
  void warning(const Origin& origin, std::string key, std::string what, std::string fix = {});

  [[nodiscard]] bool failed() const { return !errors_.kept.empty(); }
  /// Whether further errors are only counted, so that no work on their words is needed.
  [[nodiscard]] bool full() const { return errors_.kept.size() == kKeptMax; }
  /// Whether there is no error yet about `key` or anything below it, so that its values can be relied on.
  [[nodiscard]] bool clean(std::string_view key) const;

  /// In the order of the texts they are about, line by line.
  [[nodiscard]] std::vector<Diagnostic> errors() const;
  [[nodiscard]] std::vector<Diagnostic> warnings() const;

 private:
  struct Entry {
    Origin origin;
    Diagnostic diagnostic;
  };
  struct Entries {
    std::vector<Entry> kept;
    std::size_t left_out = 0;
  };
  [[nodiscard]] std::vector<Diagnostic> sorted(Entries entries) const;
  void add(Entries& entries, Severity severity, const Origin& origin, std::string key, std::string what,
           std::string fix) const;
  [[nodiscard]] Entry entry(Severity severity, const Origin& origin, std::string key, std::string what,
                            std::string fix) const;
  const Sources& sources_;
  Entries errors_;
  Entries warnings_;
  std::unordered_set<std::string> unclean_;  ///< keys of all errors, and all that are above them
  const HiddenLines* hidden_before_;
  HiddenLines hidden_;  ///< besides
};

/// "a, b or c". Of more than twenty names it tells the first twenty, and how many there are besides.
[[nodiscard]] std::string either(std::span<const std::string> names);

}  // namespace edgeseal::config
