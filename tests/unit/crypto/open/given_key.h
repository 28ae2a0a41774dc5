// SPDX-License-Identifier: GPL-3.0-or-later
// A data key that is simply there, and a reader's output that can be looked at.
#pragma once
#include <string>

#include "crypto/open/data_key_source.h"
#include "crypto/open/esdk_reader.h"

namespace edgeseal::crypto {

class GivenKey final : public DataKeySource {
 public:
  explicit GivenKey(ByteView key) : key_(SecretBytes::copy_of(key)) {}
  Result<SecretBytes> data_key(const std::vector<Edk>& edks, const EncryptionContext::Pairs&) override {
    ++asked;
    edks_seen = edks.size();
    return key_.clone();
  }
  int asked = 0;
  std::size_t edks_seen = 0;

 private:
  SecretBytes key_;
};

struct Opened {
  Result<void> result;
  std::string plaintext;  ///< what was released, also when the result is an error
};

/// Feeds `message` in pieces of `piece_bytes`.
inline Opened open_message(ByteView message, DataKeySource& keys, std::size_t piece_bytes = 4096) {
  EsdkReader reader(keys);
  Opened opened;
  const auto release = [&opened](ByteView plaintext) -> Result<void> {
    opened.plaintext += as_text(plaintext);
    return {};
  };
  for (std::size_t at = 0; at < message.size() && opened.result; at += piece_bytes) {
    opened.result = reader.feed(message.subspan(at, std::min(piece_bytes, message.size() - at)), release);
  }
  if (opened.result) opened.result = reader.finish();
  return opened;
}

/// The name of the refusal that an error's text begins with; "opened" when there is none.
inline std::string refused_as(const Result<void>& result) {
  return result ? "opened" : result.error().what.substr(0, result.error().what.find(": "));
}

}  // namespace edgeseal::crypto
