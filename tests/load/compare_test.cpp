// hustle compare that starts its runs itself, A B B A, against two targets whose difference is known.
#include <gtest/gtest.h>

#include <string>

#include "tests/load/command.h"
#include "tests/load/target.h"

namespace {

using load_test::Json;
using load_test::Ran;
using load_test::Target;

// A machine under other load may make a run invalid: then the comparison must say so, and no more.
void expect_verdict(const Ran& ran, int expected) {
  if (ran.code == 5) {
    EXPECT_NE(ran.text.find("was not a valid measurement by its own judgement"), std::string::npos)
        << ran.text;
  } else {
    EXPECT_EQ(ran.code, expected) << ran.text;
  }
}

class CompareCommand : public load_test::OutFolder {
 protected:
  // 10 %: what two equal targets differ by on a machine that has other work, too, is told as an interval; a
  // regression must be certain to be beyond this.
  Ran compare(const Target& before, const Target& after) const {
    return load_test::hustle("compare --target-a " + before.url().text() + " --target-b " +
                             after.url().text() + " --rounds 4 --tolerance 10 --quiet --out " +
                             out_.string() +
                             " -- --rate 150 --arrivals poisson --time 1500ms --warmup 300ms");
  }
};

TEST_F(CompareCommand, TwoEqualTargetsAreNoRegression) {
  const Target one, other;
  const Ran ran = compare(one, other);
  expect_verdict(ran, 0);
  const Json report = this->report();
  ASSERT_EQ(report["format"], "hustle-compare") << ran.text;
  EXPECT_EQ(report["exit_code"], ran.code);
}

TEST_F(CompareCommand, ADelayOfFourMillisecondsIsFound) {
  const Target one, slower({.delay_ns = 4'000'000});
  const Ran ran = compare(one, slower);
  expect_verdict(ran, 1);
  bool worse = false;
  for (const Json& row : report()["figures"]) worse |= row["figure"] == "p50" && row["verdict"] == "worse";
  EXPECT_TRUE(worse) << ran.text;
}

}  // namespace
