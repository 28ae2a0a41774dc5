// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/probe.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "transport/aws/credentials_factory.h"
#include "transport/ingest/tls_stream.h"
#include "transport/sinks/directory_sink.h"
#include "transport/sinks/sink_factory.h"

namespace edgeseal::agent {
namespace {

/// Whether this process may lack the secret though the service has it.
bool is_handed_to_the_service(const SecretRef& secret) {
  switch (secret.source) {
    case SecretRef::Source::credential:
      return std::getenv("CREDENTIALS_DIRECTORY") == nullptr;
    case SecretRef::Source::env:
      return true;
    case SecretRef::Source::file:
      return false;
  }
  return false;
}

void probe_source(const config::NamedSource& source, bool alone, Probed& probed) {
  const std::string setting = alone && source.name == "source" ? "source" : "sources." + source.name;
  if (source.mqtt.url.starts_with("mqtts://")) {
    std::vector<Error> problems;
    (void)transport::TlsContext::load(source.mqtt.tls, problems);
    for (Error& problem : problems) probed.refused.push_back(std::move(problem).during(setting + ".tls"));
  }
  if (!source.mqtt.password) return;
  if (auto readable = source.mqtt.password->read_line(); !readable) {
    auto& problems = is_handed_to_the_service(*source.mqtt.password) ? probed.withheld : probed.refused;
    problems.push_back(std::move(readable).error().during(setting + ".password"));
  }
}

class SinkProbe {
 public:
  SinkProbe(std::string setting, Probed& probed) : setting_(std::move(setting)), probed_(probed) {}

  /// Looks at what options of any kind may name: a folder, authorities, credentials.
  template <typename Options>
  void operator()(const Options& options) const {
    if constexpr (requires { transport::find_folder(options); }) look_at_folder(options.path, find_folder(options));
    if constexpr (requires { options.ca; }) look_at_authorities(options.ca);
    if constexpr (requires { options.credentials; }) look_at_credentials(options.credentials);
  }

 private:
  void look_at_folder(const std::filesystem::path& path, Result<void> found) const {
    if (found) return;
    std::error_code ignored;
    const bool other = std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored);
    (other ? probed_.refused : probed_.awaited).push_back(std::move(found).error().during(setting_ + ".path"));
  }
  void look_at_authorities(const std::string& ca) const {
    if (ca.empty()) return;
    if (auto usable = transport::TlsContext::load({.ca = ca}); !usable) {
      probed_.refused.push_back(std::move(usable).error().during(setting_ + ".ca"));
    }
  }
  void look_at_credentials(const transport::AwsCredentialsOptions& credentials) const {
    if (auto readable = transport::make_credentials_provider(credentials)->get(); !readable) {
      probed_.awaited.push_back(std::move(readable).error().during(setting_ + ".credentials"));
    }
  }

  std::string setting_;
  Probed& probed_;
};

}  // namespace

Probed probe(const config::Options& options) {
  Probed probed;
  for (const config::NamedSource& source : options.sources) {
    probe_source(source, options.sources.size() == 1, probed);
  }
  for (const config::NamedSink& sink : options.sinks) {
    const std::string setting = "sinks." + sink.name.text;
    if (auto usable = transport::make_sink(sink.options); !usable) {
      probed.refused.push_back(std::move(usable).error().during(setting));
    }
    std::visit(SinkProbe(setting, probed), sink.options);
  }
  return probed;
}

}  // namespace edgeseal::agent
