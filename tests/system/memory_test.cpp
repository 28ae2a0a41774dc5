// SPDX-License-Identifier: GPL-3.0-or-later
// What stays in memory: little of a big file, and nothing of a payload once its batch is delivered.
// EDGESEAL_TEST_BIG_BYTES sets the size of the file; 4 GiB was tried by hand.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/places.h"
#include "tests/system/gateway_fixture.h"

namespace edgeseal::test {
namespace {

using nlohmann::json;

constexpr long kResidentKibMax = 64 * 1024;

struct Measured {
  int status = -1;
  long resident_kib_max = 0;  ///< the kernel's own count, of this program alone
};

/// Runs a program to its end, with what it prints going to `log`.
Measured run_measured(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int raw = 0;
  rusage used{};
  if (pid < 0 || wait4(pid, &raw, 0, &used) != pid) return {};
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, used.ru_maxrss};
}

class BigFileTest : public ::testing::Test {
 protected:
  static std::uintmax_t big_bytes() {
    const char* asked = std::getenv("EDGESEAL_TEST_BIG_BYTES");
    return asked == nullptr ? std::uintmax_t{256} << 20 : std::strtoull(asked, nullptr, 10);
  }
  static std::string program(const std::string& name) { return test::program_dir() + "/" + name; }
  static std::string key(const std::string& name) { return test::source_dir() + "/tests/vectors/keys/" + name; }
  static std::string sha256(const std::string& file) {
    return run({"sha256sum", file}, {}, std::chrono::seconds(600)).out.substr(0, 64);
  }
  TempDir dir_;
};

TEST_F(BigFileTest, IsSealedAndOpenedWithinSixtyFourMebibytes) {
  // Sparse, with something to find at both ends and across a frame's end: a plaintext of zeros alone proves little.
  const std::string plain = dir_.write("plain", "begins").string();
  std::filesystem::resize_file(plain, big_bytes());
  std::fstream file(plain, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(65'530);
  file << "across a frame's end";
  file.seekp(static_cast<std::streamoff>(big_bytes()) - 4);
  file << "ends";
  ASSERT_TRUE(file.flush());

  const std::string sealed = (dir_ / "sealed.esdk").string();
  const std::string opened = (dir_ / "opened").string();
  const std::string log = (dir_ / "log").string();
  const Measured seal = run_measured({program("edgeseal"), "seal", "--key", key("rsa-2048.public.pem"), "--raw",
                                      "edgeseal/owner", "-o", sealed, plain},
                                     log);
  ASSERT_EQ(seal.status, 0) << read_file(log);
  EXPECT_LT(seal.resident_kib_max, kResidentKibMax);
  EXPECT_GT(std::filesystem::file_size(sealed), big_bytes());

  const Measured open = run_measured({program("edgeseal-open"), "--private-key", key("rsa-2048.private.pem"),
                                      "--format", "message", "-o", opened, sealed},
                                     log);
  ASSERT_EQ(open.status, 0) << read_file(log);
  EXPECT_LT(open.resident_kib_max, kResidentKibMax);
  EXPECT_EQ(sha256(opened), sha256(plain));
  RecordProperty("seal_resident_kib", std::to_string(seal.resident_kib_max));
  RecordProperty("open_resident_kib", std::to_string(open.resident_kib_max));
  std::cout << "resident: seal " << seal.resident_kib_max << " KiB, open " << open.resident_kib_max << " KiB, for "
            << big_bytes() << " bytes\n";
}

/// The writable memory of another process, searched. Root alone may do so: the gateway is not dumpable.
class ProcessMemory {
 public:
  explicit ProcessMemory(pid_t pid)
      : folder_("/proc/" + std::to_string(pid)), mem_(::open((folder_ + "/mem").c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~ProcessMemory() {
    if (mem_ >= 0) close(mem_);
  }
  ProcessMemory(const ProcessMemory&) = delete;
  ProcessMemory& operator=(const ProcessMemory&) = delete;
  [[nodiscard]] bool readable() const { return mem_ >= 0; }

  /// A line a place: the mapping, and what stands around it.
  [[nodiscard]] std::vector<std::string> find(const std::string& text) const {
    std::vector<std::string> places;
    std::ifstream maps(folder_ + "/maps");
    for (std::string line; std::getline(maps, line);) {
      std::uint64_t begin = 0;
      std::uint64_t end = 0;
      char dash = 0;
      std::string permissions;
      std::istringstream(line) >> std::hex >> begin >> dash >> end >> permissions;
      if (permissions.find('w') == std::string::npos) continue;
      const std::string memory = read(begin, end);
      for (std::size_t at = memory.find(text); at != std::string::npos; at = memory.find(text, at + 1)) {
        places.push_back(line + " +" + std::to_string(at) + ": " + around(memory, at));
      }
    }
    return places;
  }

 private:
  /// What of it can be read: a thread's stack may go in the meantime.
  [[nodiscard]] std::string read(std::uint64_t begin, std::uint64_t end) const {
    std::string memory(end - begin, '\0');
    std::size_t size = 0;
    while (size < memory.size()) {
      const ssize_t got =
          pread(mem_, memory.data() + size, memory.size() - size, static_cast<off_t>(begin + std::uint64_t{size}));
      if (got <= 0) break;
      size += static_cast<std::size_t>(got);
    }
    memory.resize(size);
    return memory;
  }
  static std::string around(const std::string& memory, std::size_t at) {
    std::string text = memory.substr(at < 64 ? 0 : at - 64, 160);
    for (char& c : text) {
      if (c < 0x20 || c > 0x7e) c = '.';
    }
    return text;
  }
  std::string folder_;
  int mem_;
};

class GatewayMemoryTest : public GatewayTest {
 protected:
  static constexpr const char* kCanary = "canary-4711-in-the-coal-mine";
  static constexpr const char* kCanaryPart = "4711-in-the-c";  // within the 20 bytes that a trace of Paho's would show
  void publish(int from, int count) {
    std::string lines;
    for (int n = from; n < from + count; ++n) {
      lines += kCanary + ("," + std::to_string(n)) + "\n";
    }
    broker_->publish({"-q", "1", "-t", "plant/7/telemetry", "-l"}, lines);
  }
};

TEST_F(GatewayMemoryTest, HoldsNoPayloadOfADeliveredBatchButTheLastThatPahoRead) {
  configure("1h", "routes: {telemetry: {batch: {max_records: 200}}}\n");
  start_gateway();
  const ProcessMemory memory(gateway_->pid());
  if (!memory.readable()) GTEST_SKIP() << "the memory of a process that is not dumpable can be read by root alone";

  publish(0, 100);
  ASSERT_TRUE(eventually([&] { return committed() == 100; }));
  EXPECT_FALSE(memory.find(kCanary).empty()) << "an open batch is in memory: a search that misses it finds nothing";

  publish(100, 100);
  ASSERT_TRUE(eventually([&] { return status()["sinks"]["out"]["batches_delivered"] == 1; }));
  // Paho reads every packet into one buffer that it keeps and does not wipe (SocketBuffer.c, def_queue): there the last
  // one stands until others overwrite it, the end of a long one until one as long does. It stands nowhere else.
  std::vector<std::string> left;
  EXPECT_TRUE(eventually([&] { return (left = memory.find(kCanaryPart)).size() <= 1; }, std::chrono::seconds(5)))
      << left.size() << " places:\n"
      << left.front() << "\n"
      << left.back();
  EXPECT_THAT(left, ::testing::Each(::testing::HasSubstr("mine,199")));
  broker_->publish({"-q", "1", "-t", "plant/7/telemetry", "-m", std::string(200, '.')});
  ASSERT_TRUE(eventually([&] { return committed() == 201; }));
  EXPECT_THAT(memory.find(kCanaryPart), ::testing::IsEmpty());
  EXPECT_EQ(stop_gateway(), 0);
  EXPECT_EQ(opened_payloads().size(), 201U);
}

}  // namespace
}  // namespace edgeseal::test
