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

/// One complaint. Complete in itself: it outlives the files it speaks of.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string where;  ///< "fleet.yaml:14:22", "--set spool.max_bytes=1"
  std::string key;    ///< "routes.telemetry.batch.max_age"; may be empty
  std::string what;   ///< "expected a duration with a unit (ms s m h d), found \"60\""
  std::string fix;    ///< "write 60s"; may be empty
  std::string line;  ///< the line that `where` points into, for the excerpt; empty: none, as where it may hold a secret
  std::size_t number = 0;  ///< of that line, from 1
  std::size_t column = 0;  ///< in it, in bytes, from 1

  /// One line: "where: key: what; fix", with "warning: " before the key of a warning. As shown()
  /// (crypto/base/shown_text.h) shows it.
  [[nodiscard]] std::string message() const;
};

/// All of them, one after the other, each with its excerpt and a caret. Ends in a line break unless empty. Nothing of
/// the files or the environment steers the terminal (crypto/base/shown_text.h).
[[nodiscard]] std::string render(std::span<const Diagnostic> diagnostics);

/// Gathers complaints about some texts. Borrows `sources`, which may still grow, and `hidden`, whose lines it shows in
/// no excerpt; none when null.
class Report {
 public:
  /// So many errors are kept, and as many warnings; of the others only their number is told.
  static constexpr std::size_t kKeptMax = 200;

  /// Whether a complaint shows the line it is about. One that must not hides the line from all others too.
  enum class Excerpt { shown, hidden };

  explicit Report(const Sources& sources, const HiddenLines* hidden = nullptr)
      : sources_(sources), hidden_before_(hidden) {}

  void error(const Origin& origin, std::string key, std::string what, std::string fix = {},
             Excerpt excerpt = Excerpt::shown);
  void warning(const Origin& origin, std::string key, std::string what, std::string fix = {});

  [[nodiscard]] bool failed() const { return !errors_.kept.empty(); }
  /// Further errors are only counted: no work on their words is needed.
  [[nodiscard]] bool full() const { return errors_.kept.size() == kKeptMax; }
  /// No error so far is about `key` or anything below it: its values can be relied on.
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

/// "a, b or c"; of more than twenty the first, and how many there are besides.
[[nodiscard]] std::string either(std::span<const std::string> names);

}  // namespace edgeseal::config
