// SPDX-License-Identifier: GPL-3.0-or-later
// Settings that nothing contradicts would be noticed by nobody if they were ignored: each has a value here that differs
// from its default, and the test that sees the part keep to it.
#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <regex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/schema.h"
#include "tests/support/places.h"
#include "tests/unit/config/loading.h"

namespace edgeseal::config::test {
namespace {

using ::testing::ElementsAreArray;

// --- words ---------------------------------------------------------------------------------------------------------

template <typename Value>
using Meanings = std::map<std::string, Value>;

/// Each word of the setting gives what it means, and there are no others.
template <typename Value>
void expect_words(const std::string& setting, const Meanings<Value>& meanings,
                  const std::function<Value(const Options&)>& value) {
  std::set<std::string> words;
  for (const auto& [word, meaning] : meanings) {
    words.insert(word);
    World world(kSmallest);
    world.set(setting + "=" + word);
    const auto loaded = world.load();
    ASSERT_THAT(loaded, Loads());
    EXPECT_EQ(value(loaded->options), meaning) << setting << " " << word;
  }
  std::string path = setting;
  for (const char* name : {"keys.mine", "routes.telemetry", "sinks.stick"}) {
    if (path.starts_with(name)) path.replace(path.find('.') + 1, std::string(name).size() - path.find('.') - 1, "*");
  }
  for (const Key& key : schema()) {
    if (key.path != path) continue;
    EXPECT_EQ(words, std::set<std::string>(key.choices.begin(), key.choices.end())) << setting;
  }
}

TEST(Settings, EachWordMeansItsOwn) {
  using storage::WhenFull;
  using transport::MqttVersion;
  expect_words<MqttVersion>("source.mqtt_version", {{"5", MqttVersion::v5}, {"3.1.1", MqttVersion::v3_1_1}},
                            [](const Options& o) { return o.sources[0].mqtt.version; });
  expect_words<crypto::WrapForm>(
      "keys.mine.wrap", {{"aws-kms-rsa", crypto::WrapForm::aws_kms_rsa}, {"raw-rsa", crypto::WrapForm::raw_rsa}},
      [](const Options& o) { return o.keys[0].wrap; });
  expect_words<OaepHash>("keys.mine.oaep", {{"sha256", OaepHash::sha256}, {"sha1", OaepHash::sha1}},
                         [](const Options& o) { return o.keys[0].oaep; });
  expect_words<WhenFull>(
      "spool.when_full",
      {{"drop-oldest", WhenFull::drop_oldest}, {"drop-newest", WhenFull::drop_newest}, {"block", WhenFull::block}},
      [](const Options& o) { return o.spool.when_full; });
  expect_words<LogLevel>("log.level",
                         {{"debug", LogLevel::debug},
                          {"info", LogLevel::info},
                          {"warning", LogLevel::warning},
                          {"error", LogLevel::error}},
                         [](const Options& o) { return o.log.level; });
  expect_words<LogFormat>("log.format",
                          {{"auto", LogFormat::automatic},
                           {"text", LogFormat::text},
                           {"json", LogFormat::json},
                           {"journal", LogFormat::journal}},
                          [](const Options& o) { return o.log.format; });
}

TEST(Settings, EachPlaceOfASecretIsItsOwn) {
  using Source = SecretRef::Source;
  for (const auto& [place, source] :
       {std::pair{"credential", Source::credential}, {"file", Source::file}, {"env", Source::env}}) {
    World world(kSmallest);
    world.set(std::string("source.password={") + place + ": secret}").set("source.username=me");
    const auto loaded = world.load();
    ASSERT_THAT(loaded, Loads());
    EXPECT_EQ(loaded->options.sources[0].mqtt.password->source, source) << place;
  }
}

TEST(Settings, EachPlaceOfAwsCredentialsIsItsOwn) {
  using File = transport::FileCredentialsOptions;
  const auto credentials = [](const std::string& text) {
    World world(kSmallest);
    world.set("sinks.stick=").set("sinks.stick={type: s3, bucket: ore, region: r, credentials: " + text + "}");
    const auto loaded = world.load();
    EXPECT_THAT(loaded, Loads()) << text;
    return std::get<transport::S3SinkOptions>(loaded->options.sinks[0].options).credentials;
  };
  EXPECT_TRUE(std::holds_alternative<transport::EnvironmentCredentialsOptions>(credentials("environment")));
  EXPECT_EQ(std::get<File>(credentials("{file: aws}")).file.source, SecretRef::Source::file);
  EXPECT_EQ(std::get<File>(credentials("{credential: aws}")).file.source, SecretRef::Source::credential);
}

// --- nulls ---------------------------------------------------------------------------------------------------------

// Whatever else the map says, in whatever order: a null takes its own entry away and no other.
TEST(Settings, NullsOfAMapRemoveTheirOwnEntriesInAnyOrder) {
  const std::array<std::string, 4> names = {"a", "b", "c", "d"};
  std::array<std::size_t, 4> order{};
  std::iota(order.begin(), order.end(), 0U);
  do {
    for (unsigned removed = 0; removed < 16; ++removed) {
      std::string base = "routes:\n";
      std::string over = "routes:\n  new: {topics: [n]}\n";
      std::vector<std::string> expected;
      for (std::size_t i = 0; i < names.size(); ++i) {
        base += "  " + names[i] + ": {topics: [" + names[i] + "]}\n";
        if ((removed >> i & 1U) == 0) expected.push_back(names[i]);
      }
      expected.emplace_back("new");
      for (const std::size_t i : order) {
        over += "  " + names[i] + ((removed >> i & 1U) == 0 ? ": {qos: 2}\n" : ":\n");
      }
      World world;
      world.file("fleet.yaml", "version: 1\nkeys: {mine: {file: m}}\nsinks: {stick: {type: directory, path: out}}\n");
      world.file("a.yaml", base).file("b.yaml", over);
      for (const std::string& name : expected) {
        world.set("routes." + name + ".keys=[mine]").set("routes." + name + ".sinks=[stick]");
      }
      const auto loaded = world.load();
      ASSERT_THAT(loaded, Loads());
      std::vector<std::string> left;
      for (const RouteOptions& route : loaded->options.routes) left.push_back(route.name.text);
      ASSERT_THAT(left, ElementsAreArray(expected)) << over;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

// --- effects -------------------------------------------------------------------------------------------------------

/// Each setting, and the tests that see what comes of it: with it and without it, or with two values of it. What it
/// becomes in the options, Loader.PutsEachSettingWhereItBelongs sees.
const std::map<std::string, std::vector<std::string>> kSeenBy = {
    {"version", {"Robustness.*", "JsonSchema.*"}},
    {"gateway", {"Overlay.LaterLayersWin", "Committer.ChainsTheBatchesOfARouteByDigest"}},
    {"source.url", {"ConnectionTest.IsMadeWhenTheBrokerComesLater", "SourceOptionsTest.AreRefusedAtTheStart"}},
    {"source.mqtt_version", {"Mqtt5MessagesTest.KeepAllProperties", "LavishBrokerTest.WithMqtt311CopiesAreStored"}},
    {"source.client_id",
     {"ConnectionTest.IsMadeAgainAfterAnotherClientTookTheSession", "ConnectionTest.FindsTheSessionThatTheBrokerKept"}},
    {"source.username", {"ConnectionTest.NeedsTheRightPassword"}},
    {"source.password.credential", {"SecretRefTest.ACredentialIsAFileInTheDirectorySystemdNames"}},
    {"source.password.file", {"SecretRefTest.ALineEndsAtItsFirstBreak", "ConnectionTest.NeedsTheRightPassword"}},
    {"source.password.env", {"SecretRefTest.AnEnvironmentVariableIsReadAfresh"}},
    {"source.tls.ca",
     {"TlsConnectionTest.IsRefusedWithAnotherAuthority", "TlsConnectionTest.TrustsNoOtherAuthorityBesideThoseGiven",
      "TlsConnectionTest.UsesTheSystemsAuthoritiesWhenNoneAreGiven"}},
    {"source.tls.cert",
     {"TlsConnectionTest.ShowsTheClientsCertificate",
      "TlsConnectionTest.IsRefusedWithoutAClientCertificateOrWithAStrangers"}},
    {"source.tls.key", {"TlsConnectionTest.ShowsTheClientsCertificate"}},
    {"source.tls.server_name", {"TlsConnectionTest.ChecksTheNameInTheCertificate"}},
    {"source.keep_alive",
     {"AcknowledgementTest.MayBeHeldForManyKeepAlives", "OddBrokerTest.ThatAnswersNoLongerIsGivenUp"}},
    {"source.receive_maximum",
     {"WindowEstimate.BeginsWithTheReceiveMaximum", "Committer.CommitsAtOnceWhenTheBrokersWindowIsFilled"}},
    {"source.max_packet",
     {"Mqtt5TooLargeTest.IsDiscardedByTheBroker", "Mqtt311TooLargeTest.IsSkippedReportedAndAcknowledgedInItsPlace"}},
    {"keys.*.file", {"CommandLineTest.AKeyThatIsWrongStopsTheStartWith78"}},
    {"keys.*.pin",
     {"SealingKeyTest.AnotherKeyThanThePinnedOneIsRefusedNamingBoth", "SealingKeyTest.EveryBitOfThePinCounts"}},
    {"keys.*.wrap", {"SealingKeyTest.ForKmsIsNamedByTheArn", "SealingKeyTest.RawIsNamedByNamespaceAndName"}},
    {"keys.*.kms_key", {"SealingKeyTest.ForKmsTakesTheArnOfTheJsonUnlessOneIsWritten"}},
    {"keys.*.namespace", {"SealingKeyTest.RawIsNamedByNamespaceAndName"}},
    {"keys.*.name", {"SealingKeyTest.RawIsNamedByNamespaceAndName"}},
    {"keys.*.oaep", {"PeerTest.OpensEveryFormSizeAndHash"}},
    {"routes.*.source", {"Router.TakesTheFirstRouteInFileOrderWhoseFilterMatches"}},
    {"routes.*.topics", {"Router.KeepsToTheOrderOfTheFileBetweenExactFiltersAndWildcards"}},
    {"routes.*.qos",
     {"MessagesTest.ComeWithQos2WhenAskedFor", "MinimalCover.LeavesOutWhatAnotherFilterCoversAndKeepsTheHighestQos"}},
    {"routes.*.keys", {"EncryptionMaterialsTest.EveryKeyWrapsTheSameDataKey"}},
    {"routes.*.sinks", {"SpoolTest.ABatchGoesWhenItsLastSinkHasConfirmed"}},
    {"routes.*.batch.max_bytes", {"Committer.ClosesABatchByBytes"}},
    {"routes.*.batch.max_records", {"Committer.ClosesABatchThatIsFullAndTakesNoMoreBefore"}},
    {"routes.*.batch.max_age", {"Committer.ClosesABatchByAgeAndEndsItsJournal"}},
    {"routes.*.compression", {"CompressionSizeTest.*"}},
    {"routes.*.priority",
     {"SpoolBoundsTest.TheOldestOfTheLowestPriorityGoesFirst", "SpoolViewTest.ListsHighestPriorityFirstThenOldest"}},
    {"routes.*.ttl",
     {"ExpiryTest.ABatchThatNobodyTookGoesAtItsAgeAndIsRecorded", "ExpiryTest.HasADeadlineOnlyWithATtl"}},
    {"sinks.*.type", {"SinkFactoryTest.MakesEachKindWithoutTouchingAnything"}},
    {"sinks.*.key", {"SinkContract.HoldsEveryByteUnderTheObjectsName"}},
    {"sinks.*.path", {"DirectorySinkTest.*"}},
    {"sinks.*.require_mount", {"DirectorySinkTest.*"}},
    {"sinks.*.bucket", {"S3SinkTest.MakesNoBucket"}},
    {"sinks.*.region", {"RecipeTest.AWrongRegionSecretOrKeyIsRefusedWithTheCause", "S3LocationTest.*"}},
    {"sinks.*.endpoint", {"S3LocationTest.*", "S3SinkTest.BelievesNoAnswerThatIsNotS3s"}},
    {"sinks.*.path_style", {"S3LocationTest.*"}},
    {"sinks.*.credentials", {"EnvironmentCredentialsTest.*"}},
    {"sinks.*.credentials.file", {"S3SinkTest.CannotStartWithoutCredentials", "FileCredentialsTest.*"}},
    {"sinks.*.credentials.credential", {"SecretRefTest.ACredentialIsAFileInTheDirectorySystemdNames"}},
    {"sinks.*.credentials.profile", {"FileCredentialsTest.*"}},
    {"sinks.*.ca",
     {"HttpClientTlsTest.TrustsTheGivenAuthority", "HttpClientTlsTest.RefusesAnAuthorityThatItWasNotGiven",
      "HttpClientTlsTest.LooksForNoAuthorityBesideThoseGiven"}},
    {"sinks.*.timeout",
     {"S3SinkTest.GivesUpWhenNothingMovesForItsTimeHoweverLargeTheObject", "UploadTimeTest.GrowsWithTheObject"}},
    {"spool.path", {"SpoolFilesTest.ARelativePathIsOneOfTheWorkingFolder"}},
    {"spool.max_bytes", {"BoundsTest.Decides", "SpoolBoundsTest.TheOldestOfTheLowestPriorityGoesFirst"}},
    {"spool.min_free", {"SpoolBoundsTest.LeavesTheFileSystemItsRoom"}},
    {"spool.when_full",
     {"SpoolBoundsTest.BlockHoldsUntilASinkHasTakenSomethingAway",
      "SpoolBoundsTest.DropNewestRefusesWhatComesAndTheChainGoesOn",
      "SpoolBoundsTest.TheOldestOfTheLowestPriorityGoesFirst"}},
    {"spool.commit_interval", {"Committer.ReleasesAnAcknowledgementOnlyAfterTheCommitThatHoldsIt"}},
    {"log.level", {"LogTest.WritesNothingBelowItsLevel"}},
    {"log.format", {"MainJobTest.TheLogCanBeJsonOrForTheJournal"}},
    {"status.socket", {"MainJobTest.StatusTellsWhatHappens", "CommandLineTest.StatusWithoutADaemonIs1"}},
    {"groups", {"Overlay.LaterLayersWin"}},
};

/// "Suite.Name" of every test below tests/, and "Suite.*".
std::set<std::string> names_of_tests() {
  static const std::regex test(R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::set<std::string> names;
  for (const auto& file : std::filesystem::recursive_directory_iterator(edgeseal::test::source_dir() + "/tests")) {
    if (!file.path().string().ends_with("_test.cpp")) continue;
    const std::string text = edgeseal::test::read_file(file.path());
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      names.insert((*at)[1].str() + "." + (*at)[2].str());
      names.insert((*at)[1].str() + ".*");
    }
  }
  return names;
}

TEST(Settings, EachIsSeenByATestThatExists) {
  const std::set<std::string> tests = names_of_tests();
  std::set<std::string> settings;
  for (const Key& key : schema()) {
    const bool is_value = key.store || key.type == Type::choice || key.path == "groups";
    if (is_value && key.type != Type::section) settings.insert(key.path);
  }
  for (const std::string& setting : settings) {
    const auto seen_by = kSeenBy.find(setting);
    ASSERT_NE(seen_by, kSeenBy.end()) << setting << ": name the test that would fail if it were ignored";
    for (const std::string& name : seen_by->second) EXPECT_TRUE(tests.contains(name)) << setting << ": " << name;
  }
  for (const auto& [setting, names] : kSeenBy) EXPECT_TRUE(settings.contains(setting)) << setting << " is no setting";
}

}  // namespace
}  // namespace edgeseal::config::test
