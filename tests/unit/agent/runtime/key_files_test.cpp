// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/runtime/key_files.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/support/places.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Cut off where it is too long, it would be a good key with blanks behind it.
TEST(KeyFilesTest, AFileIsNeverReadInPart) {
  const test::TempDir folder;
  const std::string pem = test::read_file(test::source_dir() + "/tests/vectors/keys/rsa-2048.public.pem");
  const auto load = [&](std::size_t bytes) {
    crypto::KeyOptions options;
    options.id = "mine";
    options.wrap = crypto::WrapForm::raw_rsa;
    options.file = folder.write("key.pem", pem + std::string(bytes - pem.size(), ' '));
    return load_keys({options});
  };
  EXPECT_THAT(load(crypto::kPublicKeyFileBytesMax).keys, SizeIs(1));
  const LoadedKeys longer = load(crypto::kPublicKeyFileBytesMax + 1);
  EXPECT_THAT(longer.keys, SizeIs(0));
  ASSERT_THAT(longer.problems, SizeIs(1));
  EXPECT_THAT(longer.problems[0].message(), HasSubstr("over 64 KiB"));
}

}  // namespace
}  // namespace edgeseal::agent
