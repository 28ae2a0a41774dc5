// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/cli/version_text.h"

#include "agent/batch/compression.h"
#include "agent/runtime/version.h"
#include "crypto/primitives/wolfcrypt_version.h"
#include "storage/sqlite.h"
#include "transport/http/http_client.h"
#include "transport/mqtt/mqtt_client.h"

namespace edgeseal::agent {

std::string version_text() {
  return std::string("edgeseal ") + kVersion + " (" + kCommit + ")\n" +     //
         "wolfCrypt  " + crypto::wolfcrypt_description() + "\n" +           //
         "SQLite     " + storage::sqlite_version() + "\n" +                 //
         "Paho       " + transport::mqtt_library_version() + "\n" +         //
         "libcurl    " + transport::HttpClient::library_version() + "\n" +  //
         "zstd       " + zstd_version();
}

}  // namespace edgeseal::agent
