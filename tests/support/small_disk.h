// SPDX-License-Identifier: GPL-3.0-or-later
// A file system of its own that can fill up, or become read-only, without harm to anything else.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <sys/mount.h>
#include <sys/statvfs.h>

namespace edgeseal::test {

/// A tmpfs, mounted below the given folder; unmounted by the destructor. Only root may.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path where, const std::string& size) : path_(std::move(where)) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] std::uint64_t free_bytes() const {
    struct statvfs system {};
    if (::statvfs(path_.c_str(), &system) != 0) return 0;
    return std::uint64_t{system.f_bavail} * system.f_frsize;
  }
  /// Another program takes every byte that is left; and gives them back.
  void fill() const {
    std::ofstream filler(path_ / "filler", std::ios::binary | std::ios::app);
    const std::string block(4096, 'f');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) continue;
  }
  void empty() const { std::filesystem::remove(path_ / "filler"); }

  [[nodiscard]] bool set_read_only(bool read_only) const {
    return ::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | (read_only ? MS_RDONLY : 0), nullptr) == 0;
  }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

}  // namespace edgeseal::test
