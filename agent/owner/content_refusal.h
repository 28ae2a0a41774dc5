// SPDX-License-Identifier: GPL-3.0-or-later
// Why what a message held, once opened, is not taken for a batch; crypto/open/refusal.h has the reasons of the
// envelope.
#pragma once
#include <string>
#include <string_view>

#include "crypto/base/result.h"

namespace edgeseal::agent {

enum class ContentRefusal {
  not_a_batch,     ///< the encryption context is not that of a batch: another program sealed this
  compression,     ///< not one zstd frame, or a damaged one
  content,         ///< not the CBOR of batch_layout.h
  content_header,  ///< the header inside says other than the encryption context outside
  journal,         ///< a journal object that is not made as batch_layout.h says
  journal_frame,   ///< a journal frame is repeated or out of place
  too_large,       ///< more than an object may expand to
};

/// As errors spell it: "journal-frame".
[[nodiscard]] std::string_view refusal_name(ContentRefusal refusal);

/// As crypto::refuse: `what` begins with the name. Kind::invalid for not_a_batch, else Kind::corrupt.
[[nodiscard]] tl::unexpected<Error> refuse(ContentRefusal refusal, std::string what, std::string fix = {});

}  // namespace edgeseal::agent
