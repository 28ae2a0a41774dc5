// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of files in memory that knows what of it has been synced, and so what a power cut may leave.
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace edgeseal::test {

/// A value: a copy is the same disk at the same moment, and goes its own way from there.
///
/// What a power cut leaves of a file is its content at the last sync, plus any subset of what was written since, in
/// pieces of 512 bytes: the least that a disk promises to write whole. Pages of 4096 bytes tear within; the other way
/// round, each outcome of larger sectors is one of smaller ones too. A piece that was under way may hold noise. Bytes
/// that were not written since keep their value: SQLite is told to rely on that, as it does on the system's files.
/// A change of size is lost or kept like a piece. Names follow the folder's last sync: whether a file was made or
/// removed since is drawn for each name, so that a new file may vanish and a removed one come back.
class SimDisk {
 public:
  using FileNumber = std::uint64_t;

  /// The file of that name; nothing when there is none.
  [[nodiscard]] std::optional<FileNumber> find(const std::string& name) const;
  /// Makes an empty file, in place of one that had the name.
  FileNumber create(const std::string& name);
  void remove(const std::string& name);
  /// All names are durable as they are.
  void sync_names();

  [[nodiscard]] std::uint64_t size(FileNumber file) const { return files_.at(file).now.size(); }
  /// Copies what the file has from `offset` on; returns how many bytes that were.
  std::size_t read(FileNumber file, std::uint64_t offset, MutableByteView out) const;
  /// False, and nothing happens, when the disk would hold more than `bytes_max`.
  [[nodiscard]] bool write(FileNumber file, std::uint64_t offset, ByteView bytes);
  /// Cuts the file, or makes it longer by zeros; as write() when there is no room for them.
  [[nodiscard]] bool resize(FileNumber file, std::uint64_t size);
  /// All of the file's bytes are durable as they are.
  void sync(FileNumber file);

  /// Loses what the draws of `random` say. Everything that is left is durable.
  void lose_power(std::mt19937_64& random);

  /// Bytes of all files that have a name.
  [[nodiscard]] std::uint64_t used() const;
  std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();

 private:
  struct Change {
    std::uint64_t offset = 0;  ///< or the size, when there are no bytes
    Bytes bytes;
  };
  struct File {
    Bytes now;
    Bytes synced;
    std::vector<Change> unsynced;
  };
  using Names = std::map<std::string, std::optional<FileNumber>>;

  [[nodiscard]] bool grow(File& file, std::uint64_t size);
  void forget_unnamed();
  static void lose_writes(File& file, std::mt19937_64& random);

  FileNumber newest_ = 0;
  std::map<FileNumber, File> files_;
  Names names_;
  Names synced_names_;
  std::vector<Names::value_type> unsynced_names_;
};

}  // namespace edgeseal::test
