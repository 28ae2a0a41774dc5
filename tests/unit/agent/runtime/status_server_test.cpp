// SPDX-License-Identifier: GPL-3.0-or-later
// Whoever may reach the status socket costs the daemon one answer each, whatever he does with it.
#include "agent/runtime/status_server.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/forms.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

namespace edgeseal::agent {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using test::IsOk;

class Client {
 public:
  explicit Client(const std::string& path, int flags = 0)
      : descriptor_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    connected_ = connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(descriptor_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }
  /// Sends until nothing more is taken; how many bytes.
  std::size_t pour() {
    const std::vector<char> bytes(64 * 1024, 'x');
    std::size_t poured = 0;
    for (ssize_t put = 0; (put = send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0;) {
      poured += static_cast<std::size_t>(put);
    }
    return poured;
  }
  [[nodiscard]] std::string hear() {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(descriptor_, buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int descriptor_;
  bool connected_ = false;
};

class StatusServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = StatusServer::open(path_);
    ASSERT_THAT(opened, IsOk());
    server_.emplace(std::move(*opened));
  }
  /// As the main loop does; false when nobody asks.
  bool answer_one(const std::string& json) {
    pollfd asked{server_->descriptor(), POLLIN, 0};
    if (poll(&asked, 1, 0) != 1) return false;
    server_->answer([&] {
      ++answers_;
      return json;
    });
    return true;
  }

  test::TempDir folder_;
  const std::string path_ = folder_ / "status.sock";
  std::optional<StatusServer> server_;
  int answers_ = 0;
};

TEST_F(StatusServerTest, LetsItsUserAndGroupAskAndNobodyElse) {
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms{0660});
}

TEST_F(StatusServerTest, TakesThePlaceOfADeadProcesssSocketAndOfNothingElse) {
  EXPECT_THAT(StatusServer::open(path_), test::Fails(Kind::invalid, ::testing::HasSubstr("another process answers")));
  const std::string other = folder_.write("other", "somebody's file");
  EXPECT_THAT(StatusServer::open(other), test::Fails(Kind::invalid, ::testing::HasSubstr("status.socket")));
  EXPECT_EQ(test::read_file(other), "somebody's file");
  const std::string left = folder_ / "left";
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, left.data(), left.size());
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  close(socket);
  EXPECT_THAT(StatusServer::open(left), IsOk());
}

TEST_F(StatusServerTest, ReadsNothingOfWhatAClientSends) {
  Client client(path_);
  EXPECT_GT(client.pour(), 0U);
  EXPECT_TRUE(answer_one("{}"));
  EXPECT_EQ(client.hear(), "{}\n");
}

// The backlog is short: who finds it full is refused or waits in connect(), and costs the daemon nothing.
TEST_F(StatusServerTest, AnswersEachOfThousandsOnceAndKeepsNone) {
  for (int i = 0; i < 10'000; ++i) {
    const Client gone(path_, SOCK_NONBLOCK);
    if (!gone.connected() || i % 8 == 7) {
      while (answer_one("{}")) continue;
    }
  }
  while (answer_one("{}")) continue;
  EXPECT_GE(answers_, 1000);
  EXPECT_LE(answers_, 10'000);
  Client client(path_);
  EXPECT_TRUE(answer_one("{\"still\":\"here\"}"));
  EXPECT_EQ(client.hear(), "{\"still\":\"here\"}\n");
}

TEST_F(StatusServerTest, LeavesAClientThatNeverReads) {
  const Client client(path_);
  ASSERT_TRUE(client.connected());
  const auto begin = steady_clock::now();
  EXPECT_TRUE(answer_one(std::string(std::size_t{16} << 20, 'x')));
  EXPECT_GE(steady_clock::now() - begin, seconds{1}) << "it was given its time";
  EXPECT_FALSE(answer_one("{}")) << "and is gone";
}

// config refuses the path that the server refuses, in the same words.
TEST(StatusServerPathTest, IsAsLongAsConfigLetsItBe) {
  const test::TempDir folder;
  const auto path = [&](std::size_t bytes) {
    const std::string start = folder.path().string() + "/";
    return start + std::string(bytes - start.size(), 's');
  };
  EXPECT_FALSE(config::check_socket_path(path(107)));
  EXPECT_THAT(StatusServer::open(path(107)), IsOk());
  const auto problem = config::check_socket_path(path(108));
  ASSERT_TRUE(problem);
  EXPECT_THAT(StatusServer::open(path(108)), test::Fails(Kind::invalid, ::testing::HasSubstr(problem->expected)));
}

}  // namespace
}  // namespace edgeseal::agent
