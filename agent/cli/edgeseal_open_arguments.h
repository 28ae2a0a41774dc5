// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of edgeseal-open.
#pragma once
#include <string>
#include <vector>

#include "agent/owner/opener.h"

namespace CLI {
class App;
}

namespace edgeseal::agent {

struct OpenArguments {
  std::vector<std::string> private_keys;
  std::string format = "ndjson";
  std::string output;
  unsigned jobs = 1;
  bool verify = false;
  bool keep_going = false;
  std::vector<std::string> inputs;
};

/// Declares the options; parsing fills `arguments`, which outlives `app`.
void add_open_arguments(CLI::App& app, OpenArguments& arguments);

/// What the opener is to do. `input_count` is that of the inputs once folders are looked into. Fails with
/// Kind::invalid: wrong use.
[[nodiscard]] Result<OpenOptions> open_options(const OpenArguments& arguments, std::size_t input_count);

/// What --version prints.
[[nodiscard]] std::string open_version_text();

}  // namespace edgeseal::agent
