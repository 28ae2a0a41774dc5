// SPDX-License-Identifier: GPL-3.0-or-later
// What writer and reader compute alike: the keys of a message, and what its frames authenticate beside themselves.
// Source: AWS Encryption SDK specification, framework/algorithm-suites.md and data-format/message-body-aad.md.
#pragma once
#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"

namespace edgeseal::crypto {

struct MessageKeys {
  SecretBytes encryption_key;  ///< for AES-256-GCM, of this message alone
  Bytes commit_key;            ///< stands in the header: it shows that the message opens under one data key only
};

/// HKDF-SHA-512 with the message id as salt, suite 0x0478. Kind::fault when wolfCrypt fails. Any thread.
[[nodiscard]] Result<MessageKeys> derive_message_keys(const SecretBytes& data_key, ByteView message_id);

/// Message id, `content_string`, sequence number 4, content length 8.
[[nodiscard]] Bytes frame_aad(ByteView message_id, std::string_view content_string, std::uint32_t sequence,
                              std::uint64_t content_bytes);

}  // namespace edgeseal::crypto
