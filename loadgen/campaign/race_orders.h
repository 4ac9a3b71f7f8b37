// Which side of a race of state-machines.md §5 came first, as far as the recorded answers tell.
#pragma once

#include <string>
#include <vector>

#include "loadgen/campaign/items.h"
#include "loadgen/executor.h"
#include "model/judge/linearize.h"

namespace loadgen {

// Counters of the tally: "race task.accept before task.cancel"; for two calls of the same action "race
// task.accept twice, the first sent wins" and "… the second sent wins".
const std::vector<std::string>& all_race_orders();

// Every pair of overlapping calls of one step that is a race, counted once. First is the call that alone
// succeeded; if that does not tell, the one that goes first in the order that explains all answers; for equal
// calls the one that was answered first.
void count_race_orders(const CaseRecord& record, const model::Linearization& search, Tally& tally);

}  // namespace loadgen
