// SPDX-License-Identifier: GPL-3.0-or-later
// Why a message is not opened: one reason a check, so that tests, people and scripts can tell them apart.
#pragma once
#include <string>
#include <string_view>

#include "crypto/base/result.h"

namespace edgeseal::crypto {

enum class Refusal {
  version,            ///< the first byte is no version of the message format
  suite,              ///< an algorithm suite that is not opened here, or unknown
  context,            ///< the encryption context does not parse, or is not UTF-8
  context_duplicate,  ///< a key of the encryption context appears twice
  context_reserved,   ///< aws-crypto-public-key in a message without a signature
  edk_count,          ///< no encrypted data key at all
  content_type,       ///< neither framed nor unframed
  frame_length,       ///< frame length zero, not zero in an unframed message, or a final frame longer than it
  no_key,             ///< no encrypted data key opens under the keys at hand
  context_digest,     ///< aws-kms-rsa: the data key was wrapped for another encryption context
  commitment,         ///< the data key is not the one that the header commits to
  header_tag,         ///< the header was changed
  frame_sequence,     ///< a frame is missing, repeated or out of place
  frame_iv,           ///< a frame's IV is not its sequence number
  frame_tag,          ///< a frame was changed
  truncated,          ///< the message ends before its end
  trailing,           ///< bytes follow the message
  too_large,          ///< more would have to be held in memory, or tried, than is allowed
};

/// As errors spell it: "frame-tag".
[[nodiscard]] std::string_view refusal_name(Refusal refusal);

/// An Error whose `what` begins with the refusal's name: "frame-tag: frame 3 was changed". Kind::invalid when another
/// program or another key might open the message, Kind::corrupt when none should.
[[nodiscard]] tl::unexpected<Error> refuse(Refusal refusal, std::string what, std::string fix = {});

}  // namespace edgeseal::crypto
