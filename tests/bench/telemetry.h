// SPDX-License-Identifier: GPL-3.0-or-later
// What a sensor sends, for benchmarks: alike from one message to the next, and never the same.
#pragma once
#include <random>
#include <string>

namespace edgeseal::test {

/// Some 200 bytes of JSON.
inline std::string telemetry_reading(std::mt19937& engine) {
  const auto number = [&engine](unsigned below) { return std::to_string(engine() % below); };
  return R"({"time":"2026-11-24T09:15:)" + number(60) + '.' + number(1000) + R"(Z","sensor":"vibration-)" + number(32) +
         R"(","rms_mm_s":)" + number(20) + '.' + number(1000) + R"(,"peak_mm_s":)" + number(60) + '.' + number(1000) +
         R"(,"temperature_c":)" + number(90) + '.' + number(10) + R"(,"speed_rpm":14)" + number(100) +
         R"(,"status":"running","quality":"good"})";
}

/// One reading, or a JSON array of as many as `bytes_min` takes.
inline std::string telemetry_payload(std::mt19937& engine, std::size_t bytes_min) {
  std::string payload = telemetry_reading(engine);
  if (payload.size() >= bytes_min) return payload;
  while (payload.size() < bytes_min) payload += "," + telemetry_reading(engine);
  return "[" + payload + "]";
}

}  // namespace edgeseal::test
