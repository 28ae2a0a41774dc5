// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/clock_sync.h"

#include <cerrno>
#include <chrono>

#include <sys/stat.h>
#include <sys/timex.h>

namespace edgeseal {
namespace {

constexpr const char* kTimesyncdStamp = "/run/systemd/timesync/synchronized";
constexpr Duration kStampBelievedFor = std::chrono::hours(9);

}  // namespace

bool clock_follows_reference() {
  timex kernel{};
  const int state = adjtimex(&kernel);
  if (state >= 0) return state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  if (errno != EPERM) return false;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return was_synced_lately(kTimesyncdStamp, {std::chrono::duration_cast<Duration>(now)});
}

bool was_synced_lately(const char* stamp, WallTime now) {
  struct stat file {};
  if (stat(stamp, &file) != 0) return false;
  const WallTime touched{std::chrono::seconds(file.st_mtim.tv_sec)};
  return now - touched <= kStampBelievedFor && touched - now <= kStampBelievedFor;
}

}  // namespace edgeseal
