// SPDX-License-Identifier: GPL-3.0-or-later
#include "systemd/notify.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "crypto/base/shown_text.h"

namespace edgeseal::systemd {
namespace {

void notify(std::string_view state, std::string_view status) {
  const std::string text = std::string(state) + "STATUS=" + shown(status);
  // A lost notification is not worth failing for: systemd's own time-outs notice.
  (void)sd_notify(0, text.c_str());
}

}  // namespace

void notify_ready(std::string_view status) { notify("READY=1\n", status); }
void notify_status(std::string_view status) { notify("", status); }
void notify_stopping(std::string_view status) { notify("STOPPING=1\n", status); }

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  if (stream == nullptr) return false;
  unsigned long long device = 0;
  unsigned long long inode = 0;
  struct stat stderr_file {};
  if (std::sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(STDERR_FILENO, &stderr_file) != 0) return false;
  return stderr_file.st_dev == device && stderr_file.st_ino == inode;
}

}  // namespace edgeseal::systemd
