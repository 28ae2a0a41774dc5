// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be opened: files, folders, standard input.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace edgeseal::agent {

/// Takes bytes as they are read. An Error ends the reading and is its result.
using TakeBytes = std::function<Result<void>(ByteView)>;

struct Input {
  std::string name;                                    ///< as errors show it
  std::filesystem::path relative;                      ///< below a folder of outputs; no "..", not absolute
  std::function<Result<void>(const TakeBytes&)> read;  ///< the whole object, once; Kind::invalid when it cannot be read
  std::filesystem::path file{};                        ///< that is read; empty when it is none
};

/// What someone named, whatever it is: a pipe is read as a file is, and waited for.
[[nodiscard]] Input file_input(const std::filesystem::path& path, std::filesystem::path relative);

/// A regular file that was found, not named. Reading it fails when it has become anything else, and never waits.
[[nodiscard]] Input found_input(const std::filesystem::path& path, std::filesystem::path relative);

/// What cannot be read at all: reading gives `why`. One input's fault is told in its turn and counted like any refusal.
[[nodiscard]] Input absent_input(const std::string& name, Error why);

/// Standard input.
[[nodiscard]] Input standard_input();

/// The *.esdk and *.esdks files below a folder, in the order of gateway, route, spool and sequence number that their
/// (not yet verified) headers claim; those that claim nothing come last, by name. A folder below it that cannot be
/// listed is an input that cannot be read. Fails with Kind::invalid when `folder` cannot be listed.
[[nodiscard]] Result<std::vector<Input>> folder_inputs(const std::filesystem::path& folder);

/// Whether a name ends as objects do.
[[nodiscard]] bool is_object_name(std::string_view name);

/// The name without that ending, if it has one.
[[nodiscard]] std::filesystem::path without_object_ending(const std::filesystem::path& name);

}  // namespace edgeseal::agent
