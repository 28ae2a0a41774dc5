// SPDX-License-Identifier: GPL-3.0-or-later
// A file that appears under its name only when it is whole, and what a command may write over.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "crypto/base/result.h"

namespace edgeseal {

/// Makes a folder and those above it where they do not exist; each one that is made outlives a power cut. Fails with
/// Kind::invalid, naming the folder, where one cannot be made. Any thread.
[[nodiscard]] Result<void> make_folders(const std::filesystem::path& folder);

/// What stands at a path where a command is told to write.
enum class OutputPlace {
  file,    ///< nothing, or a regular file: a whole file takes its place
  folder,  ///< a folder
  stream,  ///< a pipe, socket or character device, also behind a link: it is written to, never replaced
  no,      ///< a link to a file or to nothing, or a block device: left alone
};

/// Follows links, so that /dev/stdout is what it stands for. Reads only. Any thread.
[[nodiscard]] OutputPlace output_place(const std::filesystem::path& path);

/// Knows what a command reads and writes, so that no output destroys an input or another output. Two paths are one file
/// by device and inode, whatever they are called and whatever links lead there; one that does not exist yet is known by
/// its folder and its name. Threads: one at a time.
class OutputGuard {
 public:
  void reads(const std::filesystem::path& input);
  /// Asked before anything is written there. Fails with Kind::invalid, naming both, for an input, for what was admitted
  /// before (streams excepted), and for an OutputPlace::no.
  [[nodiscard]] Result<void> admit(const std::filesystem::path& output);

 private:
  using Identity = std::tuple<std::uint64_t, std::uint64_t, std::string>;
  [[nodiscard]] static Identity identity_of(const std::filesystem::path& path);
  std::map<Identity, std::filesystem::path> inputs_;
  std::set<Identity> outputs_;
};

/// Written to a file without a name (O_TMPFILE), so that nothing is left behind however the process ends. Where the
/// file system has no such files: under a hidden name in the same folder, which is removed when SIGINT, SIGTERM or
/// SIGHUP ends the process; kill -9 alone can leave it.
///
/// Its mode is 0600, or that of the file whose place it takes, whose owner it keeps where that is permitted.
/// Errors name the file. Threads: one at a time.
class WholeFile {
 public:
  /// Makes the folders above it, as make_folders does. Fails with Kind::invalid for anything but an OutputPlace::file,
  /// and for a name that the file system does not take.
  [[nodiscard]] static Result<WholeFile> create(const std::filesystem::path& path);
  WholeFile(WholeFile&&) noexcept;
  WholeFile& operator=(WholeFile&&) noexcept;
  /// Without a commit nothing is left.
  ~WholeFile();

  /// To write to; borrowed.
  [[nodiscard]] int descriptor() const;
  /// fsync, its name, fsync of the folder. Takes the place of the regular file that was there at `create`; fails with
  /// Kind::invalid when something else has come there since. Nothing may be written after it.
  [[nodiscard]] Result<void> commit();

 private:
  struct Parts;
  explicit WholeFile(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgeseal
