// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/result.h"
#include "transport/sinks/sink.h"

namespace edgeseal::transport {

/// The name of an object at its sink, from a template: a path with `/` whose last part ends in `.esdk`.
///
///   {gateway} {route}  the names, with bytes made `_` that would change the path or that S3 or a FAT volume dislikes:
///                      control characters and / \ : * ? " < > | %, what is not UTF-8, and a whole part `.` or `..`
///   {seq}              sequence number, 20 digits, so that the order of names is the order of numbers
///   {batch}            batch id, 32 hexadecimal digits; must stand in the template, for it alone makes a name unique
///   {date} {hour}      when the batch was sealed, UTC: 2026-11-24 and 09
class ObjectName {
 public:
  /// Fails with Kind::invalid for what object_name_form refuses.
  [[nodiscard]] static Result<ObjectName> parse(std::string_view text);

  /// The same for the same batch at any time. A journal object's ends in `.esdks`.
  [[nodiscard]] std::string of(const SealedObject& object) const;

 private:
  enum class Field { literal, gateway, route, seq, batch, date, hour };  ///< then as kObjectNameFields
  struct Piece {
    Field field;
    std::string literal;
  };
  std::vector<Piece> pieces_;
};

}  // namespace edgeseal::transport
