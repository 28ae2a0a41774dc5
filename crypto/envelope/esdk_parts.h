// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of one set of materials differ in their message id, commit key, header tag and body alone. A journal stores
// the rest once.
#pragma once
#include <optional>

#include "crypto/base/bytes.h"

namespace edgeseal::crypto {

/// What is a message's own: message id | commit key | header tag | body. `message` comes from an EsdkWriter whose
/// shared header has `shared_header_bytes`; anything else is a bug and aborts.
[[nodiscard]] Bytes own_part_of(ByteView message, std::size_t shared_header_bytes);

/// The whole message again, byte for byte. Nothing when `own_part` is too short to be one.
[[nodiscard]] std::optional<Bytes> message_of(ByteView shared_header, ByteView own_part);

}  // namespace edgeseal::crypto
