// SPDX-License-Identifier: GPL-3.0-or-later
// Turns journal objects into standard messages, one a frame, which any AWS Encryption SDK opens. Needs no key.
#pragma once
#include <cstdint>
#include <filesystem>

#include "agent/owner/inputs.h"
#include "crypto/base/result.h"
#include "crypto/base/whole_file.h"

namespace edgeseal::agent {

/// Writes each frame of a journal object as <name>-0000.esdk, <name>-0001.esdk, … below `folder`; a plain message is
/// copied. Gives the number of files. Nothing is verified: that is for whoever opens them. Fails with
/// ContentRefusal::journal or crypto::Refusal::truncated for a damaged journal, whose frames up to there stay, and with
/// crypto::Refusal::version for what begins as neither.
/// `guard` is asked about each file first, and knows the inputs.
[[nodiscard]] Result<std::uint64_t> split_object(const Input& input, const std::filesystem::path& folder,
                                                 OutputGuard& guard);

}  // namespace edgeseal::agent
