// SPDX-License-Identifier: GPL-3.0-or-later
// Tells systemd how the service is. Does nothing when it was not started by one ($NOTIFY_SOCKET unset).
// Source: sd_notify(3).
#pragma once
#include <string_view>

namespace edgeseal::systemd {

/// Started up: units that wait for this one may go on. `status` is the line that `systemctl status` shows.
void notify_ready(std::string_view status);
/// The line alone.
void notify_status(std::string_view status);
/// Shutting down.
void notify_stopping(std::string_view status);

/// Whether stderr is connected to the journal ($JOURNAL_STREAM names its device and inode).
[[nodiscard]] bool stderr_is_journal();

}  // namespace edgeseal::systemd
