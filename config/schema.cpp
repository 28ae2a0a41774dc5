// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/schema.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "config/schema_rows.h"
#include "crypto/keys/key_form.h"
#include "transport/aws/s3_form.h"
#include "transport/ingest/broker_form.h"
#include "transport/mqtt/topic_filter.h"
#include "transport/sinks/object_name_form.h"

namespace edgeseal::config {
namespace {

using namespace rows;  // NOLINT(google-build-using-namespace): the rows read as a table
using namespace std::chrono_literals;
using transport::AwsCredentialsOptions;
using transport::DirectorySinkOptions;
using transport::FileCredentialsOptions;
using transport::MqttOptions;
using transport::S3SinkOptions;
using transport::TlsOptions;

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;
constexpr std::chrono::days kTtlMax{36500};

auto store_password(SecretRef::Source source) {
  return [source](const Parts& parts, const Value& value) {
    parts.get<MqttOptions>().password = SecretRef{source, value.text};
  };
}

void store_environment(const Parts& parts, const Value& /*value*/) {
  parts.get<AwsCredentialsOptions>() = transport::EnvironmentCredentialsOptions{};
}

auto store_credentials(SecretRef::Source source) {
  return [source](const Parts& parts, const Value& value) {
    parts.get<AwsCredentialsOptions>() = FileCredentialsOptions{.file = {source, value.text}};
  };
}

/// Its row stands below those of the file.
void store_profile(const Parts& parts, const Value& value) {
  auto* file = std::get_if<FileCredentialsOptions>(&parts.get<AwsCredentialsOptions>());
  if (file != nullptr) file->profile = value.text;
}

Key reference(std::string path, std::string sample, std::string help,
              std::function<void(const Parts&, const Value&)> store) {
  Key key = row(std::move(path), Type::text, std::move(help), std::move(store));
  key.form = check_text_form;
  key.sample = std::move(sample);
  return key;
}

Key as_path(Key key) {
  key.type = Type::path;
  key.form = nullptr;
  return key;
}

void add_file(std::vector<Key>& t) {
  Key version = row("version", Type::choice, "version of the configuration's form", {});
  version.choices = {"1"};
  version.literal = true;
  version.harmless = true;
  t.push_back(required("1", version));
  Key gateway = text("gateway", &Options::gateway, check_gateway_name,
                     "this gateway's name: what owners see, what groups: and gateways: go by; --gateway overrides it");
  gateway.fallback = "${HOSTNAME}";
  t.push_back(gateway);
}

void add_source(std::vector<Key>& t) {
  t.push_back(section("source", "the MQTT broker that messages come from"));
  t.push_back(text("source.url", &MqttOptions::url, transport::broker_url_form,
                   "mqtt://HOST[:PORT] (1883), or mqtts://HOST[:PORT] (8883) for TLS"));
  t.push_back(choice("source.mqtt_version", &MqttOptions::version,
                     {{"5", transport::MqttVersion::v5}, {"3.1.1", transport::MqttVersion::v3_1_1}},
                     "version of MQTT to speak"));
  t.push_back(noted("edgeseal-GATEWAY; under sources: edgeseal-GATEWAY-NAME",
                    text("source.client_id", &MqttOptions::client_id, transport::mqtt_text_form,
                         "names the session that the broker keeps; two clients with one id throw each other out")));
  t.push_back(confidential(sampled(
      "edgeseal", text("source.username", &MqttOptions::username, transport::mqtt_text_form, "MQTT user name"))));
  Key password = section("source.password", "where the MQTT password stands: one of the three below");
  password.refusal =
      "expected a reference to the password, found a literal, which could be read in every copy of the file";
  password.sample = "{credential: broker-password}";
  password.secret = true;
  password.one_of = {"credential", "file", "env"};
  t.push_back(password);
  t.push_back(reference("source.password.credential", "broker-password",
                        "name of a systemd credential (LoadCredential=)",
                        store_password(SecretRef::Source::credential)));
  t.push_back(as_path(reference("source.password.file", "broker.password", "file whose first line it is",
                                store_password(SecretRef::Source::file))));
  t.push_back(reference("source.password.env", "BROKER_PASSWORD", "environment variable",
                        store_password(SecretRef::Source::env)));
  t.push_back(section("source.tls", "with mqtts://; server certificate and host name are always checked"));
  t.push_back(noted("the system's store",
                    sampled("ca.pem", path("source.tls.ca", &TlsOptions::ca, "PEM file of the authorities to trust"))));
  t.push_back(sampled("gw.pem", path("source.tls.cert", &TlsOptions::cert, "client certificate chain, PEM")));
  t.push_back(sampled("gw.key", path("source.tls.key", &TlsOptions::key, "its private key, PEM")));
  t.push_back(noted("the URL's host",
                    sampled("broker.local", text("source.tls.server_name", &TlsOptions::server_name,
                                                 transport::server_name_form, "name to check and to send as SNI"))));
  t.push_back(duration("source.keep_alive", &MqttOptions::keep_alive, 1s, 65535s, "longest silence between packets"));
  t.push_back(integer("source.receive_maximum", &MqttOptions::receive_maximum, {1, 65535},
                      "QoS 1 and 2 messages that the broker may have in flight towards us (MQTT 5)"));
  t.push_back(noted(
      "16MiB, or a quarter of spool.max_bytes where that is less",
      size("source.max_packet", &MqttOptions::packet_bytes_max, {kKiB, 256 * kMiB},
           "longest message to take, with topic and properties; at most a quarter of spool.max_bytes; longer ones are "
           "recorded as dropped, or kept back by an MQTT 5 broker")));
  t.push_back(section("sources", "several brokers instead of one: a map from names to blocks like source:"));
}

void add_keys(std::vector<Key>& t) {
  using crypto::KeyOptions;
  t.push_back(section("keys", "public keys to seal for; only who has the private key can open"));
  t.push_back(section("keys.*", "one key, by a name that routes refer to"));
  t.push_back(required("kms-public.der", path("keys.*.file", &KeyOptions::file,
                                              "RSA public key: DER, PEM or the JSON of `aws kms get-public-key`")));
  t.push_back(sampled("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                      text("keys.*.pin", &KeyOptions::pin, crypto::pin_form,
                           "SHA-256 of the DER key, as `edgeseal pin` prints it; another key is refused")));
  t.push_back(choice("keys.*.wrap", &KeyOptions::wrap,
                     {{"aws-kms-rsa", crypto::WrapForm::aws_kms_rsa}, {"raw-rsa", crypto::WrapForm::raw_rsa}},
                     "form of the encrypted data key: for a KMS key, or for a private key in hand"));
  t.push_back(
      noted("KeyId of the JSON", sampled("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                                         text("keys.*.kms_key", &KeyOptions::kms_key, crypto::kms_key_form,
                                              "aws-kms-rsa: the key's ARN (not an alias's), which openers look for"))));
  t.push_back(only_for("raw-rsa", text("keys.*.namespace", &KeyOptions::key_namespace, crypto::key_namespace_form,
                                       "provider id that openers look for")));
  t.push_back(
      only_for("raw-rsa", noted("the key's name here", text("keys.*.name", &KeyOptions::name, crypto::key_name_form,
                                                            "key name that openers look for"))));
  t.push_back(choice("keys.*.oaep", &KeyOptions::oaep, {{"sha256", OaepHash::sha256}, {"sha1", OaepHash::sha1}},
                     "hash of RSA-OAEP and its MGF1; sha1 only where a key's policy demands it"));
}

void add_routes(std::vector<Key>& t) {
  t.push_back(section("routes", "which messages go where, sealed for whom; the first route that fits takes a message"));
  t.push_back(section("routes.*", "one route, by the name that owners see"));
  t.push_back(noted("the only source", sampled("plant", text("routes.*.source", &RouteOptions::source, check_name,
                                                             "source of its messages, where there are several"))));
  t.push_back(required("[plant/+/telemetry/#]", list("routes.*.topics", &RouteOptions::topics,
                                                     transport::topic_filter_form, "MQTT topic filters")));
  t.push_back(
      integer("routes.*.qos", &RouteOptions::qos, {0, 2}, "highest QoS to subscribe with; 0 may lose messages"));
  t.push_back(required("[mine-2026]", list("routes.*.keys", &RouteOptions::keys, check_name,
                                           "keys to seal for; any one of them opens")));
  t.push_back(required("[lake]", list("routes.*.sinks", &RouteOptions::sinks, check_name,
                                      "where batches go; all must confirm before one leaves the spool")));
  t.push_back(section("routes.*.batch", "when a batch is closed: at whichever bound is met first"));
  t.push_back(noted("1MiB, or a quarter of spool.max_bytes where that is less",
                    size("routes.*.batch.max_bytes", &BatchOptions::bytes_max, {kKiB, 256 * kMiB},
                         "content of a batch before compression; at most a quarter of spool.max_bytes")));
  t.push_back(integer("routes.*.batch.max_records", &BatchOptions::records_max, {1, 10'000'000}, "records of a batch"));
  t.push_back(duration("routes.*.batch.max_age", &BatchOptions::age_max, 10ms, 24h, "age of a batch's first record"));
  Key compression = row("routes.*.compression", Type::text, "zstd:1 (fast) to zstd:19 (small), or none; zstd is zstd:1",
                        [](const Parts& parts, const Value& value) {
                          parts.get<CompressionOptions>().zstd_level = zstd_level(value.text);
                        });
  compression.form = check_compression;
  compression.fallback = "zstd";
  t.push_back(harmless(compression));
  t.push_back(integer("routes.*.priority", &RouteOptions::priority, {0, 9}, "higher leaves first and is dropped last"));
  Key ttl =
      row("routes.*.ttl", Type::duration, "age at which a batch that nobody took is dropped, and recorded as such",
          [](const Parts& parts, const Value& value) {
            parts.get<RouteOptions>().ttl = std::chrono::milliseconds(static_cast<std::int64_t>(value.number));
          });
  ttl.range = {static_cast<std::uint64_t>(std::chrono::milliseconds(1s).count()),
               static_cast<std::uint64_t>(std::chrono::milliseconds(kTtlMax).count())};
  t.push_back(harmless(noted("never", sampled("30d", ttl))));
}

void add_sinks(std::vector<Key>& t) {
  t.push_back(section("sinks", "where sealed batches go"));
  t.push_back(section("sinks.*", "one sink, by a name that routes refer to"));
  Key type = row("sinks.*.type", Type::choice, "kind of sink", {});
  type.choices = transport::sink_types();
  t.push_back(harmless(required("s3", type)));
  const std::string key_help =
      "object names; with {gateway} {route} {seq} {batch} {date} {hour}, of which {batch} must be there, and .esdk "
      "last";
  t.push_back(only_for("s3", text("sinks.*.key", &S3SinkOptions::key, transport::object_name_form, key_help)));
  t.push_back(
      only_for("directory", text("sinks.*.key", &DirectorySinkOptions::key, transport::object_name_form, key_help)));
  t.push_back(only_for("directory", required("/media/carry-out",
                                             path("sinks.*.path", &DirectorySinkOptions::path, "folder to write to"))));
  t.push_back(only_for("directory", flag("sinks.*.require_mount", &DirectorySinkOptions::require_mount,
                                         "write only while a medium is mounted on the folder, which must be the mount "
                                         "point itself")));
  t.push_back(only_for(
      "s3", required("ore-data", text("sinks.*.bucket", &S3SinkOptions::bucket, transport::bucket_form, "bucket"))));
  t.push_back(
      only_for("s3", required("eu-west-1", text("sinks.*.region", &S3SinkOptions::region, transport::region_form,
                                                "region, also of other servers than AWS's"))));
  t.push_back(
      only_for("s3", noted("AWS's for the region",
                           sampled("https://s3.example.com", text("sinks.*.endpoint", &S3SinkOptions::endpoint,
                                                                  transport::endpoint_form, "another S3 server")))));
  t.push_back(only_for("s3", flag("sinks.*.path_style", &S3SinkOptions::path_style,
                                  "bucket in the path, as most other servers want it")));
  Key credentials =
      row("sinks.*.credentials", Type::choice,
          "AWS credentials for uploading: the word environment, or the settings below", store_environment);
  credentials.choices = {"environment"};
  credentials.fallback = "environment";
  credentials.sample = "{credential: aws}";
  credentials.or_map = true;
  credentials.one_of = {"file", "credential"};
  t.push_back(only_for("s3", credentials));
  t.push_back(
      only_for("s3", as_path(reference("sinks.*.credentials.file", "aws-credentials", "AWS shared credentials file",
                                       store_credentials(SecretRef::Source::file)))));
  t.push_back(only_for("s3", reference("sinks.*.credentials.credential", "aws", "the same, as a systemd credential",
                                       store_credentials(SecretRef::Source::credential))));
  Key profile = reference("sinks.*.credentials.profile", {}, "section of that file", store_profile);
  profile.fallback = FileCredentialsOptions{}.profile;
  t.push_back(only_for("s3", confidential(profile)));
  t.push_back(only_for(
      "s3", noted("the system's store",
                  sampled("ca.pem", path("sinks.*.ca", &S3SinkOptions::ca, "PEM file of the authorities to trust")))));
  t.push_back(only_for("s3", duration("sinks.*.timeout", &S3SinkOptions::timeout, 1s, 1h, "of one upload")));
}

void add_rest(std::vector<Key>& t) {
  using storage::SpoolOptions;
  using storage::WhenFull;
  t.push_back(section("spool", "sealed batches on disk, until they are delivered"));
  t.push_back(path("spool.path", &SpoolOptions::path, "SQLite file"));
  t.push_back(size("spool.max_bytes", &SpoolOptions::bytes_max, {kMiB, 16 * kTiB},
                   "bound of sealed bytes; more bridges longer outages"));
  t.push_back(size("spool.min_free", &SpoolOptions::free_bytes_min, {0, 16 * kTiB}, "disk space left free for others"));
  t.push_back(choice(
      "spool.when_full", &SpoolOptions::when_full,
      {{"drop-oldest", WhenFull::drop_oldest}, {"drop-newest", WhenFull::drop_newest}, {"block", WhenFull::block}},
      "what gives way; block leaves new messages with the broker"));
  t.push_back(duration("spool.commit_interval", &CommitOptions::interval, 1ms, 1min,
                       "longest time a message waits for its commit; longer spares flash, delays acknowledgements"));
  t.push_back(section("log", "what edgeseal says of itself"));
  t.push_back(choice("log.level", &LogOptions::level,
                     {{"debug", LogLevel::debug},
                      {"info", LogLevel::info},
                      {"warning", LogLevel::warning},
                      {"error", LogLevel::error}},
                     "least important lines to write"));
  t.push_back(choice("log.format", &LogOptions::format,
                     {{"auto", LogFormat::automatic},
                      {"text", LogFormat::text},
                      {"json", LogFormat::json},
                      {"journal", LogFormat::journal}},
                     "auto: journal under systemd, else text"));
  t.push_back(section("status", "what `edgeseal status` asks"));
  Key socket = maybe_empty(path("status.socket", &StatusOptions::socket, "Unix socket; \"\": none"));
  socket.form = check_socket_path;
  t.push_back(socket);
  Key groups =
      row("groups", Type::list, "settings for some gateways: {match: GLOB, set: {…}} each; later ones win", {});
  groups.sample = "[{match: truck-*, set: {spool: {max_bytes: 8GiB}}}]";
  t.push_back(groups);
  t.push_back(section("gateways", "settings for single gateways: a map from their names to settings"));
}

void insert(Block& tree, const Key& key) {
  Block* block = &tree;
  std::size_t begin = 0;
  while (begin <= key.path.size()) {
    const std::size_t end = std::min(key.path.find('.', begin), key.path.size());
    const std::string name = key.path.substr(begin, end - begin);
    auto child = std::ranges::find(block->children, name, &Block::name);
    if (child == block->children.end()) {
      block->children.push_back({.name = name, .rows = {}, .children = {}});
      child = std::prev(block->children.end());
    }
    block = &*child;
    begin = end + 1;
  }
  block->rows.push_back(&key);
}

}  // namespace

const std::vector<Key>& schema() {
  static const std::vector<Key> table = [] {
    std::vector<Key> rows;
    add_file(rows);
    add_source(rows);
    add_keys(rows);
    add_routes(rows);
    add_sinks(rows);
    add_rest(rows);
    return rows;
  }();
  return table;
}

const Block& schema_tree() {
  static const Block tree = [] {
    Block root;
    for (const Key& key : schema()) insert(root, key);
    return root;
  }();
  return tree;
}

const Block* Block::find(std::string_view child) const {
  const auto at = std::ranges::find(children, child, &Block::name);
  return at == children.end() ? nullptr : &*at;
}

const Key* Block::row(std::string_view variant) const {
  const auto at =
      std::ranges::find_if(rows, [&](const Key* key) { return key->variant.empty() || key->variant == variant; });
  return at == rows.end() ? nullptr : *at;
}

std::vector<std::string> Block::names(std::string_view variant) const {
  std::vector<std::string> names;
  for (const Block& child : children) {
    if (child.row(variant) != nullptr) names.push_back(child.name);
  }
  return names;
}

}  // namespace edgeseal::config
