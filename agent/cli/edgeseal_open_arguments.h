// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of edgeseal-open.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/owner/opener.h"

namespace CLI {
class App;
}

namespace edgeseal::agent {

struct OpenArguments {
  std::vector<std::string> private_keys;
  bool kms = false;
  std::string kms_key;
  std::string region;
  std::string endpoint;  ///< of KMS
  std::string s3_endpoint;
  std::string profile;
  std::string ca_file;
  std::string format = "ndjson";
  std::string output;
  unsigned jobs = 1;
  std::optional<std::uint64_t> max_bytes;
  bool verify = false;
  bool keep_going = false;
  std::vector<std::string> inputs;
};

/// What `edgeseal-open split` is called with.
struct SplitArguments {
  std::string output;
  bool keep_going = false;
  std::vector<std::string> inputs;
};

/// Declares the options; parsing fills `arguments`, which outlives `app`.
void add_open_arguments(CLI::App& app, OpenArguments& arguments);
void add_split_arguments(CLI::App& command, SplitArguments& arguments);

/// What the opener is to do. `input_count` is that of the inputs once folders are looked into. Fails with
/// Kind::invalid: wrong use.
[[nodiscard]] Result<OpenOptions> open_options(const OpenArguments& arguments, std::size_t input_count);

/// What --version prints.
[[nodiscard]] std::string open_version_text();

}  // namespace edgeseal::agent
