# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in config/: which of two settings wins, what is refused, and settings that are not handed on."""
from rule import Rule

RULES = [
    Rule("null-removes-its-neighbour", "config",
         "if (place != places.end()) removed[place->second] = true;",
         """if (place != places.end()) {
            base.children.erase(base.children.begin() + static_cast<std::ptrdiff_t>(place->second));
            removed.pop_back();
            }""",
         ("unit_config Overlay.*:Fleet.*",)),
    Rule("null-of-a-gateway-keeps-what-was-before", "config", "own.clear();", "", ("unit_config Overlay.*:Fleet.*",)),
    Rule("null-of-all-gateways-keeps-them", "config",
         "if (!gateways.key.empty()) fleet.gateways.clear();", "", ("unit_config Overlay.*:Fleet.*",)),
    Rule("empty-variable-has-no-default", "config",
         "(!value || value->empty())) return std::string", "!value) return std::string",
         ("unit_config Substitute.*",)),
    Rule("default-before-the-variable", "config",
         "if (!value && name == \"HOSTNAME\") value = host_name();", "if (name == \"HOSTNAME\") value = host_name();",
         ("unit_config Substitute.*",)),
    Rule("sum-has-no-bound", "config",
         "|| count > 1'000'000) return std::nullopt;", ") return std::nullopt;", ("unit_config Units.*",)),
    Rule("scalar-in-an-unknown-place-is-shown", "config",
         "const bool harmless = block != nullptr &&", "const bool harmless = block == nullptr ||",
         ("unit_config *",)),
    Rule("socket-path-is-a-byte-longer", "config",
         "if (text.size() <= kSocketPathBytesMax) return std::nullopt;",
         "if (text.size() <= kSocketPathBytesMax + 1) return std::nullopt;",
         ("unit_config *",)),
    Rule("certificate-without-its-key", "transport/ingest",
         "if (tls.cert.empty() != tls.key.empty()) {", "if (tls.cert.empty() && !tls.key.empty()) {",
         ("unit_config *",)),
    Rule("clients-differ-by-broker-alone", "config",
         "clients.try_emplace({source.mqtt.url, source.mqtt.client_id}, source.name)",
         "clients.try_emplace({source.name, source.mqtt.client_id}, source.name)", ("unit_config *",)),
    Rule("password-file-is-a-credential", "config",
         "store_password(SecretRef::Source::file)", "store_password(SecretRef::Source::credential)",
         ("unit_config *",)),
    Rule("sha1-means-sha256", "config", '{"sha1", OaepHash::sha1}', '{"sha1", OaepHash::sha256}', ("unit_config *",)),
    Rule("drop-newest-drops-the-oldest", "config",
         '{"drop-newest", WhenFull::drop_newest}', '{"drop-newest", WhenFull::drop_oldest}', ("unit_config *",)),
]
