// SPDX-License-Identifier: GPL-3.0-or-later
// The public recipe, step by step as the README has it: the `aws` command makes a key and hands out its public half,
// edgeseal seals with that alone, and the owner opens through KMS. Nothing here is edgeseal's but its two programs.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "crypto/base/bytes.h"
#include "crypto/base/wire.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/servers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kAws = "/usr/bin/aws";
constexpr const char* kAlias = "alias/edgeseal-owner";

/// Reads the frames of a message whose data key is known: argument 1 the file, 2 the data key in hexadecimal.
/// Source: AWS Encryption SDK specification, message-header.md and message-body.md.
constexpr const char* kFrameReader = R"py(
import struct, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
message, data_key = open(sys.argv[1], "rb").read(), bytes.fromhex(sys.argv[2])
u16 = lambda at: int.from_bytes(message[at:at + 2], "big")
message_id, at = message[3:35], 37 + u16(35)
edks, at = u16(at), at + 2
for _ in range(3 * edks):
    at += 2 + u16(at)
frame_length = int.from_bytes(message[at + 1:at + 5], "big")
commitment, header = message[at + 5:at + 37], message[:at + 37]
tag, at = message[at + 37:at + 53], at + 53
derived = lambda info: HKDF(SHA512(), 32, message_id, info).derive(data_key)
assert derived(b"COMMITKEY") == commitment
aes = AESGCM(derived(b"\x04\x78DERIVEKEY"))
aes.decrypt(bytes(12), tag, header)
number, final = 0, False
while not final:
    number += 1
    final = message[at:at + 4] == b"\xff" * 4
    at += 4 if final else 0
    assert message[at:at + 16] == struct.pack(">I8xI", number, number)
    at += 16
    size = frame_length
    if final:
        size, at = int.from_bytes(message[at:at + 4], "big"), at + 4
    label = b"AWSKMSEncryptionClient " + (b"Final Frame" if final else b"Frame")
    sys.stdout.buffer.write(aes.decrypt(struct.pack(">8xI", number), message[at:at + size + 16],
                                        message_id + label + struct.pack(">IQ", number, size)))
    at += size + 16
assert at == len(message)
)py";

/// What of a message's header the recipe needs.
struct Header {
  std::string context;  ///< serialised, without its length
  std::string provider, info, wrapped_key;
  std::uint16_t edk_count = 0;
};

Header header_of(const std::string& message) {
  WireReader wire(as_bytes(message));
  const auto field = [&] { return std::string(as_text(wire.bytes(wire.u16().value()).value())); };
  Header header;
  EXPECT_EQ(to_hex(wire.bytes(3).value()), "020478");
  (void)wire.bytes(32);  // message id
  header.context = field();
  header.edk_count = wire.u16().value();
  header.provider = field();
  header.info = field();
  header.wrapped_key = field();
  return header;
}

/// More than a frame, and not only text.
std::string plaintext() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "reading " + std::to_string(i) + '\0' + '\n';
  return text;
}

std::map<std::string, std::string> credentials(const std::string& access_key, const std::string& secret_key) {
  return {{"AWS_ACCESS_KEY_ID", access_key},
          {"AWS_SECRET_ACCESS_KEY", secret_key},
          {"AWS_CONFIG_FILE", "/dev/null"},
          {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
          {"AWS_PAGER", ""},
          {"AWS_EC2_METADATA_DISABLED", "true"}};
}

/// The `aws` command, edgeseal and edgeseal-open, with the credentials of one KMS.
class Recipe {
 public:
  Recipe(const KmsServer& kms, std::string region, std::map<std::string, std::string> environment)
      : url_(kms.url()), region_(std::move(region)), environment_(std::move(environment)) {}

  [[nodiscard]] Finished aws_kms(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {kAws, "--endpoint-url", url_, "--region", region_, "--output", "json", "kms"});
    return run(arguments, {}, std::chrono::seconds(60), environment_);
  }
  /// The key that `aws kms create-key` made; its answer's metadata.
  [[nodiscard]] json create_key(const std::string& spec) const {
    const Finished made = aws_kms({"create-key", "--key-spec", spec, "--key-usage", "ENCRYPT_DECRYPT"});
    EXPECT_EQ(made.status, 0) << made.err;
    return json::parse(made.out).at("KeyMetadata");
  }
  /// `aws kms get-public-key > NAME`, and the same key as DER in NAME.der.
  void save_public_key(const std::string& key, const TempDir& dir, const std::string& name) const {
    const Finished got = aws_kms({"get-public-key", "--key-id", key});
    ASSERT_EQ(got.status, 0) << got.err;
    dir.write(name, got.out);
    const Finished text = aws_kms({"get-public-key", "--key-id", key, "--output", "text", "--query", "PublicKey"});
    ASSERT_EQ(text.status, 0) << text.err;
    dir.write(name + ".der", as_text(from_base64(text.out).value()));
  }
  [[nodiscard]] Finished edgeseal(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), test::program_dir() + "/edgeseal");
    return run(arguments);
  }
  [[nodiscard]] Finished open(std::vector<std::string> arguments) const { return open(environment_, arguments); }
  [[nodiscard]] Finished open(const std::map<std::string, std::string>& environment,
                              std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {test::program_dir() + "/edgeseal-open", "--format", "message", "--kms", "--endpoint", url_});
    return run(arguments, {}, std::chrono::seconds(60), environment);
  }

 private:
  std::string url_;
  std::string region_;
  std::map<std::string, std::string> environment_;
};

class RecipeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kAws)) GTEST_SKIP() << "no aws command; run tests/setup";
  }
  /// Seals for the key, told nothing but the JSON of `aws kms get-public-key`.
  std::string seal(const Recipe& recipe, const std::string& key) {
    recipe.save_public_key(key, dir_, "kms-public.json");
    const std::string plain = dir_.write("day.log", "42\n").string();
    const Finished sealed = recipe.edgeseal({"seal", "--key", (dir_ / "kms-public.json").string(), plain});
    EXPECT_EQ(sealed.status, 0) << sealed.err;
    return plain + ".esdk";
  }
  TempDir dir_;
};

class EachKeySpecTest : public RecipeTest, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Recipe, EachKeySpecTest, ::testing::Values("RSA_2048", "RSA_3072", "RSA_4096"),
                         [](const auto& spec) { return std::string(spec.param); });

// The pure AWS way: `aws kms decrypt` of the wrapped key gives what the KMS RSA keyring's specification says, and any
// AES-GCM opens the frames with it. Then the same by edgeseal-open.
TEST_P(EachKeySpecTest, GoesFromCreateKeyToFramesThatAnyAesGcmOpens) {
  const KmsServer kms;
  const Recipe recipe(kms, KmsServer::kRegion, credentials(KmsServer::kAccessKey, KmsServer::kSecretKey));
  const json key = recipe.create_key(GetParam());
  const std::string arn = key.at("Arn");
  const Finished named =
      recipe.aws_kms({"create-alias", "--alias-name", kAlias, "--target-key-id", key.at("KeyId").get<std::string>()});
  ASSERT_EQ(named.status, 0) << named.err;
  recipe.save_public_key(kAlias, dir_, "kms-public.json");

  // Both forms of one key have one pin: that of the DER bytes.
  const std::string public_key = (dir_ / "kms-public.json").string();
  const Finished pins = recipe.edgeseal({"pin", public_key, public_key + ".der"});
  ASSERT_EQ(pins.status, 0) << pins.err;
  const std::string pin = "sha256:" + run({"sha256sum", public_key + ".der"}).out.substr(0, 64);
  const std::string size = std::string("RSA ") + (GetParam() + 4);
  EXPECT_THAT(pins.out, AllOf(StartsWith(pin), HasSubstr("\n" + pin), HasSubstr(size), HasSubstr(arn)));

  const std::string plain = dir_.write("day.log", plaintext()).string();
  const Finished sealed = recipe.edgeseal({"seal", "--key", public_key, "--context", "purpose=recipe", plain});
  ASSERT_EQ(sealed.status, 0) << sealed.err;
  const std::string message_file = plain + ".esdk";
  const Header header = header_of(read_file(message_file));
  EXPECT_EQ(header.edk_count, 1);
  EXPECT_EQ(header.provider, "aws-kms-rsa");
  EXPECT_EQ(header.info, arn) << "the key, not the alias under which it was asked for";
  EXPECT_EQ(header.wrapped_key.size() * 8, std::stoul(GetParam() + 4));

  const std::string wrapped = dir_.write("wrapped", header.wrapped_key).string();
  const Finished decrypted = recipe.aws_kms({"decrypt", "--key-id", arn, "--encryption-algorithm", "RSAES_OAEP_SHA_256",
                                             "--ciphertext-blob", "fileb://" + wrapped});
  ASSERT_EQ(decrypted.status, 0) << decrypted.err;
  const std::string unwrapped(
      as_text(from_base64(json::parse(decrypted.out).at("Plaintext").get<std::string>()).value()));
  ASSERT_EQ(unwrapped.size(), 80U);
  EXPECT_EQ(to_hex(as_bytes(unwrapped.substr(0, 48))),
            run({"sha384sum", dir_.write("context", header.context).string()}).out.substr(0, 96));
  const std::string reader = dir_.write("reader.py", kFrameReader).string();
  const Finished read = run({"/usr/bin/python3", reader, message_file, to_hex(as_bytes(unwrapped.substr(48)))});
  EXPECT_EQ(read.status, 0) << read.err;
  EXPECT_TRUE(read.out == plaintext());

  const Finished opened = recipe.open({message_file});
  EXPECT_EQ(opened.status, 0) << opened.err;
  EXPECT_TRUE(opened.out == plaintext());
}

TEST_F(RecipeTest, AWrongRegionSecretOrKeyIsRefusedWithTheCause) {
  const KmsServer kms;
  const auto right = credentials(KmsServer::kAccessKey, KmsServer::kSecretKey);
  const Recipe recipe(kms, KmsServer::kRegion, right);
  const std::string message = seal(recipe, recipe.create_key("RSA_2048").at("KeyId"));
  const std::string other = recipe.create_key("RSA_2048").at("Arn");
  struct Row {
    std::string name;
    std::map<std::string, std::string> environment;
    std::vector<std::string> arguments;
    std::string says;
  };
  const std::vector<Row> rows{
      {"region", right, {"--region", "us-east-1"}, "InvalidSignatureException"},
      {"secret", credentials(KmsServer::kAccessKey, "guessed"), {}, "InvalidSignatureException"},
      {"access key", credentials("AKIANOBODY", KmsServer::kSecretKey), {}, "UnrecognizedClientException"},
      {"another key", right, {"--kms-key", other}, "no-key"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> arguments = row.arguments;
    arguments.push_back(message);
    const Finished refused = recipe.open(row.environment, arguments);
    EXPECT_THAT(refused.status, ::testing::AnyOf(1, 2)) << row.name;
    EXPECT_THAT(refused.err, HasSubstr(row.says)) << row.name;
    EXPECT_EQ(refused.out, "") << row.name;
    EXPECT_THAT(refused.err, ::testing::Not(HasSubstr(KmsServer::kSecretKey))) << row.name;
  }
  EXPECT_EQ(recipe.open({message}).out, "42\n") << "and with everything right it opens";
}

TEST_F(RecipeTest, AKeyThatMayNotDecryptStillSeals) {
  const std::string pem = test::source_dir() + "/tests/vectors/keys/rsa-2048.private.pem";
  const std::string arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const KmsServer kms({"--import-key", pem + "=" + arn, "--deny-decrypt", arn});
  const Recipe recipe(kms, KmsServer::kRegion, credentials(KmsServer::kAccessKey, KmsServer::kSecretKey));
  const std::string message = seal(recipe, arn);
  const std::string wrapped = dir_.write("wrapped", header_of(read_file(message)).wrapped_key).string();
  const Finished aws = recipe.aws_kms({"decrypt", "--key-id", arn, "--encryption-algorithm", "RSAES_OAEP_SHA_256",
                                       "--ciphertext-blob", "fileb://" + wrapped});
  EXPECT_THAT(aws.err, HasSubstr("AccessDeniedException"));
  const Finished refused = recipe.open({message});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(message), HasSubstr("AccessDeniedException"), HasSubstr("kms:Decrypt")));
}

// The whole way: sealed on one machine, uploaded with the aws command, opened from the bucket on another.
TEST_F(RecipeTest, IsOpenedFromTheBucketThatAwsUploadedTo) {
  const S3Server s3;
  const KmsServer kms(
      {"--access-key", S3Server::kAccessKey, "--secret-key", S3Server::kSecretKey, "--region", S3Server::kRegion});
  const auto right = credentials(S3Server::kAccessKey, S3Server::kSecretKey);
  const Recipe recipe(kms, S3Server::kRegion, right);
  const std::string message = seal(recipe, recipe.create_key("RSA_4096").at("KeyId"));
  const std::string address = std::string("s3://") + S3Server::kBucket + "/by-hand/day.log.esdk";
  const Finished copied =
      run({kAws, "--endpoint-url", s3.url(), "--region", S3Server::kRegion, "s3", "cp", message, address}, {},
          std::chrono::seconds(60), right);
  ASSERT_EQ(copied.status, 0) << copied.err;
  const std::vector<std::string> from_s3{"--s3-endpoint", s3.url(), "--region", S3Server::kRegion, address};
  const Finished opened = recipe.open(from_s3);
  EXPECT_EQ(opened.status, 0) << opened.err;
  EXPECT_EQ(opened.out, "42\n");

  const Finished refused = recipe.open(credentials(S3Server::kAccessKey, "guessed"), from_s3);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("SignatureDoesNotMatch"), HasSubstr(S3Server::kBucket)));
}

}  // namespace
}  // namespace edgeseal::test
