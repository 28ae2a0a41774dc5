// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/result.h"

namespace edgeseal {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::invalid:
      return "invalid";
    case Kind::transient:
      return "transient";
    case Kind::overloaded:
      return "overloaded";
    case Kind::unauthorised:
      return "unauthorised";
    case Kind::batch_refused:
      return "batch_refused";
    case Kind::batch_doubtful:
      return "batch_doubtful";
    case Kind::sink_refused:
      return "sink_refused";
    case Kind::full:
      return "full";
    case Kind::corrupt:
      return "corrupt";
    case Kind::fault:
      return "fault";
  }
  return "unknown";
}

Error Error::during(std::string_view step) && {
  what.insert(0, std::string(step) + ": ");
  return std::move(*this);
}

std::string Error::message() const {
  std::string text;
  if (!where.empty()) text += where + ": ";
  text += what;
  if (!fix.empty()) text += "; " + fix;
  return text;
}

tl::unexpected<Error> fail(Kind kind, std::string what, std::string where, std::string fix) {
  return tl::unexpected<Error>(Error{kind, std::move(what), std::move(where), std::move(fix), std::nullopt});
}

}  // namespace edgeseal
