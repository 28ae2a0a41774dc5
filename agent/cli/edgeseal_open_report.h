// SPDX-License-Identifier: GPL-3.0-or-later
// What edgeseal-open tells the person at the terminal.
#pragma once
#include <cstddef>
#include <iosfwd>
#include <string>

#include "agent/owner/opener.h"

namespace edgeseal::agent {

/// Refusals and reported drops go to standard error, a line an input to standard output when `verify`, and a progress
/// bar to standard error when that is a terminal.
class OpenReport final : public OpenObserver {
 public:
  OpenReport(std::size_t inputs, bool verify, bool show_progress);
  ~OpenReport() override;
  void on_opened(const Input& input, const Summary& summary) override;
  void on_refused(const Input& input, const Error& error) override;

 private:
  void clear_bar();
  void draw_bar();
  std::size_t inputs_;
  std::size_t done_ = 0;
  bool verify_;
  bool show_progress_;
};

}  // namespace edgeseal::agent
