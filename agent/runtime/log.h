// SPDX-License-Identifier: GPL-3.0-or-later
// One line an event, to a terminal as text, to a file of JSON, or to the journal with its priorities.
#pragma once
#include <memory>
#include <string>

#include "config/options.h"

namespace spdlog {
class logger;
}

namespace edgeseal::agent {

/// Levels: a state change is info, a loss or a pause is warning, a human must act is error. Any thread.
/// What a line holds from outside cannot steer a terminal, nor begin a line of its own (crypto/base/shown_text.h);
/// of a line of more than kShownBytesMax bytes both ends are kept, in every form.
/// Never give it a payload, a key, a token or a presigned URL.
class Log {
 public:
  /// Writes to stderr.
  explicit Log(const config::LogOptions& options);
  ~Log();
  void debug(const std::string& line);
  void info(const std::string& line);
  void warning(const std::string& line);
  void error(const std::string& line);

 private:
  [[nodiscard]] std::string fit(const std::string& line) const;
  std::shared_ptr<spdlog::logger> logger_;
  bool json_ = false;
};

}  // namespace edgeseal::agent
