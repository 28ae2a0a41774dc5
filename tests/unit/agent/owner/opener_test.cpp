// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/owner/opener.h"

#include <array>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/owner/objects.h"

namespace edgeseal::agent {
namespace {

using test::Fails;
using test::IsOk;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Told final : public OpenObserver {
 public:
  void on_opened(const Input& input, const Summary& summary) override {
    opened.push_back(input.name);
    records += summary.records;
  }
  void on_refused(const Input&, const Error& error) override { refused.push_back(error.message()); }
  std::vector<std::string> opened;
  std::vector<std::string> refused;
  std::uint64_t records = 0;
};

class OpenerTest : public ::testing::Test {
 protected:
  test::TempDir dir;
  GivenKey keys;
  Told told;

  static Input input(const std::string& name, Bytes object) {
    return {name, name, [object = std::move(object)](const TakeBytes& take) { return take(object); }};
  }
  static Input sound(std::uint64_t sequence) {
    return input(std::to_string(sequence) + ".esdk", batch(link(sequence), {record("p" + std::to_string(sequence))}));
  }
  /// Its first record verifies, its last frame does not.
  static Input damaged(std::uint64_t sequence) {
    Bytes object = batch(link(sequence, false, false), std::vector<Record>(20, record("lost")));
    object.back() ^= 1;
    return input(std::to_string(sequence) + ".esdk", object);
  }
  Result<OpenTally> open(const std::vector<Input>& inputs, const OpenOptions& options) {
    return open_objects(inputs, options, keys, told);
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path())) {
      if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(dir.path()).string());
    }
    return names;
  }
  [[nodiscard]] OpenOptions to_file(Format format = Format::payload) const {
    return {.format = format, .to = OpenOptions::To::file, .path = dir / "out"};
  }
  [[nodiscard]] OpenOptions to_folder(Format format = Format::payload) const {
    return {.format = format, .to = OpenOptions::To::folder, .path = dir.path()};
  }
};

TEST_F(OpenerTest, WritesAllObjectsInTheirOrderIntoOneFile) {
  const auto tally = open({sound(1), sound(2), sound(3)}, to_file());
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->opened, 3U);
  EXPECT_EQ(test::read_file(dir / "out"), "p1p2p3");
  EXPECT_EQ(told.records, 3U);
}

TEST_F(OpenerTest, WritesNoFileWhenAnObjectIsRefused) {
  const auto tally = open({sound(1), damaged(2), sound(3)}, to_file());
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->refused, 1U);
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(told.refused, ElementsAre(AllOf(HasSubstr("2.esdk: "), HasSubstr("frame-tag: "))));
  EXPECT_THAT(told.opened, ElementsAre("1.esdk"));
}

TEST_F(OpenerTest, LeavesRefusedObjectsOutOfTheFileWhenItGoesOn) {
  OpenOptions options = to_file();
  options.keep_going = true;
  const auto tally = open({sound(1), damaged(2), sound(3)}, options);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->opened, 2U);
  EXPECT_EQ(tally->refused, 1U);
  EXPECT_EQ(test::read_file(dir / "out"), "p1p3") << "nothing of the damaged one";
}

TEST_F(OpenerTest, WritesAFileAnObjectAndNoneForARefusedOne) {
  OpenOptions options = to_folder(Format::ndjson);
  options.keep_going = true;
  ASSERT_THAT(open({sound(1), damaged(2), sound(3)}, options), IsOk());
  EXPECT_THAT(files(), UnorderedElementsAre("1.ndjson", "3.ndjson"));
}

TEST_F(OpenerTest, OpensSeveralAtOnce) {
  struct EachTime final : crypto::DataKeySource {
    Result<SecretBytes> data_key(const std::vector<crypto::Edk>&, const crypto::EncryptionContext::Pairs&) override {
      return SecretBytes::copy_of(Bytes(32, 7));
    }
  } any_thread;
  OpenOptions options = to_folder();
  options.jobs = 4;
  std::vector<Input> inputs;
  for (std::uint64_t i = 1; i <= 40; ++i) inputs.push_back(sound(i));
  const auto tally = open_objects(inputs, options, any_thread, told);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->opened, 40U);
  EXPECT_EQ(files().size(), 40U);
  EXPECT_EQ(test::read_file(dir / "17.payload"), "p17");
}

TEST_F(OpenerTest, OnlyVerifiesWhenNothingIsToBeWritten) {
  OpenOptions options;
  options.to = OpenOptions::To::nowhere;
  ASSERT_THAT(open({sound(1)}, options), IsOk());
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(told.records, 1U);
}

TEST_F(OpenerTest, RefusesTwoInputsForOneOutput) {
  Input twin = sound(1);
  twin.name = "elsewhere/1.esdk";
  EXPECT_THAT(open({sound(1), twin}, to_folder()), Fails(Kind::invalid, HasSubstr("elsewhere/1.esdk")));
  EXPECT_THAT(files(), IsEmpty());
}

// Whoever may write to a bucket chooses names there.
TEST_F(OpenerTest, RefusesTheInputAloneWhoseOutputIsTakenWhenItGoesOn) {
  Input twin = sound(1);
  twin.name = "elsewhere/1.esdk";
  Input own = sound(3);
  own.relative = own.name = "3.payload.esdk";
  own.file = dir.write("3.payload.payload", "an input");
  OpenOptions options = to_folder();
  options.keep_going = true;
  ASSERT_THAT(check_outputs({sound(1), twin, own, sound(4)}, options), IsOk());
  const auto tally = open({sound(1), twin, own, sound(4)}, options);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->opened, 2U);
  EXPECT_EQ(tally->refused, 2U);
  EXPECT_EQ(test::read_file(dir / "1.payload"), "p1");
  EXPECT_EQ(test::read_file(dir / "4.payload"), "p4");
  EXPECT_EQ(test::read_file(dir / "3.payload.payload"), "an input");
}

TEST_F(OpenerTest, FailsWhenItCannotWrite) {
  dir.write("file", "");
  OpenOptions options = to_folder();
  options.path = dir / "file";
  EXPECT_THAT(open({sound(1)}, options), Fails(Kind::invalid, HasSubstr("file")));
  EXPECT_THAT(told.refused, IsEmpty()) << "it is no fault of the object";
}

// A device is written to; putting a file in its place would break the machine.
TEST_F(OpenerTest, WritesIntoAPipeAsItIs) {
  const auto pipe = dir / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reading = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_THAT(open({sound(1)}, {.format = Format::payload, .to = OpenOptions::To::stream, .path = pipe}), IsOk());
  std::array<char, 16> got{};
  EXPECT_EQ(read(reading, got.data(), got.size()), 2);
  EXPECT_STREQ(got.data(), "p1");
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  close(reading);
}

TEST_F(OpenerTest, WritesEachFormat) {
  const ChainLink of = link(5, false, true);
  const PlainBytes content = content_of(header_of(of), {record("42")});
  const Bytes object = batch(of, {record("42")});
  const auto written = [&](Format format, ReadAs read_as) {
    OpenOptions options = to_file(format);
    options.read_as = read_as;
    EXPECT_THAT(open({input("5.esdk", object)}, options), IsOk());
    return test::read_file(dir / "out");
  };
  EXPECT_TRUE(written(Format::cbor, ReadAs::batch) == as_text(content));
  EXPECT_TRUE(written(Format::raw, ReadAs::batch) == as_text(compress(content, 1).value()));
  EXPECT_TRUE(written(Format::message, ReadAs::message) == as_text(compress(content, 1).value()));
  EXPECT_EQ(written(Format::payload, ReadAs::batch), "42");
  EXPECT_THAT(written(Format::ndjson, ReadAs::batch), HasSubstr(R"("payload":"42")"));
}

// With .payload behind it, the first name is longer than a file system takes; the third wants a folder where the second
// has put a file.
TEST_F(OpenerTest, AnOutputThatCannotBeMadeIsItsOwnInputsRefusal) {
  const auto named = [](const std::string& name, std::uint64_t sequence) {
    return input(name, batch(link(sequence), {record("p" + std::to_string(sequence))}));
  };
  OpenOptions options = to_folder();
  options.keep_going = true;
  const auto tally = open(
      {named(std::string(249, 'n') + ".esdk", 1), named("a.esdk", 2), named("a.payload/b.esdk", 3), named("c.esdk", 4)},
      options);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->opened, 2U);
  EXPECT_EQ(tally->refused, 2U);
  EXPECT_EQ(test::read_file(dir / "a.payload"), "p2");
  EXPECT_EQ(test::read_file(dir / "c.payload"), "p4");
}

TEST(OutputNameTest, FollowsTheFormat) {
  EXPECT_EQ(output_name("route=t/12-ab.esdk", Format::ndjson), "route=t/12-ab.ndjson");
  EXPECT_EQ(output_name("12-ab.esdks", Format::cbor), "12-ab.cbor");
  EXPECT_EQ(output_name("report.pdf.esdk", Format::message), "report.pdf");
  EXPECT_EQ(output_name("report.enc", Format::message), "report.enc.opened");
  EXPECT_EQ(output_name("stdin", Format::payload), "stdin.payload");
}

Input refused_by_kms(const std::string& name, Kind kind) {
  return absent_input(name, {.kind = kind, .what = "KMS: no", .where = "arn"});
}

// What refuses one object and what refuses all that is to come are told apart by the kind: docs/answers.md.
TEST_F(OpenerTest, GoesOnPastWhatOneObjectIsRefusedForAndNoFurtherThanWhatAllAre) {
  for (const Kind kind : {Kind::invalid, Kind::corrupt, Kind::sink_refused, Kind::transient, Kind::overloaded}) {
    OpenOptions options = to_file();
    options.keep_going = true;
    const auto tally = open({sound(1), refused_by_kms("2.esdk", kind), sound(3)}, options);
    ASSERT_THAT(tally, IsOk());
    EXPECT_EQ(tally->opened, 2U) << kind_name(kind);
    EXPECT_FALSE(tally->ended_early);
    EXPECT_EQ(test::read_file(dir / "out"), "p1p3");
  }
}

TEST_F(OpenerTest, KeepsWhatItHasOpenedWhenTheCredentialsExpire) {
  OpenOptions options = to_file();
  options.keep_going = true;
  const auto tally = open({sound(1), refused_by_kms("2.esdk", Kind::unauthorised), sound(3)}, options);
  ASSERT_THAT(tally, IsOk());
  EXPECT_TRUE(tally->ended_early);
  EXPECT_EQ(tally->opened + tally->refused, 2U) << "the third is not tried";
  EXPECT_EQ(test::read_file(dir / "out"), "p1");
}

TEST_F(OpenerTest, WritesNoFileWhenTheCredentialsExpireUnlessToldToKeepGoing) {
  const auto tally = open({sound(1), refused_by_kms("2.esdk", Kind::unauthorised)}, to_file());
  ASSERT_THAT(tally, IsOk());
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(OpenerTest, StopsAllItsThreadsWhenTheCredentialsExpire) {
  OpenOptions options = to_folder();
  options.keep_going = true;
  options.jobs = 4;
  std::vector<Input> inputs;
  for (int i = 0; i < 100; ++i) inputs.push_back(refused_by_kms(std::to_string(i) + ".esdk", Kind::unauthorised));
  const auto tally = open(inputs, options);
  ASSERT_THAT(tally, IsOk());
  EXPECT_LE(tally->refused, 4U);
}

}  // namespace
}  // namespace edgeseal::agent
