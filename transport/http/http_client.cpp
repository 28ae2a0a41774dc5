// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/http/http_client.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <new>
#include <utility>

#include <curl/curl.h>

#include "crypto/base/ensure.h"
#include "crypto/base/guarded.h"
#include "transport/http/uri.h"

// libcurl's own SigV4 (7.88.1, Debian 12) is right for our use on these terms, each met below:
//  - it signs path and query as they stand in the URL, neither encoded nor sorted: uri.h does both beforehand, and
//    CURLOPT_PATH_AS_IS keeps `.` and `..`. Later releases encode by themselves and leave what is encoded alone.
//  - it signs every header of ours, even one written "Expect:" to keep that header from being sent. So a signed request
//    cannot be rid of the Expect that libcurl adds to bodies over 1 MiB; it is sent, but never waited for.
//  - it hashes CURLOPT_POSTFIELDS alone, never an upload. So bodies are POSTFIELDS under a method name of their own,
//  and
//    x-amz-content-sha256, when among the headers, is taken as it is and saves the hashing.
//  - the session token is an ordinary header. Its sorting of header lines is wrong only where one name begins another.
namespace edgeseal::transport {
namespace {

constexpr std::size_t kIdleHandlesMax = 16;
constexpr std::size_t kResponseHeadersMax = 128;
constexpr std::size_t kResponseHeaderBytesMax = 64 * 1024;
constexpr long kCertificateNotYetValid = 9;  // X509_V_ERR_CERT_NOT_YET_VALID
constexpr long kCertificateExpired = 10;     // X509_V_ERR_CERT_HAS_EXPIRED

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

/// Header lines as libcurl takes them, wiped when they end: a session token may be among them.
class HeaderLines {
 public:
  HeaderLines() = default;
  ~HeaderLines() {
    for (const curl_slist* line = lines_; line != nullptr; line = line->next) {
      wipe(line->data, std::char_traits<char>::length(line->data));
    }
    curl_slist_free_all(lines_);
  }
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;
  void add(std::string_view name, std::string_view value) {
    PlainBytes line = to_plain(as_bytes(name));
    append(line, as_bytes(value.empty() ? ":" : ": "));
    append(line, as_bytes(value));
    line.push_back(0);
    curl_slist* longer = curl_slist_append(lines_, reinterpret_cast<const char*>(line.data()));
    if (longer == nullptr) throw std::bad_alloc();
    lines_ = longer;
  }
  [[nodiscard]] curl_slist* get() const { return lines_; }

 private:
  curl_slist* lines_ = nullptr;
};

/// One request under way, as libcurl's callbacks see it.
struct Transfer {
  const HttpRequest& request;
  const std::stop_token& stop;
  HttpResponse response;
  std::optional<Error> refused;  ///< why a callback ended the transfer
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(const char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line = trimmed({data, size});
  auto& headers = transfer.response.headers;
  if (line.starts_with("HTTP/")) headers.clear();  // a new answer: what came before was 100 Continue
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::size_t bytes = size;
  for (const HttpHeader& header : headers) bytes += header.name.size() + header.value.size();
  if (headers.size() == kResponseHeadersMax || bytes > kResponseHeaderBytesMax) {
    transfer.refused = Error{Kind::transient, "the answer has too many headers", {}, {}, {}};
    return 0;
  }
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  headers.push_back({std::move(name), std::string(trimmed(line.substr(colon + 1)))});
  return size;
}

struct BodySink {
  Transfer* transfer;
  CURL* easy;
};

std::size_t on_body(const char* data, std::size_t, std::size_t size, void* user) {
  const auto& sink = *static_cast<BodySink*>(user);
  Transfer& transfer = *sink.transfer;
  const ByteView piece = as_bytes({data, size});
  long status = 0;
  curl_easy_getinfo(sink.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  if (transfer.request.on_body && status >= 200 && status < 300) {
    if (auto taken = transfer.request.on_body(transfer.response, piece); !taken) {
      transfer.refused = std::move(taken).error();
      return 0;
    }
    return size;
  }
  if (transfer.response.body.size() + size > transfer.request.response_bytes_max) {
    transfer.refused =
        Error{Kind::transient,
              "the answer is longer than " + std::to_string(transfer.request.response_bytes_max) + " bytes",
              {},
              "check that the address is that of the service, not of a portal in between",
              {}};
    return 0;
  }
  append(transfer.response.body, piece);
  return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  ENSURE(code == CURLE_OK);  // an option that this libcurl does not know is a bug of the build
}

void set_target(CURL* easy, const HttpRequest& request, const std::string& ca_file) {
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // else the system's folder would be trusted too
  }
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.timeouts.connect.count()));
  set(easy, CURLOPT_TIMEOUT, static_cast<long>(request.timeouts.whole.count()));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.timeouts.stall.count()));
}

void set_message(CURL* easy, const HttpRequest& request) {
  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "PUT" || request.method == "POST") {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    set(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 0L);
  }
  if (request.method != "HEAD") set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

/// libcurl copies what it is given here.
void set_signature(CURL* easy, const SigV4& sign, HeaderLines& headers) {
  ENSURE(sign.secret_access_key != nullptr);
  PlainBytes secret = to_plain(sign.secret_access_key->reveal());
  secret.push_back(0);
  set(easy, CURLOPT_AWS_SIGV4, ("aws:amz:" + sign.region + ":" + sign.service).c_str());
  set(easy, CURLOPT_USERNAME, sign.access_key_id.c_str());
  set(easy, CURLOPT_PASSWORD, reinterpret_cast<const char*>(secret.data()));
  if (sign.session_token != nullptr && !sign.session_token->empty()) {
    headers.add("x-amz-security-token", as_text(sign.session_token->reveal()));
  }
}

/// What a failed transfer means to the caller: wait, or call someone.
Error transfer_error(CURLcode code, long verify_result, std::string detail, const std::string& ca_file) {
  if (detail.empty()) detail = curl_easy_strerror(code);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      if (verify_result == kCertificateNotYetValid) {
        return {Kind::transient, detail, {}, "check the clock of this machine: the certificate begins later", {}};
      }
      if (verify_result == kCertificateExpired) {
        return {
            Kind::sink_refused, detail, {}, "renew the server's certificate, or check the clock of this machine", {}};
      }
      return {Kind::sink_refused,
              detail,
              {},
              "check the host name, and that `ca` holds the authority that signed the server's certificate (" +
                  (ca_file.empty() ? std::string("now the system's store") : "now " + ca_file) + ")",
              {}};
    case CURLE_SSL_CACERT_BADFILE:
      return {Kind::sink_refused, "cannot use the CA file " + ca_file, {}, "give a readable PEM file as `ca`", {}};
    case CURLE_SSL_CONNECT_ERROR:
      return {Kind::transient,
              "TLS handshake failed: " + detail,
              {},
              "if it stays so: the server must speak TLS 1.2 or newer on this port",
              {}};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {Kind::sink_refused, detail, {}, "write http://host[:port] or https://host[:port]", {}};
    default:
      return {Kind::transient, detail, {}, {}, {}};
  }
}

}  // namespace

struct HttpClient::State {
  std::string ca_file;
  std::stop_token stop;
  std::atomic<long> connections_opened = 0;
  Guarded<std::vector<Easy>> idle;  ///< each with its open connections; the one used last is taken first

  Easy take() {
    Easy easy = idle.with([](auto& handles) {
      if (handles.empty()) return Easy();
      Easy last = std::move(handles.back());
      handles.pop_back();
      return last;
    });
    if (!easy) easy.reset(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    return easy;
  }
  void give_back(Easy easy) {
    curl_easy_reset(easy.get());  // forgets the request and frees its secrets, keeps connections
    idle.with([&](auto& handles) {
      if (handles.size() < kIdleHandlesMax) handles.push_back(std::move(easy));
    });
  }
};

std::optional<std::int64_t> http_date_seconds(std::string_view text) {
  constexpr std::size_t kDateBytesMax = 64;
  const bool like_a_date = text.size() <= kDateBytesMax && text.find(':') != std::string_view::npos;
  const time_t seconds = like_a_date ? curl_getdate(std::string(text).c_str(), nullptr) : time_t{-1};
  if (seconds < 0) return std::nullopt;
  return seconds;
}

std::string_view HttpResponse::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.name == name; });
  return found == headers.end() ? std::string_view() : found->value;
}

HttpClient::HttpClient(std::string ca_file, std::stop_token stop)
    : state_(new State{.ca_file = std::move(ca_file), .stop = std::move(stop), .connections_opened = 0, .idle = {}}) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  ENSURE(started == CURLE_OK);
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  const std::string origin = uri_origin(request.url);
  if (state_->stop.stop_requested()) return fail(Kind::transient, "cancelled: shutting down", origin);

  Transfer transfer{.request = request, .stop = state_->stop, .response = {}, .refused = {}};
  HeaderLines headers;
  for (const HttpHeader& header : request.headers) headers.add(header.name, header.value);
  if (!request.sign && !request.body.empty()) headers.add("Expect", "");  // not to be sent

  Easy easy = state_->take();
  BodySink body_sink{&transfer, easy.get()};
  std::string detail(CURL_ERROR_SIZE, '\0');
  set_target(easy.get(), request, state_->ca_file);
  set_message(easy.get(), request);
  if (request.sign) set_signature(easy.get(), *request.sign, headers);
  set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  set(easy.get(), CURLOPT_USERAGENT, "edgeseal");
  set(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  set(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  set(easy.get(), CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  set(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&body_sink));
  set(easy.get(), CURLOPT_NOPROGRESS, 0L);
  set(easy.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  set(easy.get(), CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));

  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  long verify_result = 0;
  long opened = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy.get(), CURLINFO_SSL_VERIFYRESULT, &verify_result);
  curl_easy_getinfo(easy.get(), CURLINFO_NUM_CONNECTS, &opened);
  state_->connections_opened += opened;
  state_->give_back(std::move(easy));
  detail.resize(detail.find('\0'));

  if (code != CURLE_OK) {
    Error error = transfer.refused ? std::move(*transfer.refused)
                  : code == CURLE_ABORTED_BY_CALLBACK
                      ? Error{Kind::transient, "cancelled: shutting down", {}, {}, {}}
                      : transfer_error(code, verify_result, std::move(detail), state_->ca_file);
    if (error.where.empty()) error.where = origin;
    return tl::unexpected(std::move(error));
  }
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

long HttpClient::connections_opened() const { return state_->connections_opened; }

std::string HttpClient::library_version() { return curl_version(); }

}  // namespace edgeseal::transport
