// The real stripe (23 and 17), jose and AWS SDK packages against the fakes: protocols.md §5 and §10, checks 3
// and 4.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "sim/providers/front.h"

namespace {

struct Ran {
  int code = -1;
  std::string output;
};

// In a folder beside this file.
Ran shell(const std::string& folder, const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(
      ("cd " HUSTLE_SOURCE_DIR "/tests/clients/" + folder + " && (" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    ran.output.append(buffer.data(), n);
  ran.code = WEXITSTATUS(::pclose(pipe));
  return ran;
}

class FakesWithRealClients : public testing::TestWithParam<const char*> {};

TEST_P(FakesWithRealClients, EveryCheckPasses) {
  // The package lock decides what is installed; tests run in parallel, so one installs and the others wait.
  const std::string path = GetParam();
  const std::string folder = path.substr(0, path.find('/'));
  const Ran installed = shell(folder,
                              "flock package-lock.json sh -c '[ -e node_modules/.installed ] || "
                              "{ npm ci --no-audit --no-fund && touch node_modules/.installed; }'");
  ASSERT_EQ(installed.code, 0) << installed.output;
  const sim::providers::ProvidersServer server({.seed = 7});
  const Ran ran = shell(folder, "node " + path.substr(folder.size() + 1) + " " + server.url());
  EXPECT_EQ(ran.code, 0) << ran.output;
}

INSTANTIATE_TEST_SUITE_P(Packages, FakesWithRealClients,
                         testing::Values("stripe/stripe.mjs", "stripe/identity.mjs", "store/store.mjs"),
                         [](const auto& info) {
                           const std::string file = info.param;
                           const auto name = file.find('/') + 1;
                           return file.substr(name, file.find('.') - name);
                         });

}  // namespace
