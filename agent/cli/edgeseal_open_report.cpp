// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/edgeseal_open_report.h"

#include <iostream>

#include "agent/cli/terminal.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kBarCells = 30;

std::string place_of(const ChainLink& link) {
  return link.gateway + "/" + link.route.text + " seq " + std::to_string(link.sequence.number);
}

/// "with batch 7", "with batches 7 to 9", "with 3 of the batches 7 to 20"
std::string batches_of(const ReportedDrop& drop) {
  const std::string first = std::to_string(drop.sequence.number);
  if (drop.sequence.number == 0) return "before it";
  if (!drop.merged) return "with batch " + first;
  const std::uint64_t after_first = drop.merged->last.number - drop.sequence.number;
  const std::string count = drop.merged->batches > after_first ? "" : std::to_string(drop.merged->batches) + " of the ";
  return "with " + count + "batches " + first + " to " + std::to_string(drop.merged->last.number);
}

/// "12 records lost with batch 7, 2026-11-24T09:15:03.123456Z: spool_full"
std::string loss_of(const ReportedDrop& drop) {
  const std::string records = drop.records == 0 ? "an unknown number of" : std::to_string(drop.records);
  const std::string from = drop.merged ? ", from " : ", ";
  return records + " records lost " + batches_of(drop) + from + format_rfc3339(drop.dropped) + ": " + drop.reason;
}

}  // namespace

OpenReport::OpenReport(std::size_t inputs, bool verify, bool show_progress)
    : inputs_(inputs), verify_(verify), show_progress_(show_progress) {
  draw_bar();
}

OpenReport::~OpenReport() { clear_bar(); }

void OpenReport::on_opened(const Input& input, const Summary& summary) {
  clear_bar();
  for (const ReportedDrop& drop : summary.drops) {
    print_note(input.name + ": " + place_of(*summary.link) + " reports " + loss_of(drop));
  }
  if (verify_) {
    std::string line = input.name + ": ok";
    if (summary.link) line += ", " + place_of(*summary.link) + ", " + std::to_string(summary.records) + " records";
    say(line + ", " + std::to_string(summary.plaintext_bytes) + " bytes");
    std::cout << std::flush;
  }
  ++done_;
  draw_bar();
}

void OpenReport::on_refused(const Input&, const Error& error) {
  clear_bar();
  print_error(error);
  ++done_;
  draw_bar();
}

void OpenReport::clear_bar() {
  if (show_progress_) std::cerr << "\r\x1b[K" << std::flush;
}

void OpenReport::draw_bar() {
  if (!show_progress_) return;
  const std::size_t cells = inputs_ == 0 ? kBarCells : done_ * kBarCells / inputs_;
  std::cerr << "[" << std::string(cells, '#') << std::string(kBarCells - cells, ' ') << "] " << done_ << "/" << inputs_
            << std::flush;
}

}  // namespace edgeseal::agent
