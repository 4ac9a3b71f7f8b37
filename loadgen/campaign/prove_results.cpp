#include "loadgen/campaign/prove_results.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace loadgen {
namespace {

using Json = nlohmann::ordered_json;

std::set<std::string> judges_of(const Proof& proof) {
  std::set<std::string> judges;
  for (const ProofRun& run : proof.runs) {
    for (const auto& [judge, rule] : run.seen) judges.insert(judge);
  }
  return judges;
}

Json run_json(const ProofRun& run) {
  return {{"seed", run.seed},         {"found", run.found},       {"seen", run.seen},
          {"first", run.first_judge}, {"rule", run.rule},         {"headline", run.headline},
          {"seconds", run.seconds},   {"commands", run.commands}, {"story_length", run.story_length},
          {"took_s", run.took_s},     {"error", run.error}};
}

ProofRun read_run(const Json& json) {
  ProofRun run;
  run.seed = json.at("seed");
  run.found = json.at("found");
  run.seen = json.at("seen").get<std::map<std::string, std::string>>();
  run.first_judge = json.at("first");
  run.rule = json.at("rule");
  run.headline = json.at("headline");
  run.seconds = json.at("seconds");
  run.commands = json.at("commands");
  run.story_length = json.at("story_length");
  run.took_s = json.at("took_s");
  run.error = json.at("error");
  return run;
}

// The middle run, so that one slow seed does not speak for all.
const ProofRun* median_run(const Proof& proof) {
  std::vector<const ProofRun*> found;
  for (const ProofRun& run : proof.runs) {
    if (run.found) found.push_back(&run);
  }
  std::ranges::sort(found, {}, [](const ProofRun* run) { return run->seconds; });
  return found.empty() ? nullptr : found[(found.size() - 1) / 2];
}

Json proof_json(const Proof& proof) {
  Json json{{"id", proof.mutant->id}};
  const ProofRun* middle = median_run(proof);
  if (proof.mutant->decoy) {
    json["alarm"] = proof.killed();
  } else {
    json["killed"] = proof.killed();
    json["judges"] = judges_of(proof);
    json["seconds"] = middle != nullptr ? Json(middle->seconds) : Json();
    json["commands"] = middle != nullptr ? Json(middle->commands) : Json();
    json["story_length"] =
        middle != nullptr && middle->story_length > 0 ? Json(middle->story_length) : Json();
    json["first_judge"] = middle != nullptr ? middle->first_judge : "";
    json["failure_modes"] = proof.mutant->failure_modes;
    json["severity"] = proof.mutant->severity;
    json["difficulty"] = name(proof.mutant->difficulty);
  }
  json["title"] = proof.mutant->title;
  json["kind"] = name(proof.mutant->kind);
  if (!proof.error().empty()) json["error"] = proof.error();
  for (const ProofRun& run : proof.runs) json["runs"].push_back(run_json(run));
  return json;
}

std::string row(const Proof& proof, const std::set<std::string>& judges) {
  std::string line = fmt::format("| {} | {} | {} |", proof.mutant->id, proof.mutant->severity,
                                 name(proof.mutant->difficulty));
  const ProofRun* middle = median_run(proof);
  const std::set<std::string> seen = judges_of(proof);
  for (const std::string& judge : judges) {
    const bool first = middle != nullptr && middle->first_judge == judge;
    line += first ? " ● |" : seen.contains(judge) ? " ○ |" : " |";
  }
  if (middle == nullptr) return line + (proof.error().empty() ? " survived | | |\n" : " error | | |\n");
  return line + fmt::format(" {:.1f} | {} | {} |\n", middle->seconds, middle->commands,
                            middle->story_length > 0 ? std::to_string(middle->story_length) : "");
}

}  // namespace

std::string results_json(const std::vector<Proof>& proofs, const ProveOptions& options, bool complete) {
  const ProofScore score = score_of(proofs);
  Json document{{"mutants", Json::array()}, {"decoys", Json::array()}};
  for (const Proof& proof : proofs)
    document[proof.mutant->decoy ? "decoys" : "mutants"].push_back(proof_json(proof));
  document["score"] = {{"killed", score.killed},
                       {"of", score.mutants},
                       {"share", score.score()},
                       {"sequential_killed", score.sequential_killed},
                       {"sequential", score.sequential},
                       {"alarms", score.alarms},
                       {"decoys", score.decoys},
                       {"errors", score.errors},
                       {"median_seconds", score.median_seconds},
                       {"median_story_length", score.median_story}};
  document["seed"] = options.seed;
  document["seeds"] = options.seeds;
  document["time_per_mutant_s"] = options.mutant_seconds;
  document["complete"] = complete;
  return document.dump(1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Proof> read_results(const std::string& text, const std::vector<Mutant>& mutants) {
  const Json document = Json::parse(text, nullptr, false);
  std::vector<Proof> proofs;
  try {
    for (const char* list : {"mutants", "decoys"}) {
      for (const Json& each : document.at(list)) {
        const auto mutant = std::ranges::find(mutants, each.at("id").get<std::string>(), &Mutant::id);
        if (mutant == mutants.end()) continue;
        Proof proof{.mutant = &*mutant, .runs = {}};
        for (const Json& run : each.at("runs")) proof.runs.push_back(read_run(run));
        proofs.push_back(std::move(proof));
      }
    }
  } catch (const Json::exception& trouble) {
    throw std::runtime_error(std::string("not results of hustle prove: ") + trouble.what());
  }
  return proofs;
}

std::string kill_matrix(const std::vector<Proof>& proofs) {
  std::set<std::string> judges;
  for (const Proof& proof : proofs) judges.merge(judges_of(proof));
  std::string text = "| mutant | severity | class |";
  for (const std::string& judge : judges) text += " " + judge + " |";
  text += " seconds | commands | calls |\n|---|---|---|";
  for (std::size_t i = 0; i < judges.size() + 3; ++i) text += "---|";
  text += "\n";
  std::string alarms, errors;
  for (const Proof& proof : proofs) {
    if (!proof.mutant->decoy) text += row(proof, judges);
    if (!proof.error().empty()) errors += fmt::format("- {}: {}\n", proof.mutant->id, proof.error());
    if (!proof.mutant->decoy || !proof.killed()) continue;
    alarms += fmt::format("- {}: {}\n", proof.mutant->id, median_run(proof)->headline);
  }
  if (!alarms.empty()) text += "\nFalse alarms on decoys:\n\n" + alarms;
  if (!errors.empty()) text += "\nNot measured:\n\n" + errors;
  return text;
}

}  // namespace loadgen
