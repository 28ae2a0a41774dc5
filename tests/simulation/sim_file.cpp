// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "tests/simulation/sim_vfs_internal.h"

namespace edgeseal::test {

/// The functions that SQLite calls for an open file. Named as in sqlite3.h, without the x.
struct SimFileCalls {
  using Open = SimVfs::Open;
  using Access = SimVfs::Access;
  using Fate = SimVfs::Fate;

  static Open& of(sqlite3_file* file) { return *reinterpret_cast<SimVfs::Handle*>(file)->open; }

  /// Runs `work`, unless the hook says otherwise; `error` is how this access fails.
  template <typename Work>
  static int attempt(Access access, Open& open, int error, Work work) {
    const Fate fate = open.dead ? Fate::fail : open.vfs.ask(access, open, false);
    if (fate == Fate::full) return SQLITE_FULL;
    if (fate == Fate::corrupt) return SQLITE_CORRUPT;
    if (fate != Fate::proceed) return error;
    const int code = work();
    if (code != SQLITE_OK) return code;
    (void)open.vfs.ask(access, open, true);
    return open.dead ? error : SQLITE_OK;
  }

  static int close(sqlite3_file* file) {
    auto* handle = reinterpret_cast<SimVfs::Handle*>(file);
    SimVfs& vfs = handle->open->vfs;
    vfs.opens_.erase(handle->open);
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
    Open& open = of(file);
    return attempt(Access::read, open, SQLITE_IOERR_READ, [&] {
      const MutableByteView view(static_cast<std::uint8_t*>(out), static_cast<std::size_t>(count));
      const std::size_t got = open.vfs.disk_.read(open.file, static_cast<std::uint64_t>(offset), view);
      if (got == view.size()) return SQLITE_OK;
      std::fill(view.begin() + static_cast<std::ptrdiff_t>(got), view.end(), std::uint8_t{0});
      return SQLITE_IOERR_SHORT_READ;
    });
  }

  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    Open& open = of(file);
    return attempt(Access::write, open, SQLITE_IOERR_WRITE, [&] {
      const ByteView view(static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(count));
      return open.vfs.disk_.write(open.file, static_cast<std::uint64_t>(offset), view) ? SQLITE_OK : SQLITE_FULL;
    });
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Open& open = of(file);
    return attempt(Access::write, open, SQLITE_IOERR_TRUNCATE, [&] { return resize(open, size); });
  }

  /// To whole chunks, as the system's VFS does.
  static int resize(Open& open, sqlite3_int64 size) {
    const std::uint64_t chunk = open.chunk_bytes;
    const std::uint64_t rounded = (static_cast<std::uint64_t>(size) + chunk - 1) / chunk * chunk;
    return open.vfs.disk_.resize(open.file, rounded) ? SQLITE_OK : SQLITE_FULL;
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    Open& open = of(file);
    return attempt(Access::sync, open, SQLITE_IOERR_FSYNC, [&] {
      if (open.vfs.lying_) return SQLITE_OK;
      open.vfs.disk_.sync(open.file);
      if (std::exchange(open.syncs_names, false)) open.vfs.disk_.sync_names();
      return SQLITE_OK;
    });
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    const Open& open = of(file);
    if (open.dead) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(open.vfs.disk_.size(open.file));
    return SQLITE_OK;
  }

  /// Other connections to the same file.
  template <typename Holds>
  static bool another(const Open& open, Holds holds) {
    const auto& opens = open.vfs.opens_;
    return std::any_of(opens.begin(), opens.end(), [&](const Open& other) {
      return &other != &open && !other.dead && other.file == open.file && holds(other);
    });
  }

  static int lock(sqlite3_file* file, int level) {
    Open& open = of(file);
    if (open.dead) return SQLITE_IOERR_LOCK;
    const int conflict = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                         : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                         : SQLITE_LOCK_SHARED;
    if (another(open, [&](const Open& other) { return other.lock >= conflict; })) return SQLITE_BUSY;
    open.lock = std::max(open.lock, level);
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int level) {
    of(file).lock = std::min(of(file).lock, level);
    return SQLITE_OK;
  }
  static int check_reserved_lock(sqlite3_file* file, int* reserved) {
    *reserved = of(file).lock >= SQLITE_LOCK_RESERVED ||
                another(of(file), [](const Open& other) { return other.lock >= SQLITE_LOCK_RESERVED; });
    return SQLITE_OK;
  }

  static int file_control(sqlite3_file* file, int what, void* argument) {
    Open& open = of(file);
    if (what == SQLITE_FCNTL_CHUNK_SIZE) {
      open.chunk_bytes = static_cast<std::uint64_t>(*static_cast<int*>(argument));
      return SQLITE_OK;
    }
    if (what != SQLITE_FCNTL_SIZE_HINT) return SQLITE_NOTFOUND;
    const auto hint = *static_cast<sqlite3_int64*>(argument);
    if (open.dead) return SQLITE_IOERR_WRITE;
    if (static_cast<std::uint64_t>(hint) <= open.vfs.disk_.size(open.file)) return SQLITE_OK;
    return resize(open, hint);
  }
  static int sector_size(sqlite3_file*) { return 0; }  // SQLite's own default, as the system's VFS
  static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
    Open& open = of(file);
    *memory = nullptr;
    if (open.dead) return SQLITE_IOERR_SHMMAP;
    if (!open.memory) {
      another(open, [&](const Open& other) { return (open.memory = other.memory) != nullptr; });
      if (!open.memory) open.memory = std::make_shared<SimVfs::SharedMemory>();
    }
    auto& regions = open.memory->regions;
    const auto wanted = static_cast<std::size_t>(region);
    if (wanted >= regions.size() && extend == 0) return SQLITE_OK;
    while (regions.size() <= wanted) {
      regions.push_back(
          std::make_unique<std::vector<std::uint32_t>>(static_cast<std::size_t>(bytes) / sizeof(std::uint32_t)));
    }
    *memory = regions[wanted]->data();
    return SQLITE_OK;
  }
  static int shm_lock(sqlite3_file* file, int first, int count, int flags) {
    Open& open = of(file);
    if (open.dead) return SQLITE_IOERR_SHMLOCK;
    const unsigned mask = ((1U << count) - 1U) << first;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      open.shared &= ~mask;
      open.exclusive &= ~mask;
      return SQLITE_OK;
    }
    if (open.vfs.locked_ && open.vfs.locked_()) {
      ++open.vfs.counts_.failures;
      return SQLITE_BUSY;
    }
    const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    const auto conflicts = [&](const Open& other) {
      return ((other.exclusive | (alone ? other.shared : 0U)) & mask) != 0;
    };
    if (another(open, conflicts)) return SQLITE_BUSY;
    (alone ? open.exclusive : open.shared) |= mask;
    return SQLITE_OK;
  }
  static void shm_barrier(sqlite3_file*) {}
  static int shm_unmap(sqlite3_file* file, int /*remove*/) {
    of(file).memory.reset();
    return SQLITE_OK;
  }
};

const sqlite3_io_methods& sim_file_methods() {
  using Calls = SimFileCalls;
  static const sqlite3_io_methods kMethods = {
      2,
      Calls::close,
      Calls::read,
      Calls::write,
      Calls::truncate,
      Calls::sync,
      Calls::file_size,
      Calls::lock,
      Calls::unlock,
      Calls::check_reserved_lock,
      Calls::file_control,
      Calls::sector_size,
      Calls::device_characteristics,
      Calls::shm_map,
      Calls::shm_lock,
      Calls::shm_barrier,
      Calls::shm_unmap,
      nullptr,
      nullptr,
  };
  return kMethods;
}

}  // namespace edgeseal::test
