// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 over TCP or TLS, with AWS Signature Version 4 where asked for. http_client.cpp is the only file with curl.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret_bytes.h"
#include "crypto/base/wipe.h"

namespace edgeseal::transport {

struct HttpHeader {
  std::string name;
  std::string value;
};

/// How to sign a request. Borrows the secrets, which stay out of every error and log.
struct SigV4 {
  std::string service{};  ///< "s3", "kms"
  std::string region{};
  std::string access_key_id{};
  const SecretBytes* secret_access_key = nullptr;  ///< never null
  const SecretBytes* session_token = nullptr;      ///< null or empty: long-lived credentials
};

struct HttpTimeouts {
  std::chrono::seconds connect{10};  ///< name, TCP and TLS together
  std::chrono::seconds whole{60};    ///< from start to end; 0: no bound but `stall`
  std::chrono::seconds stall{30};    ///< with less than one byte per second
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers{};  ///< names in lower case
  PlainBytes body{};                  ///< empty when on_body took it
  /// The value of the first header of that name (lower case); empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Seconds since 1970 of an HTTP date, in any of its forms (RFC 9110 section 5.6.7). Nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> http_date_seconds(std::string_view text);

struct HttpRequest {
  std::string method = "GET";
  std::string url{};  ///< path and query already percent-encoded, see uri.h; sent, and signed, as it is
  std::vector<HttpHeader> headers{};
  ByteView body{};  ///< borrowed; not empty: name its Content-Type among the headers
  std::optional<SigV4> sign{};
  HttpTimeouts timeouts{};
  std::size_t response_bytes_max = std::size_t{1} << 20;  ///< of HttpResponse::body
  /// If set, takes the body of a 2xx answer piece by piece, without a bound; `head` has status and headers. An error
  /// ends the request and is its result.
  std::function<Result<void>(const HttpResponse& head, ByteView piece)> on_body{};
};

/// Sends requests and keeps connections open between them. TLS is 1.2 or newer, and verifies certificate and host name.
/// Redirects are not followed, because they would lead a signature or a batch to another place. A proxy is used if the
/// environment names one (http_proxy, https_proxy, no_proxy, as libcurl reads them).
///
/// Threads: send() from any number at once; each request under way has a connection of its own.
/// Secrets: the secret access key and session token are copied into libcurl for one request; its own copies of the key
///          are freed but not wiped, ours are wiped. No error holds a header, a path or a query.
class HttpClient {
 public:
  /// `ca_file`: PEM certificates to trust instead of the system's; empty: the system's.
  /// Once `stop` is requested, requests under way end within about a second, later ones at once, with Kind::transient.
  explicit HttpClient(std::string ca_file = {}, std::stop_token stop = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Any status is a success; the caller says what it means. Fails with Kind::transient when the network fails, and
  /// with Kind::sink_refused when someone has to mend something first: the URL, the CA file or the certificate. `where`
  /// of the error is the origin.
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request);

  /// How many connections all requests have opened so far. The other requests found one open.
  [[nodiscard]] long connections_opened() const;

  /// "libcurl/7.88.1 OpenSSL/3.0.17 …", for --version.
  [[nodiscard]] static std::string library_version();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace edgeseal::transport
