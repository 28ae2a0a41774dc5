// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever happens to a file, loading it ends in options or in complaints.
#include <cstddef>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/show.h"
#include "tests/support/places.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

class Robustness : public ::testing::Test {
 protected:
  /// Loads `text`; complaints must be printable, options must be showable.
  void load(const std::string& text) {
    std::filesystem::remove(file_);  // some file systems flush what replaces a file's content: 3 ms each
    std::ofstream(file_, std::ios::binary) << text;
    const auto loaded = config::load({.files = {file_}, .gateway = {}, .sets = {}}, environment());
    if (loaded) {
      EXPECT_FALSE(show(loaded->settings, ShowFormat::yaml, true).empty());
      ++loaded_;
    } else {
      EXPECT_FALSE(loaded.error().empty());
      EXPECT_EQ(render(loaded.error()).find('\x1b'), std::string::npos);
      ++refused_;
    }
  }

  const std::string good_ =
      edgeseal::test::read_file(edgeseal::test::source_dir() + "/tests/vectors/config/good/example.yaml");
  edgeseal::test::TempDir folder_;
  std::filesystem::path file_ = folder_ / "gw.yaml";
  std::size_t loaded_ = 0;
  std::size_t refused_ = 0;
};

TEST_F(Robustness, TruncatedAnywhere) {
  for (std::size_t size = 0; size < good_.size(); ++size) load(good_.substr(0, size));
  EXPECT_GT(loaded_, 0U);
  EXPECT_GT(refused_, good_.size() / 2);
}

TEST_F(Robustness, AnyByteChanged) {
  constexpr unsigned char kChanges[] = {0x01, 0x20, 0x80};  // another letter, another case or punctuation, no ASCII
  for (std::size_t at = 0; at < good_.size(); ++at) {
    std::string text = good_;
    text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ kChanges[at % 3]);
    load(text);
  }
  EXPECT_GT(loaded_, 0U);
  EXPECT_GT(refused_, good_.size() / 3);
}

TEST_F(Robustness, AnyByteReplacedByOneThatYamlKnows) {
  const std::string special = "\"'{}[]:,&*!|>%@`#-?\n\\~$";
  for (std::size_t at = 0; at < good_.size(); ++at) {
    std::string text = good_;
    text[at] = special[at % special.size()];
    load(text);
  }
  EXPECT_GT(refused_, 0U);
}

TEST_F(Robustness, AnyLineMissing) {
  for (std::size_t at = 0; at < good_.size(); at = good_.find('\n', at) + 1) {
    std::string text = good_;
    text.erase(at, text.find('\n', at) - at + 1);
    load(text);
  }
  EXPECT_GT(loaded_, 10U);
  EXPECT_GT(refused_, 10U);
}

}  // namespace
}  // namespace edgeseal::config::test
