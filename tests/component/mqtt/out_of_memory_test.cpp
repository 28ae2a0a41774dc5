// SPDX-License-Identifier: GPL-3.0-or-later
// Memory runs out at each allocation in turn, on the gate's thread or on Paho's: nothing that was acknowledged is lost,
// and what goes wrong is told.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/component/mqtt/session_broker.h"
#include "tests/support/matchers.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "transport/ingest/mqtt_source.h"

namespace {
std::atomic<long> allocations_left = 0;  ///< of all threads but the test's own; the one that makes it 0 fails
thread_local bool has_memory = false;

bool runs_out() { return !has_memory && allocations_left.load() > 0 && allocations_left.fetch_sub(1) == 1; }
}  // namespace

// Not inline: g++ would see malloc and free, and take them for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (!runs_out()) {
    if (void* memory = std::malloc(size)) return memory;
  }
  throw std::bad_alloc();
}
// A sanitizer has its own of this form, which would not fit the operator delete below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return runs_out() ? nullptr : std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace edgeseal::test {
namespace {

using transport::ArrivalNumber;
using transport::MqttVersion;

constexpr long kAllocationsMax = 3000;  ///< of a session, by far
constexpr std::size_t kAtOnce = 24;     ///< sessions mostly wait until they may connect again
constexpr unsigned kSecondsMax = 120;
constexpr int kFine = 0;
constexpr int kWrong = 1;
constexpr int kNothingFailed = 3;

/// Keeps what comes where no memory is needed for it.
class Listener final : public transport::SourceListener {
 public:
  void on_message(ArrivalNumber number, transport::Message message) override {
    const std::string as_another_thread_gets_it = message.topic + " is queued for the thread that commits it";
    const std::size_t at = count_;
    if (at == numbers_.size()) std::abort();
    topics_[at] = static_cast<std::size_t>(message.topic.back() - 'a');
    numbers_[at] = number;
    ++count_;
  }
  void on_connected(std::uint64_t, bool session_present) override {
    const std::string as_another_thread_gets_it =
        std::string("the session was there: ") + (session_present ? "yes" : "no");
  }
  void on_disconnected(const std::string&) override {}

  [[nodiscard]] bool has(const std::string& topic) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (topics_[i] == static_cast<std::size_t>(topic.back() - 'a')) return true;
    }
    return false;
  }
  /// 0: none yet.
  [[nodiscard]] ArrivalNumber newest() const { return count_ == 0 ? 0 : numbers_[count_ - 1]; }

 private:
  std::array<std::size_t, 256> topics_{};
  std::array<ArrivalNumber, 256> numbers_{};
  std::atomic<std::size_t> count_ = 0;
};

/// A session whose allocation number `fails` does. What it says on standard error is read by who started it.
int session(MqttVersion version, long fails) {
  has_memory = true;
  alarm(kSecondsMax);
  SessionBroker broker(version, true);
  SystemClock clock;
  Listener listener;
  transport::MqttSource source({.url = broker.url(), .version = version, .client_id = "gateway-1"}, {{"#", 2}},
                               {"an/old/filter/that/is/given/up"}, clock);
  std::vector<std::string> acknowledged;
  allocations_left = fails;
  if (const auto started = source.start(listener); !started) {
    std::cerr << started.error().message() << "\n";
    return kWrong;
  }
  const auto listen = [&] {
    return broker.listen(std::chrono::milliseconds{20},
                         [&](const auto& message) { acknowledged.push_back(message.topic); });
  };
  broker.accept();
  broker.publish({.topic = "one/a", .qos = 1, .payload_bytes = 100});
  broker.publish({.topic = "two/b", .qos = 2, .payload_bytes = 100});
  broker.publish({.topic = "one/c", .qos = 1, .payload_bytes = 100});
  while (!broker.unacknowledged().empty() || !broker.all_complete()) {
    if (!listen()) {
      broker.hang_up(false);
      broker.accept();
    }
    source.release(listener.newest());
  }
  const bool nothing_failed = allocations_left > 0;
  allocations_left = 0;
  broker.fall_silent();
  source.stop();
  for (const std::string& each : acknowledged) {
    if (listener.has(each)) continue;
    std::cerr << each << " was acknowledged and never came\n";
    return kWrong;
  }
  if (testing::Test::HasFailure()) return kWrong;  // it has been printed
  return nothing_failed ? kNothingFailed : kFine;
}

struct Child {
  pid_t pid = 0;
  long fails = 0;
  std::string output;
};

Child start(MqttVersion version, long fails, const std::string& output) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (std::freopen(output.c_str(), "w", stdout) == nullptr || dup2(1, 2) < 0) _exit(kWrong);
    const int status = session(version, fails);
    std::cout << std::flush;
    _exit(status);
  }
  return {pid, fails, output};
}

class OutOfMemoryTest : public testing::TestWithParam<MqttVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, OutOfMemoryTest, testing::Values(MqttVersion::v5, MqttVersion::v3_1_1),
                         [](const auto& version) { return version.index == 0 ? "Mqtt5" : "Mqtt311"; });

TEST_P(OutOfMemoryTest, AtAnyAllocationLosesNothingThatWasAcknowledged) {
  has_memory = true;
  const TempDir folder;
  std::vector<Child> children;
  std::vector<std::string> problems;  // told in the end: a process inherits what has failed before it is forked
  int went_on = 0;
  int ended_with_a_line = 0;
  bool all = false;
  for (long fails = 1; !all || !children.empty();) {
    if (fails > kAllocationsMax || problems.size() > 20) all = true;
    for (; !all && children.size() < kAtOnce; ++fails) {
      children.push_back(start(GetParam(), fails, (folder / std::to_string(fails)).string()));
    }
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    const auto child = std::ranges::find(children, ended, &Child::pid);
    ASSERT_NE(child, children.end());
    const std::string said = read_file(child->output);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNothingFailed) {
      all = true;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == kFine) {
      ++went_on;
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && said.find("bad_alloc") != std::string::npos) {
      ++ended_with_a_line;
    } else {
      problems.push_back("allocation " + std::to_string(child->fails) + ", status " + std::to_string(status) + ": " +
                         said);
    }
    children.erase(child);
  }
  EXPECT_THAT(problems, testing::IsEmpty());
  std::cout << went_on << " went on, " << ended_with_a_line << " ended with a line\n";
  // Within Paho's own C++, which it calls from C: there nobody can take what is thrown.
  EXPECT_GT(went_on, 3 * ended_with_a_line);
}

}  // namespace
}  // namespace edgeseal::test
