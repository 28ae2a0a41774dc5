// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of values that say where a bucket is, in S3SinkOptions and in the owner's s3:// inputs.
#pragma once
#include "crypto/base/form.h"

namespace edgeseal::transport {

/// The bare name of a bucket as S3-compatible servers have them: letters, digits, dots, hyphens and underscores, a
/// letter or digit first, at most 255. Where a bucket becomes part of a host name, s3_address_misfit asks for more.
[[nodiscard]] std::optional<Problem> bucket_form(std::string_view text);

/// A region's name, as it stands in host names and signatures: letters, digits, hyphens and underscores, at most 64.
[[nodiscard]] std::optional<Problem> region_form(std::string_view text);

/// http(s)://HOST[:PORT], without a path.
[[nodiscard]] std::optional<Problem> endpoint_form(std::string_view text);

/// Whether good values of the three fit together. AWS's own servers take only AWS's names: 3 to 63 lower-case letters,
/// digits, dots and hyphens, with a letter or digit at both ends, no two dots in a row, and no address. A bucket that
/// stands in front of the endpoint's host must have such a name, too, and the host must have a name. An empty
/// `endpoint` stands for AWS's. Source: Amazon S3 User Guide, "General purpose bucket naming rules" and "Virtual
/// hosting of general purpose buckets".
[[nodiscard]] std::optional<Misfit> s3_address_misfit(std::string_view bucket, std::string_view endpoint,
                                                      bool path_style);

}  // namespace edgeseal::transport
