// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/grants.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace edgeseal::transport {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();  // MQTT 5.0 section 3.2.2.3.2
constexpr std::string_view kEndOf = "the end of subscription ";
std::string qos_name(unsigned qos) { return "QoS " + std::to_string(qos); }

}  // namespace

Grants::Grants(const MqttOptions& options, std::vector<Subscription> wanted, bool session_expected)
    : version_(options.version),
      client_id_(options.client_id),
      wanted_(std::move(wanted)),
      session_expected_(session_expected) {}

void Grants::connected(const Connack& connack, const SubscriptionPlan::Packets& packets) {
  judge(connack);
  session_expected_ = true;
  for (const auto& [subscription, why] : packets.withheld) judge_filter(subscription, why, kRefused);
  if (!connack.session_present) {
    std::erase_if(shortfalls_, [this](const auto& each) {
      const bool gone = each.first.starts_with(kEndOf);
      changed_ = changed_ || gone;
      return gone;
    });
  }
  for (const std::string& filter : packets.unanswered) judge_leftover(filter, true, "no answer");
}

void Grants::judge(const Connack& connack) {
  set(!connack.session_present && session_expected_,
      {"the session", "kept", "not kept",
       "what came since the last connection is lost; let the broker keep sessions over its restarts "
       "(mosquitto: persistence true)"});
  const std::uint32_t expiry = connack.session_expiry_seconds.value_or(kNever);
  set(version_ == MqttVersion::v5 && expiry != kNever,
      {"the session's expiry", "never", expiry == 0 ? "at once" : "after " + std::to_string(expiry) + " s",
       "what comes while edgeseal is away for longer is lost; raise the broker's largest session expiry"});
  set(!connack.assigned_client_id.empty(),
      {"the client id", client_id_.empty() ? "none" : client_id_, connack.assigned_client_id,
       "the session belongs to that name; set source.client_id to one that the broker takes"});
}

void Grants::answered(const std::string& filter, std::uint8_t code, const std::string& words) {
  const auto wanted = std::ranges::find(wanted_, filter, &Subscription::filter);
  if (wanted == wanted_.end()) return;
  judge_filter(*wanted, code <= kQosMax ? qos_name(code) : words, code);
}

void Grants::judge_filter(const Subscription& wanted, const std::string& granted, std::uint8_t code) {
  const char* advice = "such a message may come more than once; raise the broker's maximum QoS (mosquitto: max_qos)";
  if (code == 0) {
    advice =
        "nothing of it is acknowledged, and what comes while edgeseal is away is lost; raise the broker's maximum QoS "
        "(mosquitto: max_qos)";
  } else if (code > kQosMax) {
    advice = "its messages will not come; let the broker's access rules allow it";
  }
  set(code > kQosMax || code < wanted.qos,
      {"subscription " + wanted.filter, qos_name(wanted.qos), granted, advice, code > kQosMax});
}

void Grants::given_up(const std::string& filter, bool gone, const std::string& words) {
  judge_leftover(filter, !gone, words);
}

void Grants::judge_leftover(const std::string& filter, bool stays, const std::string& words) {
  set(stays,
      {std::string(kEndOf) + filter, "given up", words,
       "its messages go on coming, and those that no route wants are acknowledged, counted and not stored; it is "
       "asked for again on each connection"});
}

void Grants::set(bool falls_short, Shortfall shortfall) {
  const auto known = shortfalls_.find(shortfall.what);
  if (!falls_short) {
    if (known == shortfalls_.end()) return;
    shortfalls_.erase(known);
  } else {
    if (known != shortfalls_.end() && known->second == shortfall) return;
    std::string what = shortfall.what;
    shortfalls_.insert_or_assign(std::move(what), std::move(shortfall));
  }
  changed_ = true;
}

std::optional<std::vector<Shortfall>> Grants::news() {
  if (!changed_) return std::nullopt;
  std::vector<Shortfall> all;
  for (const auto& [what, each] : shortfalls_) all.push_back(each);
  changed_ = false;  // not before there was memory to tell it
  return all;
}

}  // namespace edgeseal::transport
