// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of tests/vectors/esdk/golden, made by make.py from inputs that are all given.
#pragma once
#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "crypto/envelope/encryption_materials.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::crypto {

struct Golden {
  std::string name;
  Bytes plaintext;
  std::uint32_t frame_bytes = 0;
  Bytes data_key;
  Bytes message_id;
  EncryptionContext::Pairs context;
  std::vector<Edk> edks;
  Bytes message;

  [[nodiscard]] EncryptionMaterials materials() const {
    return EncryptionMaterials::of(SecretBytes::copy_of(data_key), edks, EncryptionContext::create(context).value());
  }
};

inline void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

inline std::vector<Golden> golden_messages() {
  const std::filesystem::path folder = test::source_dir() + "/tests/vectors/esdk/golden";
  const auto json = nlohmann::json::parse(test::read_file(folder / "golden.json"));
  const auto pattern = json.at("pattern").get<std::string>();
  std::vector<Golden> all;
  for (const auto& row : json.at("messages")) {
    Golden golden;
    golden.name = row.at("name");
    for (std::size_t i = 0; i < row.at("plaintext_bytes").get<std::size_t>(); ++i) {
      golden.plaintext.push_back(static_cast<std::uint8_t>(pattern[i % pattern.size()]));
    }
    golden.frame_bytes = row.at("frame_bytes");
    golden.data_key = from_hex(row.at("data_key").get<std::string>()).value();
    golden.message_id = from_hex(row.at("message_id").get<std::string>()).value();
    golden.context = row.at("context").get<EncryptionContext::Pairs>();
    for (const auto& edk : row.at("edks")) {
      golden.edks.push_back(
          {edk.at("provider_id"), edk.at("provider_info"), from_hex(edk.at("ciphertext").get<std::string>()).value()});
    }
    const std::string message = test::read_file(folder / row.at("message").get<std::string>());
    golden.message.assign(message.begin(), message.end());
    all.push_back(std::move(golden));
  }
  return all;
}

}  // namespace edgeseal::crypto
