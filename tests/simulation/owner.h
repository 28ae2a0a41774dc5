// SPDX-License-Identifier: GPL-3.0-or-later
// The data owner, who has the private key and opens what the gateway sealed.
#pragma once
#include <string>

#include "crypto/keys/key_set.h"
#include "crypto/open/private_keys.h"
#include "tests/simulation/history.h"

namespace edgeseal::test {

class Owner {
 public:
  /// Reads the test keys. Throws when they cannot be read.
  Owner();
  /// What the gateway seals with.
  [[nodiscard]] const crypto::KeySet& public_keys() const { return public_keys_; }
  /// Reads the whole of a batch or journal object.
  [[nodiscard]] Result<OpenedObject> open(ByteView object);

 private:
  crypto::KeySet public_keys_;
  crypto::PrivateKeys private_keys_;
};

}  // namespace edgeseal::test
