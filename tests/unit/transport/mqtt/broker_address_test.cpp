// SPDX-License-Identifier: GPL-3.0-or-later
#include "transport/ingest/broker_address.h"

#include <string>
#include <vector>

#include "tests/support/matchers.h"

namespace edgeseal::transport {
namespace {

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

}  // namespace
}  // namespace edgeseal::transport
