// SPDX-License-Identifier: GPL-3.0-or-later
// The checker against histories in which one thing is wrong: each is told, and nothing else.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/history.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/sim_world.h"

namespace edgeseal::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kRoute = "telemetry";

class CheckerTest : public ::testing::Test {
 protected:
  /// Three batches of two messages each, all delivered.
  CheckerTest() {
    history.settled = true;
    history.sinks[kRoute] = {"lake"};
    for (std::uint64_t number = 1; number <= 3; ++number) {
      OpenedObject object;
      object.link.route = {kRoute};
      object.link.sequence = {number};
      object.link.previous = history.tips[kRoute].digest;
      object.digest.bytes[0] = static_cast<std::uint8_t>(number);
      for (std::uint64_t i = 0; i < 2; ++i) object.records.push_back(send(2 * number + i));
      history.tips[kRoute] = {{number}, object.digest};
      history.arrived["lake"].emplace(place(number), object.digest);
      history.objects[place(number)].push_back(object);
    }
  }

  static Place place(std::uint64_t number) { return {kRoute, number}; }
  OpenedObject& object(std::uint64_t number) { return history.objects[place(number)].front(); }

  agent::Record send(std::uint64_t message) {
    Sent sent{.message = message, .route = kRoute, .record = {}, .too_large = false, .acknowledged = true};
    sent.record.topic = "plant/7";
    sent.record.payload = to_plain(as_bytes(std::to_string(message)));
    sent.record.qos = 1;
    sent.record.packet_id = static_cast<std::uint16_t>(message);
    sent.record.connection = 1;
    history.sent.push_back(sent);
    return sent.record;
  }

  /// The object is nowhere any more.
  void lose(std::uint64_t number) { history.arrived["lake"].erase({place(number), object(number).digest}); }
  void drop(std::uint64_t number, std::uint64_t records) {
    history.unreported[kRoute].push_back({{number}, records, "spool_full", {}});
  }

  History history;
};

TEST_F(CheckerTest, SaysNothingOfASoundHistory) { EXPECT_THAT(complaints_about(history), IsEmpty()); }

TEST_F(CheckerTest, FindsALostMessage) {
  object(2).records.pop_back();
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("1 acknowledged messages are lost, the first is 5")));
}

TEST_F(CheckerTest, DoesNotMissWhatWasNeverAcknowledged) {
  object(2).records.pop_back();
  history.sent[3].acknowledged = false;
  EXPECT_THAT(complaints_about(history), IsEmpty());
}

TEST_F(CheckerTest, TakesAMergedDropAtItsWord) {
  for (const std::uint64_t number : {1U, 2U}) lose(number);
  EXPECT_THAT(complaints_about(history), ::testing::Contains(HasSubstr("telemetry/1 is missing")));
  drop(1, 4);
  history.unreported[kRoute].back().merged = {.last = {2}, .batches = 2};
  EXPECT_THAT(complaints_about(history), IsEmpty());
  history.unreported[kRoute].back().merged = {.last = {3}, .batches = 2};
  EXPECT_THAT(complaints_about(history), IsEmpty()) << "3 is there, and no third is claimed";
  lose(3);
  EXPECT_THAT(complaints_about(history), ::testing::Contains(HasSubstr("telemetry/3 is missing")));
}

TEST_F(CheckerTest, FindsAMessageThatWasTooLargeAndIsNotTold) {
  for (std::uint64_t message = 8; message < 11; ++message) {
    send(message);
    history.sent.back().too_large = true;
  }
  history.unreported[kRoute].push_back({{}, 1, "spool_full", {}});
  object(3).drops.push_back({{}, 2, "too_large", {}});
  EXPECT_THAT(complaints_about(history), ElementsAre("telemetry: 3 messages were too large, and drops tell of 2"));
  object(3).drops.push_back({{}, 1, "too_large", {}});
  EXPECT_THAT(complaints_about(history), IsEmpty());
}

TEST_F(CheckerTest, FindsAnInventedMessage) {
  agent::Record record = object(1).records.front();
  record.payload = to_plain(as_bytes("more"));
  object(1).records.push_back(record);
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("holds a record that no broker sent: plant/7 more")));
}

TEST_F(CheckerTest, FindsEachAlteredPart) {
  const std::vector<std::function<void(agent::Record&)>> alterations{
      [](agent::Record& record) { record.payload[0] ^= 1; },
      [](agent::Record& record) { record.topic += "x"; },
      [](agent::Record& record) { record.qos = 2; },
      [](agent::Record& record) { record.packet_id += 100; },
      [](agent::Record& record) { record.dup = true; },
      [](agent::Record& record) { record.connection = 2; },
      [](agent::Record& record) { record.retain = true; },
      [](agent::Record& record) { record.received.since_epoch += Duration(1); },
  };
  for (const auto& alter : alterations) {
    const agent::Record before = object(3).records.front();
    alter(object(3).records.front());
    EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("no broker sent"), HasSubstr("are lost")));
    object(3).records.front() = before;
  }
}

TEST_F(CheckerTest, FindsAMessageThatIsStoredTwice) {
  object(3).records.push_back(object(1).records.front());
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("holds a sending for the second time")));
}

TEST_F(CheckerTest, FindsAMessageInTheWrongRoute) {
  history.sent[0].route = "alarms";
  EXPECT_THAT(complaints_about(history),
              ElementsAre(HasSubstr("no broker sent"), HasSubstr("alarms: 1 acknowledged messages are lost")));
}

TEST_F(CheckerTest, FindsAGap) {
  lose(2);
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("2 acknowledged messages are lost"),
                                                     HasSubstr("telemetry/2 is missing, and no drop names it"),
                                                     HasSubstr("telemetry/2 never reached lake")));
}

TEST_F(CheckerTest, TakesADropForAnAnswer) {
  lose(2);
  drop(2, 2);
  EXPECT_THAT(complaints_about(history), IsEmpty());
}

TEST_F(CheckerTest, FindsADropThatCountsWrong) {
  lose(2);
  drop(2, 3);
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("counts 3 records of 2")));
}

TEST_F(CheckerTest, CountsDropsThatNameNoBatch) {
  object(2).records.pop_back();
  object(3).records.pop_back();
  drop(0, 1);
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("2 acknowledged messages are lost")));
  history.unreported[kRoute].back().records = 2;
  EXPECT_THAT(complaints_about(history), IsEmpty());
}

TEST_F(CheckerTest, HeedsADropThatABatchReports) {
  lose(2);
  object(3).drops.push_back({{2}, 2, "spool_full", {}});
  EXPECT_THAT(complaints_about(history), IsEmpty());
}

TEST_F(CheckerTest, FindsABrokenLink) {
  object(2).link.previous.bytes[5] ^= 1;
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("telemetry/2 does not name the object before it")));
}

TEST_F(CheckerTest, FindsAChainThatEndsElsewhere) {
  history.tips[kRoute].digest.bytes[5] ^= 1;
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("the chain does not end at its tip")));
}

TEST_F(CheckerTest, FindsAFork) {
  OpenedObject other = object(2);
  other.records.clear();
  other.digest.bytes[9] = 9;
  history.arrived["lake"].emplace(place(2), other.digest);
  history.objects[place(2)].insert(history.objects[place(2)].begin(), other);
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("telemetry/2 exists twice: the chain has forked")));
}

TEST_F(CheckerTest, FindsASinkThatWasLeftOut) {
  history.sinks[kRoute].push_back("disk");
  history.arrived["disk"].emplace(place(1), object(1).digest);
  history.refused["disk"].insert(place(2));
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("telemetry/3 never reached disk")));
}

TEST_F(CheckerTest, FindsThatNothingSettles) {
  history.settled = false;
  EXPECT_THAT(complaints_about(history), ElementsAre(HasSubstr("has not emptied")));
}

// The whole way, so that it runs under the sanitizers too.
TEST(SimulationTest, KeepsItsPromisesAndRepeatsItself) {
  Owner owner;
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    const SimOptions options = draw_options(seed);
    const Outcome once = SimWorld(options, owner).run();
    EXPECT_THAT(once.complaints, IsEmpty()) << describe(options);
    EXPECT_EQ(SimWorld(options, owner).run().digest, once.digest) << describe(options);
  }
}

}  // namespace
}  // namespace edgeseal::test
