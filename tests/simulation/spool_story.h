// SPDX-License-Identifier: GPL-3.0-or-later
// A run of a spool drawn from a seed, one call a step, beside a model of what the calls promised.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/spool.h"
#include "tests/simulation/sim_vfs.h"
#include "tests/simulation/spool_model.h"
#include "tests/support/random.h"

namespace edgeseal::test {

/// Commits frames and batches of three routes, confirms, tries, quarantines, drops, subscribes, closes the spool and
/// opens it again, dies and promotes what it left. Throws std::runtime_error when a call fails that should not.
class SpoolStory {
 public:
  static const std::vector<std::string>& routes();
  static const std::vector<std::string>& sinks();

  SpoolStory(SimVfs& vfs, storage::SpoolOptions options, std::uint64_t seed);
  ~SpoolStory();

  /// One call. While it runs, `acknowledged` is what every earlier call promised.
  void step();
  /// What the spool must hold once it is opened: all that calls which have returned promised.
  [[nodiscard]] SpoolState acknowledged() const;
  /// The spool's id; nothing before it was first opened.
  [[nodiscard]] const std::optional<SpoolId>& id() const { return id_; }
  [[nodiscard]] const storage::SpoolOptions& options() const { return options_; }

 private:
  void open();
  void close();
  void die();
  void commit_something();
  void promote();
  void deliver_something();
  void subscribe();
  void commit(storage::SpoolChange change);
  void add_frame(const std::string& route, storage::SpoolChange& change);
  void add_batch(const std::string& route, storage::SpoolChange& change);
  [[nodiscard]] storage::SealedBatch next_batch(const std::string& route);
  [[nodiscard]] Bytes some_bytes();
  [[nodiscard]] unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  SimVfs& vfs_;
  storage::SpoolOptions options_;
  std::mt19937_64 random_;
  SeededRandom ids_;
  SpoolModel model_;
  std::optional<SpoolId> id_;
  std::unique_ptr<storage::Spool> spool_;
  std::map<std::string, storage::JournalStart> open_journals_;  ///< by route
  std::vector<storage::LeftoverJournal> leftovers_;             ///< yet to be promoted
  std::int64_t now_us_ = 0;
};

}  // namespace edgeseal::test
