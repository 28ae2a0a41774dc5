// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/log.h"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "crypto/base/shown_text.h"
#include "systemd/notify.h"

namespace edgeseal::agent {
namespace {

using config::LogFormat;
using config::LogLevel;

/// %*: the syslog priority of a level, as systemd reads it in front of a line (sd-daemon(3)).
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& out) override {
    out.push_back(priority(message.level));
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return spdlog::details::make_unique<PriorityFlag>();
  }

 private:
  static char priority(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::critical:
      case spdlog::level::err:
        return '3';
      case spdlog::level::warn:
        return '4';
      case spdlog::level::info:
        return '6';
      case spdlog::level::trace:
      case spdlog::level::debug:
      case spdlog::level::off:
      case spdlog::level::n_levels:
        break;
    }
    return '7';
  }
};

/// %&: the message as a JSON string.
class JsonFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& out) override {
    const std::string text(message.payload.data(), message.payload.size());
    const std::string quoted =
        shown_json(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return spdlog::details::make_unique<JsonFlag>();
  }
};

spdlog::level::level_enum native(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string pattern(LogFormat format) {
  switch (format) {
    case LogFormat::journal:
      return "<%*>%v";
    case LogFormat::json:
      return R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","message":%&})";
    case LogFormat::automatic:
    case LogFormat::text:
      break;
  }
  return "%Y-%m-%dT%H:%M:%S.%e%z %^%-7l%$ %v";  // RFC 3339, local time
}

}  // namespace

Log::Log(const config::LogOptions& options) {
  LogFormat format = options.format;
  if (format == LogFormat::automatic) format = systemd::stderr_is_journal() ? LogFormat::journal : LogFormat::text;
  json_ = format == LogFormat::json;
  spdlog::sink_ptr sink;
  if (format == LogFormat::text) {
    sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
  formatter->add_flag<PriorityFlag>('*').add_flag<JsonFlag>('&').set_pattern(pattern(format));
  sink->set_formatter(std::move(formatter));
  logger_ = std::make_shared<spdlog::logger>("edgeseal", std::move(sink));
  logger_->set_level(native(options.level));
  logger_->flush_on(spdlog::level::trace);
}

Log::~Log() = default;

// JSON has escapes of its own.
std::string Log::fit(const std::string& line) const { return json_ ? shortened(line) : shown(line); }

// The line is an argument, not a format: it may hold braces.
void Log::debug(const std::string& line) { logger_->debug("{}", fit(line)); }
void Log::info(const std::string& line) { logger_->info("{}", fit(line)); }
void Log::warning(const std::string& line) { logger_->warn("{}", fit(line)); }
void Log::error(const std::string& line) { logger_->error("{}", fit(line)); }

}  // namespace edgeseal::agent
