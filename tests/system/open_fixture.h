// SPDX-License-Identifier: GPL-3.0-or-later
// Objects for edgeseal-open, sealed for the key tests/vectors/keys/rsa-2048.
#pragma once
#include <string>
#include <vector>

#include "agent/batch/chain.h"
#include "agent/batch/compression.h"
#include "agent/batch/content_writer.h"
#include "crypto/envelope/esdk_parts.h"
#include "crypto/envelope/esdk_writer.h"
#include "crypto/keys/key_set.h"
#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {

inline constexpr std::string_view kKeyArn =
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

inline std::string source(const std::string& path) { return test::source_dir() + "/" + path; }
inline std::string private_key() { return source("tests/vectors/keys/rsa-2048.private.pem"); }

inline crypto::SealingKey sealing_key(crypto::WrapForm wrap) {
  const std::string der = test::read_file(source("tests/vectors/keys/rsa-2048.public.der"));
  return crypto::SealingKey::create({.id = "mine", .wrap = wrap, .kms_key = std::string(kKeyArn)}, as_bytes(der))
      .value();
}

inline crypto::EncryptionMaterials materials_for(const std::map<std::string, std::string>& context,
                                                 crypto::WrapForm wrap = crypto::WrapForm::aws_kms_rsa) {
  crypto::Drbg drbg = crypto::Drbg::create().value();
  return crypto::EncryptionMaterials::create({sealing_key(wrap)}, crypto::EncryptionContext::create(context).value(),
                                             drbg)
      .value();
}

inline ChainLink link(std::uint64_t sequence, bool journal = false) {
  return {.gateway = "truck-017",
          .route = {"telemetry"},
          .spool = {},
          .sequence = {sequence},
          .previous = {},
          .batch = {{1, 2, 3}},
          .journal = journal,
          .zstd = !journal};
}

inline PlainBytes content_of(const ChainLink& of, const std::vector<std::string>& payloads,
                             std::optional<std::uint32_t> frame = std::nullopt) {
  PlainBytes content;
  BatchHeader header;
  header.gateway = of.gateway;
  header.route = of.route;
  header.batch = of.batch;
  header.sequence = of.sequence;
  header.frame = frame;
  write_header(header, content);
  for (const std::string& payload : payloads) {
    Record record;
    record.topic = "plant/7";
    record.payload = to_plain(as_bytes(payload));
    write_record(record, content);
  }
  return content;
}

/// A batch that holds these payloads.
inline std::string batch(std::uint64_t sequence, const std::vector<std::string>& payloads,
                         crypto::WrapForm wrap = crypto::WrapForm::aws_kms_rsa) {
  const auto materials = materials_for(context_pairs(link(sequence)), wrap);
  crypto::Drbg drbg = crypto::Drbg::create().value();
  Bytes message;
  EXPECT_TRUE(crypto::EsdkWriter(materials, drbg)
                  .seal(compress(content_of(link(sequence), payloads), 3).value(), message)
                  .has_value());
  return std::string(as_text(message));
}

/// A journal object with a frame for each payload.
inline std::string journal(std::uint64_t sequence, const std::vector<std::string>& payloads) {
  const ChainLink of = link(sequence, true);
  const auto materials = materials_for(context_pairs(of));
  crypto::Drbg drbg = crypto::Drbg::create().value();
  const crypto::EsdkWriter writer(materials, drbg);
  PlainBytes object;
  write_journal_start(writer.shared_header(), object);
  for (std::uint32_t i = 0; i < payloads.size(); ++i) {
    Bytes message;
    EXPECT_TRUE(writer.seal(content_of(of, {payloads[i]}, i), message).has_value());
    write_journal_frame(crypto::own_part_of(message, writer.shared_header().size()), object);
  }
  return std::string(as_text(object));
}

inline test::Finished edgeseal_open(std::vector<std::string> arguments, const std::string& input = {},
                                    const std::map<std::string, std::string>& environment = {}) {
  arguments.insert(arguments.begin(), test::program_dir() + "/edgeseal-open");
  return test::run(arguments, input, std::chrono::seconds(60), environment);
}

}  // namespace edgeseal::agent
