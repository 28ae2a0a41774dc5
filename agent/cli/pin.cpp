// SPDX-License-Identifier: GPL-3.0-or-later
#include <sstream>

#include "agent/cli/commands.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/terminal.h"
#include "agent/runtime/key_files.h"
#include "crypto/keys/public_key.h"

namespace edgeseal::agent {
namespace {

int pin(const std::vector<std::string>& files) {
  int status = kExitFine;
  for (const std::string& name : files) {
    auto content = read_key_file(name);
    auto key = content ? crypto::PublicKey::parse(*content) : Result<crypto::PublicKey>(failed(content));
    if (!key) {
      if (key.error().where.empty()) key.error().where = name;
      status = print_error(key.error());
      continue;
    }
    std::ostringstream line;
    line << key->pin().text() << "  " << name << "  RSA " << key->bits() << ", " << key->form();
    if (key->kms_key()) line << ", " << *key->kms_key();
    say(line.str());
  }
  return status;
}

}  // namespace

void add_pin(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("pin", "Print the pin of public keys: sha256 of the DER SubjectPublicKeyInfo");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *files, "DER, PEM, or the JSON of aws kms get-public-key")->required();
  command->callback([files, &status] { status = pin(*files); });
}

}  // namespace edgeseal::agent
