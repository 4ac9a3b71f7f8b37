#include "sim/races.h"

#include <array>

namespace sim {

std::string_view sentence(Race race) {
  static constexpr std::array<std::string_view, kRaceNames.size()> kSentences{
      "two workers accept the same task",
      "a worker accepts while the poster cancels",
      "a worker accepts while the expiry job runs",
      "the worker submits proof while the poster cancels",
      "the proof is accepted and rejected",
      "the task is completed twice",
      "the task is completed while a dispute is opened",
      "the task is completed while it is cancelled",
      "the money is released and refunded",
      "both parties open a dispute",
      "the dispute is resolved twice",
      "the payment succeeds while the task is cancelled",
      "the same webhook arrives twice",
      "two calls try to award the XP of one escrow"};
  return kSentences[static_cast<std::size_t>(race)];
}

}  // namespace sim
