// money.md §1, §3, §5: every worked figure, typed from the document.
#include "model/rules/money.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/rules/books.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

struct WorkedPayout {
  Cents amount;
  int percent;  // 100: release, 0: full refund
  Cents worker, poster, fee;
};

// money.md §3, "Worked payouts".
const std::vector<WorkedPayout> kWorked{
    {500, 100, 425, 0, 75},       {501, 100, 425, 0, 76},    {599, 100, 509, 0, 90},
    {1500, 100, 1275, 0, 225},    {4999, 100, 4249, 0, 750}, {5000, 100, 4250, 0, 750},
    {12345, 100, 10493, 0, 1852}, {5000, 0, 0, 5000, 0},     {5000, 60, 2550, 2000, 450},
    {4999, 50, 2124, 2500, 375},  {1001, 33, 280, 671, 50},  {12345, 70, 7344, 3704, 1297},
    {500, 1, 4, 495, 1},          {500, 99, 420, 5, 75},
};

TEST(Money, PaysEveryWorkedExampleToTheCent) {
  for (const WorkedPayout& each : kWorked) {
    const Split shares = split(each.amount, each.percent);
    EXPECT_EQ(payout(shares.release), each.worker) << each.amount << " " << each.percent;
    EXPECT_EQ(shares.refund, each.poster) << each.amount << " " << each.percent;
    EXPECT_EQ(fee(shares.release), each.fee) << each.amount << " " << each.percent;
  }
}

// The same figures out of the whole machine, as the processor's books must show them.
TEST(Money, BooksShowEveryWorkedExample) {
  for (const WorkedPayout& each : kWorked) {
    World world = empty_world();
    Command create = ask(world, Action::task_create, kPoster);
    create.price = each.amount;
    must(world, create);
    fund(world);
    must(world, Action::task_accept, kWorker);
    must(world, Action::task_submit_proof, kWorker);
    must(world, Action::dispute_create, kPoster);
    Command resolve = ask(world, Action::dispute_resolve, kAdmin);
    resolve.resolution = each.percent == 100 ? Resolution::hustler_wins
                         : each.percent == 0 ? Resolution::client_wins
                                             : Resolution::split;
    resolve.split_percent = static_cast<std::uint8_t>(each.percent % 100);
    must(world, resolve);
    const Books expected{
        .captured = each.amount, .transferred = each.worker, .refunded = each.poster, .fee = each.fee};
    EXPECT_EQ(books_of(world, kEscrow), expected) << each.amount << " " << each.percent;
  }
}

// The exact share is 246; a floating percentage gives 245 (money.md §3).
TEST(Money, SplitsWithoutFloatingPoint) {
  EXPECT_EQ(split(600, 41), (Split{246, 354}));
}

// ESCROW-PARTIAL over all cents of the document's range: both shares positive, their sum the amount, the odd
// cent the poster's. 153 of these combinations differ from the floating formula.
TEST(Money, SplitsAddUpForEveryAmountAndPercentage) {
  int different_from_floating = 0;
  for (Cents amount = 500; amount <= 3000; ++amount) {
    for (int percent = 1; percent <= 99; ++percent) {
      const Split shares = split(amount, percent);
      ASSERT_EQ(shares.release + shares.refund, amount);
      ASSERT_GT(shares.release, 0);
      ASSERT_GT(shares.refund, 0);
      ASSERT_LE(shares.release * 100, amount * percent);
      ASSERT_GT((shares.release + 1) * 100, amount * percent);
      ASSERT_EQ(payout(shares.release) + fee(shares.release), shares.release);
      const double floating = std::floor(static_cast<double>(amount) * (percent / 100.0));
      different_from_floating += static_cast<Cents>(floating) != shares.release ? 1 : 0;
    }
  }
  EXPECT_EQ(different_from_floating, 153);
}

// money.md §1: a double floor(released * 0.85) agrees for every amount from 500 to 1 000 000.
TEST(Money, PayoutAgreesWithTheFloatingFormulaWhereTheDocumentSaysSo) {
  for (Cents amount = 500; amount <= 1'000'000; ++amount) {
    ASSERT_EQ(payout(amount), static_cast<Cents>(std::floor(static_cast<double>(amount) * 0.85))) << amount;
  }
}

// money.md §5, "Decay factor at some totals".
TEST(Xp, DecaysAsTheTableSays) {
  const std::vector<std::pair<int, int>> table{
      {0, 10000},   {50, 9793},   {100, 9603},  {300, 8977},   {700, 8127},   {1000, 7686}, {1500, 7153},
      {2700, 6377}, {4500, 5746}, {7000, 5255}, {10500, 4853}, {18500, 4367}, {50000, 3693}};
  for (const auto& [xp, decay] : table) EXPECT_EQ(decay_10000(xp), decay) << xp;
}

// "For every total from 0 to 300 000 double precision rounds to the same 4 decimals."
TEST(Xp, DecayAgreesWithDoublePrecisionAndNeverRises) {
  int previous = 10000;
  for (std::int32_t xp = 0; xp <= 300'000; ++xp) {
    const double factor = 1.0 / (1.0 + std::log10(1.0 + xp / 1000.0));
    const int decay = decay_10000(xp);
    ASSERT_EQ(decay, static_cast<int>(std::floor(factor * 10000.0 + 0.5))) << xp;
    ASSERT_LE(decay, previous) << xp;
    previous = decay;
  }
}

TEST(Xp, MultipliesByStreak) {
  const std::vector<std::pair<int, int>> table{{0, 100},  {1, 100},  {2, 100},  {3, 110},
                                               {6, 110},  {7, 120},  {13, 120}, {14, 130},
                                               {29, 130}, {30, 150}, {365, 150}};
  for (const auto& [streak, percent] : table) EXPECT_EQ(multiplier_percent(streak), percent) << streak;
}

TEST(Xp, ReachesLevelsAtTheirThresholds) {
  const std::vector<std::pair<int, int>> table{{0, 100},     {100, 300},    {300, 700},
                                               {700, 1500},  {1500, 2700},  {2700, 4500},
                                               {4500, 7000}, {7000, 10500}, {10500, 18500}};
  int level = 1;
  for (const auto& [from, next] : table) {
    EXPECT_EQ(level_of(from), level);
    EXPECT_EQ(level_of(next - 1), level);
    ++level;
  }
  EXPECT_EQ(level_of(18500), 10);
  EXPECT_EQ(level_of(2'000'000), 10);
}

// money.md §5, "Worked chain of one worker", and the two single cases below it.
TEST(Xp, FollowsTheWorkedChain) {
  struct Award {
    Cents amount;
    int base, streak, multiplier, before, decay, effective, after, level;
  };
  const std::vector<Award> chain{
      {5000, 50, 1, 100, 0, 10000, 50, 50, 1},       {12000, 120, 2, 100, 50, 9793, 117, 167, 2},
      {8000, 80, 3, 110, 167, 9371, 82, 249, 2},     {15000, 150, 4, 110, 249, 9119, 150, 399, 3},
      {7000, 70, 7, 120, 399, 8727, 73, 472, 3},     {20000, 200, 14, 130, 472, 8562, 222, 694, 3},
      {50000, 500, 30, 150, 694, 8137, 610, 1304, 4}};
  for (const Award& each : chain) {
    EXPECT_EQ(base_xp(each.amount), each.base);
    EXPECT_EQ(multiplier_percent(each.streak), each.multiplier);
    EXPECT_EQ(decay_10000(each.before), each.decay);
    EXPECT_EQ(effective_xp(each.base, each.multiplier, each.decay), each.effective);
    EXPECT_EQ(each.before + each.effective, each.after);
    EXPECT_EQ(level_of(each.after), each.level);
  }
  EXPECT_EQ(effective_xp(5, 100, decay_10000(18500)), 2);
  EXPECT_EQ(effective_xp(5, 100, decay_10000(50000)), 1);
  EXPECT_EQ(effective_xp(1, 100, 1000), 1);  // the table refuses 0
}

}  // namespace
}  // namespace model
