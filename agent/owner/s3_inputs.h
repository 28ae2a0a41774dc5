// SPDX-License-Identifier: GPL-3.0-or-later
// Objects in S3, to be opened.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/owner/inputs.h"
#include "transport/owner/s3_reader.h"

namespace edgeseal::agent {

/// The objects below `prefix` whose keys end in .esdk or .esdks, in the order of their keys with numbers in them taken
/// as numbers: gateway, route, day, hour and sequence number under the default key template. Each input shares
/// `reader`. Fails as S3Reader::list does.
[[nodiscard]] Result<std::vector<Input>> s3_inputs(std::shared_ptr<transport::S3Reader> reader,
                                                   const transport::S3Address& address);

/// Whether `a` comes before `b` when runs of digits count by value: "t/9-x" before "t/10-a".
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b);

/// `key` as a path below a folder: what could lead out of it ("..", a leading "/") is left away.
[[nodiscard]] std::filesystem::path safe_relative(std::string_view key);

}  // namespace edgeseal::agent
