// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace edgeseal::config {

/// A C0 control character or DEL: line breaks and tabs are some too.
[[nodiscard]] bool is_control(char c);

}  // namespace edgeseal::config
