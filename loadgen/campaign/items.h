// The thirty items of the readiness gate (operations.md §10) as data, and how their verdicts follow from what
// a run did.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/run.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

// What a run did, counted: "delivery duplicate", "audit Q04", "drill 100 parallel releases".
using Tally = std::map<std::string, std::uint64_t, std::less<>>;

// Evidence that an item cannot do without.
struct Need {
  std::string_view counter;  // a key of the tally
  std::uint64_t at_least;
  std::string_view what;  // told in the report
};

struct ItemFacts {
  int number;
  std::string_view group;
  std::string_view title;
  std::span<const Need> needs;  // empty: not judged by this gate
  std::string_view scope;       // how far it is judged; empty when completely
  std::string_view missing;     // not judged: what is missing
};

std::span<const ItemFacts> all_items();
std::span<const std::string_view> all_groups();
std::span<const std::string_view> all_assumptions();  // operations.md §10: nothing here can prove them

// Which items a finding counts against. `action` is the call that went wrong, if one did.
std::vector<int> items_of(const model::Finding& finding, const model::Action* action);

struct Blame {
  int item = 0;
  std::string headline;
};

// broken: something counts against it. unknown: not judged, or too little evidence. Otherwise holds.
// `only`: selected groups, empty for all. `impossible`: counters that cannot be had in this run, with the
// reason.
std::vector<Item> judge_items(const Tally& tally, const std::vector<Blame>& blames,
                              const std::vector<std::string>& only,
                              const std::map<std::string, std::string, std::less<>>& impossible);

}  // namespace loadgen
