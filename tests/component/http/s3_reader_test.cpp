// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/owner/s3_reader.h"

#include <gmock/gmock.h>

#include "tests/component/http/s3_world.h"
#include "tests/support/matchers.h"
#include "transport/sinks/s3_sink.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using test::IsOk;
using test::S3World;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class S3ReaderTest : public ::testing::Test {
 protected:
  void put(const std::string& folder, std::uint64_t sequence, const std::string& bytes) {
    const auto sink = S3Sink::create(world.sink_options(folder + "/{batch}.esdk"));
    ASSERT_THAT((*sink)->deliver(test::sealed_object(bytes, sequence)), IsOk());
  }
  std::vector<std::string> list(const std::string& prefix, unsigned page = 1000) {
    std::vector<std::string> found;
    const auto listed = world.reader()->list(
        prefix,
        [&](const ListedObject& object) -> Result<void> {
          found.push_back(object.key + " " + std::to_string(object.bytes));
          return {};
        },
        page);
    EXPECT_THAT(listed, IsOk());
    return found;
  }
  S3World& world = S3World::shared();
};

TEST_F(S3ReaderTest, ListsKeysOfAnyCharactersInOrder) {
  put("reader/r=é +&<%41>", 2, "four");
  put("reader/r=é +&<%41>", 1, "seven!!");
  put("reader/s", 1, "x");
  const std::string folder = "reader/r=é +&<%41>/";
  EXPECT_THAT(list("reader/r="), ElementsAre(folder + "00010000000000000000000000000000.esdk 7",
                                             folder + "00020000000000000000000000000000.esdk 4"));
  EXPECT_THAT(list("reader/absent"), IsEmpty());
}

TEST_F(S3ReaderTest, GoesFromPageToPage) {
  std::vector<std::string> expected;
  for (std::uint64_t i = 1; i <= 7; ++i) {
    put("pages", i, "x");
    expected.push_back("pages/000" + std::to_string(i) + "0000000000000000000000000000.esdk 1");
  }
  for (const unsigned page : {1U, 3U, 7U}) EXPECT_EQ(list("pages/", page), expected) << page;
}

TEST_F(S3ReaderTest, StopsListingWhenToldTo) {
  put("stop", 1, "x");
  put("stop", 2, "x");
  int seen = 0;
  const auto listed = world.reader()->list("stop/", [&](const ListedObject&) -> Result<void> {
    ++seen;
    return fail(Kind::full, "enough");
  });
  EXPECT_THAT(listed, Fails(Kind::full, HasSubstr("enough")));
  EXPECT_EQ(seen, 1);
}

TEST_F(S3ReaderTest, FetchesALargeObjectInPieces) {
  std::string bytes(3'500'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 / 7);
  put("large", 1, bytes);
  std::string got;
  std::size_t largest = 0;
  ASSERT_THAT(world.reader()->get("large/00010000000000000000000000000000.esdk",
                                  [&](ByteView piece) -> Result<void> {
                                    got += as_text(piece);
                                    largest = std::max(largest, piece.size());
                                    return {};
                                  }),
              IsOk());
  EXPECT_EQ(got, bytes);
  EXPECT_LE(largest, 16U * 1024);
}

TEST_F(S3ReaderTest, NamesWhatIsNotThere) {
  const auto nothing = [](ByteView) -> Result<void> { return {}; };
  EXPECT_THAT(world.reader()->get("absent.esdk", nothing),
              Fails(Kind::invalid, AllOf(HasSubstr("s3://ore/absent.esdk"), HasSubstr("NoSuchKey"))));

  S3Location location = world.location();
  location.bucket = "absent";
  const SecretRef file{SecretRef::Source::file, world.credentials_file("good", test::S3Server::kSecretKey)};
  const auto reader = S3Reader::create(location, std::make_unique<FileCredentials>(file, "default"));
  EXPECT_THAT((*reader)->list("", [](const ListedObject&) -> Result<void> { return {}; }),
              Fails(Kind::sink_refused, HasSubstr("NoSuchBucket")));
}

TEST_F(S3ReaderTest, NamesCredentialsThatAreRefused) {
  const SecretRef file{SecretRef::Source::file, world.credentials_file("reader-wrong", "wr0ng")};
  const auto reader = S3Reader::create(world.location(), std::make_unique<FileCredentials>(file, "default"));
  EXPECT_THAT((*reader)->list("", [](const ListedObject&) -> Result<void> { return {}; }),
              Fails(Kind::unauthorised, HasSubstr("SignatureDoesNotMatch")));
}

}  // namespace
}  // namespace edgeseal::transport
