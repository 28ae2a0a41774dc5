// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_address.h"

#include <string>
#include <vector>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

using test::Fails;
using testing::HasSubstr;

TEST(BrokerAddress, IsReadFromAUrl) {
  struct Row {
    const char* url;
    BrokerAddress address;
  };
  const std::vector<Row> rows{
      {"mqtt://127.0.0.1:1884", {false, "127.0.0.1", 1884}},
      {"mqtt://broker.plant", {false, "broker.plant", 1883}},
      {"mqtts://broker.plant", {true, "broker.plant", 8883}},
      {"mqtts://broker:443", {true, "broker", 443}},
      {"mqtt://[::1]", {false, "::1", 1883}},
      {"mqtts://[fe80::1]:65535", {true, "fe80::1", 65535}},
  };
  for (const Row& row : rows) {
    auto address = parse_broker_url(row.url);
    ASSERT_THAT(address, test::IsOk()) << row.url;
    EXPECT_EQ(*address, row.address) << row.url;
  }
}

TEST(BrokerAddress, RefusesWhatIsNoBrokersUrl) {
  struct Row {
    const char* url;
    const char* refusal;
  };
  const std::vector<Row> rows{
      {"", "neither"},
      {"tcp://broker", "neither"},
      {"mqtt:broker", "neither"},
      {"mqtt://", "no host"},
      {"mqtt://:1883", "no host"},
      {"mqtt://user@broker", "only a host and a port"},
      {"mqtt://broker/path", "only a host and a port"},
      {"mqtt://[::1", "no ]"},
      {"mqtt://broker:", "the port"},
      {"mqtt://broker:0", "the port"},
      {"mqtt://broker:65536", "the port"},
      {"mqtt://broker:18x", "the port"},
      {"mqtt://broker:1883/", "the port"},
      {"mqtt://[::1]1883", "the port"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(parse_broker_url(row.url), Fails(Kind::invalid, HasSubstr(row.refusal))) << row.url;
}

}  // namespace
}  // namespace edgeseal::transport
