// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keys/pin.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace edgeseal::crypto {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::HasSubstr;

const std::string kDigits = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

TEST(PinTest, IsReadInEitherCaseAndWrittenInLower) {
  const auto pin = Pin::parse("sha256:" + kDigits);
  ASSERT_THAT(pin, IsOk());
  EXPECT_EQ(pin->text(), "sha256:" + kDigits);
  std::string upper = kDigits;
  for (char& digit : upper) digit = static_cast<char>(std::toupper(digit));
  const auto same = Pin::parse("sha256:" + upper);
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(*same, *pin);
}

TEST(PinTest, RefusesWhatIsNoneAndSaysWhatOneLooksLike) {
  for (const std::string& text : {std::string(), kDigits, std::string("sha256:"), "sha256:" + kDigits.substr(1),
                                  "sha256:" + kDigits + "0", "sha256: " + kDigits, "sha1:" + kDigits,
                                  "SHA256:" + kDigits, "sha256/" + kDigits, "sha256:g" + kDigits.substr(1)}) {
    EXPECT_THAT(Pin::parse(text), Fails(Kind::invalid, HasSubstr("expected sha256: and 64 hexadecimal digits")))
        << text;
  }
}

}  // namespace
}  // namespace edgeseal::crypto
