// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "crypto/base/result.h"
#include "transport/aws/s3_location.h"
#include "transport/http/http_client.h"

namespace edgeseal::transport {

/// What an answer other than 2xx means, by its status and the code in its XML body: which kind, S3's own code and
/// message (at most a few hundred characters of it), and what mends it. `where` is the object. Source: Amazon S3 API
/// Reference, "Error responses"; RFC 9110 section 10.2.3 (Retry-After).
///
/// 403 and its like are Kind::unauthorised: the caller refreshes its credentials once, then treats it as sink_refused.
/// An object that is not there is Kind::invalid. A redirect, 401, 403 or other 4xx that has no marks of S3 (s3_proof.h,
/// or an <Error> in its body) is somebody else's, such as a portal's: Kind::transient.
/// docs/answers.md has the whole table.
[[nodiscard]] Error s3_error(const HttpResponse& response, const S3Location& location, const std::string& key);

/// The code in its XML body, such as "AccessDenied"; empty when there is none.
[[nodiscard]] std::string s3_error_code(const HttpResponse& response);

/// Retry-After in milliseconds, at most a day: seconds, or a date, which is reckoned from the answer's own Date.
[[nodiscard]] std::optional<int> retry_after_ms(const HttpResponse& response);

/// Text from the far side, made fit for one line of ours: control characters become blanks, the rest is cut at 300
/// bytes.
[[nodiscard]] std::string quoted_remote_text(std::string text);

}  // namespace edgeseal::transport
