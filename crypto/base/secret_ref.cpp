// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base/secret_ref.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include <sys/stat.h>

#include "crypto/base/regular_file.h"

namespace edgeseal {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;

Result<SecretBytes> without_line_break(ByteView text, const SecretRef& ref) {
  if (text.size() > kSecretBytesMax) return fail(Kind::invalid, "secret (" + ref.describe() + ") is over 64 KiB");
  if (!text.empty() && text.back() == '\n') text = text.first(text.size() - 1);
  if (!text.empty() && text.back() == '\r') text = text.first(text.size() - 1);
  return SecretBytes::copy_of(text);
}

Result<SecretBytes> read_file(const std::string& path, const SecretRef& ref) {
  SecretBytes buffer(kSecretBytesMax + 1);
  auto size = read_regular_file(path, buffer.reveal());
  if (!size) return failed(size, "cannot read secret (" + ref.describe() + ")");
  return without_line_break(ByteView(buffer.reveal()).first(*size), ref);
}

}  // namespace

Result<SecretBytes> SecretRef::read() const {
  switch (source) {
    case Source::credential: {
      const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
      if (folder == nullptr) {
        return fail(Kind::invalid, "no credentials were passed to this process, but " + describe() + " is asked for",
                    {}, "start it as a systemd service with LoadCredential=" + name + ":…, or use file: or env:");
      }
      return read_file(std::string(folder) + "/" + name, *this);
    }
    case Source::file:
      return read_file(name, *this);
    case Source::env: {
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) return fail(Kind::invalid, "environment variable " + name + " is not set");
      return without_line_break(as_bytes(value), *this);
    }
  }
  return fail(Kind::fault, "unknown kind of secret");
}

Result<SecretBytes> SecretRef::read_line() const {
  auto whole = read();
  if (!whole) return whole;
  const ByteView bytes = std::as_const(*whole).reveal();
  const auto* const end =
      std::find_if(bytes.data(), bytes.data() + bytes.size(), [](auto c) { return c == '\n' || c == '\r'; });
  return SecretBytes::copy_of(bytes.first(static_cast<std::size_t>(end - bytes.data())));
}

std::string SecretRef::stamp() const {
  const char* folder = source == Source::credential ? std::getenv("CREDENTIALS_DIRECTORY") : nullptr;
  if (source == Source::env || (source == Source::credential && folder == nullptr)) return {};
  const std::string path = folder == nullptr ? name : std::string(folder) + "/" + name;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  std::string text;
  for (const auto number :
       {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec), static_cast<std::int64_t>(status.st_ctim.tv_sec),
        static_cast<std::int64_t>(status.st_ctim.tv_nsec)}) {
    text += std::to_string(number) + ":";
  }
  return text;
}

std::string SecretRef::describe() const {
  switch (source) {
    case Source::credential:
      return "credential " + name;
    case Source::file:
      return "file " + name;
    case Source::env:
      return "env " + name;
  }
  return name;
}

}  // namespace edgeseal
