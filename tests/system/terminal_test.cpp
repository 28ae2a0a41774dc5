// SPDX-License-Identifier: GPL-3.0-or-later
// What both programs write where people look: nothing from outside steers a terminal, and an output that cannot be
// written is never a success.
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/base/shown_text.h"
#include "crypto/base/utf8.h"
#include "tests/support/places.h"
#include "tests/system/gateway_fixture.h"
#include "tests/system/open_fixture.h"

namespace edgeseal::test {
namespace {

const std::string kHostile = "n\x1b[31m\x07\u0080\u009b2J\u202e\u2066\u200f\u061c\u2028\ufeff\x7f";

std::vector<std::string> unshowable_lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    for (std::string_view rest(line); !rest.empty();) {
      const Utf8Character next = first_character(rest);
      if (next.bytes == 0 || is_unshowable(next.character)) {
        found.push_back(shown(line));
        break;
      }
      rest.remove_prefix(next.bytes);
    }
  }
  return found;
}

class TerminalTest : public GatewayTest {
 protected:
  const std::string public_key = key("rsa-2048.public.pem");
  const std::string private_key = key("rsa-2048.private.pem");
  std::vector<std::string> with_config(std::vector<std::string> arguments) {
    for (const std::string& argument : config_arguments()) arguments.push_back(argument);
    return arguments;
  }
};

TEST_F(TerminalTest, NothingFromOutsideReachesItAsItIs) {
  const std::string name = (folder_ / kHostile).string();
  const std::string bytes = "\xff\xc3";
  folder_.write(kHostile + ".yaml",
                "gateway: \"\\e[2J\"\n" + kHostile.substr(0, 1) + "\u009b: \u202e\nlog: \"\u009bx\"\n");
  folder_.write(kHostile + ".esdk", "no message");
  folder_.write(kHostile + "/empty", "");
  configure();
  const std::vector<std::vector<std::string>> gateway_commands{
      {kHostile},
      {"--" + kHostile},
      {"run", "-c", name},
      {"check", "-c", name + ".yaml"},
      {"check", "-c", name + bytes},
      with_config({"check", "--gateway", kHostile}),
      with_config({"check", "--set", kHostile + "=1"}),
      with_config({"check", "--set", "log.level=" + kHostile}),
      with_config({"check", "--set", "source.client_id=\"\u009b\u202e\""}),
      with_config({"config", "show", "--origins", "--set", "source.client_id=\u009b\u202e"}),
      with_config({"config", "show", "--format", "json", "--origins", "--set", "source.client_id=\u009b\u202e"}),
      {"config", "show", "--format", kHostile, "-c", name},
      {"seal", "--key", name, "--raw", "a/b", name},
      {"seal", "--key", public_key, "--raw", "a/b", name + "/nothing"},
      {"seal", "--key", public_key, "--raw", kHostile, name},
      {"seal", "--key", public_key, "--raw", "a/b", "--context", kHostile, name},
      {"pin", name, name + ".esdk", name + bytes},
      {"status", "--socket", name},
  };
  for (const auto& command : gateway_commands) {
    const Finished done = edgeseal(command);
    EXPECT_THAT(unshowable_lines(done.out + done.err), ::testing::IsEmpty()) << ::testing::PrintToString(command);
    EXPECT_NE(done.out + done.err, "") << ::testing::PrintToString(command);
  }
  const std::vector<std::vector<std::string>> open_commands{
      {"--" + kHostile},
      {"--private-key", name, name},
      {"--private-key", private_key, name},
      {"--private-key", private_key, name + "/nothing"},
      {"--private-key", private_key, "--keep-going", name + ".esdk", name + bytes},
      {"--private-key", private_key, "--verify", name + ".esdk"},
      {"--private-key", private_key, "--format", kHostile, name},
      {"--private-key", private_key, "-o", name + ".esdk/x/y", name + ".esdk"},
      {"--kms", "--endpoint", kHostile, "--region", kHostile, name},
      {"split", "-o", name + ".esdk/x", name + ".esdk"},
  };
  for (const auto& command : open_commands) {
    const Finished done = open(command);
    EXPECT_THAT(unshowable_lines(done.out + done.err), ::testing::IsEmpty()) << ::testing::PrintToString(command);
    EXPECT_NE(done.out + done.err, "") << ::testing::PrintToString(command);
  }
}

/// Answers one client with `text`.
class FalseDaemon {
 public:
  explicit FalseDaemon(const std::string& path, std::string text) : text_(std::move(text)) {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 1) != 0) {
      throw std::runtime_error("no socket");
    }
    thread_ = std::jthread([this] {
      const int client = accept(listener_, nullptr, nullptr);
      (void)!write(client, text_.data(), text_.size());
      close(client);
    });
  }
  ~FalseDaemon() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

 private:
  int listener_ = -1;
  std::string text_;
  std::jthread thread_;
};

TEST_F(TerminalTest, NorDoesWhatADaemonOrAServerSays) {
  const nlohmann::json status{
      {"version", kHostile},
      {"gateway", kHostile},
      {"started", kHostile},
      {"sources", {{kHostile, {{"connected", true}, {"last_error", kHostile}}}}},
      {"routes", {{kHostile, {{"received", 3'000'000'000U}, {"committed", 1U << 31U}, {"batches_waiting", 1}}}}},
      {"spool", {{"bytes", 5'000'000'000U}, {"batches", 1}, {"journal_frames", 1}, {"last_error", kHostile}}},
      {"sinks", {{kHostile, {{"state", kHostile}, {"batches_delivered", 4'294'967'296U}, {"last_error", kHostile}}}}}};
  const std::string path = (folder_ / "s").string();
  for (const bool json : {false, true}) {
    std::filesystem::remove(path);
    const FalseDaemon daemon(path, status.dump());
    std::vector<std::string> command{"status", "--socket", path};
    if (json) command.emplace_back("--json");
    const Finished done = edgeseal(command);
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(unshowable_lines(done.out + done.err), ::testing::IsEmpty());
    EXPECT_THAT(done.out, ::testing::HasSubstr("3000000000"));
    EXPECT_THAT(done.out, ::testing::HasSubstr("2147483648"));
    EXPECT_THAT(done.out, ::testing::Not(::testing::HasSubstr("-2")));
    if (json) {
      EXPECT_EQ(nlohmann::json::parse(done.out), status);
    }
  }
}

TEST_F(TerminalTest, AnOutputThatCannotBeWrittenIsStatus1InEveryCommand) {
  configure();
  const std::string sealed = (folder_ / "sealed.esdk").string();
  const std::string plain = folder_.write("plain", "42").string();
  const std::string batch = folder_.write("batch.esdk", agent::batch(1, {"42", "43"})).string();
  const std::vector<std::string> seal{"edgeseal", "seal", "--key", public_key, "--raw", "a/b"};
  const std::vector<std::string> open{"edgeseal-open", "--private-key", private_key};
  const auto with = [](std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  ASSERT_EQ(edgeseal({"seal", "--key", public_key, "--raw", "a/b", "-o", sealed, plain}).status, 0);
  start_gateway();
  const std::vector<std::vector<std::string>> commands{
      {"edgeseal", "--help"},
      {"edgeseal", "--version"},
      {"edgeseal", "run", "--help"},
      {"edgeseal", "check", "--help"},
      {"edgeseal", "config", "--help"},
      {"edgeseal", "config", "show", "--help"},
      {"edgeseal", "seal", "--help"},
      {"edgeseal", "pin", "--help"},
      {"edgeseal", "status", "--help"},
      with({"edgeseal", "check"}, config_arguments()),
      with({"edgeseal", "config", "show"}, config_arguments()),
      with({"edgeseal", "config", "show", "--format", "json", "--origins"}, config_arguments()),
      {"edgeseal", "config", "schema"},
      {"edgeseal", "pin", public_key},
      {"edgeseal", "status", "--socket", (folder_ / "status.sock").string()},
      {"edgeseal", "status", "--json", "--socket", (folder_ / "status.sock").string()},
      with(seal, {"-o", "-", plain}),
      {"edgeseal-open", "--help"},
      {"edgeseal-open", "--version"},
      {"edgeseal-open", "split", "--help"},
      with(open, {batch}),
      with(open, {"--format", "ndjson", "-o", "-", batch}),
      with(open, {"--format", "cbor", batch}),
      with(open, {"--format", "raw", batch}),
      with(open, {"--format", "payload", batch}),
      with(open, {"--format", "message", sealed}),
      with(open, {"--verify", batch}),
  };
  // A device that is always full, and a pipe that nobody reads.
  const std::string full = (folder_ / "full").string();
  const bool has_device = mknod(full.c_str(), S_IFCHR | 0666, makedev(1, 7)) == 0;
  for (std::vector<std::string> command : commands) {
    command[0] = test::program_dir() + "/" + command[0];
    // Each finds it works when the output does.
    const Finished fine = run(command);
    EXPECT_EQ(fine.status, 0) << ::testing::PrintToString(command) << fine.err;
    if (has_device) {
      const Finished done = run(with({"sh", "-c", R"(out=$1; shift; exec "$@" >"$out")", "sh", full}, command));
      EXPECT_EQ(done.status, 1) << ::testing::PrintToString(command);
      EXPECT_THAT(done.err, ::testing::HasSubstr("standard output")) << ::testing::PrintToString(command);
    }
    const Finished gone = run(with({"bash", "-c", R"(exec 3> >(exit 0); wait $!; exec "$@" >&3)", "bash"}, command));
    EXPECT_EQ(gone.status, 1) << ::testing::PrintToString(command);
    EXPECT_EQ(gone.err, fine.err) << "whoever has gone need not be told" << ::testing::PrintToString(command);
  }
}

TEST_F(TerminalTest, AFileThatMayGrowNoFurtherIsStatus1AndLeavesNothing) {
  const std::string plain = folder_.write("plain", std::string(100'000, 'x')).string();
  const std::string batch = folder_.write("batch.esdk", agent::batch(1, {std::string(100'000, 'y')})).string();
  const std::string out = (folder_ / "out").string();
  const std::vector<std::vector<std::string>> commands{
      {"edgeseal", "seal", "--key", public_key, "--raw", "a/b", "-o", out, plain},
      {"edgeseal-open", "--private-key", private_key, "-o", out, batch},
  };
  for (std::vector<std::string> command : commands) {
    command[0] = test::program_dir() + "/" + command[0];
    command.insert(command.begin(), {"bash", "-c", R"(ulimit -f 4; exec "$@")", "bash"});
    const Finished done = run(command);
    EXPECT_EQ(done.status, 1) << done.err;
    EXPECT_THAT(done.err, ::testing::HasSubstr("File too large"));
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

}  // namespace
}  // namespace edgeseal::test
