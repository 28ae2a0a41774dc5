# SPDX-License-Identifier: GPL-3.0-or-later
"""The house as data: rooms and arrows, doors, secrets. docs/architecture.md says why; tidy.py enforces it."""

BASE = ["crypto/base"]
SEALING = BASE + ["crypto/primitives", "crypto/keys", "crypto/envelope"]
WIRE_OF_THE_GATEWAY = ["transport/http", "transport/aws", "transport/sinks", "transport/mqtt", "transport/ingest"]
OF_THE_GATEWAY = SEALING + WIRE_OF_THE_GATEWAY + ["storage", "systemd", "config", "agent/batch", "agent/core"]
OF_THE_OWNER = SEALING + ["crypto/open", "transport/http", "transport/aws", "transport/owner", "agent/batch"]

# Options and the forms of their values alone, and what those headers include in turn.
OPTIONS = ["crypto/*_options.h", "crypto/*_form.h", "storage/*_options.h", "transport/*_options.h",
           "transport/*_form.h"]

# What a topic filter matches. Pure.
FILTERS = ["transport/mqtt/topic_filter*.h"]

# What the files of a room may include besides their own room's: rooms, or patterns of single headers.
ROOMS = {
    "crypto/base": [],
    "crypto/primitives": BASE,
    "crypto/keys": BASE + ["crypto/primitives"],
    "crypto/envelope": BASE + ["crypto/primitives", "crypto/keys"],
    "crypto/open": SEALING,
    "storage": BASE,
    "transport/http": BASE,
    "transport/aws": BASE + ["transport/http"],
    "transport/sinks": BASE + ["transport/http", "transport/aws", "transport/mqtt"],
    "transport/owner": BASE + ["transport/http", "transport/aws"],
    "transport/mqtt": BASE,
    "transport/ingest": BASE + ["transport/mqtt"],
    "systemd": BASE,
    "config": BASE + OPTIONS + FILTERS,
    "agent/batch": BASE,
    "agent/core": SEALING + OPTIONS + FILTERS + ["agent/batch", "storage", "transport/ingest/source.h",
                                                 "transport/mqtt/message.h", "transport/sinks/sink.h",
                                                 "config/options.h"],
    "agent/runtime": OF_THE_GATEWAY,
    "agent/owner": OF_THE_OWNER,
    "agent/cli": OF_THE_GATEWAY + ["agent/runtime"],
}
# Files that may include other things than the rest of their room.
FILES = {"agent/cli/edgeseal_open*": OF_THE_OWNER + ["agent/owner"]}

# Whose headers are no library's, so that being included is enough; sources are named everywhere.
PROGRAMS = ["agent/cli/*", "tests/*"]

# Headers of others (patterns of what stands in <…>), and the files that may name them.
DOORS = [
    (["sqlite3.h", "sqlite3ext.h"], ["storage/sqlite.h", "storage/sqlite.cpp"]),
    (["curl/*"], ["transport/http/http_client.cpp"]),
    (["MQTTAsync.h", "MQTTClient.h", "MQTTProperties.h", "mqtt/*"], ["transport/mqtt/paho_values.h"]),
    (["yaml-cpp/*"], ["config/yaml_source.h", "config/yaml_source.cpp"]),
    (["openssl/evp.h"], ["transport/aws/md5.cpp"]),
    (["openssl/err.h", "openssl/ssl.h", "openssl/x509*.h"],
     ["transport/ingest/tls_stream.h", "transport/ingest/tls_stream.cpp"]),
    (["systemd/*"], ["systemd/notify.cpp"]),
    (["expat.h"], ["transport/aws/xml.cpp"]),
    (["wolfssl/*"], ["crypto/primitives/*.cpp", "crypto/primitives/wolfcrypt.h", "crypto/open/*.cpp"]),
    (["cbor.h", "cbor/*", "zstd.h", "zstd_errors.h"], ["agent/batch/*", "agent/owner/*"]),
]

# Files that look inside a secret. A new one belongs here with its reason, so that a reviewer meets it.
REVEALERS = {
    "crypto/base/secret_bytes.h": "declares it",
    "crypto/base/secret_ref.cpp": "fills what it read",
    "crypto/primitives/aes_gcm_encrypt.cpp": "key and key schedule",
    "crypto/primitives/fingerprint.cpp": "draws its own key",
    "crypto/primitives/hkdf.cpp": "input and derived key",
    "crypto/primitives/rsa_oaep_wrap.cpp": "the data key to wrap",
    "crypto/envelope/encryption_materials.cpp": "draws the data key, binds it to the context",
    "crypto/envelope/esdk_derivation.cpp": "publishes the commitment",
    "crypto/open/aes_gcm_decrypt.cpp": "key and key schedule",
    "crypto/open/data_key_source.cpp": "the unwrapped data key",
    "crypto/open/private_key.cpp": "reads the key file",
    "crypto/open/rsa_oaep_unwrap.cpp": "the private key, the unwrapped data key",
    "transport/aws/file_credentials.cpp": "takes the file's lines apart",
    "transport/http/http_client.cpp": "secret header fields and key passwords for curl",
    "transport/mqtt/mqtt_client.cpp": "the password for Paho",
    "transport/sinks/s3_sink.cpp": "credentials for the signature",
}

# Texts that no tracked file holds, and why.
BANNED = [
    (r"/work/|/tmp/build-", "a path of one machine", "a path from the root, or a parameter"),
    (r"registry\.npmjs", "a package registry's address", "the package's name alone"),
    (r"\b(?:TODO|FIXME)\b", "unfinished work", "an issue, or finish it"),
]
