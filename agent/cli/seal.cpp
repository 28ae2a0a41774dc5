// SPDX-License-Identifier: GPL-3.0-or-later
// The public recipe as a plain tool: no daemon, no AWS, any file of any size in bounded memory.
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/runtime/key_files.h"
#include "crypto/base/whole_file.h"
#include "crypto/envelope/esdk_writer.h"
#include "crypto/primitives/drbg.h"

namespace edgeseal::agent {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::string_view kStream = "-";

struct SealArguments {
  std::string key;
  std::string kms_key;
  std::string raw;
  std::string oaep = "sha256";
  std::vector<std::string> context;
  std::string output;
  std::vector<std::string> files;
};

Result<crypto::SealingKey> sealing_key(const SealArguments& arguments) {
  crypto::KeyOptions options;
  options.id = "key";
  options.file = arguments.key;
  options.kms_key = arguments.kms_key;
  options.oaep = arguments.oaep == "sha1" ? OaepHash::sha1 : OaepHash::sha256;
  if (!arguments.raw.empty()) {
    const std::size_t slash = arguments.raw.find('/');
    if (slash == 0 || slash == std::string::npos || slash + 1 == arguments.raw.size()) {
      return fail(Kind::invalid, "--raw: expected NAMESPACE/NAME, found \"" + arguments.raw + "\"");
    }
    options.wrap = crypto::WrapForm::raw_rsa;
    options.key_namespace = arguments.raw.substr(0, slash);
    options.name = arguments.raw.substr(slash + 1);
  }
  auto content = read_key_file(options.file);
  if (!content) return failed(content);
  auto key = crypto::SealingKey::create(options, *content);
  if (!key && key.error().fix.find("kms_key:") != std::string::npos) {
    key.error().fix = "say --kms-key ARN, or --raw NAMESPACE/NAME for a key that is not in KMS";
  }
  return key;
}

Result<crypto::EncryptionContext> context_of(const SealArguments& arguments) {
  crypto::EncryptionContext::Pairs pairs;
  for (const std::string& pair : arguments.context) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return fail(Kind::invalid, "--context: expected k=v, found \"" + pair + "\"");
    if (!pairs.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) {
      return fail(Kind::invalid, "--context: \"" + pair.substr(0, equals) + "\" is given twice");
    }
  }
  return crypto::EncryptionContext::create(std::move(pairs));
}

/// Reads a file, or stdin for "-", piece by piece.
class Input {
 public:
  static Result<Input> open(const std::string& name) {
    const int descriptor = name == kStream ? dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(Kind::transient, "cannot read: " + std::generic_category().message(errno), name);
    return Input(descriptor, name);
  }
  Input(Input&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}
  Input& operator=(Input&&) = delete;
  ~Input() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  /// Fills `buffer` from the start; fewer bytes than it holds only at the end.
  Result<std::size_t> read_into(MutableByteView buffer) {
    std::size_t size = 0;
    while (size < buffer.size()) {
      const ssize_t got = ::read(descriptor_, buffer.data() + size, buffer.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(Kind::transient, "cannot read: " + std::generic_category().message(errno), name_);
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    return size;
  }

 private:
  Input(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  int descriptor_;
  std::string name_;
};

/// Where one sealed message is written: a file that appears when it is whole, or a stream.
class Target {
 public:
  static Result<Target> open(const std::string& output) {
    if (output == kStream) return Target(output, std::nullopt, dup(STDOUT_FILENO));
    if (output_place(output) == OutputPlace::stream) {
      const int stream = ::open(output.c_str(), O_WRONLY | O_CLOEXEC);
      if (stream < 0) return fail(Kind::transient, "cannot open: " + std::generic_category().message(errno), output);
      return Target(output, std::nullopt, stream);
    }
    auto file = WholeFile::create(output);
    if (!file) return failed(file);
    return Target(output, std::move(*file), -1);
  }
  Target(Target&& other) noexcept
      : name_(std::move(other.name_)), file_(std::move(other.file_)), stream_(std::exchange(other.stream_, -1)) {}
  Target& operator=(Target&&) = delete;
  ~Target() {
    if (stream_ >= 0) close(stream_);
  }
  Result<void> write(ByteView bytes) {
    const int descriptor = file_ ? file_->descriptor() : stream_;
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail(Kind::transient, "cannot write: " + std::generic_category().message(errno), where());
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }
  Result<void> commit() {
    if (!file_) return {};
    return file_->commit();
  }

 private:
  Target(std::string name, std::optional<WholeFile> file, int stream)
      : name_(std::move(name)), file_(std::move(file)), stream_(stream) {}
  [[nodiscard]] std::string where() const { return name_ == kStream ? "standard output" : name_; }
  std::string name_;
  std::optional<WholeFile> file_;
  int stream_;
};

Result<void> seal_one(const std::string& name, const std::string& output, const crypto::EsdkWriter& writer) {
  auto input = Input::open(name);
  if (!input) return failed(input);
  auto target = Target::open(output);
  if (!target) return failed(target);
  Bytes sealed;
  auto stream = crypto::EsdkStream::start(writer, sealed);
  if (!stream) return failed(stream);
  PlainBytes piece(kPieceBytes);
  for (;;) {
    auto size = input->read_into(piece);
    if (!size) return failed(size);
    if (*size == 0) break;
    if (auto done = stream->write(ByteView(piece).first(*size), sealed); !done) return done;
    if (auto written = target->write(sealed); !written) return written;
    sealed.clear();
  }
  if (auto done = stream->finish(sealed); !done) return done;
  if (auto written = target->write(sealed); !written) return written;
  return target->commit();
}

/// Where `name` goes: what -o says, in a folder under its own name, or beside itself.
std::string output_of(const std::string& name, const std::string& output) {
  if (output.empty()) return name == kStream ? std::string(kStream) : name + ".esdk";
  if (output != kStream && std::filesystem::is_directory(output)) {
    return (std::filesystem::path(output) / std::filesystem::path(name).filename()).string() + ".esdk";
  }
  return output;
}

int seal(const SealArguments& arguments) {
  if (arguments.files.size() > 1 && !arguments.output.empty() && !std::filesystem::is_directory(arguments.output)) {
    print_error({Kind::invalid, "-o must be a folder when several files are sealed", {}, {}, {}});
    return kExitUsage;
  }
  auto key = sealing_key(arguments);
  if (!key) return print_error(key.error());
  auto context = context_of(arguments);
  if (!context) return print_error(context.error());
  auto drbg = crypto::Drbg::create();
  if (!drbg) return print_error(drbg.error());
  OutputGuard guard;
  for (const std::string& name : arguments.files) guard.reads(name);
  guard.reads(arguments.key);
  for (const std::string& name : arguments.files) {
    const std::string output = output_of(name, arguments.output);
    if (auto fine = output == kStream ? Result<void>() : guard.admit(output); !fine) {
      print_error(fine.error());
      return kExitUsage;
    }
  }
  for (const std::string& name : arguments.files) {
    auto materials = crypto::EncryptionMaterials::create({*key}, *context, *drbg);
    if (!materials) return print_error(materials.error());
    const crypto::EsdkWriter writer(*materials, *drbg);
    if (auto sealed = seal_one(name, output_of(name, arguments.output), writer); !sealed) {
      if (output_of(name, arguments.output) == kStream && reader_has_gone()) return kExitFailed;
      return print_error(sealed.error());
    }
  }
  return kExitFine;
}

}  // namespace

void add_seal(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("seal", "Seal files for the owner of a public key; edgeseal-open opens them");
  auto arguments = std::make_shared<SealArguments>();
  command->add_option("--key", arguments->key, "Public key: DER, PEM, or the JSON of aws kms get-public-key")
      ->required()
      ->type_name("PUBLIC");
  auto* kms = command->add_option("--kms-key", arguments->kms_key, "ARN of the KMS key; the JSON form brings its own");
  kms->type_name("ARN");
  command->add_option("--raw", arguments->raw, "For a key outside KMS: what its Raw RSA keyring will be called")
      ->type_name("NAMESPACE/NAME")
      ->excludes(kms);
  command->add_option("--oaep", arguments->oaep, "Hash of RSAES-OAEP: sha256 or sha1")
      ->check(CLI::IsMember({"sha256", "sha1"}))
      ->capture_default_str();
  command->add_option("--context", arguments->context, "Encryption context: readable by all, changed by none")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("-o,--output", arguments->output, "File, folder or - (default: FILE.esdk)")->type_name("OUT");
  command->add_option("FILE", arguments->files, "What to seal; - is standard input")->required();
  command->callback([arguments, &status] { status = seal(*arguments); });
}

}  // namespace edgeseal::agent
