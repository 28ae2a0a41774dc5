// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/content_refusal.h"

namespace edgeseal::agent {

std::string_view refusal_name(ContentRefusal refusal) {
  switch (refusal) {
    case ContentRefusal::not_a_batch:
      return "not-a-batch";
    case ContentRefusal::compression:
      return "compression";
    case ContentRefusal::content:
      return "content";
    case ContentRefusal::content_header:
      return "content-header";
    case ContentRefusal::journal:
      return "journal";
    case ContentRefusal::journal_frame:
      return "journal-frame";
    case ContentRefusal::too_large:
      return "too-large";
  }
  return "unknown";
}

tl::unexpected<Error> refuse(ContentRefusal refusal, std::string what, std::string fix) {
  return fail(
      refusal == ContentRefusal::not_a_batch || refusal == ContentRefusal::too_large ? Kind::invalid : Kind::corrupt,
      std::string(refusal_name(refusal)) + ": " + std::move(what), {}, std::move(fix));
}

}  // namespace edgeseal::agent
