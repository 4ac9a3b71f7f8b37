#include "tests/load/command.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "loadgen/load/self_watch.h"

namespace load_test {

namespace fs = std::filesystem;

Ran hustle(const std::string& arguments) {
  return loadgen::shell(std::string(HUSTLE_BINARY) + " " + arguments);
}

void expect_code(const Ran& ran, int expected) {
  if (ran.code == 5) {
    EXPECT_NE(ran.text.find(loadgen::load::kInvalid), std::string::npos) << ran.text;
  } else {
    EXPECT_EQ(ran.code, expected) << ran.text;
  }
}

OutFolder::OutFolder() {
  std::string name = "/tmp/hustle-load-XXXXXX";
  out_ = mkdtemp(name.data());
}

OutFolder::~OutFolder() {
  fs::remove_all(out_);
}

std::string OutFolder::file(const std::string& name) const {
  for (const auto& folder : fs::directory_iterator(out_)) {
    if (folder.is_symlink()) continue;
    std::ifstream stream(folder.path() / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  return {};
}

Json OutFolder::report() const {
  const std::string text = file("report.json");
  return text.empty() ? Json() : Json::parse(text);
}

void OutFolder::clear() const {
  for (const auto& each : fs::directory_iterator(out_)) fs::remove_all(each.path());
}

}  // namespace load_test
