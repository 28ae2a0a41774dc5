// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of what KeyOptions says of a key.
#pragma once
#include "crypto/base/form.h"

namespace edgeseal::crypto {

/// sha256:<64 hexadecimal digits>, in either case.
[[nodiscard]] std::optional<Problem> pin_form(std::string_view text);

/// arn:<partition>:kms:<region>:<account>:key/<id>. Never an alias, because openers compare it with the key's own ARN.
/// Source: AWS KMS Developer Guide, "Key identifiers".
[[nodiscard]] std::optional<Problem> kms_key_form(std::string_view text);

/// Provider id of a Raw RSA keyring: 1 to 1,024 bytes of UTF-8, and nothing that begins with aws-kms, which the AWS
/// Encryption SDK keeps for itself.
[[nodiscard]] std::optional<Problem> key_namespace_form(std::string_view text);

/// Provider info of a Raw RSA keyring: 1 to 1,024 bytes of UTF-8.
[[nodiscard]] std::optional<Problem> key_name_form(std::string_view text);

}  // namespace edgeseal::crypto
