// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/sqlite.h"

#include <cerrno>
#include <system_error>

#include <sqlite3.h>

#include "crypto/base/ensure.h"
#include "storage/spool_sql.h"

namespace edgeseal::storage {
namespace {

// A reader never holds up a commit, nor a commit a reader: only recovery after a crash and a truncating checkpoint
// wait.
constexpr int kBusyTimeoutMs = 2000;
// The file grows by whole chunks, and is cut to whole chunks.
constexpr int kChunkBytes = 64 << 10;

bool for_want_of_room(int code, int system_errno) {
  if ((code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  return (code & 0xff) == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT);
}

Error error_of(int code, int system_errno, const char* message, const std::string& path) {
  const std::string detail = std::string(" (SQLite: ") + message + ")";
  if (for_want_of_room(code, system_errno)) {
    return {.kind = Kind::full,
            .what = "the disk is full" + detail,
            .where = path,
            .fix = "free room on its file system, or lower spool.max_bytes"};
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
      return {.kind = Kind::corrupt,
              .what = "the spool file is damaged" + detail,
              .where = path,
              .fix = "move it and its -wal file aside; check the disk that it lies on"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // a reader of a write-ahead log found its locks taken again and again, for ten seconds
      return {.kind = Kind::transient, .what = "the spool is busy" + detail, .where = path, .fix = "try again"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {.kind = Kind::invalid,
              .what = "cannot open the spool" + detail,
              .where = path,
              .fix = "check that it exists and that this user may read and write it and its folder"};
    case SQLITE_READONLY:
      return {.kind = Kind::fault,
              .what = "the spool cannot be written" + detail,
              .where = path,
              .fix = "check its owner and mode, and whether its file system has become read-only"};
    case SQLITE_IOERR:
      return {.kind = Kind::fault,
              .what = "the disk failed" + detail,
              .where = path,
              .fix = "look for disk errors in the kernel's log"};
    default:
      return {.kind = Kind::fault, .what = "the spool failed" + detail, .where = path, .fix = {}};
  }
}

}  // namespace

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

int Query::parameter(const char* name) const {
  const int index = sqlite3_bind_parameter_index(statement_, name);
  ENSURE(index > 0);
  return index;
}

Query& Query::bind_integer(const char* name, std::int64_t value) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, parameter(name), value);
  return *this;
}

Query& Query::bind(const char* name, std::string_view text) {
  if (statement_ == nullptr) return *this;
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_, parameter(name), data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Query& Query::bind(const char* name, ByteView blob) {
  if (statement_ == nullptr) return *this;
  // A null pointer would bind NULL, which is not the empty blob.
  const void* data = blob.data() == nullptr ? "" : static_cast<const void*>(blob.data());
  sqlite3_bind_blob64(statement_, parameter(name), data, blob.size(), SQLITE_STATIC);
  return *this;
}

Query& Query::bind_null(const char* name) {
  if (statement_ != nullptr) sqlite3_bind_null(statement_, parameter(name));
  return *this;
}

Result<bool> Query::next() {
  if (error_) return tl::unexpected<Error>(*error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected<Error>(connection_.error(code));
}

Result<void> Query::run() {
  auto row = next();
  if (!row) return failed(row);
  ENSURE(!*row);
  return {};
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteView Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

tl::unexpected<Error> Query::fail_as_corrupt(std::string what) const {
  return tl::unexpected<Error>(error_of(SQLITE_CORRUPT, 0, what.c_str(), connection_.path_));
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, Access access,
                                                     const std::string& vfs) {
  std::unique_ptr<Connection> connection(new Connection(path.string()));
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.string().c_str(), &connection->db_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) return tl::unexpected<Error>(connection->error(code));
  sqlite3_busy_timeout(connection->db_, kBusyTimeoutMs);
  int chunk = kChunkBytes;
  if (access == Access::write) sqlite3_file_control(connection->db_, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Error Connection::error(int code) const {
  if (db_ == nullptr) return error_of(code, 0, sqlite3_errstr(code), path_);
  return error_of(code, sqlite3_system_errno(db_), sqlite3_errmsg(db_), path_);
}

Query Connection::use(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    // The statements are constants that fit the schema: one that does not fit shows that the schema is damaged.
    if (code != SQLITE_OK) return Query(*this, nullptr, error(code == SQLITE_ERROR ? SQLITE_CORRUPT : code));
  }
  ENSURE(sqlite3_stmt_busy(statement) == 0);
  return Query(*this, statement, std::nullopt);
}

Result<std::int64_t> Connection::number(const char* sql) {
  Query query = use(sql);
  auto row = query.next();
  if (!row) return failed(row);
  return *row ? query.integer(0) : 0;
}

Result<std::uint64_t> Connection::pages_in_bytes(const char* sql) {
  if (page_bytes_ == 0) {
    auto page_bytes = number(sql::kPageBytes);
    if (!page_bytes) return failed(page_bytes);
    page_bytes_ = *page_bytes;
  }
  auto pages = number(sql);
  if (!pages) return failed(pages);
  return static_cast<std::uint64_t>(*pages * page_bytes_);
}

Result<void> Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(error(code));
  return {};
}

Result<void> Connection::commit() {
  static constexpr const char* kCommit = "COMMIT";
  return use(kCommit).run();
}

void Connection::roll_back() {
  // Some errors have rolled back already. A failed ROLLBACK leaves nothing to do: the next BEGIN will tell.
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Connection::last_row() const { return sqlite3_last_insert_rowid(db_); }
std::int64_t Connection::changes() const { return sqlite3_changes64(db_); }

Result<void> Connection::allocate(std::uint64_t bytes) {
  auto hint = static_cast<sqlite3_int64>(bytes);
  const int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_SIZE_HINT, &hint);
  if (code == SQLITE_OK || code == SQLITE_NOTFOUND) return {};  // a VFS may not know the hint
  // SQLite does not hand on why. Only a full disk may be taken for one: the caller may drop batches over it.
  std::error_code unknown;
  const std::uint64_t size = std::filesystem::file_size(path_, unknown);
  const auto space = std::filesystem::space(std::filesystem::absolute(path_).parent_path(), unknown);
  const bool full = unknown || size + space.available < bytes + kChunkBytes;
  return tl::unexpected<Error>(error_of(full ? SQLITE_FULL : code, 0, "the file cannot grow", path_));
}

Result<void> Connection::checkpoint(Wal wal) {
  const int mode = wal == Wal::keep ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE;
  const int code = sqlite3_wal_checkpoint_v2(db_, "main", mode, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(error(code));
  return {};
}

std::string sqlite_version() { return sqlite3_libversion(); }

}  // namespace edgeseal::storage
