// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/tls_stream.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "crypto/base/regular_file.h"
#include "transport/ingest/tcp_stream.h"

namespace edgeseal::transport {
namespace {

/// OpenSSL's oldest complaint, and forgets them all.
std::string openssl_reason(const std::string& otherwise) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return otherwise;
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? otherwise : reason;
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

class TlsStream final : public Stream {
 public:
  TlsStream(Descriptor socket, Ssl ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {}
  ~TlsStream() override {
    ERR_clear_error();
    if (usable_) SSL_shutdown(ssl_.get());  // says goodbye, and does not wait for the answer
  }
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Result<Transfer> read(MutableByteView out) override {
    ERR_clear_error();
    std::size_t got = 0;
    if (SSL_read_ex(ssl_.get(), out.data(), out.size(), &got) == 1) return Transfer{.bytes = got};
    return stopped(read_events_);
  }

  Result<Transfer> write(ByteView bytes) override {
    ERR_clear_error();
    std::size_t put = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put) == 1) return Transfer{.bytes = put};
    return stopped(write_events_);
  }

  [[nodiscard]] int descriptor() const override { return socket_.number(); }
  [[nodiscard]] short read_events() const override { return read_events_; }
  [[nodiscard]] short write_events() const override { return write_events_; }

 private:
  Result<Transfer> stopped(short& events) {
    const int number = errno;
    switch (SSL_get_error(ssl_.get(), 0)) {
      case SSL_ERROR_WANT_READ:
        events = POLLIN;
        return Transfer{};
      case SSL_ERROR_WANT_WRITE:
        events = POLLOUT;
        return Transfer{};
      case SSL_ERROR_ZERO_RETURN:
        return Transfer{.bytes = 0, .closed = true};
      case SSL_ERROR_SYSCALL:
        usable_ = false;
        return fail(Kind::transient, number == 0 ? "TLS: the connection was cut" : std::strerror(number));
      default:
        return fail(Kind::transient, "TLS: " + openssl_reason("failed"));
    }
  }

  Descriptor socket_;
  Ssl ssl_;
  bool usable_ = true;  ///< after an error even a goodbye is forbidden
  short read_events_ = POLLIN;
  short write_events_ = POLLOUT;
};

constexpr std::uint64_t kPemBytesMax = std::uint64_t{16} << 20;
constexpr const char* kPemFix = "give a PEM file that can be read";

/// Whether `file` can be opened by name without waiting for it, as OpenSSL does; if not, why is in `problems`.
bool check_file(const char* what, const std::string& file, std::vector<Error>& problems) {
  auto usable = check_regular_file(file, kPemBytesMax);
  if (usable) return true;
  usable.error().fix = kPemFix;
  problems.push_back(std::move(usable).error().during(what));
  return false;
}

Error unusable(const std::string& what, const std::string& file) {
  return {.kind = Kind::invalid, .what = what + ": " + openssl_reason("cannot be used"), .where = file, .fix = kPemFix};
}

constexpr const char* kCa = "CA certificates";
constexpr const char* kCert = "client certificate";
constexpr const char* kKey = "private key of the client certificate";

/// Loads what `options` name, all of it whatever fails; what does is in `problems`.
void load_files(SSL_CTX* context, const TlsOptions& options, std::vector<Error>& problems) {
  if (options.ca.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) problems.push_back(unusable("the system's certificates", ""));
  } else if (check_file(kCa, options.ca, problems) && SSL_CTX_load_verify_file(context, options.ca.c_str()) != 1) {
    problems.push_back(unusable(kCa, options.ca));
  }
  bool certified = !options.cert.empty() && check_file(kCert, options.cert, problems);
  if (certified && SSL_CTX_use_certificate_chain_file(context, options.cert.c_str()) != 1) {
    problems.push_back(unusable(kCert, options.cert));
    certified = false;
  }
  // Whether it is the certificate's is asked only of a certificate that could be read.
  if (options.key.empty() || !check_file(kKey, options.key, problems)) return;
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      (certified && SSL_CTX_check_private_key(context) != 1)) {
    problems.push_back(unusable(kKey, options.key));
  }
}

std::string handshake_problem(SSL* ssl) {
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK) {
    ERR_clear_error();
    return std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
  }
  return openssl_reason("the broker ended the handshake");
}

}  // namespace

struct TlsContext::Parts {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  ~Parts() { SSL_CTX_free(context); }
};

TlsContext::TlsContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsContext::TlsContext(TlsContext&&) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&&) noexcept = default;
TlsContext::~TlsContext() = default;

Result<TlsContext> TlsContext::load(const TlsOptions& options) {
  std::vector<Error> problems;
  auto context = load(options, problems);
  if (!context) return tl::unexpected(std::move(problems.front()));
  return std::move(*context);
}

std::optional<TlsContext> TlsContext::load(const TlsOptions& options, std::vector<Error>& problems) {
  auto parts = std::make_unique<Parts>();
  SSL_CTX* context = parts->context;
  ERR_clear_error();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    problems.push_back({.kind = Kind::fault, .what = "TLS: " + openssl_reason("no context")});
    return std::nullopt;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // What is written may be handed over again from another place and with more behind it.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const std::size_t before = problems.size();
  load_files(context, options, problems);
  if (problems.size() > before) return std::nullopt;
  return TlsContext(std::move(parts));
}

Result<std::unique_ptr<Stream>> TlsContext::connect(Descriptor socket, const std::string& name, int wake,
                                                    std::chrono::steady_clock::time_point deadline) const {
  ERR_clear_error();
  Ssl ssl(SSL_new(parts_->context));
  if (!ssl || SSL_set_fd(ssl.get(), socket.number()) != 1) return fail(Kind::fault, "TLS: " + openssl_reason("failed"));
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) != 1) {  // not an address
    if (X509_VERIFY_PARAM_set1_host(checks, name.c_str(), name.size()) != 1 ||
        SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1) {
      return fail(Kind::fault, "TLS: " + openssl_reason("server name"), name);
    }
  }
  for (;;) {
    ERR_clear_error();
    const int done = SSL_connect(ssl.get());
    if (done == 1) return std::make_unique<TlsStream>(std::move(socket), std::move(ssl));
    const int wanted = SSL_get_error(ssl.get(), done);
    if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) {
      return fail(Kind::transient, "TLS: " + handshake_problem(ssl.get()));
    }
    const short events = wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!wait_for(socket.number(), events, wake, deadline)) return fail(Kind::transient, "TLS: no answer in time");
  }
}

}  // namespace edgeseal::transport
