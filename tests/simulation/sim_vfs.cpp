// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_vfs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "crypto/base/ensure.h"

namespace edgeseal::test {

struct SimVfs::SharedMemory {
  std::vector<std::unique_ptr<std::vector<std::uint32_t>>> regions;
};

/// What SQLite sees of an Open.
struct SimVfs::Handle {
  sqlite3_file base;
  std::list<Open>::iterator open;
};

/// The functions that SQLite calls. Named as in sqlite3.h, without the x.
struct SimVfsCalls {
  using Open = SimVfs::Open;
  using Access = SimVfs::Access;
  using Fate = SimVfs::Fate;

  static Open& of(sqlite3_file* file) { return *reinterpret_cast<SimVfs::Handle*>(file)->open; }
  static SimVfs& of(sqlite3_vfs* vfs) { return *static_cast<SimVfs*>(vfs->pAppData); }

  /// Runs `work`, unless the hook says otherwise; `error` is how this access fails.
  template <typename Work>
  static int attempt(Access access, Open& open, int error, Work work) {
    if (open.dead || open.vfs.ask(access, open, false) != Fate::proceed) return error;
    const int code = work();
    if (code != SQLITE_OK) return code;
    return open.vfs.ask(access, open, true) == Fate::cut ? error : SQLITE_OK;
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

  static int open(sqlite3_vfs* registration, const char* name, sqlite3_file* file, int flags, int* flags_given) {
    static const sqlite3_io_methods kMethods = {
        2,
        close,
        read,
        write,
        truncate,
        sync,
        file_size,
        lock,
        unlock,
        check_reserved_lock,
        file_control,
        sector_size,
        device_characteristics,
        shm_map,
        shm_lock,
        shm_barrier,
        shm_unmap,
        nullptr,
        nullptr,
    };
    SimVfs& vfs = of(registration);
    file->pMethods = nullptr;
    if (vfs.down_ || name == nullptr) return SQLITE_CANTOPEN;  // the spool keeps what is temporary in memory
    Open made{.vfs = vfs, .name = name};
    if (const auto found = vfs.disk_.find(name)) {
      made.file = *found;
    } else if ((flags & SQLITE_OPEN_CREATE) != 0) {
      made.file = vfs.disk_.create(name);
      made.syncs_names = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    } else {
      return SQLITE_CANTOPEN;
    }
    vfs.opens_.push_front(std::move(made));
    new (file) SimVfs::Handle{.base = {.pMethods = &kMethods}, .open = vfs.opens_.begin()};
    if (flags_given != nullptr) *flags_given = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* registration, const char* name, int sync_names) {
    SimVfs& vfs = of(registration);
    if (vfs.down_) return SQLITE_IOERR_DELETE;
    if (!vfs.disk_.find(name)) return SQLITE_IOERR_DELETE_NOENT;
    vfs.disk_.remove(name);
    if (sync_names != 0 && !vfs.lying_) vfs.disk_.sync_names();
    return SQLITE_OK;
  }
  static int access(sqlite3_vfs* registration, const char* name, int /*flags*/, int* there) {
    if (of(registration).down_) return SQLITE_IOERR_ACCESS;
    *there = of(registration).disk_.find(name).has_value();
    return SQLITE_OK;
  }
  static int full_pathname(sqlite3_vfs*, const char* name, int bytes_max, char* out) {
    if (std::strlen(name) >= static_cast<std::size_t>(bytes_max)) return SQLITE_CANTOPEN;
    std::strcpy(out, name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs* registration, int count, char* out) {
    std::generate_n(out, count, [&] { return static_cast<char>(of(registration).random_()); });
    return count;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }  // nobody else would act meanwhile
  static int current_time_int64(sqlite3_vfs* registration, sqlite3_int64* julian_ms) {
    constexpr std::int64_t kUnixEpochJulianMs = 210'866'760'000'000;
    *julian_ms = kUnixEpochJulianMs + of(registration).wall_.since_epoch.count() / 1000;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

SimVfs::SimVfs(std::string name, SimDisk disk, std::uint64_t seed)
    : name_(std::move(name)), disk_(std::move(disk)), random_(seed), registration_(std::make_unique<sqlite3_vfs>()) {
  constexpr int kNameBytesMax = 256;
  registration_->iVersion = 2;
  registration_->szOsFile = sizeof(Handle);
  registration_->mxPathname = kNameBytesMax;
  registration_->zName = name_.c_str();
  registration_->pAppData = this;
  registration_->xOpen = SimVfsCalls::open;
  registration_->xDelete = SimVfsCalls::remove;
  registration_->xAccess = SimVfsCalls::access;
  registration_->xFullPathname = SimVfsCalls::full_pathname;
  registration_->xRandomness = SimVfsCalls::randomness;
  registration_->xSleep = SimVfsCalls::sleep;
  registration_->xGetLastError = SimVfsCalls::last_error;
  registration_->xCurrentTimeInt64 = SimVfsCalls::current_time_int64;
  ENSURE(sqlite3_vfs_register(registration_.get(), 0) == SQLITE_OK);
}

SimVfs::~SimVfs() {
  ENSURE(opens_.empty());
  sqlite3_vfs_unregister(registration_.get());
}

SimVfs::Fate SimVfs::ask(Access access, const Open& open, bool done) {
  if (!done) {
    if (access == Access::read) ++counts_.reads;
    if (access == Access::write) ++counts_.writes;
    if (access == Access::sync) ++counts_.syncs;
  }
  const Fate fate = hook_ ? hook_({access, open.name, done}) : Fate::proceed;
  if (fate == Fate::fail && !done) ++counts_.failures;
  if (fate == Fate::cut) cut_power();
  return fate;
}

void SimVfs::kill() {
  down_ = true;
  for (Open& open : opens_) open.dead = true;
}

void SimVfs::cut_power() {
  kill();
  disk_.lose_power(random_);
  ++counts_.cuts;
}

}  // namespace edgeseal::test
