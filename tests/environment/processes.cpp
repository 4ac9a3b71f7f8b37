#include "tests/environment/processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace test {

namespace {

struct Status {
  char state = 'Z';
  pid_t parent = 0;
};

Status status_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  Status status;
  if (!std::getline(file, text)) return status;
  std::istringstream rest(
      text.substr(std::min(text.rfind(')') + 1, text.size())));  // "pid (name) state parent ..."
  rest >> status.state >> status.parent;
  return status;
}

}  // namespace

bool alive(pid_t pid) {
  return status_of(pid).state != 'Z';
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto pid = static_cast<pid_t>(std::stoi(name));
    const Status status = status_of(pid);
    if (status.parent == parent && status.state != 'Z') found.push_back(pid);
  }
  return found;
}

std::vector<std::string> arguments_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::vector<std::string> found;
  for (std::string argument; std::getline(file, argument, '\0');) found.push_back(argument);
  return found;
}

bool soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

Parent::Parent(const std::function<void(const std::function<void(const std::string&)>& tell)>& body) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    close(ends[0]);
    body([&](const std::string& line) {
      const std::string text = line + "\n";
      if (write(ends[1], text.data(), text.size()) < 0) _exit(1);
    });
    _exit(0);
  }
  close(ends[1]);
  for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) told_ += c;
  close(ends[0]);
}

void Parent::kill_hard() const {
  kill(pid_, SIGKILL);
}

Parent::~Parent() {
  kill_hard();
  waitpid(pid_, nullptr, 0);
}

}  // namespace test
