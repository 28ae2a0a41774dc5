// SPDX-License-Identifier: GPL-3.0-or-later
// What must outlive a power cut is synced in this order, whoever writes it: the bytes, then the name, then the folder.
// The kernel is asked for each of these by a call of its own, so the calls are traced and the whole list is compared.
#include <functional>
#include <regex>

#include <gmock/gmock.h>
#include <unistd.h>

#include "crypto/base/whole_file.h"
#include "storage/salvage/salvage.h"
#include "storage/spool.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/random.h"
#include "tests/support/self_trace.h"
#include "tests/support/temp_dir.h"
#include "transport/sinks/directory_sink.h"

namespace edgeseal::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

/// The calls that our own code makes. SQLite writes and syncs by pwrite64 and fdatasync: what it syncs beside is a
/// matter of its settings, and does not stand for a sync of ours.
constexpr const char* kOurCalls = "write,fsync,rename,renameat,renameat2,linkat,mkdir,mkdirat";
constexpr const char* kCallsOfSqlite = "pwrite64,fdatasync";

class SyncOrderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!trace_self(kOurCalls, [] {})) GTEST_SKIP() << "strace cannot attach";
  }

  /// "write NAME", "sync NAME", "name NAME", "make NAME" or "rename NAME to NAME" for each call within the folder that
  /// succeeded while `act` ran; one for several in a row that are alike.
  std::vector<std::string> calls_during(const std::string& calls, const std::function<void()>& act) {
    return events_in(trace_self(calls, act).value());
  }

  /// The same of a program from its start to its end.
  std::vector<std::string> calls_of(const std::vector<std::string>& command) {
    const TempDir folder;
    const std::string trace = (folder / "trace").string();
    std::vector<std::string> traced{
        "strace", "-f", "-y", "-s", "0", "-o", trace, "-e", std::string("trace=") + kOurCalls};
    traced.insert(traced.end(), command.begin(), command.end());
    const Finished finished = run(traced);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return events_in(lines_of(trace));
  }

  /// Paths from the folder; the random letters of hidden names as a *.
  [[nodiscard]] std::string name_of(const std::string& path) const {
    static const std::regex unnamed(R"(#\d+( \(deleted\))?$)");
    static const std::regex hidden(R"((^|/)(\.[^/]+\.)[A-Za-z0-9]{6}$)");
    if (path == folder_.path()) return ".";
    const std::string prefix = folder_.path().string() + "/";
    if (!path.starts_with(prefix)) return {};
    const std::string name = std::regex_replace(path.substr(prefix.size()), unnamed, "(no name)");
    return std::regex_replace(name, hidden, "$1$2*");
  }

  TempDir folder_;

 private:
  [[nodiscard]] std::vector<std::string> events_in(const std::vector<std::string>& trace) const {
    static const std::regex call(R"re(\d+ +(\w+)\((.*)\) += (-?\d+).*)re");
    static const std::regex descriptor(R"re(^\d+<([^>]*)>)re");
    static const std::regex place(R"re((?:AT_FDCWD(?:<[^>]*>)?, |(\d+)<([^>]*)>, )?"([^"]*)")re");
    std::vector<std::string> events;
    for (const std::string& line : trace) {
      std::smatch part;
      if (!std::regex_match(line, part, call) || std::stol(part[3]) < 0) continue;
      const std::string function = part[1];
      const std::string arguments = part[2];
      std::vector<std::string> names;
      std::smatch file;
      if (std::regex_search(arguments, file, descriptor) &&
          (function.find("write") != std::string::npos || function.find("sync") != std::string::npos)) {
        names.push_back(name_of(file[1]));
      } else {
        for (std::sregex_iterator at(arguments.begin(), arguments.end(), place), end; at != end; ++at) {
          const std::string folder = (*at)[2];
          names.push_back(name_of(folder.empty() ? (*at)[3].str() : folder + "/" + (*at)[3].str()));
        }
      }
      std::string event = event_of(function, names);
      if (arguments.find("RENAME_NOREPLACE") != std::string::npos) event += " where nothing is";
      if (!event.empty() && (events.empty() || events.back() != event)) events.push_back(std::move(event));
    }
    return events;
  }

  static std::string event_of(const std::string& function, const std::vector<std::string>& names) {
    if (names.empty() || names.back().empty()) return {};
    if (function.find("write") != std::string::npos) return "write " + names[0];
    if (function.find("sync") != std::string::npos) return "sync " + names[0];
    if (function.starts_with("mkdir")) return "make " + names[0];
    if (function == "linkat") return "name " + names.back();
    return "rename " + names[0] + " to " + names.back();
  }
};

void write_whole(const std::filesystem::path& path) {
  auto file = WholeFile::create(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(::write(file->descriptor(), "bytes", 5), 5);
  ASSERT_THAT(file->commit(), IsOk());
}

TEST_F(SyncOrderTest, OfAWholeFile) {
  EXPECT_THAT(calls_during(kOurCalls, [this] { write_whole(folder_ / "new"); }),
              ElementsAre("write (no name)", "sync (no name)", "name new", "sync ."));
}

TEST_F(SyncOrderTest, OfAWholeFileInNewFolders) {
  EXPECT_THAT(calls_during(kOurCalls, [this] { write_whole(folder_ / "a" / "b" / "new"); }),
              ElementsAre("make a", "sync .", "make a/b", "sync a", "write a/b/(no name)", "sync a/b/(no name)",
                          "name a/b/new", "sync a/b"));
}

TEST_F(SyncOrderTest, OfAWholeFileThatTakesAnothersPlace) {
  folder_.write("old", "before");
  EXPECT_THAT(calls_during(kOurCalls, [this] { write_whole(folder_ / "old"); }),
              ElementsAre("write (no name)", "sync (no name)", "name .old.*", "rename .old.* to old", "sync ."));
}

TEST_F(SyncOrderTest, OfWhatTheProgramsWrite) {
  folder_.write("plain", "some text");
  const std::string keys = source_dir() + "/tests/vectors/keys/";
  EXPECT_THAT(calls_of({program_dir() + "/edgeseal", "seal", "--key", keys + "rsa-2048.public.der", "--raw",
                        "plant/key", "-o", folder_ / "sealed.esdk", folder_ / "plain"}),
              ElementsAre("write (no name)", "sync (no name)", "name sealed.esdk", "sync ."));
  EXPECT_THAT(calls_of({program_dir() + "/edgeseal-open", "--private-key", keys + "rsa-2048.private.pem", "--format",
                        "message", "-o", folder_ / "opened", folder_ / "sealed.esdk"}),
              ElementsAre("write (no name)", "sync (no name)", "name opened", "sync ."));
  EXPECT_EQ(read_file(folder_ / "opened"), "some text");
}

transport::SealedObject sealed_object(std::string_view bytes) {
  transport::SealedObject object{.bytes = as_bytes(bytes),
                                 .digest = {},
                                 .gateway = "truck-017",
                                 .route = {"telemetry"},
                                 .sequence = {42},
                                 .batch = {},
                                 .sealed = {}};
  object.batch.bytes.fill(0xab);
  return object;
}

TEST_F(SyncOrderTest, OfAFolderSink) {
  const transport::DirectorySinkOptions options{.path = folder_.path(), .key = "{gateway}/{route}/{batch}.esdk"};
  const auto deliver = [](transport::Sink& sink) { ASSERT_THAT(sink.deliver(sealed_object("sealed")), IsOk()); };
  const std::string part = "truck-017/telemetry/.abababababababababababababababab.part";
  const std::string name = "truck-017/telemetry/abababababababababababababababab.esdk";
  auto sink = std::move(transport::DirectorySink::create(options).value());
  EXPECT_THAT(
      calls_during(kOurCalls, [&] { deliver(*sink); }),
      ElementsAre("make truck-017", "sync .", "make truck-017/telemetry", "sync truck-017", "write " + part,
                  "sync " + part, "rename " + part + " to " + name + " where nothing is", "sync truck-017/telemetry"));
  // What is there already may have come with the last words of a process that died.
  EXPECT_THAT(calls_during(kOurCalls, [&] { deliver(*sink); }),
              ElementsAre("sync " + name, "sync truck-017/telemetry"));
  auto next = std::move(transport::DirectorySink::create(options).value());
  EXPECT_THAT(calls_during(kOurCalls, [&] { deliver(*next); }),
              ElementsAre("sync .", "sync truck-017", "sync " + name, "sync truck-017/telemetry"));
}

class SpoolSyncTest : public SyncOrderTest {
 protected:
  void open() {
    auto opened = storage::Spool::open(options(), random_);
    ASSERT_THAT(opened, IsOk());
    spool_ = std::move(*opened);
  }
  void commit() {
    storage::SealedBatch batch;
    batch.route = {"telemetry"};
    batch.sequence = {++sequence_};
    batch.id.bytes.fill(static_cast<std::uint8_t>(sequence_));
    batch.object = Bytes(100, 0x5a);
    batch.records = 1;
    batch.sinks = {{"lake"}};
    storage::SpoolChange change;
    change.batches.push_back(std::move(batch));
    ASSERT_THAT(spool_->commit(change), IsOk());
  }
  /// SQLite's writes and syncs of its write-ahead log; at least one.
  std::vector<std::string> calls_on_the_log(const std::function<void()>& act) {
    auto calls = calls_during(kCallsOfSqlite, act);
    std::erase_if(calls, [](const std::string& call) { return !call.ends_with("spool.db-wal"); });
    EXPECT_THAT(calls, Not(IsEmpty()));
    return calls.empty() ? std::vector<std::string>{"none"} : calls;
  }
  [[nodiscard]] storage::SpoolOptions options() const {
    return {.path = folder_ / "spool.db", .bytes_max = 1 << 20, .free_bytes_min = 0};
  }
  SeededRandom random_{7};
  std::unique_ptr<storage::Spool> spool_;
  std::uint64_t sequence_ = 0;
};

TEST_F(SpoolSyncTest, OfANewSpool) {
  EXPECT_THAT(calls_during(kOurCalls, [this] { open(); }), ElementsAre("sync ."));
}

TEST_F(SpoolSyncTest, OfACommit) {
  open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(calls_on_the_log([this] { commit(); }).back(), "sync spool.db-wal");
}

// A process that was killed may have written what nobody synced. It is seen from now on.
TEST_F(SpoolSyncTest, OfASpoolThatIsOpenedAgain) {
  open();
  commit();
  const std::string db = read_file(folder_ / "spool.db");
  const std::string wal = read_file(folder_ / "spool.db-wal");
  spool_.reset();
  folder_.write("spool.db", db);
  folder_.write("spool.db-wal", wal);
  EXPECT_EQ(calls_on_the_log([this] { open(); }).front(), "sync spool.db-wal") << "before anything is built on it";
}

TEST_F(SpoolSyncTest, OfASalvage) {
  open();
  commit();
  const std::string wal = read_file(folder_ / "spool.db-wal");
  spool_.reset();
  folder_.write("spool.db-wal", wal);
  const auto hash = [](ByteView) -> Result<Digest> { return Digest{}; };
  const auto calls =
      calls_during(kOurCalls, [&] { ASSERT_THAT(storage::salvage(options(), random_, {}, hash, {}), IsOk()); });
  EXPECT_THAT(calls, ElementsAre("sync spool.db.salvage", "rename spool.db.salvage to spool.db.salvaged", "sync .",
                                 "rename spool.db to spool.db.damaged", "rename spool.db-wal to spool.db.damaged-wal",
                                 "sync .", "rename spool.db.salvaged to spool.db", "sync ."));
}

}  // namespace
}  // namespace edgeseal::test
