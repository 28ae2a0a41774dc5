// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/kms_response.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "transport/aws/s3_error.h"

namespace edgeseal::transport {
namespace {

struct Meaning {
  std::string_view type;
  Kind kind;
  std::string_view fix;
};

constexpr std::string_view kCredentialsFix = "check the AWS credentials: environment, or --profile of the shared file";
constexpr std::string_view kPolicyFix = "allow kms:Decrypt on this key, in its policy or the user's";
constexpr std::string_view kClockFix = "set the clock of this machine: it differs too much from the server's";
constexpr std::string_view kPortalFix =
    "the answer has no marks of KMS: look for a captive portal or a proxy in between, and check the endpoint";

constexpr Meaning kMeanings[] = {
    {"AccessDeniedException", Kind::sink_refused, kPolicyFix},
    {"DependencyTimeoutException", Kind::transient, ""},
    {"DisabledException", Kind::sink_refused, "enable the key"},
    {"ExpiredTokenException", Kind::unauthorised, "renew the temporary credentials"},
    {"IncompleteSignature", Kind::unauthorised, kCredentialsFix},
    {"IncorrectKeyException", Kind::invalid, ""},
    {"InternalFailure", Kind::transient, ""},
    {"InvalidCiphertextException", Kind::invalid, ""},
    {"InvalidClientTokenId", Kind::unauthorised, kCredentialsFix},
    {"InvalidGrantTokenException", Kind::sink_refused, ""},
    {"InvalidKeyUsageException", Kind::sink_refused, "the key must be an RSA key for ENCRYPT_DECRYPT"},
    {"InvalidSignatureException", Kind::unauthorised,
     "check the secret access key, the region, and the clock of this machine"},
    {"KMSInternalException", Kind::transient, ""},
    {"KMSInvalidStateException", Kind::sink_refused, "the key is not in a state to be used, such as pending deletion"},
    {"KeyUnavailableException", Kind::transient, ""},
    {"LimitExceededException", Kind::overloaded, ""},
    {"MissingAuthenticationTokenException", Kind::unauthorised, kCredentialsFix},
    {"NotFoundException", Kind::sink_refused, "check account, region and id in the key's ARN"},
    {"RequestExpired", Kind::unauthorised, kClockFix},
    {"RequestTimeTooSkewed", Kind::unauthorised, kClockFix},
    {"ServiceUnavailable", Kind::overloaded, ""},
    {"Throttling", Kind::overloaded, ""},
    {"ThrottlingException", Kind::overloaded, ""},
    {"UnrecognizedClientException", Kind::unauthorised, kCredentialsFix},
    {"ValidationException", Kind::invalid, ""},
};

/// AWS names a wrong clock in two ways: by a type of its own, and as a signature that is out of date.
bool is_about_clock(std::string_view message) {
  return message.find("Signature expired") != std::string_view::npos ||
         message.find("Signature not yet current") != std::string_view::npos;
}

/// By the type if it is known, else by the status. Anyone can answer with a status; KMS gives its errors a type, and
/// all its answers a request id.
Meaning meaning_of(int status, std::string_view type, bool from_kms) {
  const auto* known = std::find_if(std::begin(kMeanings), std::end(kMeanings), [&](auto& m) { return m.type == type; });
  if (known != std::end(kMeanings)) return *known;
  if (status == 429 || status == 503) return {type, Kind::overloaded, ""};
  if (status >= 500 || status == 408) return {type, Kind::transient, ""};
  if (!from_kms) return {type, Kind::transient, kPortalFix};
  if (status == 401 || status == 403) return {type, Kind::unauthorised, kCredentialsFix};
  return {type, Kind::sink_refused, ""};
}

/// "com.amazonaws.kms#NotFoundException" and "NotFoundException:http://…" are both NotFoundException.
std::string plain_type(std::string type) {
  if (const std::size_t hash = type.rfind('#'); hash != std::string::npos) type.erase(0, hash + 1);
  return type.substr(0, type.find(':'));
}

}  // namespace

Result<SecretBytes> take_plaintext(PlainBytes& body) {
  const auto broken = [] {
    return fail(Kind::transient, "KMS: the answer has no \"Plaintext\" of base64", {}, std::string(kPortalFix));
  };
  constexpr std::string_view kName = "\"Plaintext\"";
  // Within a JSON string a quotation mark is escaped, so these characters in a row can only be the name or a whole
  // value of this spelling; a name is followed by a colon.
  const std::string_view text = as_text(body);
  std::size_t at = text.find(kName);
  if (at == std::string_view::npos) return broken();
  at = text.find_first_not_of(" \t\r\n", at + kName.size());
  if (at == std::string_view::npos || text[at] != ':') return broken();
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos || text[at] != '"') return broken();
  const std::size_t begin = at + 1;
  const std::size_t end = text.find('"', begin);
  if (end == std::string_view::npos) return broken();

  // Some writers of JSON escape the slash, which is a digit of base64.
  PlainBytes digits;
  digits.reserve(end - begin);
  std::copy_if(body.begin() + static_cast<std::ptrdiff_t>(begin), body.begin() + static_cast<std::ptrdiff_t>(end),
               std::back_inserter(digits), [](std::uint8_t c) { return c != '\\'; });
  auto decoded = from_base64(as_text(digits));
  std::fill(body.begin() + static_cast<std::ptrdiff_t>(begin), body.begin() + static_cast<std::ptrdiff_t>(end),
            std::uint8_t{' '});
  if (!decoded || decoded->empty()) return broken();
  SecretBytes plaintext = SecretBytes::copy_of(*decoded);
  wipe(decoded->data(), decoded->size());
  return plaintext;
}

Error kms_error(const HttpResponse& response, const std::string& key_arn) {
  const auto json = nlohmann::json::parse(as_text(response.body), nullptr, false);
  const auto text = [&](const char* name) -> std::string {
    if (!json.is_object() || !json.contains(name) || !json[name].is_string()) return {};
    return json[name].get<std::string>();
  };
  std::string type = text("__type");
  if (type.empty()) type = std::string(response.header("x-amzn-errortype"));
  type = quoted_remote_text(plain_type(std::move(type)));
  const std::string message = quoted_remote_text(text("message") + text("Message"));

  const bool from_kms = !type.empty() || !response.header("x-amzn-requestid").empty();
  const Meaning meaning = meaning_of(response.status, type, from_kms);
  const bool clock = type == "InvalidSignatureException" && is_about_clock(message);
  return {.kind = meaning.kind,
          .what = "KMS: HTTP " + std::to_string(response.status) + (type.empty() ? "" : " " + type) +
                  (message.empty() ? "" : ": " + message),
          .where = key_arn,
          .fix = std::string(clock ? kClockFix : meaning.fix),
          .retry_after_ms = retry_after_ms(response)};
}

}  // namespace edgeseal::transport
