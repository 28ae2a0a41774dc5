// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/base/wipe.h"
#include "transport/http/http_client.h"

namespace edgeseal::transport {

/// Takes the decrypted bytes out of the JSON of a Decrypt answer, and wipes them in `body`, which afterwards holds
/// blanks in their place and may go to any JSON parser; they themselves pass through none, which would leave copies.
/// Fails with Kind::transient when there is no "Plaintext" of base64.
[[nodiscard]] Result<SecretBytes> take_plaintext(PlainBytes& body);

/// What a KMS answer other than 200 means: AWS's error type and message, and what mends it. Kinds, see also
/// docs/answers.md:
///   invalid       this ciphertext was not made for this key, or with another algorithm: another key may open it
///   sink_refused  the key: absent, disabled, of another use, not to be used by this caller
///   unauthorised  the credentials, or the clock: no other key will do better
///   transient     KMS or the way to it; or overloaded, when it says so
/// Source: AWS KMS API Reference, Decrypt (Errors) and Common Error Types.
[[nodiscard]] Error kms_error(const HttpResponse& response, const std::string& key_arn);

}  // namespace edgeseal::transport
