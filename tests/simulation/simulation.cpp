// SPDX-License-Identifier: GPL-3.0-or-later
// Runs seeds and says which failed.
//
// usage: simulation --seed S            one seed, twice: its options, what was reached, its digest
//        simulation --seed S --tell     its chronicle too
//        simulation --seeds N [--from F]    seeds F to F + N - 1
#include <array>
#include <charconv>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "tests/simulation/sim_world.h"

namespace {

using namespace edgeseal::test;

/// What a thousand seeds must have reached, or they prove less than they seem to.
constexpr std::uint64_t kSeedsForMarks = 400;
constexpr std::array kMarks{
    "a batch outlived the process before it was told of",
    "batch sealed",
    "clock set",
    "commit held",
    "connection lost",
    "delivered",
    "delivery failed",
    "disk error",
    "drops reported",
    "full disk",
    "gave up",
    "journal promoted",
    "killed",
    "killed in the middle",
    "power cut",
    "quarantined",
    "redelivery recognised",
    "restarted cleanly",
    "session lost",
    "too large",
    "unrouted",
};

struct Totals {
  std::uint64_t failures = 0;
  edgeseal::Duration elapsed{};
  std::map<std::string, std::uint64_t> marks;
};

Outcome run(std::uint64_t seed, Owner& owner) {
  const SimOptions options = draw_options(seed);
  return SimWorld(options, owner).run();
}

void run_and_tell(std::uint64_t seed, Owner& owner, bool twice, bool tell, Totals& totals) {
  Outcome outcome = run(seed, owner);
  if (twice && run(seed, owner).digest != outcome.digest) {
    outcome.complaints.emplace_back("the same seed has had two histories");
  }
  totals.elapsed += outcome.elapsed;
  for (const auto& [mark, count] : outcome.marks) totals.marks[mark] += count;
  if (tell) std::cout << outcome.chronicle;
  if (outcome.complaints.empty()) return;
  ++totals.failures;
  std::cout << "FAILED: " << describe(draw_options(seed));
  for (const std::string& complaint : outcome.complaints) std::cout << "  " << complaint << "\n";
  std::cout << "again: tests/sim --seed " << seed << "\n" << std::flush;
}

std::optional<std::uint64_t> number(const char* text) {
  std::uint64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto [at, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || at != end) return std::nullopt;
  return value;
}

}  // namespace

int main(int count, char** words) {
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> seeds;
  std::uint64_t from = 1;
  bool tell = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = i + 1 < count ? number(words[i + 1]) : std::nullopt;
    if (word == "--tell") {
      tell = true;
    } else if (word == "--seed" && value) {
      seed = value, ++i;
    } else if (word == "--seeds" && value) {
      seeds = value, ++i;
    } else if (word == "--from" && value) {
      from = *value, ++i;
    } else {
      std::cerr << "usage: simulation --seed S [--tell] | --seeds N [--from F]\n";
      return 2;
    }
  }
  if (seed.has_value() == seeds.has_value()) {
    std::cerr << "error: one of --seed and --seeds is needed\n";
    return 2;
  }

  Owner owner;
  Totals totals;
  if (seed) {
    std::cout << describe(draw_options(*seed));
    run_and_tell(*seed, owner, true, tell, totals);
  } else {
    // Every twentieth runs twice.
    for (std::uint64_t i = 0; i < *seeds; ++i) run_and_tell(from + i, owner, i % 20 == 0, tell, totals);
    if (*seeds >= kSeedsForMarks) {
      for (const char* mark : kMarks) {
        if (totals.marks.contains(mark)) continue;
        ++totals.failures;
        std::cout << "FAILED: no seed reached \"" << mark << "\"\n";
      }
    }
  }
  for (const auto& [mark, times] : totals.marks) std::cout << times << " " << mark << "\n";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(totals.elapsed).count();
  std::cout << hours << " hours simulated, " << totals.failures << " failures\n";
  return totals.failures == 0 ? 0 : 1;
}
