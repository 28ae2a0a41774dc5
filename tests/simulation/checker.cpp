// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <tuple>

#include "agent/owner/told_drops.h"
#include "storage/drop_reason.h"
#include "tests/simulation/history.h"

namespace edgeseal::test {
namespace {

std::string text(const Place& place) { return place.first + "/" + std::to_string(place.second); }

/// A record by all of its parts that a sender or the connection gave.
using RecordKey = std::tuple<std::string, std::int64_t, std::string, std::string, unsigned, unsigned, std::uint64_t>;

RecordKey key_of(const std::string& route, const agent::Record& record) {
  const unsigned flags = record.qos | (record.retain ? 4U : 0U) | (record.dup ? 8U : 0U);
  return {route,
          record.received.since_epoch.count(),
          record.topic,
          std::string(as_text(record.payload)),
          flags,
          record.packet_id,
          record.connection};
}

class Checker {
 public:
  explicit Checker(const History& history) : history_(history) {}

  std::vector<std::string> run() {
    gather();
    check_records();
    check_promises();
    for (const auto& [route, tip] : history_.tips) check_chain(route, tip);
    check_sinks();
    if (!history_.settled) complain("the spool has not emptied though all faults were over");
    return std::move(complaints_);
  }

 private:
  void complain(std::string what) { complaints_.push_back(std::move(what)); }

  [[nodiscard]] bool reachable(const OpenedObject& object) const {
    const std::pair<Place, Digest> place{{object.link.route.text, object.link.sequence.number}, object.digest};
    return history_.held.contains(place) || std::any_of(history_.arrived.begin(), history_.arrived.end(),
                                                        [&](const auto& sink) { return sink.second.contains(place); });
  }

  /// Drops: those that an object the owner can reach tells of, and those that none has told of yet.
  void gather() {
    // Drops without a place may be alike and yet two. One is told of twice if the batch that told was itself dropped
    // after one of its sinks had it: then more is excused than need be.
    const auto note = [&](const std::string& route, const agent::ReportedDrop& drop) {
      if (drop.reason == text_of(storage::DropReason::too_large)) {
        too_large_[route] += drop.records;
      } else if (drop.sequence.number == 0) {
        uncounted_[route] += drop.records;
      } else if (drop.merged) {
        uncounted_[route] += drop.records;  // which of them were whose, it does not say
        merged_[route].push_back(drop);
      } else {
        dropped_[{route, drop.sequence.number}] = drop.records;
      }
    };
    for (const auto& [place, objects] : history_.objects) {
      for (const OpenedObject& object : objects) {
        if (!reachable(object)) continue;
        for (const agent::ReportedDrop& drop : object.drops) note(place.first, drop);
      }
    }
    for (const auto& [route, drops] : history_.unreported) {
      for (const agent::ReportedDrop& drop : drops) note(route, drop);
    }
    for (const auto& [place, records] : dropped_) {
      const auto known = history_.objects.find(place);
      if (known == history_.objects.end()) {
        uncounted_[place.first] += records;  // it went before anyone could look at it
      } else if (known->second.back().records.size() != records) {
        complain("the drop of " + text(place) + " counts " + std::to_string(records) + " records of " +
                 std::to_string(known->second.back().records.size()));
      }
    }
  }

  [[nodiscard]] bool may_be_merged(const Place& place) const {
    const auto drops = merged_.find(place.first);
    return drops != merged_.end() &&
           std::any_of(drops->second.begin(), drops->second.end(), [&](const agent::ReportedDrop& drop) {
             return drop.sequence.number <= place.second && place.second <= drop.merged->last.number;
           });
  }

  void check_records() {
    // Messages of QoS 0 that came at one moment may be alike in every part; those that were acknowledged go first.
    std::map<RecordKey, std::vector<std::uint64_t>> sent;
    for (const bool acknowledged : {false, true}) {
      for (const Sent& one : history_.sent) {
        if (one.acknowledged == acknowledged && !one.too_large)
          sent[key_of(one.route, one.record)].push_back(one.message);
      }
    }
    for (const auto& [place, objects] : history_.objects) {
      for (const OpenedObject& object : objects) {
        const bool here = reachable(object);
        for (const agent::Record& record : object.records) {
          const auto found = sent.find(key_of(place.first, record));
          if (found == sent.end()) {
            complain(text(place) + " holds a record that no broker sent: " + record.topic + " " +
                     std::string(as_text(record.payload)).substr(0, 20));
            continue;
          }
          if (found->second.empty()) {
            complain(text(place) + " holds a sending for the second time");
            continue;
          }
          const std::uint64_t message = found->second.back();
          if (here) {
            found->second.pop_back();
            recoverable_.insert(message);
          } else if (dropped_.contains(place)) {
            found->second.pop_back();
            gone_by_name_.insert(message);
          }
        }
      }
    }
  }

  void check_promises() {
    std::map<std::string, std::set<std::uint64_t>> missing;
    std::map<std::string, std::uint64_t> too_large;
    for (const Sent& one : history_.sent) {
      if (one.acknowledged && one.too_large && !one.route.empty()) ++too_large[one.route];
      if (!one.acknowledged || one.too_large || one.route.empty() || recoverable_.contains(one.message)) continue;
      if (!gone_by_name_.contains(one.message)) missing[one.route].insert(one.message);
    }
    for (const auto& [route, messages] : missing) {
      const auto allowed = uncounted_.find(route);
      if (allowed != uncounted_.end() && messages.size() <= allowed->second) continue;
      complain(route + ": " + std::to_string(messages.size()) + " acknowledged messages are lost, the first is " +
               std::to_string(*messages.begin()));
    }
    for (const auto& [route, count] : too_large) {
      if (count <= too_large_[route]) continue;
      complain(route + ": " + std::to_string(count) + " messages were too large, and drops tell of " +
               std::to_string(too_large_[route]));
    }
  }

  void check_chain(const std::string& route, const ChainTip& tip) {
    std::optional<Digest> before = Digest{};
    std::vector<agent::Gap> gaps;
    for (std::uint64_t number = 1; number <= tip.sequence.number; ++number) {
      const Place place(route, number);
      const auto found = history_.objects.find(place);
      const OpenedObject* object = nullptr;
      std::size_t reachable_here = 0;
      if (found != history_.objects.end()) {
        object = &found->second.back();
        for (const OpenedObject& one : found->second) {
          if (!reachable(one)) continue;
          object = &one;
          ++reachable_here;
        }
      }
      if (reachable_here > 1) complain(text(place) + " exists twice: the chain has forked");
      if (reachable_here == 0 && !dropped_.contains(place)) gaps.push_back({{number}, {number}});
      if (object != nullptr && before && object->link.previous != *before) {
        complain(text(place) + " does not name the object before it");
      }
      before = object != nullptr ? std::optional(object->digest) : std::nullopt;
    }
    for (const agent::UntoldGap& untold : agent::untold_gaps(std::move(gaps), merged_[route])) {
      complain(text({route, untold.gap.first.number}) + " is missing, and no drop names it");
    }
    if (before && *before != tip.digest) complain(route + ": the chain does not end at its tip");
    const auto beyond = history_.objects.lower_bound({route, tip.sequence.number + 1});
    if (beyond != history_.objects.end() && beyond->first.first == route && reachable(beyond->second.back())) {
      complain(text(beyond->first) + " lies beyond the tip");
    }
  }

  void check_sinks() {
    for (const auto& [place, objects] : history_.objects) {
      const auto tip = history_.tips.find(place.first);
      if (dropped_.contains(place) || may_be_merged(place) || tip == history_.tips.end() ||
          tip->second.sequence.number < place.second)
        continue;
      const auto sinks = history_.sinks.find(place.first);
      if (sinks == history_.sinks.end()) continue;
      for (const std::string& sink : sinks->second) {
        const auto refused = history_.refused.find(sink);
        if (refused != history_.refused.end() && refused->second.contains(place)) continue;
        const auto arrived = history_.arrived.find(sink);
        const bool there = arrived != history_.arrived.end() &&
                           std::any_of(objects.begin(), objects.end(), [&, &where = place](const OpenedObject& object) {
                             return arrived->second.contains({where, object.digest});
                           });
        if (!there) complain(text(place) + " never reached " + sink);
      }
    }
  }

  const History& history_;
  std::vector<std::string> complaints_;
  std::map<Place, std::uint64_t> dropped_;                          ///< records of each object that a drop names
  std::map<std::string, std::vector<agent::ReportedDrop>> merged_;  ///< drops that name several objects, by route
  std::map<std::string, std::uint64_t> uncounted_;  ///< records of drops that name no object we know, by route
  std::map<std::string, std::uint64_t> too_large_;  ///< told, by route
  std::set<std::uint64_t> recoverable_;
  std::set<std::uint64_t> gone_by_name_;
};

}  // namespace

std::vector<std::string> complaints_about(const History& history) { return Checker(history).run(); }

}  // namespace edgeseal::test
