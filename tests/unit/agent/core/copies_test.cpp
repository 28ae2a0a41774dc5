// SPDX-License-Identifier: GPL-3.0-or-later
#include "agent/core/copies.h"

#include <algorithm>
#include <random>

#include "tests/support/random.h"
#include "tests/unit/agent/core/world.h"

namespace edgeseal::test {
namespace {

using ::testing::SizeIs;

agent::Copies fresh() {
  SeededRandom random(1);
  return agent::Copies(crypto::Fingerprinter::create(random).value());
}

transport::Message with_ids(std::vector<std::uint32_t> ids, const std::string& payload = "42") {
  transport::Message message;
  message.topic = "plant/7/t";
  message.payload = to_plain(as_bytes(payload));
  message.qos = 1;
  message.connection = 1;
  message.subscription_ids = std::move(ids);
  return message;
}

transport::Message changed(transport::Message message, const std::function<void(transport::Message&)>& change) {
  change(message);
  return message;
}

struct Row {
  const char* what;
  std::vector<transport::Message> come;
  std::vector<bool> copies;
};

TEST(CopiesTest, AreEqualMessagesInARowEachForAnotherFilter) {
  using transport::Message;
  const auto other = [](const std::function<void(Message&)>& change) { return changed(with_ids({2}), change); };
  const std::vector<Row> rows{
      {"one for each of two filters", {with_ids({1}), with_ids({2})}, {false, true}},
      {"one for each of three, in any order", {with_ids({3}), with_ids({1}), with_ids({2})}, {false, true, true}},
      {"published twice", {with_ids({1}), with_ids({2}), with_ids({1}), with_ids({2})}, {false, true, false, true}},
      {"published twice, told the other way round",
       {with_ids({1}), with_ids({2}), with_ids({2}), with_ids({1})},
       {false, true, false, true}},
      {"one filter, the same value again", {with_ids({1}), with_ids({1}), with_ids({1})}, {false, false, false}},
      {"a broker that merges", {with_ids({1, 2}), with_ids({1, 2})}, {false, false}},
      {"a broker that merges two of three", {with_ids({1, 2}), with_ids({3})}, {false, true}},
      {"one identifier of several is known", {with_ids({1}), with_ids({2, 1})}, {false, false}},
      {"no identifiers", {with_ids({}), with_ids({})}, {false, false}},
      {"one without an identifier between them", {with_ids({1}), with_ids({}), with_ids({2})}, {false, false, false}},
      {"another message between them", {with_ids({1}), with_ids({1}, "43"), with_ids({2})}, {false, false, false}},
      {"sent again, all of it",
       {with_ids({1}), with_ids({2}), changed(with_ids({1}), [](Message& m) { m.dup = true; }),
        changed(with_ids({2}), [](Message& m) { m.dup = true; })},
       {false, true, false, true}},
      {"the copy had not been sent before the link broke",
       {changed(with_ids({1}), [](Message& m) { m.dup = true; }), with_ids({2})},
       {false, true}},
      {"an expiry that has run on",
       {with_ids({1}), other([](Message& m) { m.properties.message_expiry_seconds = 9; })},
       {false, true}},
      {"another payload", {with_ids({1}), with_ids({2}, "43")}, {false, false}},
      {"another topic", {with_ids({1}), other([](Message& m) { m.topic = "plant/8/t"; })}, {false, false}},
      {"another QoS", {with_ids({1}), other([](Message& m) { m.qos = 0; })}, {false, false}},
      {"retained", {with_ids({1}), other([](Message& m) { m.retain = true; })}, {false, false}},
      {"another connection", {with_ids({1}), other([](Message& m) { m.connection = 2; })}, {false, false}},
      {"a user property",
       {with_ids({1}), other([](Message& m) {
          m.properties.user = {{"a", "b"}};
        })},
       {false, false}},
      {"a content type", {with_ids({1}), other([](Message& m) { m.properties.content_type = ""; })}, {false, false}},
      {"a response topic",
       {with_ids({1}), other([](Message& m) { m.properties.response_topic = "a"; })},
       {false, false}},
      {"the same text as another property",
       {changed(with_ids({1}), [](Message& m) { m.properties.content_type = "a"; }),
        other([](Message& m) { m.properties.response_topic = "a"; })},
       {false, false}},
      {"correlation data",
       {with_ids({1}), other([](Message& m) { m.properties.correlation_data = Bytes{1}; })},
       {false, false}},
      {"a payload format", {with_ids({1}), other([](Message& m) { m.properties.payload_format = 0; })}, {false, false}},
      {"user properties that are cut elsewhere",
       {changed(with_ids({1}),
                [](Message& m) {
                  m.properties.user = {{"ab", "c"}};
                }),
        other([](Message& m) {
          m.properties.user = {{"a", "bc"}};
        })},
       {false, false}},
  };
  for (const Row& row : rows) {
    agent::Copies copies = fresh();
    std::vector<bool> judged;
    for (const transport::Message& message : row.come) judged.push_back(copies.is_copy(message).value());
    EXPECT_EQ(judged, row.copies) << row.what;
  }
}

TEST(CopiesTest, EndWithWhatComesBetween) {
  agent::Copies copies = fresh();
  EXPECT_FALSE(copies.is_copy(with_ids({1})).value());
  copies.end_run();
  EXPECT_FALSE(copies.is_copy(with_ids({2})).value());
}

// Whatever is published, in whatever order its copies come: each message counts once.
TEST(CopiesTest, LeaveOneOfEachMessageThatWasPublished) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::minstd_rand random(seed);
    const auto below = [&random](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    agent::Copies copies = fresh();
    int published = 0;
    int kept = 0;
    int kept_of_broken = 0;
    agent::Copies broken = fresh();
    for (; published < 40; ++published) {
      const std::uint32_t topic = below(2);  // which filters it fits
      const std::string payload = std::to_string(below(2));
      std::vector<std::uint32_t> ids =
          topic == 0 ? std::vector<std::uint32_t>{1, 2, 3} : std::vector<std::uint32_t>{2, 4};
      std::shuffle(ids.begin(), ids.end(), random);
      for (const std::uint32_t id : ids) {
        const auto message = changed(with_ids({id}, payload), [topic](transport::Message& each) {
          each.topic = "plant/" + std::to_string(topic);
        });
        if (!copies.is_copy(message).value()) ++kept;
        // A broker that drops some of them where it has no room, and all of no message.
        if (id != 2 && below(2) == 0) continue;
        if (!broken.is_copy(message).value()) ++kept_of_broken;
      }
    }
    EXPECT_EQ(kept, published) << "seed " << seed;
    EXPECT_GE(kept_of_broken, published) << "seed " << seed;
  }
}

TEST(CommitterCopiesTest, AreStoredOnceAndAcknowledgedBehindTheFirst) {
  World world;
  const auto numbered = [](std::uint16_t packet_id, std::uint32_t id) {
    return changed(with_ids({id}), [&](transport::Message& each) { each.packet_id = packet_id; });
  };
  EXPECT_EQ(world.deliver(numbered(11, 1)), 1U);
  EXPECT_EQ(world.deliver(numbered(12, 2)), 2U);
  EXPECT_EQ(world.committer().commit(world.clock.now()).releases.at("source"), 2U);
  EXPECT_EQ(world.deliver(numbered(13, 3)), 3U) << "and behind its commit";
  EXPECT_EQ(world.advance(20ms), 3U);
  EXPECT_EQ(world.notes.copies, 2U);
  world.close();
  ASSERT_THAT(world.waiting(), SizeIs(1));
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

// The acknowledgement of the first reached the broker, that of its copy did not.
TEST(CommitterCopiesTest, ThatComeAgainAloneAreNotStoredEither) {
  World world;
  const auto numbered = [](std::uint16_t packet_id, std::uint32_t id) {
    return changed(with_ids({id}), [&](transport::Message& each) { each.packet_id = packet_id; });
  };
  world.deliver(numbered(11, 1));
  world.deliver(numbered(12, 2));
  world.advance(20ms);
  world.deliver(changed(numbered(12, 2),
                        [](transport::Message& each) {
                          each.dup = true;
                          each.connection = 2;
                        }),
                1);
  EXPECT_EQ(world.close(), 3U);
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

// What is not acknowledged comes again after kill -9, the first and its copy.
TEST(CommitterCopiesTest, ThatAKilledProcessLeftAreStoredWithTheFirstOnceMoreAtMost) {
  World world;
  world.deliver(with_ids({1}));
  world.start();
  world.deliver(changed(with_ids({1}), [](transport::Message& each) { each.dup = true; }));
  world.deliver(changed(with_ids({2}), [](transport::Message& each) { each.dup = true; }));
  world.close();
  EXPECT_EQ(world.waiting()[0].records, 1U);
}

TEST(CommitterCopiesTest, AfterATooLargeMessageAreNone) {
  World world;
  world.deliver(with_ids({1}));
  world.committer().on_too_large("source", 2, "plant/7/t", world.clock.now());
  EXPECT_THAT(world.committer().on_message("source", 3, 0, with_ids({2}), world.clock.now()), IsOk());
  world.close();
  EXPECT_EQ(world.waiting()[0].records, 2U);
}

}  // namespace
}  // namespace edgeseal::test
