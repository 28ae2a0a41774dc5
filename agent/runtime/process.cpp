// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "crypto/base/ensure.h"

namespace edgeseal::agent {
namespace {

constexpr std::array kToldOf{SIGHUP, SIGUSR1, SIGUSR2};

void write_all(std::string_view text) { (void)!write(STDERR_FILENO, text.data(), text.size()); }

/// Without memory, for there may be none.
[[noreturn]] void end_by_exception() noexcept {
  write_all("error: edgeseal ends by an exception that nobody could take: ");
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    write_all("none");
  } catch (const std::exception& error) {
    write_all(error.what());
  } catch (...) {
    write_all("of an unknown kind");
  }
  write_all("; what was not acknowledged stays with the broker\n");
  std::abort();
}

}  // namespace

void name_untaken_exceptions() { std::set_terminate(end_by_exception); }

void protect_memory() {
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);
}

void tune_heap() {
  // Measured with tests/bench/seal: a batch of 1 MiB took 4.2 ms with glibc's defaults, 2.6 ms with these.
  constexpr int kMapFromBytes = 32 << 20;
  constexpr int kTrimFromBytes = 16 << 20;
  (void)mallopt(M_MMAP_THRESHOLD, kMapFromBytes);
  (void)mallopt(M_TRIM_THRESHOLD, kTrimFromBytes);
}

void give_back_heap() { (void)malloc_trim(0); }

Result<BootId> boot_id() {
  constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
  std::string text;
  std::getline(std::ifstream(kPath), text);
  std::erase(text, '-');
  const auto bytes = from_hex(text);
  const auto id = bytes ? BootId::from(*bytes) : std::nullopt;
  if (!id) return fail(Kind::fault, "cannot read the boot id", kPath);
  return *id;
}

void ignore_stray_signals() {
  for (const int number : kToldOf) std::signal(number, SIG_IGN);
  for (const int number : {SIGXFSZ, SIGXCPU, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT}) {
    std::signal(number, SIG_IGN);
  }
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) std::signal(number, SIG_IGN);
}

Result<Signals> Signals::create() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  for (const int number : kToldOf) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // One that is ignored would not reach the descriptor.
  for (const int number : kToldOf) std::signal(number, SIG_DFL);
  const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor < 0) return fail(Kind::fault, "signalfd: " + std::generic_category().message(errno));
  return Signals(descriptor);
}

Signals::Signals(Signals&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Signals::~Signals() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<Signals::Taken> Signals::take() const {
  signalfd_siginfo info{};
  if (read(descriptor_, &info, sizeof info) != sizeof info) return std::nullopt;
  const auto number = static_cast<int>(info.ssi_signo);
  const char* abbreviation = sigabbrev_np(number);
  return Taken{.name = std::string("SIG") + (abbreviation == nullptr ? "?" : abbreviation),
               .stop = number == SIGTERM || number == SIGINT};
}

EndOnSignal::EndOnSignal(const Signals& signals, std::function<void(const Signals::Taken&)> tell)
    : over_(eventfd(0, EFD_CLOEXEC)), thread_([this, &signals, tell = std::move(tell)] {
        std::array<pollfd, 2> fds{{{signals.descriptor(), POLLIN, 0}, {over_, POLLIN, 0}}};
        for (;;) {
          if (poll(fds.data(), fds.size(), -1) <= 0) continue;
          if (fds[1].revents != 0) return;
          while (const auto signal = signals.take()) {
            tell(*signal);
            if (signal->stop) _exit(0);
          }
        }
      }) {
  ENSURE(over_ >= 0);
}

EndOnSignal::~EndOnSignal() {
  const std::uint64_t one = 1;
  (void)!write(over_, &one, sizeof one);
  thread_.join();
  close(over_);
}

StopDeadline::StopDeadline(Duration longest, std::function<void()> last_words)
    : thread_([longest, last_words = std::move(last_words)](const std::stop_token& ended) {
        std::mutex mutex;
        std::condition_variable_any waiting;
        std::unique_lock lock(mutex);
        waiting.wait_for(lock, ended, longest, [] { return false; });
        if (ended.stop_requested()) return;
        last_words();
        _exit(1);
      }) {}

}  // namespace edgeseal::agent
