// A target that is killed, hangs, answers garbage or has no connections left is "could not run" (exit 3),
// never green.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/gate/gate_process.h"

namespace loadgen {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// The process among the children of `serve` whose command line contains the word.
pid_t child_named(pid_t parent, const std::string& word) {
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", parent))) {
    std::ifstream children(task.path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      std::ifstream file(fmt::format("/proc/{}/cmdline", pid));
      const std::string line{std::istreambuf_iterator<char>(file), {}};
      if (line.find(word) != std::string::npos) return pid;
    }
  }
  return 0;
}

// Accepts every connection, sends what is no HTTP, and closes.
class Garbage {
 public:
  Garbage() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (socket_ < 0 || ::bind(socket_, raw, size) != 0 || ::listen(socket_, 64) != 0 ||
        ::getsockname(socket_, raw, &size) != 0) {
      throw std::runtime_error("no port for a target that talks garbage");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const int client = ::accept(socket_, nullptr, nullptr);
        if (client < 0) return;
        constexpr std::string_view kText = "\x16\x03\x01 no http at all\r\n\r\n";
        if (::write(client, kText.data(), kText.size()) < 0) std::perror("write");
        ::close(client);
      }
    });
  }
  ~Garbage() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  Garbage(const Garbage&) = delete;
  Garbage& operator=(const Garbage&) = delete;
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

 private:
  int socket_;
  int port_ = 0;
  std::thread thread_;
};

// A gate on a served environment, one of whose processes gets a signal in the middle.
class Survival : public GateProcess {
 protected:
  std::optional<Exit> gate_with(const std::string& process, int signal, std::chrono::seconds patience) {
    const Served served = serve();
    const pid_t victim = child_named(served.child.pid(), process);
    if (victim <= 0) throw std::runtime_error(process + " is not running");
    const std::vector<std::string> gate{"gate", "--quiet", "--out", files_.path() + "/out"};
    // Under LeakSanitizer a dying database lets libpqxx lose a result; tests/sanitizers/leaks.txt knows it by
    // a function, and only the slow unwinder finds functions above libraries without frame pointers.
    Child child = start(
        gate + served.flags() + std::vector<std::string>{"--seed", "1", "--time", "120s", "--no-attack"},
        {{"ASAN_OPTIONS", "fast_unwind_on_malloc=0"}});
    std::this_thread::sleep_for(8s);
    ::kill(victim, signal);
    const auto exit = child.wait(patience);
    if (signal == SIGSTOP) ::kill(victim, SIGCONT);
    return exit;
  }
  json report() const {
    std::ifstream file(files_.path() + "/out/latest/report.json");
    return json::parse(file, nullptr, false);
  }
};

TEST_F(Survival, DeadTargetIsExitThreeWithAPartialReport) {
  const auto exit = gate_with("hustle-server", SIGKILL, 120s);
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 3) << log();
  ASSERT_TRUE(report().is_object());
  EXPECT_FALSE(report()["complete"].get<bool>());
}

// The server answers 500s before it goes: consequences, not broken rules.
TEST_F(Survival, DeadDatabaseIsExitThreeWithAPartialReport) {
  const auto exit = gate_with("postgres", SIGKILL, 120s);
  ASSERT_TRUE(exit.has_value());
  ASSERT_TRUE(report().is_object());
  EXPECT_EQ(exit->code, 3) << log() << report()["findings"].dump(1);
  EXPECT_FALSE(report()["complete"].get<bool>());
}

TEST_F(Survival, HungTargetIsExitThree) {
  const auto exit = gate_with("hustle-server", SIGSTOP, 150s);
  ASSERT_TRUE(exit.has_value()) << log();
  EXPECT_EQ(exit->code, 3) << log() << report()["findings"].dump(1);
}

TEST_F(GateProcess, AGarbageTargetIsExitThree) {
  const Served served = serve();
  const Garbage garbage;
  const GateRun run = gate({"--target", garbage.url(), "--database", served.database, "--providers",
                            served.providers, "--seed", "1", "--time", "2s", "--no-attack"});
  EXPECT_EQ(run.exit_code, 3) << log();
}

TEST_F(GateProcess, ADatabaseWithoutConnectionsIsExitThree) {
  const Served served = serve();
  served.damage("ALTER DATABASE hustle CONNECTION LIMIT 0");
  served.damage("ALTER ROLE hustle NOSUPERUSER");
  const GateRun run =
      gate(served.flags() + std::vector<std::string>{"--seed", "1", "--time", "2s", "--no-attack"});
  EXPECT_EQ(run.exit_code, 3) << log();
}

}  // namespace
}  // namespace loadgen
