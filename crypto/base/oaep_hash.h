// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace edgeseal {

/// Hash of RSAES-OAEP and of its MGF1 alike (RFC 8017 section 7.1).
enum class OaepHash { sha256, sha1 };

}  // namespace edgeseal
