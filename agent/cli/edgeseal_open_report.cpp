// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/edgeseal_open_report.h"

#include <iostream>

namespace edgeseal::agent {
namespace {

constexpr std::size_t kBarCells = 30;

std::string place_of(const ChainLink& link) {
  return link.gateway + "/" + link.route.text + " seq " + std::to_string(link.sequence.number);
}

/// "12 records lost with batch 7, 2026-11-24T09:15:03.123456Z: spool_full"
std::string loss_of(const ReportedDrop& drop) {
  const std::string records = drop.records == 0 ? "an unknown number of" : std::to_string(drop.records);
  const std::string with =
      drop.sequence.number == 0 ? " before it" : " with batch " + std::to_string(drop.sequence.number);
  return records + " records lost" + with + ", " + format_rfc3339(drop.dropped) + ": " + drop.reason;
}

/// Names come from whoever sealed: nothing of theirs may steer the terminal.
std::string for_terminal(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

void print_open_error(const Error& error) {
  std::cerr << "error: " << for_terminal(error.where.empty() ? error.what : error.where + ": " + error.what) << "\n";
  if (!error.fix.empty()) std::cerr << "fix: " << for_terminal(error.fix) << "\n";
}

OpenReport::OpenReport(std::size_t inputs, bool verify, bool show_progress)
    : inputs_(inputs), verify_(verify), show_progress_(show_progress) {
  draw_bar();
}

OpenReport::~OpenReport() { clear_bar(); }

void OpenReport::on_opened(const Input& input, const Summary& summary) {
  clear_bar();
  for (const ReportedDrop& drop : summary.drops) {
    std::cerr << for_terminal(input.name + ": " + place_of(*summary.link) + " reports " + loss_of(drop)) << "\n";
  }
  if (verify_) {
    std::cout << for_terminal(input.name) << ": ok";
    if (summary.link) {
      std::cout << for_terminal(", " + place_of(*summary.link)) << ", " << summary.records << " records";
    }
    std::cout << ", " << summary.plaintext_bytes << " bytes" << std::endl;
  }
  ++done_;
  draw_bar();
}

void OpenReport::on_refused(const Input&, const Error& error) {
  clear_bar();
  print_open_error(error);
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
