// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace edgeseal {

/// The hash of RSAES-OAEP, and the same of its MGF1 (RFC 8017 section 7.1).
enum class OaepHash { sha256, sha1 };

}  // namespace edgeseal
