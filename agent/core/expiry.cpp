// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/expiry.h"

namespace edgeseal::agent {
namespace {

constexpr Duration kInterval = std::chrono::seconds(10);
constexpr Duration kJumpMax = std::chrono::hours(1);
constexpr Duration kGapMax = std::chrono::days(7);
/// 2026-01-01: there was no edgeseal before. Earlier stamps are those of a clock that had not been set yet.
constexpr WallTime kFirstStamp{std::chrono::seconds(1'767'225'600)};

}  // namespace

Expiry::Expiry(const std::vector<config::RouteOptions>& routes, storage::Spool& spool, Observer& observer)
    : spool_(spool), observer_(observer) {
  for (const config::RouteOptions& route : routes) {
    if (route.ttl) lifetimes_.push_back({route.name, *route.ttl});
  }
}

std::optional<MonotonicTime> Expiry::next_deadline() const {
  if (lifetimes_.empty()) return std::nullopt;
  return next_;
}

Result<bool> Expiry::trusts(Now now) {
  const Duration offset = now.wall.since_epoch - now.monotonic.since_start;
  if (now.synced) {
    offset_ = offset;
  } else if (!offset_ && !doubted_) {
    auto newest = spool_.newest();
    if (!newest) return failed(newest, "read the spool's newest stamp");
    doubted_ = *newest != WallTime{} && now.wall - *newest > kGapMax;
    if (!doubted_) offset_ = offset;
  }
  return offset_ && std::chrono::abs(offset - *offset_) <= kJumpMax;
}

Result<void> Expiry::advance_to(Now now) {
  if (lifetimes_.empty() || now.monotonic < next_) return {};
  auto done = expire(now);
  if (!done) next_ = now.monotonic + kInterval;
  return done;
}

Result<void> Expiry::expire(Now now) {
  next_ = now.monotonic + kInterval;
  auto trusted = trusts(now);
  if (!trusted) return failed(trusted);
  if (!*trusted) return {};
  for (const Lifetime& lifetime : lifetimes_) {
    const storage::SealedSpan span{.begin = kFirstStamp, .end = now.wall + -Duration(lifetime.ttl)};
    auto expired = spool_.expire(lifetime.route, span, now.wall);
    if (!expired) return failed(expired, "expire batches of route " + lifetime.route.text);
    if (*expired > 0) observer_.on_expired(lifetime.route, *expired);
    if (*expired == storage::Spool::kExpiredMax) next_ = now.monotonic;  // there may be more
  }
  return {};
}

}  // namespace edgeseal::agent
