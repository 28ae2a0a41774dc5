// SPDX-License-Identifier: GPL-3.0-or-later
// Which kind of error each trouble of SQLite's becomes, and what is left afterwards.
#include "storage/sqlite.h"

#include <csignal>
#include <filesystem>

#include <sys/resource.h>

#include "storage/spool_sql.h"
#include "tests/unit/storage/spool_fixture.h"

namespace edgeseal::storage {
namespace {

class SqliteTest : public SpoolTest {
 protected:
  [[nodiscard]] std::unique_ptr<Connection> connect(Connection::Access access = Connection::Access::write) {
    auto db = Connection::open(options.path, access, {});
    EXPECT_THAT(db, IsOk());
    return std::move(*db);
  }
};

TEST_F(SqliteTest, AnotherWritersLockIsTransient) {
  open();
  const auto other = connect();
  ASSERT_THAT(other->use(sql::kBeginWrite).run(), IsOk());
  EXPECT_THAT(commit(batch("telemetry", "one")), Fails(Kind::transient, HasSubstr("spool.db")));
}

TEST_F(SqliteTest, AViolatedConstraintMeansADamagedFile) {
  open();
  const auto db = connect();
  ASSERT_THAT(db->run_script("CREATE TABLE t (n INTEGER CHECK (n > 0)) STRICT"), IsOk());
  EXPECT_THAT(db->run_script("INSERT INTO t VALUES (0)"), Fails(Kind::corrupt));
}

TEST_F(SqliteTest, AReaderCannotWrite) {
  open();
  const auto db = connect(Connection::Access::read);
  EXPECT_THAT(db->run_script("DELETE FROM routes"), Fails(Kind::fault, HasSubstr("read-only")));
}

TEST_F(SqliteTest, AFolderIsNoSpool) {
  std::filesystem::create_directory(options.path);
  EXPECT_THAT(Connection::open(options.path, Connection::Access::write, {}), Fails(Kind::invalid));
}

TEST_F(SqliteTest, AnUnknownVfsIsAnError) {
  EXPECT_THAT(Connection::open(options.path, Connection::Access::write, "no-such-vfs"),
              Fails(Kind::fault, HasSubstr("no-such-vfs")));
}

TEST_F(SqliteTest, AFailedTransactionLeavesNothing) {
  open();
  const auto db = connect();
  const auto failed_late = db->transaction(sql::kBeginWrite, [&]() -> Result<void> {
    EXPECT_THAT(db->run_script("INSERT INTO routes (route) VALUES ('telemetry')"), IsOk());
    return fail(Kind::full, "enough");
  });
  EXPECT_THAT(failed_late, Fails(Kind::full));
  EXPECT_THAT(db->number("SELECT COUNT(*) FROM routes"), ::testing::Optional(0));
}

/// While it lives no file of this process may grow beyond `bytes`; a write that would fails with EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_;
};

// A disk that fails, unlike one that is full, must not cost a batch.
TEST_F(SqliteTest, AFailedWriteIsAFaultThatChangesNothing) {
  open();
  must_commit(batch("telemetry", std::string(50'000, 'a')));
  const SealedBatch next = batch("telemetry", std::string(200'000, 'b'));
  const auto wal = std::filesystem::file_size(folder / "spool.db-wal");
  const auto file = std::filesystem::file_size(options.path);
  for (const auto limit : {std::min(wal, file), std::max(wal, file)}) {
    const FileSizeLimit no_growth(limit);
    EXPECT_THAT(commit(next), Fails(Kind::fault, HasSubstr("spool.db")));
    EXPECT_EQ(spool->tip({"telemetry"})->sequence, Sequence{1});
    EXPECT_THAT(names("lake"), ElementsAre("telemetry/1"));
  }
  must_commit(next);
  EXPECT_THAT(names("lake"), ElementsAre("telemetry/1", "telemetry/2"));
  EXPECT_THAT(drops("telemetry"), IsEmpty());
}

}  // namespace
}  // namespace edgeseal::storage
