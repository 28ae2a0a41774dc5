// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/kms_client.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "transport/aws/s3_location.h"
#include "transport/http/uri.h"
#include "transport/owner/kms_response.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::string_view kNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

std::string_view algorithm_name(KmsAlgorithm algorithm) {
  switch (algorithm) {
    case KmsAlgorithm::rsaes_oaep_sha_256:
      return "RSAES_OAEP_SHA_256";
    case KmsAlgorithm::rsaes_oaep_sha_1:
      return "RSAES_OAEP_SHA_1";
  }
  return {};
}

bool is_region(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kNameCharacters) == std::string_view::npos;
}

/// The region of "arn:aws:kms:REGION:ACCOUNT:key/ID", or of an alias; nothing when it is no such ARN.
std::optional<std::string> region_of(const std::string& arn) {
  std::vector<std::string_view> parts;
  std::string_view rest = arn;
  for (int i = 0; i < 5; ++i) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  const bool names_a_key = rest.starts_with("key/") || rest.starts_with("alias/");
  const bool plain = rest.find_first_not_of(std::string(kNameCharacters) + "/_") == std::string_view::npos;
  if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "kms" || !is_region(parts[3]) || !names_a_key ||
      !plain) {
    return std::nullopt;
  }
  return std::string(parts[3]);
}

/// An object may name a region that this account has not enabled, or another partition's: there its credentials, which
/// are good elsewhere, are not known.
bool are_unknown_credentials(const Error& error) {
  return error.what.find(" UnrecognizedClientException") != std::string::npos ||
         error.what.find(" InvalidClientTokenId") != std::string::npos;
}

}  // namespace

KmsClient::KmsClient(KmsOptions options, std::unique_ptr<CredentialsProvider> credentials, std::stop_token stop)
    : options_(std::move(options)), credentials_(std::move(credentials)), http_(options_.ca_file, std::move(stop)) {}

Result<std::unique_ptr<KmsClient>> KmsClient::create(KmsOptions options,
                                                     std::unique_ptr<CredentialsProvider> credentials,
                                                     std::stop_token stop) {
  const std::string& endpoint = options.endpoint;
  const std::string origin = uri_origin(endpoint);
  const bool http = endpoint.starts_with("http://") || endpoint.starts_with("https://");
  if (!endpoint.empty() && (!http || origin.ends_with("://") || (endpoint != origin && endpoint != origin + "/"))) {
    return fail(Kind::invalid, "the KMS endpoint is not of the form https://host[:port]", origin);
  }
  if (!options.region.empty() && !is_region(options.region)) {
    return fail(Kind::invalid, "\"" + options.region + "\" cannot be a region");
  }
  return std::unique_ptr<KmsClient>(new KmsClient(std::move(options), std::move(credentials), std::move(stop)));
}

Result<SecretBytes> KmsClient::decrypt(const std::string& key_arn, ByteView ciphertext, KmsAlgorithm algorithm) {
  const auto arn_region = region_of(key_arn);
  if (!arn_region) {
    return fail(Kind::invalid, "not the ARN of a KMS key", key_arn, "it looks like arn:aws:kms:REGION:ACCOUNT:key/ID");
  }
  const std::string name(algorithm_name(algorithm));
  const std::string body = nlohmann::json{
      {"CiphertextBlob", to_base64(ciphertext)},
      {"EncryptionAlgorithm", name},
      {"KeyId", key_arn}}.dump();
  const std::string region = options_.region.empty() ? *arn_region : options_.region;
  auto plaintext =
      with_retries(given_up_.options_for(region, options_.retry), [&] { return ask(key_arn, region, name, body); });
  given_up_.note(region, plaintext);
  const bool region_of_object = options_.region.empty() && options_.endpoint.empty();
  if (!plaintext && plaintext.error().kind == Kind::unauthorised && region_of_object &&
      are_unknown_credentials(plaintext.error())) {
    plaintext.error().kind = Kind::sink_refused;
  }
  return plaintext;
}

Result<SecretBytes> KmsClient::ask(const std::string& key_arn, const std::string& region, std::string_view algorithm,
                                   const std::string& body) {
  const auto credentials = credentials_->get();
  if (!credentials) return tl::unexpected(credentials.error());
  auto response = http_.send({
      .method = "POST",
      .url = (options_.endpoint.empty() ? aws_endpoint("kms", region) : uri_origin(options_.endpoint)) + "/",
      .headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "TrentService.Decrypt"}},
      .body = as_bytes(body),
      .sign = SigV4{.service = "kms",
                    .region = region,
                    .access_key_id = credentials->access_key_id,
                    .secret_access_key = &credentials->secret_access_key,
                    .session_token = &credentials->session_token},
      .response_bytes_max = kAnswerBytesMax,
  });
  if (!response) return failed(response, "KMS");
  if (response->status != 200) return tl::unexpected(kms_error(*response, key_arn));
  auto plaintext = take_plaintext(response->body);
  if (!plaintext) return plaintext;
  const auto json = nlohmann::json::parse(as_text(response->body), nullptr, false);
  if (!json.is_object()) return fail(Kind::transient, "KMS: the answer is no JSON object", key_arn);
  // An alias is answered with the ARN of its key, which cannot be foreseen.
  if (key_arn.find(":key/") != std::string::npos && json.value("KeyId", nlohmann::json()) != key_arn) {
    return fail(Kind::transient, "KMS: the answer is about another key", key_arn);
  }
  if (json.value("EncryptionAlgorithm", nlohmann::json()) != algorithm) {
    return fail(Kind::transient, "KMS: the answer is about another algorithm", key_arn);
  }
  return plaintext;
}

}  // namespace edgeseal::transport
