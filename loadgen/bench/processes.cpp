#include "loadgen/bench/processes.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace loadgen::bench {
namespace {

struct Stat {
  pid_t parent = 0;
  double own_s = 0, awaited_s = 0;
};

// proc(5): fields 4, 14 to 17, counted from the state behind the last ')'.
Stat stat_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text;  // empty when the process has gone
  std::getline(file, text, '\0');
  const auto close = text.rfind(')');
  if (close == text.npos) return {};
  std::istringstream rest(text.substr(close + 1));
  std::string state;
  std::array<double, 14> field{};
  rest >> state;
  for (double& each : field) rest >> each;
  const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {static_cast<pid_t>(field[0]), (field[10] + field[11]) / tick, (field[12] + field[13]) / tick};
}

std::uint64_t peak_kib(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/status");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && file >> kib) return kib;
  }
  return 0;
}

}  // namespace

Usage usage_of(pid_t root) {
  const std::string own = std::to_string(root);
  const Stat stat = stat_of(own);
  Usage usage{stat.own_s + stat.awaited_s, peak_kib(own)};
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    const Stat child = stat_of(name);
    if (child.parent != root) continue;
    usage.cpu_s += child.own_s + child.awaited_s;
    usage.memory_kib += peak_kib(name);
  }
  return usage;
}

std::optional<std::string> output_of(Child& child, const std::function<bool()>& stop) {
  std::string text;
  while (!stop()) {
    const auto line = child.read_line(std::chrono::milliseconds(200));
    if (line) text += *line + "\n";
    if (!line && child.exited()) return text;
  }
  return std::nullopt;
}

}  // namespace loadgen::bench
