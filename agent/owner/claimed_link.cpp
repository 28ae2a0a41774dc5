// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/claimed_link.h"

#include "agent/owner/content_items.h"
#include "agent/owner/object_reader.h"
#include "crypto/base/wire.h"

namespace edgeseal::agent {
namespace {

std::optional<ChainLink> link_if_any(const crypto::EncryptionContext::Pairs& pairs) {
  auto link = parse_context(pairs);
  return link ? std::optional(std::move(*link)) : std::nullopt;
}

}  // namespace

bool ClaimedLink::feed(ByteView piece) {
  if (piece.empty()) return true;
  if (!journal_) journal_ = begins_journal(piece[0]);
  return *journal_ ? feed_journal(piece) : feed_message(piece);
}

bool ClaimedLink::feed_journal(ByteView piece) {
  sequence_.feed(piece);
  const auto item = sequence_.next();
  if (!item) return false;
  if (!*item) return true;
  const auto shared_header = parse_journal_start(**item);
  if (!shared_header) return false;
  WireReader wire(*shared_header);
  const auto size = wire.u16();
  const auto context = size ? wire.bytes(*size) : std::nullopt;
  const auto pairs = context ? crypto::parse_pairs(*context) : crypto::EncryptionContext::Pairs{};
  if (pairs) link_ = link_if_any(*pairs);
  return false;
}

bool ClaimedLink::feed_message(ByteView piece) {
  const auto whole = parser_.feed(piece);
  if (!whole) return false;
  if (!*whole) return true;
  link_ = link_if_any(parser_.take().context);
  return false;
}

}  // namespace edgeseal::agent
