// What an attack found, as findings: told, kept from run to run, and tried again. An attempt is known by its
// name, which the enumeration gives anew on every schema; the SQL of the finding is what a person pastes into
// psql.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/campaign/attack.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/run.h"

namespace loadgen {

// The first attempt tells the story, the others are listed beside it.
model::Finding attack_finding(const std::string& rule, const std::vector<AttackResult>& attempts);

// Whether an attack found it and its attempt can be made again.
bool can_attack_again(const model::Finding& finding);

// The attempt of the finding alone, on a copy of the schema of this database; unknown when no attempt of this
// version has that name there. Throws std::runtime_error with one line when the copy cannot be made.
AttackResult attack_again(const std::string& database_url, const model::Finding& finding,
                          std::function<bool()> stop = {});

// The kept findings of attacks, all on one copy. What still breaks goes to the judge as a finding of this
// run.
std::vector<Retried> retry_attacks(const std::vector<std::pair<std::string, model::Finding>>& kept,
                                   const std::string& database_url, CaseJudge& judge,
                                   const std::function<bool()>& interrupted);

}  // namespace loadgen
