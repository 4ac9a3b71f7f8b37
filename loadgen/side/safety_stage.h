// The side stage with its people, shared by the checks of safety and abuse; and how those checks report.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/environment/side_stage.h"
#include "loadgen/side/side_client.h"

namespace loadgen {

struct SafetyPeople {
  std::vector<Person> posters, workers;  // workers have payout accounts
  // Administrators, one for each capability, and one without any.
  Person clerk, resolver, overrider, truster, banner, financier;
  Person founder;  // rank founder, every capability
};

struct SafetyStage {
  Environment& environment;
  CaseJudge& judge;
  const std::function<bool()>& interrupted;
  SideStage& side;
  SideLog& log;
  std::string open_server;      // no limits on calls
  std::string limited_server;   // limits on calls, the harness is its one trusted proxy; may be missing
  std::string_view check = {};  // that runs
  std::thread::id thread = std::this_thread::get_id();  // that runs the checks: it stops at its next call

  // Its clock is days ahead of the real one, so that a row written by another clock shows.
  SideClient client(bool limited = false) const;
  // Fresh people on the side stage. `posters`, `workers`: how many.
  SafetyPeople people(std::size_t posters, std::size_t workers) const;

  // A rule that does not hold. `story`: what was done, one line a step.
  void broken(std::string_view rule, std::string_view spec, std::string headline, std::string expected,
              std::string observed, std::vector<std::pair<std::string, std::string>> evidence = {}) const;
  // Counts `counter`, and reports unless `expected` equals `observed`. Answers whether it does.
  bool expect(std::string_view counter, std::string_view rule, std::string_view spec, const std::string& what,
              const std::string& expected, const std::string& observed) const;
};

}  // namespace loadgen
