// SPDX-License-Identifier: GPL-3.0-or-later
// A SQLite VFS over a SimDisk: SpoolOptions::vfs names it, and the real spool runs on a disk that fails as told.
// Source: SQLite, "The SQLite OS Interface or VFS" and the comments of sqlite3.h.
#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <sqlite3.h>

#include "crypto/base/time.h"
#include "tests/simulation/sim_disk.h"

namespace edgeseal::test {

/// Registered under its name from construction to destruction; connections to it must be closed before that.
///
/// Promises SQLite what the system's own VFS does: bytes beside a write are safe (POWERSAFE_OVERWRITE), and nothing
/// else. A new write-ahead log or journal syncs its folder with its first sync, as there. Shared memory and locks are
/// kept per file, so that several connections of one process work as they do on the system's.
/// Threads: one at a time.
class SimVfs {
 public:
  enum class Access { read, write, sync };
  /// What SQLite asks of the disk, before it happens and again when it has.
  struct Moment {
    Access access;
    const std::string& file;
    bool done;
  };
  enum class Fate {
    proceed,
    // Each instead of the access; without meaning when it is done.
    fail,     ///< an I/O error
    full,     ///< no room
    corrupt,  ///< what was read makes no sense
    kill,     ///< the process dies there
    cut,      ///< the power goes, and so do all open connections
  };
  using Hook = std::function<Fate(const Moment&)>;

  SimVfs(std::string name, SimDisk disk, std::uint64_t seed);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] SimDisk& disk() { return disk_; }

  /// Asked at each moment; nothing for a disk that never fails. Must not use this VFS.
  void set_hook(Hook hook) { hook_ = std::move(hook); }
  /// Asked before each lock of a write-ahead log's index; whether another process holds it. Must not use this VFS.
  void set_locked(std::function<bool()> locked) { locked_ = std::move(locked); }
  /// Syncs say that they have happened, and have not: a disk that lies.
  void set_lying(bool lying) { lying_ = lying; }
  void set_wall(WallTime wall) { wall_ = wall; }

  /// The process dies: connections are dead, what they had written stays written. Until start() every call fails, those
  /// of the dead process's own clearing up among them.
  void kill();
  /// The same, and the disk loses what a power cut may take.
  void cut_power();
  /// A new process may open files.
  void start() { down_ = false; }
  [[nodiscard]] bool down() const { return down_; }

  struct Counts {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t syncs = 0;
    std::uint64_t failures = 0;
    std::uint64_t cuts = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  friend struct SimVfsCalls;
  friend struct SimFileCalls;
  struct SharedMemory;
  /// A file that a connection holds open.
  struct Open {
    SimVfs& vfs;
    std::string name;
    SimDisk::FileNumber file = 0;
    bool syncs_names = false;  ///< at its next sync
    bool dead = false;
    int lock = SQLITE_LOCK_NONE;
    std::uint64_t chunk_bytes = 1;
    std::shared_ptr<SharedMemory> memory{};
    unsigned shared = 0;  ///< one bit a lock of the shared memory
    unsigned exclusive = 0;
  };
  struct Handle;

  [[nodiscard]] Fate ask(Access access, const Open& open, bool done);

  std::string name_;
  SimDisk disk_;
  std::mt19937_64 random_;
  Hook hook_;
  std::function<bool()> locked_;
  bool lying_ = false;
  bool down_ = false;
  WallTime wall_;
  Counts counts_;
  std::list<Open> opens_;
  std::unique_ptr<sqlite3_vfs> registration_;
};

}  // namespace edgeseal::test
