// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/subscription_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "transport/ingest/drop_count.h"
#include "transport/mqtt/topic_filter_set.h"

namespace edgeseal::transport {
namespace {

/// Of a SUBSCRIBE with one filter, besides it: fixed header, packet identifier, properties, length, options.
constexpr std::size_t kSubscribeOverheadBytes = 5 + 2 + 1 + 5 + 2 + 1;
constexpr std::uint32_t kIdMax = 268'435'455;  // MQTT 5.0 section 3.8.2.1.2

/// Why the broker would answer this filter by ending the connection; empty if it would not.
std::string impossible(const std::string& filter, const Connack& connack) {
  if (!connack.shared_available && filter.starts_with("$share/")) return "no shared subscriptions";
  if (!connack.wildcards_available && filter.find_first_of("+#") != std::string::npos) return "no wildcards";
  if (filter.size() + kSubscribeOverheadBytes > connack.packet_bytes_max) {
    return "no packets of more than " + std::to_string(connack.packet_bytes_max) + " bytes";
  }
  return {};
}

/// Whether the drop count comes by one of these. A subscription of our own would bring it a second time then.
bool bring_drop_count(const std::vector<Subscription>& subscriptions) {
  return std::ranges::any_of(subscriptions,
                             [](const Subscription& each) { return filter_matches(each.filter, kDropCountTopic); });
}

/// Sets the mark of each filter that has a topic in common with one before it.
void mark_overlaps(std::forward_iterator auto filter, std::forward_iterator auto end, std::forward_iterator auto mark) {
  TopicFilterSet before;
  for (; filter != end; ++filter, ++mark) {
    if (before.overlapping(filter->filter)) *mark = true;
    before.insert(filter->filter, 0);
  }
}

/// Those that have a topic in common with another.
std::vector<std::string> overlapping(const std::vector<Subscription>& wanted) {
  std::vector<bool> marked(wanted.size());
  mark_overlaps(wanted.begin(), wanted.end(), marked.begin());
  mark_overlaps(wanted.rbegin(), wanted.rend(), marked.rbegin());
  std::vector<std::string> filters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (marked[i]) filters.push_back(wanted[i].filter);
  }
  return filters;
}

/// FNV-1a. Of everything that decides which identifier means what: two configurations share none of theirs but by a
/// chance of one in a hundred million.
std::uint32_t hash_of(const std::vector<std::string>& filters) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1'099'511'628'211U; };
  for (const std::string& filter : filters) {
    for (const char each : filter) add(static_cast<unsigned char>(each));
    add(0);  // in no filter
  }
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

}  // namespace

SubscriptionPlan::SubscriptionPlan(MqttVersion version, const std::vector<Subscription>& configured,
                                   const std::vector<std::string>& remembered)
    : wanted_(minimal_cover(configured)), drop_count_is_wanted_(bring_drop_count(wanted_)) {
  const auto filters = version == MqttVersion::v5 ? overlapping(wanted_) : std::vector<std::string>{};
  if (filters.size() < kIdMax) {
    // The same ones for the same filters, in every process: copies that were queued for one come to the next.
    first_id_ = 1 + hash_of(filters) % (kIdMax - static_cast<std::uint32_t>(filters.size()));
    for (const std::string& each : filters) ids_.emplace(each, first_id_ + static_cast<std::uint32_t>(ids_.size()));
  }
  leftover_.insert(remembered.begin(), remembered.end());
  // A process that does not want it subscribes to it, and remembers nothing of that.
  drop_count_is_wanted_ ? void(leftover_.insert(kDropCountTopic)) : void(leftover_.erase(kDropCountTopic));
  for (const Subscription& each : wanted_) leftover_.erase(each.filter);
}

SubscriptionPlan::Packets SubscriptionPlan::connected(const Connack& connack) {
  if (!connack.session_present) {
    held_.clear();
    became_less_ = became_less_ || !leftover_.empty();
    leftover_.clear();
    unanswered_.clear();
  }
  Packets packets;
  for (const Subscription& each : wanted_) {
    const auto held = held_.find(each.filter);
    if (held != held_.end() && held->second >= each.qos) continue;
    if (std::string why = impossible(each.filter, connack); !why.empty()) {
      packets.withheld.push_back({each, std::move(why)});
      continue;
    }
    SubscribePacket packet{{each.filter, std::min(each.qos, connack.qos_max)}};
    const auto id = ids_.find(each.filter);
    if (id != ids_.end() && connack.subscription_ids_available) packet.id = id->second;
    packets.subscribe.push_back(std::move(packet));
  }
  // A broker that ends the connection instead of an answer must not do so each time. On each connection, since the
  // retained count comes only to a new SUBSCRIBE.
  const bool watch = !drop_count_is_wanted_ && !std::exchange(drop_count_unanswered_, false);
  drop_count_unanswered_ = watch;
  if (watch) packets.subscribe.push_back({{kDropCountTopic, 0}, std::nullopt, Retained::always});
  packets.unsubscribe.assign(leftover_.begin(), leftover_.end());
  packets.unanswered.assign(unanswered_.begin(), unanswered_.end());
  unanswered_ = leftover_;
  return packets;
}

void SubscriptionPlan::subscribed(const std::string& filter, std::uint8_t code) {
  if (filter == kDropCountTopic) drop_count_unanswered_ = false;
  if (code > kQosMax || std::ranges::find(wanted_, filter, &Subscription::filter) == wanted_.end()) return;
  held_[filter] = code;
}

bool SubscriptionPlan::unsubscribed(const std::string& filter, std::uint8_t code) {
  unanswered_.erase(filter);
  if (code >= kRefused) return false;
  if (leftover_.erase(filter) > 0) became_less_ = true;
  return true;
}

std::optional<std::vector<std::string>> SubscriptionPlan::news() {
  if (!became_less_) return std::nullopt;
  std::vector<std::string> all(leftover_.begin(), leftover_.end());
  for (const Subscription& each : wanted_) all.push_back(each.filter);
  became_less_ = false;  // not before there was memory to tell it
  return all;
}

bool SubscriptionPlan::knows(const std::vector<std::uint32_t>& ids) const {
  return !ids.empty() &&
         std::ranges::all_of(ids, [this](std::uint32_t id) { return id >= first_id_ && id - first_id_ < ids_.size(); });
}

}  // namespace edgeseal::transport
