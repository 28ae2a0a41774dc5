// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/simulation/owner.h"

#include "agent/owner/object_reader.h"
#include "crypto/primitives/sha2.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {
namespace {

std::string key_file(const char* name) { return read_file(test::source_dir() + "/tests/vectors/keys/" + name); }

crypto::SealingKey sealing_key() {
  crypto::KeyOptions options;
  options.id = "owner";
  options.wrap = crypto::WrapForm::raw_rsa;
  return crypto::SealingKey::create(options, as_bytes(key_file("rsa-2048.public.der"))).value();
}

std::vector<crypto::PrivateKey> private_keys() {
  std::vector<crypto::PrivateKey> keys;
  keys.push_back(crypto::PrivateKey::parse(as_bytes(key_file("rsa-2048.private.pem"))).value());
  return keys;
}

/// Puts what the reader releases into an OpenedObject.
class Keeper final : public agent::ObjectConsumer {
 public:
  explicit Keeper(OpenedObject& object) : object_(object) {}
  Result<void> on_link(const agent::ChainLink& link) override {
    object_.link = link;
    return {};
  }
  Result<void> on_header(const agent::BatchHeader& header, ByteView) override {
    object_.drops.insert(object_.drops.end(), header.drops.begin(), header.drops.end());
    return {};
  }
  Result<void> on_record(const agent::BatchHeader&, std::uint64_t, const agent::Record& record, ByteView payload,
                         ByteView) override {
    object_.records.push_back(record);
    object_.records.back().payload = to_plain(payload);
    return {};
  }
  Result<void> on_plaintext(ByteView) override { return {}; }

 private:
  OpenedObject& object_;
};

}  // namespace

Owner::Owner() : public_keys_{sealing_key()}, private_keys_(private_keys()) {}

Result<OpenedObject> Owner::open(ByteView object) {
  OpenedObject opened;
  auto digest = crypto::sha256(object);
  if (!digest) return failed(digest);
  opened.digest = *digest;
  Keeper keeper(opened);
  const auto reader = agent::ObjectReader::create(agent::ReadAs::batch, private_keys_, keeper);
  if (auto fed = reader->feed(object); !fed) return failed(fed);
  if (auto finished = reader->finish(); !finished) return failed(finished);
  return opened;
}

}  // namespace edgeseal::test
