// SPDX-License-Identifier: GPL-3.0-or-later
// Starts http_peer.py, see there.
#pragma once
#include <string>
#include <vector>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {

class HttpPeer {
 public:
  /// `certificate`: good, other-name, expired or early; empty: no TLS. `answers`: as --answers takes them.
  explicit HttpPeer(const std::string& certificate = {}, const std::string& answers = {})
      : process_(command(certificate, answers), folder_ / "peer.out") {
    url_ = process_.wait_for_line("ready ");
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] Process& process() { return process_; }

 private:
  [[nodiscard]] std::vector<std::string> command(const std::string& certificate, const std::string& answers) const {
    std::vector<std::string> words{test::source_dir() + "/tests/component/http/http_peer.py", "--dir", folder_.path()};
    if (!certificate.empty()) words.insert(words.end(), {"--certificate", certificate});
    if (!answers.empty()) words.insert(words.end(), {"--answers", folder_.write("answers.json", answers).string()});
    return words;
  }
  TempDir folder_;
  Process process_;
  std::string url_;
};

}  // namespace edgeseal::test
