// Amounts at the upper end (money.md §1: 64-bit integers; safety-and-abuse.md §4: up to a million dollars),
// by each way in which money is divided: every cent is paid out, given back or kept, whatever the sum.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/money.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array kPrices{30'000'019, 99'999'999};  // below the largest, and no whole number of dollars

struct Division {
  std::string_view what, resolution;
  int percent;  // the worker's
};
constexpr std::array kDivisions{
    Division{"a verdict for the worker", "HUSTLER_WINS", 100},
    Division{"a verdict for the poster", "CLIENT_WINS", 0}, Division{"a split of 1 %", "SPLIT", 1},
    Division{"a split of 50 %", "SPLIT", 50}, Division{"a split of 99 %", "SPLIT", 99}};

class LargeAmounts {
 public:
  explicit LargeAmounts(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, kPrices.size())) {}

  void run() {
    for (const int price : kPrices) {
      ++worker_;
      for (const Division& division : kDivisions) divide(price, division);
    }
  }

 private:
  void divide(int price, const Division& division) {
    const SideTask task =
        drive_task(client_, people_.posters[0], people_.workers[worker_ - 1], Stop::disputed, price);
    json verdict{
        {"dispute_id", task.dispute}, {"resolution", division.resolution}, {"notes", "Seen by a human."}};
    const bool split = division.resolution == "SPLIT";
    if (split) verdict["split_percent"] = division.percent;
    const Reply reply = client_.call("dispute.resolve", verdict.dump(), people_.resolver.token);
    orders_end(client_, task.escrow);
    const auto [released, returned] = model::split(price, division.percent);
    stage_.expect(
        "safety payouts", "S3", "money.md §1, §3", fmt::format("{} of {} cents", division.what, price),
        fmt::format("ok, {} paid out, {} given back", model::payout(released), returned),
        fmt::format("{}, {} paid out, {} given back", told(reply), client_.book(task.escrow, "transferred"),
                    client_.book(task.escrow, "refunded")));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t worker_ = 0;  // one for each price: their records grow fast
};

}  // namespace

void check_large_amounts(const SafetyStage& stage) {
  LargeAmounts(stage).run();
}

}  // namespace loadgen
