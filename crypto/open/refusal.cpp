// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/open/refusal.h"

namespace edgeseal::crypto {
namespace {

bool opens_elsewhere(Refusal refusal) {
  return refusal == Refusal::version || refusal == Refusal::suite || refusal == Refusal::no_key ||
         refusal == Refusal::too_large;
}

}  // namespace

std::string_view refusal_name(Refusal refusal) {
  switch (refusal) {
    case Refusal::version:
      return "version";
    case Refusal::suite:
      return "suite";
    case Refusal::context:
      return "context";
    case Refusal::context_duplicate:
      return "context-duplicate";
    case Refusal::context_reserved:
      return "context-reserved";
    case Refusal::edk_count:
      return "edk-count";
    case Refusal::content_type:
      return "content-type";
    case Refusal::frame_length:
      return "frame-length";
    case Refusal::no_key:
      return "no-key";
    case Refusal::context_digest:
      return "context-digest";
    case Refusal::commitment:
      return "commitment";
    case Refusal::header_tag:
      return "header-tag";
    case Refusal::frame_sequence:
      return "frame-sequence";
    case Refusal::frame_iv:
      return "frame-iv";
    case Refusal::frame_tag:
      return "frame-tag";
    case Refusal::truncated:
      return "truncated";
    case Refusal::trailing:
      return "trailing";
    case Refusal::too_large:
      return "too-large";
  }
  return "unknown";
}

tl::unexpected<Error> refuse(Refusal refusal, std::string what, std::string fix) {
  return fail(opens_elsewhere(refusal) ? Kind::invalid : Kind::corrupt,
              std::string(refusal_name(refusal)) + ": " + std::move(what), {}, std::move(fix));
}

}  // namespace edgeseal::crypto
