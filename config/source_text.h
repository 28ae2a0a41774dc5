// SPDX-License-Identifier: GPL-3.0-or-later
// Where a setting was written, so that every complaint and `config show --origins` can point there.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace edgeseal::config {

/// One text that settings came from: a file, or one `--set` of the command line.
struct SourceText {
  std::string name;              ///< as people are shown it: "fleet.yaml", "--set spool.max_bytes=1GiB"
  std::filesystem::path folder;  ///< absolute; what relative paths in it are relative to
  std::string text;              ///< all of it, for excerpts
  bool is_file = true;           ///< lines and columns mean something
};

/// Borrowed texts; Origin::source is a place in here. The first one stands for the built-in defaults.
using Sources = std::vector<const SourceText*>;

/// Where a value begins. Lines and columns count from 1, columns in bytes; 0: the whole text.
struct Origin {
  std::uint32_t source = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// "fleet.yaml:14:22", "--set spool.max_bytes=1GiB", "default".
[[nodiscard]] std::string describe(const Sources& sources, const Origin& origin);

}  // namespace edgeseal::config
