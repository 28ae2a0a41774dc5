// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/process.h"

#include <array>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace edgeseal::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPollInterval{5};

int exit_status(int raw) { return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw); }

/// In the child, between fork and exec.
[[noreturn]] void become(const std::vector<std::string>& command,
                         const std::map<std::string, std::string>& environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::optional<int> wait_until(pid_t pid, Clock::time_point deadline) {
  for (;;) {
    int raw = 0;
    if (waitpid(pid, &raw, WNOHANG) == pid) return exit_status(raw);
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(kPollInterval);
  }
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
};

}  // namespace

Finished run(const std::vector<std::string>& command, const std::string& input, std::chrono::seconds timeout,
             const std::map<std::string, std::string>& environment) {
  Pipe in;
  Pipe out;
  Pipe err;
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    dup2(in.ends[0], STDIN_FILENO);
    dup2(out.ends[1], STDOUT_FILENO);
    dup2(err.ends[1], STDERR_FILENO);
    become(command, environment);
  }
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  fcntl(in.ends[1], F_SETFL, O_NONBLOCK);

  Finished finished;
  std::size_t fed = 0;
  const auto deadline = Clock::now() + timeout;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    if (fed == input.size()) in.close_end(1);
    std::array<pollfd, 3> fds{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}, {in.ends[1], POLLOUT, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || poll(fds.data(), fds.size(), static_cast<int>(left.count())) == 0) {
      kill(pid, SIGKILL);
      break;
    }
    std::array<char, 65536> buffer{};
    for (auto [pipe, text] : {std::pair{&out, &finished.out}, std::pair{&err, &finished.err}}) {
      const std::size_t index = pipe == &out ? 0 : 1;
      if ((fds[index].revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t got = read(pipe->ends[0], buffer.data(), buffer.size());
      if (got > 0) {
        text->append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        pipe->close_end(0);
      }
    }
    if ((fds[2].revents & POLLERR) != 0) {
      in.close_end(1);
      fed = input.size();
    } else if ((fds[2].revents & POLLOUT) != 0) {
      const ssize_t put = write(in.ends[1], input.data() + fed, input.size() - fed);
      if (put > 0) fed += static_cast<std::size_t>(put);
    }
  }
  in.close_end(1);
  const auto status = wait_until(pid, deadline);
  if (!status) {
    kill(pid, SIGKILL);
    int raw = 0;
    waitpid(pid, &raw, 0);
    finished.status = exit_status(raw);
  } else {
    finished.status = *status;
  }
  return finished;
}

Process::Process(const std::vector<std::string>& command, std::string output_path,
                 const std::map<std::string, std::string>& environment)
    : output_path_(std::move(output_path)) {
  const int output = open(output_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (output < 0) throw std::runtime_error("cannot write " + output_path_);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    become(command, environment);
  }
  close(output);
}

Process::~Process() {
  if (!status_) stop(std::chrono::seconds{5});
}

void Process::signal(int number) const {
  if (!status_) kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::seconds timeout) {
  if (!status_) status_ = wait_until(pid_, Clock::now() + timeout);
  return status_;
}

int Process::stop(std::chrono::seconds timeout) {
  signal(SIGTERM);
  if (!wait(timeout)) {
    signal(SIGKILL);
    int raw = 0;
    waitpid(pid_, &raw, 0);
    status_ = exit_status(raw);
  }
  return *status_;
}

std::string Process::output() const {
  std::ifstream file(output_path_, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Process::wait_for_line(const std::string& prefix, std::chrono::seconds timeout) {
  std::string rest;
  const auto found = [&] {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind(prefix, 0) == 0 && !lines.eof()) {
        rest = line.substr(prefix.size());
        return true;
      }
    }
    return false;
  };
  const auto deadline = Clock::now() + timeout;
  while (!found()) {
    if (wait(std::chrono::seconds{0}) || Clock::now() >= deadline) {
      throw std::runtime_error("no line \"" + prefix + "…\" from the program; it printed:\n" + output());
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return rest;
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

}  // namespace edgeseal::test
