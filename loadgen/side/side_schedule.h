// Which check runs on which side stage, and in what order. Lanes run at the same time, each on a marketplace
// of its own: what one of them freezes, fills up or throttles disturbs no other.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/timeline.h"
#include "loadgen/campaign/turns.h"
#include "loadgen/environment/environment.h"

namespace loadgen {

// Why some evidence cannot be had in this run, by counter.
using Impossible = std::map<std::string, std::string, std::less<>>;

struct SideContext {
  Environment& environment;
  CaseJudge& judge;
  const std::function<bool()>& interrupted;  // from any thread; true ends every check at its next call
  Timeline& timeline;
  Turns& turns;                           // one for each check
  std::span<const std::string> only{};    // names of checks; empty: all
  std::span<const std::string> groups{};  // of items; empty: all
};

inline constexpr int kSideLanes = 3;

// Beside these names: the attack on a copy of the schema, which needs no stage.
inline constexpr std::string_view kAttackCheck = "attack";

// Their names, in the order of the lanes.
std::vector<std::string_view> side_check_names();

// Everything of safety-and-abuse.md §1, §4-§7 that can be tried on a marketplace of one's own: roles, freeze,
// standing, administration, beta, limits, adversaries. Counts what items.cpp asks for.
void check_safety(const SideContext& context, Impossible& impossible);

}  // namespace loadgen
