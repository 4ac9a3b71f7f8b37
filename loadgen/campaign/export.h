// A finding as files: a psql script of an attack and a curl script of a story over HTTP, which run without
// Hustle, and the story as a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/finding.h"
#include "sim/plan.h"

namespace loadgen {

struct ExportFile {
  std::string name;
  std::string text;
  bool executable = false;
};

// The statements of an attack finding for `psql -f`; nullopt for a finding without SQL.
std::optional<std::string> sql_script(const model::Finding& finding);

// A bash script (curl, jq, psql) that plays the plan: TARGET, PROVIDERS and DATABASE name the backend. Ids
// are shell variables that jq fills from earlier answers; webhooks are signed by the fakes. Each call prints
// one line: its number, what it is, the status, the answer.
std::string curl_script(const sim::Plan& plan);

// Everything that can be exported: story.sql; story.sh and story.json, a scenario that plays these calls. A
// plan that cannot be told as a story gives choices.json and scenario.json instead (`scenario_text`, empty
// when the finding has no scenario file).
std::vector<ExportFile> export_finding(const model::Finding& finding, const std::optional<sim::Plan>& plan,
                                       const std::string& scenario_text);

}  // namespace loadgen
