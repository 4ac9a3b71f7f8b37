#include "cli/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/gate.h"
#include "cli/signals.h"
#include "loadgen/campaign/generate_mutants.h"
#include "loadgen/campaign/prove.h"
#include "loadgen/campaign/prove_results.h"
#include "reports/write_all.h"

namespace cli {
namespace {

struct Flags {
  loadgen::ProveOptions prove;
  std::string time = "20s", sample, only, checks, kind, results, catalogue, out = "out";
  std::size_t generated = 0;  // 0: the catalogue
  bool source = false, json = false, quiet = false, matrix = false, list = false;
};

std::optional<int> read_flags(const std::vector<std::string>& arguments, Flags& flags) {
  CLI::App app("Measures the gate: seeded faults that it must find, harmless changes that must stay green.",
               "hustle prove");
  app.add_option("--seed", flags.prove.seed, "the first seed");
  app.add_option("--seeds", flags.prove.seeds, "how many seeds each")->check(CLI::Range(1, 1000));
  app.add_option("--only", flags.only, "ids or beginnings of ids, separated by commas");
  app.add_option(
      "--checks", flags.checks,
      "with only these checks of the side stage, such as wire,payouts: a quick look while one is written");
  app.add_option("--jobs", flags.prove.jobs, "mutants at the same time")->check(CLI::Range(1, 64));
  app.add_option("--kind", flags.kind, "only this kind: migration, statement, source or decoy");
  app.add_option("--time-per-mutant", flags.time, "driving time for one seed of one that nobody sees");
  app.add_option("--sample", flags.sample, "a random part that fits into this time, such as 5m");
  app.add_option("--results", flags.results,
                 "JSON file, written after each; what it already has is not repeated");
  app.add_option("--catalogue", flags.catalogue, "another catalogue file");
  app.add_option("--out", flags.out, "folder for the report of a decoy that raised an alarm");
  app.add_option(
         "--generated", flags.generated,
         "so many small edits of the server's SQL, drawn by --seed, instead of the catalogue; with --source "
         "also of its C++, with --kind source only of that, with --kind answer members of answers told "
         "wrongly")
      ->check(CLI::Range(1, 10000));
  app.add_flag("--source", flags.source, "also the mutants of kind source (compiles one file each, once)");
  app.add_flag("--list", flags.list, "only names them");
  app.add_flag("--matrix", flags.matrix, "the kill matrix as a Markdown table");
  app.add_flag("--json", flags.json, "the results as JSON on standard output");
  app.add_flag("--quiet", flags.quiet, "no progress");
  if (const auto code = parse_arguments(app, arguments)) return code;
  flags.prove.checks = split_checks(flags.checks);
  flags.prove.mutant_seconds = parse_seconds("--time-per-mutant", flags.time);
  flags.prove.scenario_folder = scenario_folder();
  flags.prove.source_root = HUSTLE_SOURCE_DIR;
  if (flags.catalogue.empty())
    flags.catalogue = std::string(HUSTLE_SOURCE_DIR) + "/tests/mutants/catalogue.json";
  return std::nullopt;
}

loadgen::Drawn drawn_from(const Flags& flags) {
  if (flags.kind == "answer") return loadgen::Drawn::answers;
  if (flags.kind == "source") return loadgen::Drawn::source;
  return flags.source ? loadgen::Drawn::both : loadgen::Drawn::sql;
}

bool named(const std::string& id, const std::string& only) {
  std::stringstream stream(only);
  for (std::string each; std::getline(stream, each, ',');) {
    if (!each.empty() && id.starts_with(each)) return true;
  }
  return false;
}

std::vector<loadgen::Mutant> chosen(const std::vector<loadgen::Mutant>& all, const Flags& flags) {
  std::vector<loadgen::Mutant> mutants;
  for (const loadgen::Mutant& each : all) {
    const bool source = each.kind == loadgen::MutantKind::source;
    const std::string_view kind = each.decoy ? "decoy" : name(each.kind);
    if (!flags.only.empty() && !named(each.id, flags.only)) continue;
    const bool answer = flags.generated > 0 && flags.kind == "answer";  // all that were drawn
    if (!flags.kind.empty() && kind != flags.kind && !answer) continue;
    if (source && !flags.source && flags.kind != "source" && flags.only.empty()) continue;
    mutants.push_back(each);
  }
  if (mutants.empty()) throw UserMistake("--only, --kind: nothing in the catalogue has such a name");
  if (!flags.sample.empty()) {
    std::mt19937_64 generator(flags.prove.seed);
    std::ranges::shuffle(mutants, generator);
  }
  return mutants;
}

// Of any mutant of the catalogue, chosen for this call or not.
std::vector<loadgen::Proof> earlier(const Flags& flags, const std::vector<loadgen::Mutant>& all) {
  const std::ifstream file(flags.results);
  if (flags.results.empty() || !file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  return loadgen::read_results(text.str(), all);
}

// A results file keeps what this call did not come to.
std::vector<loadgen::Proof> with_earlier(std::vector<loadgen::Proof> proofs,
                                         const std::vector<loadgen::Proof>& known) {
  for (const loadgen::Proof& old : known) {
    const auto same = [&](const loadgen::Proof& proof) { return proof.mutant->id == old.mutant->id; };
    if (std::ranges::none_of(proofs, same)) proofs.push_back(old);
  }
  return proofs;
}

void print_line(const loadgen::Proof& proof) {
  const loadgen::Mutant& mutant = *proof.mutant;
  const bool killed = proof.killed();
  const char* word = !proof.error().empty() ? "ERROR"
                     : mutant.decoy         ? killed ? "ALARM" : "green"
                     : killed               ? "killed"
                                            : "SURVIVED";
  const loadgen::ProofRun& run = proof.runs.front();
  std::string rest = proof.error();
  if (rest.empty() && run.found) {
    std::string judges;
    for (const auto& [judge, rule] : run.seen) judges += fmt::format(" {}:{}", judge, rule);
    rest = fmt::format("{:5.1f} s {:6} commands, first {} |{}", run.seconds, run.commands, run.first_judge,
                       judges);
  }
  fmt::print(stderr, "{:8} {:34} {}\n", word, mutant.id, rest);
}

void write_results(const Flags& flags, const std::string& text) {
  if (flags.results.empty()) return;
  std::ofstream file(flags.results, std::ios::trunc);
  if (!(file << text << "\n")) throw UserMistake("--results: cannot write " + flags.results);
}

void print_score(const loadgen::ProofScore& score, bool complete) {
  fmt::print("killed {} of {} ({:.1f} %), sequential {} of {}, alarms {} on {} decoys, errors {}{}\n",
             score.killed, score.mutants, 100 * score.score(), score.sequential_killed, score.sequential,
             score.alarms, score.decoys, score.errors, complete ? "" : ", INCOMPLETE");
  fmt::print("severity 1: {} of {} killed by two judges or more\n", score.grave_by_two, score.grave);
  fmt::print("median to detection {:.1f} s; median story {:.0f} calls\n", score.median_seconds,
             score.median_story);
}

// A false alarm is a fault of the gate, so its reader needs the whole report: its folder.
std::string leave_alarm(const Flags& flags, const loadgen::Mutant& decoy, const loadgen::Run& run) {
  const auto folder = reports::make_out_dir(flags.out, "alarm-" + decoy.id, run.seed);
  reports::write_all(run, folder);
  return folder.string();
}

int list(const std::vector<loadgen::Mutant>& mutants) {
  for (const loadgen::Mutant& each : mutants) {
    fmt::print("{:34} {:10} {}\n", each.id, each.decoy ? "decoy" : name(each.kind), each.title);
  }
  return 0;
}

}  // namespace

int run_prove(const std::vector<std::string>& arguments) {
  Flags flags;
  if (const auto code = read_flags(arguments, flags)) return *code;
  const std::vector<loadgen::Mutant> all =
      flags.generated > 0 ? loadgen::generate_mutants(flags.prove.source_root + "/reference_server",
                                                      flags.generated, flags.prove.seed, drawn_from(flags))
                          : loadgen::load_mutants(flags.catalogue);
  const std::vector<loadgen::Mutant> mutants = chosen(all, flags);
  if (flags.list) return list(mutants);
  const std::vector<loadgen::Proof> known = earlier(flags, all);
  const double limit = flags.sample.empty() ? 0 : parse_seconds("--sample", flags.sample);
  const StopSignals signals;
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<bool> sampled = false;
  std::vector<loadgen::Proof> proofs;
  loadgen::ProveEvents events;
  events.interrupted = [&] {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    if (limit > 0 && spent.count() > limit) sampled = true;
    return sampled || signals.stopped();
  };
  std::mutex alarms;
  events.ran = [&](const loadgen::Mutant& mutant, const loadgen::Run& run) {
    if (!mutant.decoy || run.findings.empty()) return;
    const std::scoped_lock lock(alarms);
    const std::string folder = leave_alarm(flags, mutant, run);
    if (!flags.quiet) fmt::print(stderr, "report   {:34} {}\n", mutant.id, folder);
  };
  events.done = [&](const loadgen::Proof& proof) {
    if (!flags.quiet) print_line(proof);
    proofs.push_back(proof);
    write_results(flags, loadgen::results_json(with_earlier(proofs, known), flags.prove, false));
  };
  loadgen::prove(mutants, known, flags.prove, events);
  const bool complete = !signals.stopped() && (sampled || proofs.size() == mutants.size());
  write_results(flags, loadgen::results_json(with_earlier(proofs, known), flags.prove, complete));
  const loadgen::ProofScore score = loadgen::score_of(proofs);
  if (flags.json) {
    fmt::print("{}\n", loadgen::results_json(proofs, flags.prove, complete));
  } else {
    if (flags.matrix) fmt::print("{}\n", loadgen::kill_matrix(proofs));
    print_score(score, complete);
  }
  std::fflush(stdout);
  if (flags.generated > 0) return complete ? 0 : 4;  // what survives may change nothing: it is for a reader
  return loadgen::exit_code_of(score, complete);
}

}  // namespace cli
