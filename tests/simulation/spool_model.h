// SPDX-License-Identifier: GPL-3.0-or-later
// The spool's promises as plain containers: what it must hold after each call that succeeded.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/bounds.h"
#include "storage/spool_options.h"
#include "storage/spool_types.h"
#include "tests/simulation/spool_state.h"

namespace edgeseal::test {

/// A value. Knows drop_oldest alone.
class SpoolModel {
 public:
  explicit SpoolModel(storage::SpoolOptions options) : options_(std::move(options)) {}

  /// False, and nothing happens, when the bounds refuse the change.
  [[nodiscard]] bool commit(const storage::SpoolChange& change);
  /// What the end of the process left has been read: a journal without frames is none.
  void open();
  void confirm(const Place& place, const std::string& sink);
  void record_attempt(const Place& place, const std::string& sink);
  void quarantine(const Place& place, const std::string& sink);
  void set_subscriptions(std::vector<std::string> filters) { subscriptions_ = std::move(filters); }

  [[nodiscard]] SpoolState state() const;
  [[nodiscard]] std::uint64_t next_sequence(const std::string& route) const;

 private:
  struct Delivery {
    enum class State { pending, quarantined, confirmed };
    State state = State::pending;
    std::uint64_t attempts = 0;
  };
  struct Held {
    storage::SealedBatch batch;
    std::map<std::string, Delivery> deliveries;
    std::vector<SpoolState::Drop> reported;
  };
  struct Journal {
    BatchId id;
    int priority = 0;
    std::vector<Bytes> frames{};
    std::uint64_t records_refused = 0;
  };
  /// What is dropped: something that came, or nothing; or there is no room whatever is dropped.
  enum class Admission { admitted, dropped, no_room };

  [[nodiscard]] static std::uint64_t bytes_of(const Journal& journal);
  [[nodiscard]] storage::Room room() const;
  [[nodiscard]] std::vector<std::string> turns(const storage::SpoolChange& change) const;
  [[nodiscard]] Admission admit(std::uint64_t added, std::uint64_t ended, int priority);
  [[nodiscard]] bool add(const storage::JournalFrame& frame);
  [[nodiscard]] bool add(const storage::SealedBatch& batch, const std::vector<SpoolState::Drop>& reportable);
  void store(const storage::SealedBatch& batch, const std::vector<SpoolState::Drop>& reportable);
  void settle(std::size_t index);

  storage::SpoolOptions options_;
  std::map<std::string, ChainTip> tips_;
  std::vector<Held> batches_;  ///< oldest first
  std::map<Place, Journal> journals_;
  std::vector<SpoolState::Drop> drops_;
  std::vector<std::string> subscriptions_;
};

}  // namespace edgeseal::test
