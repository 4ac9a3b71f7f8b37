// Every test obligation of proof-and-gps.md §9 and of eligibility.md §11 has a test that names it, and the
// documents name every rule.
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

// Those of eligibility.md are named in the comment over the test, or at its line.
TEST(Vectors, EveryObligationOfEligibilityIsNamedByATest) {
  std::set<int> named;
  const std::regex name(R"(//[^\n]*T-ELG-(\d\d))");
  const std::regex one(R"(T-ELG-(\d\d))");
  for (const tidy::Source& source : tidy::sources()) {
    if (!source.path.ends_with("_test.cpp") || source.path.starts_with("tests/tidy/")) continue;
    for (const std::string& line : source.lines) {
      if (!std::regex_search(line, name)) continue;
      for (std::sregex_iterator at(line.begin(), line.end(), one), end; at != end; ++at)
        named.insert(std::stoi((*at)[1].str()));
    }
  }
  for (int number = 1; number <= 20; ++number) EXPECT_TRUE(named.contains(number)) << "T-ELG-" << number;
}

// A document tells where each rule is kept; a rule that it does not name is one that nobody looked after.
class Document {
 public:
  explicit Document(const std::string& path) : path_(path), text_(tidy::read(path).text) {}
  void names(const std::string& rules, int from, int to, bool two_digits = false) const {
    for (int i = from; i <= to; ++i) {
      const std::string rule = rules + (two_digits && i < 10 ? "0" : "") + std::to_string(i);
      EXPECT_TRUE(std::regex_search(text_, std::regex("\\b" + rule + "\\b"))) << path_ << ": " << rule;
    }
  }

 private:
  std::string path_, text_;
};

TEST(Vectors, TheDocumentsNameEveryRule) {
  const Document proof("docs/proof.md");
  proof.names("PRF-", 1, 13);
  proof.names("GPS-", 1, 7);
  proof.names("T-PRF-", 1, 24, true);
  const Document eligibility("docs/eligibility.md");
  eligibility.names("ELG-", 1, 16);
  eligibility.names("INV-ELIGIBILITY-", 1, 8);
  eligibility.names("R", 0, 7);
  eligibility.names("INV-TRUST-", 1, 3);
  eligibility.names("T-ELG-", 1, 20, true);
}

}  // namespace
