// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/sinks/s3_sink.h"

#include <utility>

#include "transport/aws/credentials_factory.h"
#include "transport/aws/s3_error.h"
#include "transport/aws/s3_proof.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kSlowestLinkBytesPerSecond = 4096;
constexpr const char* kNoContentSha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

bool same_credentials(const AwsCredentials& a, const AwsCredentials& b) {
  return a.access_key_id == b.access_key_id &&
         equal_in_constant_time(a.secret_access_key.reveal(), b.secret_access_key.reveal()) &&
         equal_in_constant_time(a.session_token.reveal(), b.session_token.reveal());
}

}  // namespace

std::chrono::seconds upload_time_max(std::chrono::seconds timeout, std::size_t bytes) {
  return timeout + std::chrono::seconds(bytes / kSlowestLinkBytesPerSecond);
}

S3Sink::S3Sink(const S3SinkOptions& options, ObjectName name, std::stop_token stop)
    : location_{.bucket = options.bucket,
                .region = options.region,
                .endpoint = options.endpoint,
                .path_style = options.path_style},
      name_(std::move(name)),
      timeout_(options.timeout),
      provider_(make_credentials_provider(options.credentials)),
      http_(options.ca, std::move(stop)) {}

Result<std::unique_ptr<Sink>> S3Sink::create(const S3SinkOptions& options, std::stop_token stop) {
  auto name = ObjectName::parse(options.key);
  if (!name) return failed(name);
  std::unique_ptr<S3Sink> sink(new S3Sink(options, std::move(*name), std::move(stop)));
  if (auto usable = sink->location_.check(); !usable) return failed(usable);
  if (auto misfit = sink_misfit(options)) return fail_misfit(std::move(*misfit));
  return sink;
}

Result<std::unique_ptr<Sink>> create_sink(const S3SinkOptions& options, std::stop_token stop) {
  return S3Sink::create(options, std::move(stop));
}

Result<std::shared_ptr<const AwsCredentials>> S3Sink::credentials() {
  return access_.with([&](Access& access) -> Result<std::shared_ptr<const AwsCredentials>> {
    if (!access.credentials) {
      access.stamp = provider_->stamp();
      auto read = provider_->get();
      if (!read) return failed(read);
      access.credentials = std::make_shared<const AwsCredentials>(std::move(*read));
    }
    return access.credentials;
  });
}

bool S3Sink::renewed() const {
  const std::string now = provider_->stamp();
  return access_.with([&](const Access& access) { return now != access.stamp; });
}

Error S3Sink::judge(Error refused, const std::shared_ptr<const AwsCredentials>& used) {
  access_.with([&](Access& access) {
    if (access.credentials != used) return;  // another upload has seen to it already
    access.credentials.reset();
    if (++access.refusals > 1) refused.kind = Kind::sink_refused;
  });
  return refused;
}

Result<void> S3Sink::put(const SealedObject& object, const AwsCredentials& credentials) {
  const std::string key = name_.of(object);
  const std::string checksum = to_base64(object.digest.view());
  const auto response = http_.send({
      .method = "PUT",
      .url = location_.object_url(key),
      .headers = {{"Content-Type", "application/octet-stream"},
                  {"x-amz-checksum-sha256", checksum},
                  {"x-amz-content-sha256", object.digest.hex()}},
      .body = object.bytes,
      .sign = signature(credentials),
      .timeouts = {.whole = upload_time_max(timeout_, object.bytes.size()), .stall = timeout_},
  });
  if (!response) return tl::unexpected(response.error());
  if (response->status < 200 || response->status >= 300) {
    Error error = s3_error(*response, location_, key);
    if (error.kind == Kind::invalid) error.kind = Kind::sink_refused;  // "no such key" is no answer to a PUT
    return tl::unexpected(std::move(error));
  }
  if (response->status != 200) return tl::unexpected(not_from_s3(*response, location_.describe(key)));  // PutObject's
  return prove_upload(*response, {.bytes = object.bytes, .digest = object.digest, .where = location_.describe(key)},
                      [&] { return head(key, credentials); });
}

Result<HttpResponse> S3Sink::head(const std::string& key, const AwsCredentials& credentials) {
  auto response = http_.send({
      .method = "HEAD",
      .url = location_.object_url(key),
      .headers = {{"x-amz-checksum-mode", "ENABLED"}, {"x-amz-content-sha256", kNoContentSha256}},
      .sign = signature(credentials),
      .timeouts = {.whole = timeout_, .stall = timeout_},
  });
  if (!response || response->status == 200) return response;
  Error error = s3_error(*response, location_, key);
  if (error.kind == Kind::unauthorised || error.kind == Kind::invalid) {
    error.kind = Kind::sink_refused;
    error.fix = "the server's answer to the upload proves nothing, so that its HEAD must: allow s3:GetObject";
  }
  return tl::unexpected(std::move(error));
}

SigV4 S3Sink::signature(const AwsCredentials& credentials) const {
  return {.service = "s3",
          .region = location_.region,
          .access_key_id = credentials.access_key_id,
          .secret_access_key = &credentials.secret_access_key,
          .session_token = &credentials.session_token};
}

Result<void> S3Sink::deliver(const SealedObject& object) {
  auto used = credentials();
  if (!used) return failed(used);
  auto sent = put(object, **used);
  if (!sent && sent.error().kind == Kind::unauthorised) {
    Error refused = judge(std::move(sent).error(), *used);
    const auto fresh = credentials();
    if (!fresh || same_credentials(**fresh, **used)) return tl::unexpected(std::move(refused));
    // They were replaced in the meantime, as temporary ones are: no reason to wait.
    sent = put(object, **fresh);
    if (!sent && sent.error().kind == Kind::unauthorised) sent = tl::unexpected(judge(std::move(sent).error(), *fresh));
  }
  if (sent) access_.with([](Access& access) { access.refusals = 0; });
  return sent;
}

}  // namespace edgeseal::transport
