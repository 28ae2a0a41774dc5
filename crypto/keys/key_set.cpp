// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/key_set.h"

#include <utility>

#include "crypto/keys/key_form.h"

namespace edgeseal::crypto {
namespace {

/// What `form` says of `text`, as an Error about this setting of this key.
Result<void> check_form(Form form, const KeyOptions& options, std::string_view setting, const std::string& text) {
  auto problem = form(text);
  if (!problem) return {};
  auto failure = fail_form("keys." + options.id + "." + std::string(setting), std::move(*problem), text);
  failure.value().where = options.file.string();
  return failure;
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
  return check_form(kms_key_form, options, "kms_key", sealing.provider_info);
}

Result<void> name_for_raw(SealingKey& sealing, const KeyOptions& options) {
  sealing.provider_id = options.key_namespace;
  sealing.provider_info = options.name.empty() ? options.id : options.name;
  if (auto good = check_form(key_namespace_form, options, "namespace", sealing.provider_id); !good) return good;
  return check_form(key_name_form, options, "name", sealing.provider_info);
}

}  // namespace

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
