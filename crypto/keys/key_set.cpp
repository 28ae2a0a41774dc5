// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/key_set.h"

#include <algorithm>
#include <utility>

namespace edgeseal::crypto {
namespace {

std::vector<std::string_view> split(std::string_view text, char by, std::size_t parts_max) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < parts_max) {
    const std::size_t at = text.find(by);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

Result<void> check_pin(const KeyOptions& options, const PublicKey& key) {
  if (options.pin.empty()) return {};
  auto pin = Pin::parse(options.pin);
  if (!pin) return failed(pin, "keys." + options.id + ".pin");
  if (*pin == key.pin()) return {};
  return fail(Kind::invalid,
              "keys." + options.id + ": the file's key is " + key.pin().text() + ", but " + options.pin + " is pinned",
              options.file.string(), "find out who changed the file; pin the new key only if you meant to change it");
}

Result<void> name_for_kms(SealingKey& sealing, const KeyOptions& options) {
  sealing.provider_id = "aws-kms-rsa";
  sealing.provider_info = options.kms_key.empty() ? sealing.key.kms_key().value_or("") : options.kms_key;
  if (sealing.provider_info.empty()) {
    return fail(Kind::invalid, "keys." + options.id + " has no kms_key", options.file.string(),
                "write kms_key: arn:aws:kms:…:key/…, or give the JSON of aws kms get-public-key as file");
  }
  if (const std::string problem = kms_key_arn_problem(sealing.provider_info); !problem.empty()) {
    return fail(Kind::invalid, "keys." + options.id + ".kms_key: " + problem, options.file.string());
  }
  return {};
}

Result<void> name_for_raw(SealingKey& sealing, const KeyOptions& options) {
  sealing.provider_id = options.key_namespace;
  sealing.provider_info = options.name.empty() ? options.id : options.name;
  if (sealing.provider_id.empty() || sealing.provider_id.starts_with("aws-kms")) {
    return fail(
        Kind::invalid,
        "keys." + options.id + ".namespace is \"" + sealing.provider_id + "\"; SDKs keep names with aws-kms for KMS",
        options.file.string(), "choose a name of your own, such as edgeseal");
  }
  return {};
}

}  // namespace

std::string kms_key_arn_problem(std::string_view arn) {
  const auto parts = split(arn, ':', 6);
  if (parts.size() != 6 || parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "kms" || parts[3].empty() ||
      parts[4].empty()) {
    return "expected a key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), found \"" + std::string(arn) + "\"";
  }
  if (parts[5].starts_with("alias/")) {
    return "an alias ARN makes every SDK refuse the whole message; write the key's own ARN (…:key/…)";
  }
  if (!parts[5].starts_with("key/") || parts[5].size() == 4) {
    return "expected …:key/ID at the end, found \"" + std::string(parts[5]) + "\"";
  }
  return {};
}

Result<SealingKey> SealingKey::create(const KeyOptions& options, ByteView file) {
  std::vector<Error> problems;
  auto key = create(options, file, problems);
  if (!key) return tl::unexpected(std::move(problems.front()));
  return std::move(*key);
}

std::optional<SealingKey> SealingKey::create(const KeyOptions& options, ByteView file, std::vector<Error>& problems) {
  auto key = PublicKey::parse(file);
  if (!key) {
    key.error().where = options.file.string();
    problems.push_back(std::move(key).error().during("keys." + options.id));
    return std::nullopt;
  }
  const auto pinned = check_pin(options, *key);
  if (!pinned) problems.push_back(pinned.error());
  SealingKey sealing{options.id, std::move(*key), options.wrap, options.oaep, {}, {}};
  const auto named =
      options.wrap == WrapForm::aws_kms_rsa ? name_for_kms(sealing, options) : name_for_raw(sealing, options);
  if (!named) problems.push_back(named.error());
  if (!pinned || !named) return std::nullopt;
  return sealing;
}

}  // namespace edgeseal::crypto
