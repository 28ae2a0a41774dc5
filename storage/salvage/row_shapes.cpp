// SPDX-License-Identifier: GPL-3.0-or-later
#include "storage/salvage/row_shapes.h"

#include <algorithm>

namespace edgeseal::storage {
namespace {

bool fits(char column, Field::Type type) {
  switch (column) {
    case 'n':
      return type == Field::Type::null;
    case 'I':
      return type == Field::Type::null || type == Field::Type::integer;
    case 'i':
      return type == Field::Type::integer;
    case 'T':
      return type == Field::Type::null || type == Field::Type::text;
    case 't':
      return type == Field::Type::text;
    default:
      return type == Field::Type::blob;
  }
}

}  // namespace

bool has_shape(const RawRow& row, Shape shape) {
  return row.table == shape.table &&
         std::equal(row.fields.begin(), row.fields.end(), shape.columns.begin(), shape.columns.end(),
                    [](const Field& field, char column) { return fits(column, field.type); });
}

}  // namespace edgeseal::storage
