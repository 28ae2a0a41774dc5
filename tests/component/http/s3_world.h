// SPDX-License-Identifier: GPL-3.0-or-later
// One S3 server for all tests of a program, a credentials file, and a look at what it holds.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "crypto/primitives/sha2.h"
#include "tests/support/servers.h"
#include "transport/aws/file_credentials.h"
#include "transport/owner/s3_reader.h"
#include "transport/sinks/sink.h"
#include "transport/sinks/sink_options.h"

namespace edgeseal::test {

/// A batch of route "telemetry" with this sequence number, which its batch id begins with. Borrows `bytes`.
inline transport::SealedObject sealed_object(std::string_view bytes, std::uint64_t sequence) {
  transport::SealedObject object{.bytes = as_bytes(bytes),
                                 .digest = crypto::sha256(as_bytes(bytes)).value(),
                                 .gateway = "truck-017",
                                 .route = {"telemetry"},
                                 .sequence = {sequence},
                                 .batch = {},
                                 .sealed = {Duration{1'795'511'703'123'456}}};
  object.batch.bytes[0] = static_cast<std::uint8_t>(sequence >> 8);
  object.batch.bytes[1] = static_cast<std::uint8_t>(sequence);
  return object;
}

class S3World {
 public:
  /// Started by the first who asks.
  static S3World& shared() {
    static S3World world;
    return world;
  }

  /// Writes a credentials file with this secret and returns its path.
  std::string credentials_file(const std::string& name, const std::string& secret) const {
    return folder_.write(name, "[default]\naws_access_key_id = " + std::string(S3Server::kAccessKey) +
                                   "\naws_secret_access_key = " + secret + "\n");
  }
  [[nodiscard]] transport::S3Location location() const {
    return {.bucket = S3Server::kBucket, .region = S3Server::kRegion, .endpoint = server_.url(), .path_style = true};
  }
  [[nodiscard]] transport::S3SinkOptions sink_options(const std::string& key) const {
    return {.bucket = S3Server::kBucket,
            .region = S3Server::kRegion,
            .endpoint = server_.url(),
            .path_style = true,
            .key = key,
            .credentials = transport::FileCredentialsOptions{{SecretRef::Source::file,
                                                              credentials_file("good", S3Server::kSecretKey)}},
            .ca = {}};
  }
  [[nodiscard]] std::unique_ptr<transport::S3Reader> reader() const {
    const SecretRef file{SecretRef::Source::file, credentials_file("good", S3Server::kSecretKey)};
    return std::move(
        transport::S3Reader::create(location(), std::make_unique<transport::FileCredentials>(file, "default")).value());
  }
  [[nodiscard]] std::optional<std::string> content(const std::string& key) const {
    std::string bytes;
    const auto got = reader()->get(key, [&](ByteView piece) -> Result<void> {
      bytes += as_text(piece);
      return {};
    });
    if (got) return bytes;
    if (got.error().kind == Kind::invalid) return std::nullopt;
    throw std::runtime_error(got.error().message());
  }
  [[nodiscard]] S3Server& server() { return server_; }

 private:
  S3World() = default;
  TempDir folder_;
  S3Server server_;
};

}  // namespace edgeseal::test
