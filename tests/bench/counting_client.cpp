// SPDX-License-Identifier: GPL-3.0-or-later
// The other side of the ingest benchmarks: Paho's C++ client with edgeseal's settings that does nothing but count; or,
// with --sqlite, one durable SQLite commit a message in Paho's callback, as a script would do it.
//   counting_client --port 1883 --messages 100000 [--receive-maximum 1000] [--filter plant/#] [--sqlite FILE]
// Prints "ready" once subscribed, and after the last message {"messages": …, "first_s": …, "last_s": …}, times
// monotonic. Then waits to be stopped, so that its processor time can be read.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <mqtt/async_client.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace edgeseal::test {
namespace {

struct Options {
  std::uint16_t port = 0;
  std::uint64_t messages = 0;
  std::uint16_t receive_maximum = 1000;
  std::string filter = "plant/#";
  std::string sqlite;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "counting_client: %s\n", what.c_str());
  std::_Exit(1);
}

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// A table of payloads in a file that is synced at each commit.
class Table {
 public:
  explicit Table(const std::string& path) {
    check(sqlite3_open(path.c_str(), &db_));
    check(sqlite3_exec(db_,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "CREATE TABLE messages (topic TEXT, payload BLOB)",
                       nullptr, nullptr, nullptr));
    check(sqlite3_prepare_v2(db_, "INSERT INTO messages VALUES (?1, ?2)", -1, &insert_, nullptr));
  }
  ~Table() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void commit(const std::string& topic, const std::string& payload) {
    check(sqlite3_bind_text(insert_, 1, topic.data(), static_cast<int>(topic.size()), SQLITE_STATIC));
    check(sqlite3_bind_blob(insert_, 2, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC));
    if (sqlite3_step(insert_) != SQLITE_DONE) die(sqlite3_errmsg(db_));
    check(sqlite3_reset(insert_));
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) die(sqlite3_errmsg(db_));
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

class Counter final : public mqtt::callback {
 public:
  explicit Counter(const Options& options) : messages_(options.messages) {
    if (!options.sqlite.empty()) table_ = std::make_unique<Table>(options.sqlite);
  }
  void message_arrived(mqtt::const_message_ptr message) override {
    if (table_) table_->commit(message->get_topic(), message->get_payload());
    if (++count_ == 1) first_s_ = now_s();
    if (count_ != messages_) return;
    std::printf("{\"messages\": %llu, \"first_s\": %.6f, \"last_s\": %.6f}\n", static_cast<unsigned long long>(count_),
                first_s_, now_s());
    std::fflush(stdout);
  }
  void connection_lost(const std::string& /*cause*/) override { die("the connection is lost"); }

 private:
  const std::uint64_t messages_;
  std::unique_ptr<Table> table_;
  std::uint64_t count_ = 0;
  double first_s_ = 0;
};

void count(const Options& options, const sigset_t& stops) {
  constexpr std::int32_t kSessionNeverExpires = -1;
  constexpr std::chrono::seconds kKeepAlive{30};
  Counter counter(options);
  mqtt::async_client client("mqtt://127.0.0.1:" + std::to_string(options.port), "counting-client",
                            mqtt::create_options(MQTTVERSION_5), nullptr);
  client.set_callback(counter);
  mqtt::connect_options connect;
  connect.set_mqtt_version(MQTTVERSION_5);
  connect.set_clean_start(false);
  connect.set_keep_alive_interval(kKeepAlive);
  connect.set_max_inflight(options.receive_maximum);
  mqtt::properties properties;
  properties.add({mqtt::property::SESSION_EXPIRY_INTERVAL, kSessionNeverExpires});
  properties.add({mqtt::property::RECEIVE_MAXIMUM, options.receive_maximum});
  connect.set_properties(std::move(properties));
  client.connect(connect)->wait();
  client.subscribe(options.filter, 1)->wait();
  std::puts("ready");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  client.disconnect()->wait_for(std::chrono::seconds(5));
}

}  // namespace
}  // namespace edgeseal::test

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  edgeseal::test::Options options;
  CLI::App app("Counts the messages of a broker.");
  app.add_option("--port", options.port)->required();
  app.add_option("--messages", options.messages)->required();
  app.add_option("--receive-maximum", options.receive_maximum);
  app.add_option("--filter", options.filter);
  app.add_option("--sqlite", options.sqlite);
  CLI11_PARSE(app, argc, argv);
  try {
    edgeseal::test::count(options, stops);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "counting_client: %s\n", error.what());
    return 1;
  }
  return 0;
}
