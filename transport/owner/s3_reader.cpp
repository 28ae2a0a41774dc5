// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/s3_reader.h"

#include <set>
#include <utility>
#include <vector>

#include "transport/aws/s3_error.h"
#include "transport/aws/s3_proof.h"
#include "transport/owner/s3_listing.h"

namespace edgeseal::transport {
namespace {

constexpr std::size_t kPageBytesMax = std::size_t{16} << 20;  // 1000 keys of 1024 bytes, each byte as %XX, and more
constexpr unsigned kEmptyPagesMax = 100;                      // S3 may give some, where many deletions were
constexpr const char* kNoContentSha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// RFC 9110 section 14.4.
bool resumes_at(const HttpResponse& head, std::uint64_t begin) {
  return head.header("content-range").starts_with("bytes " + std::to_string(begin) + "-");
}

}  // namespace

std::optional<S3Address> parse_s3_address(std::string_view text) {
  constexpr std::string_view kScheme = "s3://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t slash = text.find('/');
  if (slash == 0 || text.empty()) return std::nullopt;
  return S3Address{.bucket = std::string(text.substr(0, slash)),
                   .prefix = slash == std::string_view::npos ? "" : std::string(text.substr(slash + 1))};
}

S3Reader::S3Reader(S3Location location, std::unique_ptr<CredentialsProvider> credentials, std::string ca_file,
                   RetryOptions retry, std::stop_token stop)
    : location_(std::move(location)),
      credentials_(std::move(credentials)),
      retry_(std::move(retry)),
      http_(std::move(ca_file), std::move(stop)) {}

Result<std::unique_ptr<S3Reader>> S3Reader::create(S3Location location,
                                                   std::unique_ptr<CredentialsProvider> credentials,
                                                   std::string ca_file, RetryOptions retry, std::stop_token stop) {
  if (auto usable = location.check(); !usable) return failed(usable);
  return std::unique_ptr<S3Reader>(
      new S3Reader(std::move(location), std::move(credentials), std::move(ca_file), std::move(retry), std::move(stop)));
}

Result<HttpResponse> S3Reader::ask(HttpRequest request, const std::string& key) {
  const auto credentials = credentials_->get();
  if (!credentials) return tl::unexpected(credentials.error());
  request.headers.push_back({"x-amz-content-sha256", kNoContentSha256});
  request.sign = SigV4{.service = "s3",
                       .region = location_.region,
                       .access_key_id = credentials->access_key_id,
                       .secret_access_key = &credentials->secret_access_key,
                       .session_token = &credentials->session_token};
  auto response = http_.send(request);
  if (!response) return failed(response);
  if (response->status < 200 || response->status >= 300) {
    Error error = s3_error(*response, location_, key);
    // What may not be read is this object's or this prefix's matter; the credentials are good for others.
    if (s3_error_code(*response) == "AccessDenied") error.kind = Kind::sink_refused;
    return tl::unexpected(std::move(error));
  }
  if (!is_from_s3(*response)) return tl::unexpected(not_from_s3(*response, location_.describe(key)));
  return response;
}

Result<void> S3Reader::list(const std::string& prefix, const std::function<Result<void>(const ListedObject&)>& each,
                            unsigned page_keys) {
  std::string next;
  std::set<std::string> tokens;
  std::set<std::string> first_keys;  // of each page
  unsigned empty_pages = 0;
  do {
    std::vector<std::pair<std::string, std::string>> parameters{
        {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(page_keys)}, {"prefix", prefix}};
    if (!next.empty()) parameters.emplace_back("continuation-token", next);
    const auto page = with_retries(retry_, [&]() -> Result<ListedPage> {
      auto response = ask({.url = location_.bucket_url(parameters), .response_bytes_max = kPageBytesMax}, prefix);
      if (!response) return failed(response);
      auto parsed = parse_listing(response->body);
      if (!parsed) parsed.error().where = location_.describe(prefix);
      return parsed;
    });
    if (!page) return tl::unexpected(page.error());
    const std::string begins_with = page->objects.empty() ? std::string() : page->objects.front().key;
    if ((!page->objects.empty() && !first_keys.insert(begins_with).second) ||
        (!page->next.empty() && !tokens.insert(page->next).second)) {
      return fail(Kind::sink_refused, "listing: the server goes in a circle", location_.describe(prefix));
    }
    for (const ListedObject& object : page->objects) {
      if (auto taken = each(object); !taken) return taken;
    }
    empty_pages = page->objects.empty() ? empty_pages + 1 : 0;
    if (empty_pages > kEmptyPagesMax) {
      return fail(Kind::sink_refused, "listing: the server gives one empty page after the other",
                  location_.describe(prefix));
    }
    next = page->next;
  } while (!next.empty());
  return {};
}

Result<void> S3Reader::get(const std::string& key, const std::function<Result<void>(ByteView)>& each) {
  std::uint64_t received = 0;
  std::string etag;              // of the first answer: what is fetched later must belong to the same object
  std::optional<Error> refused;  // by `each`: final, whatever its kind
  const auto result = with_retries(
      given_up_.options_for(location_.bucket, retry_),
      [&]() -> Result<void> {
        HttpRequest request{.url = location_.object_url(key), .timeouts = {.whole = std::chrono::seconds{0}}};
        if (received > 0) request.headers.push_back({"Range", "bytes=" + std::to_string(received) + "-"});
        if (received > 0 && !etag.empty()) request.headers.push_back({"If-Match", etag});
        const bool resumed = received > 0;
        const std::uint64_t begin = received;
        request.on_body = [&](const HttpResponse& head, ByteView piece) -> Result<void> {
          if (!is_from_s3(head)) return tl::unexpected(not_from_s3(head, location_.describe(key)));
          if (!resumed) etag = head.header("etag");
          if (resumed && (head.status != 206 || !resumes_at(head, begin))) {
            return fail(Kind::sink_refused, "the server cannot resume a download");
          }
          if (auto taken = each(piece); !taken) {
            refused = std::move(taken).error();
            return tl::unexpected(*refused);
          }
          received += piece.size();
          return {};
        };
        auto response = ask(std::move(request), key);
        if (refused) return {};
        if (!response) return failed(response);
        return {};
      },
      [&] { return received; });
  given_up_.note(location_.bucket, result);
  if (refused) return tl::unexpected(std::move(*refused));
  return result;
}

}  // namespace edgeseal::transport
