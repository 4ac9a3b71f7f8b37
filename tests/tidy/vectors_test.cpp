// Every test obligation of proof-and-gps.md §9 has a test that names it.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/tidy/sources.h"

namespace {

// "T_PRF_03_04_09" in the name of a test stands for three of them.
TEST(Vectors, EveryOneOfTheTwentyFourHasATest) {
  std::set<int> named;
  const std::regex name(R"(\bTEST(_F)?\(\w+,\s*T_PRF((_\d\d)+))");
  const std::regex number(R"(_(\d\d))");
  for (const tidy::Source& source : tidy::sources()) {
    if (!source.path.starts_with("tests/")) continue;
    for (std::sregex_iterator test(source.text.begin(), source.text.end(), name), end; test != end; ++test) {
      const std::string numbers = (*test)[2].str();
      for (std::sregex_iterator at(numbers.begin(), numbers.end(), number); at != end; ++at)
        named.insert(std::stoi((*at)[1].str()));
    }
  }
  for (int vector = 1; vector <= 24; ++vector) EXPECT_TRUE(named.contains(vector)) << "T-PRF-" << vector;
}

// docs/proof.md tells where each rule is kept; a rule that it does not name is one that nobody looked after.
TEST(Vectors, TheDocumentNamesEveryRule) {
  const std::string text = tidy::read("docs/proof.md").text;
  const auto named = [&](const std::string& rule) {
    EXPECT_TRUE(std::regex_search(text, std::regex(rule + "\\b"))) << rule;
  };
  for (int i = 1; i <= 13; ++i) named("PRF-" + std::to_string(i));
  for (int i = 1; i <= 7; ++i) named("GPS-" + std::to_string(i));
  for (int i = 1; i <= 24; ++i) named(std::string("T-PRF-") + (i < 10 ? "0" : "") + std::to_string(i));
}

}  // namespace
