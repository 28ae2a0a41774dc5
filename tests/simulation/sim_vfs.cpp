// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/sim_vfs.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "crypto/base/ensure.h"
#include "tests/simulation/sim_vfs_internal.h"

namespace edgeseal::test {

/// The functions that SQLite calls for the folder. Named as in sqlite3.h, without the x.
struct SimVfsCalls {
  static SimVfs& of(sqlite3_vfs* vfs) { return *static_cast<SimVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* registration, const char* name, sqlite3_file* file, int flags, int* flags_given) {
    SimVfs& vfs = of(registration);
    file->pMethods = nullptr;
    if (vfs.down_ || name == nullptr) return SQLITE_CANTOPEN;  // the spool keeps what is temporary in memory
    SimVfs::Open made{.vfs = vfs, .name = name};
    if (const auto found = vfs.disk_.find(name)) {
      made.file = *found;
    } else if ((flags & SQLITE_OPEN_CREATE) != 0) {
      made.file = vfs.disk_.create(name);
      made.syncs_names = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    } else {
      return SQLITE_CANTOPEN;
    }
    vfs.opens_.push_front(std::move(made));
    new (file) SimVfs::Handle{.base = {.pMethods = &sim_file_methods()}, .open = vfs.opens_.begin()};
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
  const bool fails = fate == Fate::fail || fate == Fate::full || fate == Fate::corrupt;
  if (fails && !done) ++counts_.failures;
  if (fate == Fate::kill) kill();
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
