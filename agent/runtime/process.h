// SPDX-License-Identifier: GPL-3.0-or-later
// What concerns the process as a whole: its signals, its memory, its machine.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/time.h"

namespace edgeseal::agent {

/// Keeps the process's memory to itself: no core dumps, no tracing by others than root. Call first in main().
void protect_memory();

/// Keeps the heap's large blocks for the next batch instead of giving each back to the kernel, whose fresh pages cost
/// more than sealing them. What is freed is wiped all the same (crypto/base/wiping_free.cpp). Call next in main().
void tune_heap();

/// Gives the kernel back what only the start needed: the configuration's text and tree, salvage, the first TLS set-up.
/// Call once, when everything is built.
void give_back_heap();

/// An exception that nobody takes ends the process with a line on standard error that names it, then SIGABRT. It cannot
/// be ruled out: Paho calls its own C++ from C, and there it may find no memory. What is not acknowledged stays with
/// the broker, and the service manager starts the process again.
void name_untaken_exceptions();

/// The kernel's boot id (random(4)).
[[nodiscard]] Result<BootId> boot_id();

/// Of the signals that would end the daemon without need, makes the kernel ignore each. Call first in the command that
/// runs it: what comes while it reads its configuration counts too. What each signal does:
///
///   SIGTERM, SIGINT            a stop in order; before there is anything to put in order, the end
///   SIGHUP, SIGUSR1, SIGUSR2   nothing but a line in the log: there is no reload yet, and systemd would count an
///                              end by SIGHUP as a clean one and leave the service dead
///   SIGXFSZ                    ignored: a file that may grow no further is a full disk
///   SIGPIPE, SIGXCPU, timers, SIGIO, SIGPWR, SIGSTKFLT, real-time signals   ignored
///   SIGQUIT, SIGABRT and those of faults   the end at once, as the kernel has it; no core is written
void ignore_stray_signals();

/// The signals that the daemon acts on or tells of. Make one before any thread starts, so that all threads have them
/// blocked.
class Signals {
 public:
  [[nodiscard]] static Result<Signals> create();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();
  /// Readable once a signal has come that is not ignored.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  struct Taken {
    std::string name;  ///< "SIGTERM"
    bool stop = false;
  };
  /// One that has come; nothing when none has. Does not wait.
  [[nodiscard]] std::optional<Taken> take() const;

 private:
  explicit Signals(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// While it lives, a signal that stops the daemon ends the process at once, with status 0. For what may take long and
/// may be killed at any time: a start on a large spool, a salvage. `tell` is called first, also of a signal that does
/// not stop, on a thread of its own. `signals` outlives it, and is taken by nobody else meanwhile.
class EndOnSignal {
 public:
  EndOnSignal(const Signals& signals, std::function<void(const Signals::Taken&)> tell);
  ~EndOnSignal();
  EndOnSignal(const EndOnSignal&) = delete;
  EndOnSignal& operator=(const EndOnSignal&) = delete;

 private:
  const int over_;  ///< an eventfd
  std::thread thread_;
};

/// Ends the process with status 1 if it lives longer than `longest`: a stop that hangs, whatever hangs in it, must not
/// last until the service manager kills the process without a word. Nothing acknowledged is lost by that. `last_words`
/// are said first, on a thread of its own.
class StopDeadline {
 public:
  StopDeadline(Duration longest, std::function<void()> last_words);

 private:
  std::jthread thread_;
};

}  // namespace edgeseal::agent
