// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite as this room uses it: one connection, statements prepared once, parameters bound by name, errors by kind.
// sqlite.cpp is the only file that includes sqlite3.h.
#pragma once
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace edgeseal::storage {

/// One use of a prepared statement: bind, then run() or next() and read columns. Its end resets the statement, so it
/// must be gone before the transaction ends. What is bound is borrowed until then. A statement is used once at a time.
class Query {
 public:
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// `name` with its colon. A name that the statement lacks is a bug and aborts.
  template <std::integral T>
  Query& bind(const char* name, T value) {
    return bind_integer(name, static_cast<std::int64_t>(value));
  }
  Query& bind(const char* name, std::string_view text);
  Query& bind(const char* name, ByteView blob);
  /// As microseconds since 1970-01-01 UTC.
  Query& bind(const char* name, WallTime time) { return bind_integer(name, time.since_epoch.count()); }
  Query& bind_null(const char* name);

  /// Runs a statement that gives no rows.
  [[nodiscard]] Result<void> run();
  /// Moves to the next row; false after the last.
  [[nodiscard]] Result<bool> next();

  /// Columns of the row that next() moved to, from 0. Numbers are 64 bits wide and read as the type asked for.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  template <std::integral T>
  [[nodiscard]] T as(int column) const {
    return static_cast<T>(integer(column));
  }
  [[nodiscard]] WallTime time(int column) const { return wall_time_from_us(integer(column)); }
  [[nodiscard]] std::string text(int column) const;
  /// Valid until the next call of next() or the end.
  [[nodiscard]] ByteView blob(int column) const;
  /// Kind::corrupt when the blob has not exactly the bytes of `Fixed`.
  template <typename Fixed>
  [[nodiscard]] Result<Fixed> fixed(int column) const {
    if (auto value = Fixed::from(blob(column))) return *value;
    return fail_as_corrupt("a value has the wrong length");
  }

 private:
  friend class Connection;
  Query(class Connection& connection, sqlite3_stmt* statement, std::optional<Error> error)
      : connection_(connection), statement_(statement), error_(std::move(error)) {}
  Query& bind_integer(const char* name, std::int64_t value);
  [[nodiscard]] int parameter(const char* name) const;
  [[nodiscard]] tl::unexpected<Error> fail_as_corrupt(std::string what) const;

  class Connection& connection_;
  sqlite3_stmt* statement_;
  std::optional<Error> error_;  ///< of preparing; reported by the first run() or next()
};

/// One connection to one file.
/// Threads: one at a time.
/// Errors:  SQLite's result codes become kinds: FULL, and I/O errors for want of room, `full`; CORRUPT, NOTADB,
///          statements that do not fit the schema and violated constraints (the caller's arguments are checked before)
///          `corrupt`; BUSY, LOCKED and PROTOCOL `transient`;
///          CANTOPEN and PERM `invalid`; the rest, I/O and read-only file systems among them, `fault`.
class Connection {
 public:
  enum class Access {
    read,   ///< an existing file; nothing can be written
    write,  ///< made when missing, with the process's umask
  };
  /// `vfs` names a registered SQLite VFS; empty for the system's.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, Access access,
                                                                const std::string& vfs);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The statement `sql`, prepared when first used and kept. `sql` is a constant of the program: its address is the
  /// key.
  [[nodiscard]] Query use(const char* sql);
  /// The first column of the first row; 0 without a row.
  [[nodiscard]] Result<std::int64_t> number(const char* sql);
  /// `number` of a PRAGMA that counts pages, in bytes. SQLite compiles a PRAGMA anew each time, so ask seldom.
  [[nodiscard]] Result<std::uint64_t> pages_in_bytes(const char* sql);
  /// Any number of statements without parameters; rows are passed over. Not kept.
  [[nodiscard]] Result<void> run_script(const std::string& sql);

  /// Runs `work` between `begin` (a BEGIN statement) and COMMIT; rolls back when either fails.
  template <typename Work>
  [[nodiscard]] std::invoke_result_t<Work> transaction(const char* begin, Work&& work) {
    if (auto begun = use(begin).run(); !begun) return failed(begun);
    auto result = work();
    if (result) {
      auto committed = commit();
      if (committed) return result;
      roll_back();
      return failed(committed);
    }
    roll_back();
    return result;
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  /// The row that the last INSERT made.
  [[nodiscard]] std::int64_t last_row() const;
  /// Rows that the last INSERT, UPDATE or DELETE touched, cascades not counted.
  [[nodiscard]] std::int64_t changes() const;

  /// Makes the file at least `bytes` long on disk, so that a later checkpoint never needs room: on a full disk no kind
  /// of checkpoint gets past a page that the file has no place for. Fails with Kind::full, or Kind::fault.
  [[nodiscard]] Result<void> allocate(std::uint64_t bytes);
  enum class Wal {
    keep,      ///< the WAL begins anew in the room it has
    truncate,  ///< and gives that room back to the file system
  };
  /// Moves all of the WAL into the file. Waits for readers, then fails with Kind::transient.
  [[nodiscard]] Result<void> checkpoint(Wal wal);

 private:
  friend class Query;
  explicit Connection(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Error error(int code) const;
  [[nodiscard]] Result<void> commit();
  void roll_back();

  std::string path_;
  sqlite3* db_ = nullptr;
  std::map<const char*, sqlite3_stmt*> statements_;
  std::int64_t page_bytes_ = 0;  ///< once it was asked for; then it does not change
};

/// "3.40.1", for --version.
[[nodiscard]] std::string sqlite_version();

}  // namespace edgeseal::storage
