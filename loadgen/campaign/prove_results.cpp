#include "loadgen/campaign/prove_results.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace loadgen {
namespace {

using Json = nlohmann::ordered_json;

Json run_json(const ProofRun& run) {
  return {{"seed", run.seed},         {"found", run.found},       {"seen", run.seen},
          {"first", run.first_judge}, {"rule", run.rule},         {"headline", run.headline},
          {"seconds", run.seconds},   {"commands", run.commands}, {"story_length", run.story_length},
          {"boot_s", run.boot_s},     {"took_s", run.took_s},     {"error", run.error}};
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
  run.boot_s = json.value("boot_s", 0.0);
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

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

// One line for each class of faults, and one for each judge that came first.
std::string summary(const std::vector<Proof>& proofs) {
  struct Sum {
    std::size_t mutants = 0, killed = 0;
    std::vector<double> seconds, calls;
  };
  std::map<std::string, Sum> classes, judges;
  std::map<std::string, std::size_t> alone;  // severity 1
  for (const Proof& proof : proofs) {
    if (proof.mutant->decoy || !proof.error().empty()) continue;
    Sum& of_class = classes[std::string(name(proof.mutant->difficulty))];
    ++of_class.mutants;
    of_class.killed += proof.killed() ? 1 : 0;
    const std::set<std::string> seen = judges_of(proof);
    if (proof.mutant->severity == 1 && proof.killed() && seen.size() == 1) ++alone[*seen.begin()];
    for (const ProofRun& run : proof.runs) {
      if (!run.found) continue;
      for (Sum* sum : {&of_class, &judges[run.first_judge]}) {
        sum->seconds.push_back(run.seconds);
        if (run.story_length > 0) sum->calls.push_back(static_cast<double>(run.story_length));
      }
    }
  }
  std::string text = "| class | killed | median seconds | median calls |\n|---|---|---|---|\n";
  for (const auto& [name, sum] : classes)
    text += fmt::format("| {} | {} of {} | {:.1f} | {:.0f} |\n", name, sum.killed, sum.mutants,
                        median(sum.seconds), median(sum.calls));
  text += "\n| first judge | runs | median seconds | alone, severity 1 |\n|---|---|---|---|\n";
  for (const auto& [name, sum] : judges)
    text += fmt::format("| {} | {} | {:.1f} | {} |\n", name, sum.seconds.size(), median(sum.seconds),
                        alone[name]);
  return text;
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
                       {"severity_1_killed", score.grave},
                       {"severity_1_by_two_judges", score.grave_by_two},
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
  return text + "\n" + summary(proofs);
}

}  // namespace loadgen
