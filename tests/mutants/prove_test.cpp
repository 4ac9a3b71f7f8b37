// The catalogue fits today's sources, and `prove` tells a fault from a harmless change and from trouble of
// its own.
#include "loadgen/campaign/prove.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <set>
#include <sstream>

#include "loadgen/campaign/prove_results.h"
#include "loadgen/campaign/prove_server.h"
#include "loadgen/environment/children.h"
#include "loadgen/environment/clone.h"
#include "loadgen/environment/postgres.h"

namespace {

namespace fs = std::filesystem;
using loadgen::Difficulty;
using loadgen::Mutant;
using loadgen::MutantKind;
using loadgen::Proof;
using loadgen::ProofRun;

const std::string root = HUSTLE_SOURCE_DIR;
const std::string catalogue = root + "/tests/mutants/catalogue.json";

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = loadgen::load_mutants(catalogue);
  return all;
}

const Mutant& named(const std::string& id) {
  const auto found = std::ranges::find(mutants(), id, &Mutant::id);
  if (found == mutants().end()) throw std::runtime_error("not in the catalogue: " + id);
  return *found;
}

std::string contents(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

loadgen::ProveOptions short_run() {
  loadgen::ProveOptions options;
  options.mutant_seconds = 2;
  options.more_seconds = 0.5;
  options.shrink_seconds = 1;
  options.scenario_folder = root + "/scenarios";
  options.source_root = root;
  options.server = HUSTLE_SERVER_BINARY;
  options.harness = HUSTLE_BINARY;
  return options;
}

TEST(Catalogue, HoldsEnoughOfEverything) {
  const auto decoys = std::ranges::count_if(mutants(), &Mutant::decoy);
  EXPECT_GE(mutants().size() - decoys, 60U);
  EXPECT_GE(decoys, 20);
  for (const MutantKind kind : {MutantKind::migration, MutantKind::statement, MutantKind::source}) {
    EXPECT_TRUE(std::ranges::any_of(mutants(), [&](const Mutant& m) { return m.kind == kind; }))
        << name(kind);
  }
  for (const Difficulty each :
       {Difficulty::sequential, Difficulty::race, Difficulty::fault, Difficulty::time}) {
    EXPECT_TRUE(std::ranges::any_of(mutants(), [&](const Mutant& m) {
      return !m.decoy && m.difficulty == each;
    })) << name(each);
  }
}

TEST(Catalogue, NamesFailureModesOfTheSpecification) {
  for (const Mutant& mutant : mutants()) {
    for (const std::string& mode : mutant.failure_modes) {
      EXPECT_TRUE(mode.size() == 6 && mode.starts_with("FM-")) << mutant.id << " " << mode;
    }
  }
}

TEST(Catalogue, EveryEditAppliesExactlyOnce) {
  for (const Mutant& mutant : mutants()) {
    std::map<std::string, std::string> texts;
    for (const loadgen::Edit& edit : mutant.edits) {
      std::string& text =
          texts.try_emplace(edit.file, contents(root + "/reference_server/" + edit.file)).first->second;
      const std::string before = text;
      EXPECT_NO_THROW(text = loadgen::edited(text, edit)) << mutant.id;
      EXPECT_NE(text, before) << mutant.id << " changes nothing in " << edit.file;
    }
  }
}

TEST(Catalogue, EveryOverlayIsUsedOnce) {
  std::multiset<std::string> used;
  for (const Mutant& mutant : mutants()) {
    if (!mutant.overlay.empty()) used.insert(mutant.overlay);
  }
  for (const auto& entry : fs::directory_iterator(root + "/tests/mutants/overlays")) {
    EXPECT_EQ(used.count("overlays/" + entry.path().filename().string()), 1U) << entry.path();
  }
  for (const std::string& overlay : used)
    EXPECT_TRUE(fs::exists(root + "/tests/mutants/" + overlay)) << overlay;
}

// Functions are installed unchecked: a slip of the catalogue's author would only show as a kill that is none.
void check_bodies(pqxx::connection& connection) {
  pqxx::nontransaction work(connection);
  work.exec("SET check_function_bodies = on");
  for (const auto& row : work.exec("SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n"
                                   " ON n.oid = p.pronamespace WHERE n.nspname = 'api'")) {
    work.exec(row[0].as<std::string>());
  }
}

// In parts: all of them migrate some three hundred databases, too many for one test's time on a busy machine.
constexpr std::size_t kParts = 8;
class FreshDatabase : public testing::TestWithParam<std::size_t> {};

void migrate(const loadgen::Postgres& postgres, const std::string& server, const std::string& database) {
  loadgen::ChildOptions options;
  options.command = {server, "migrate", "--database", loadgen::with_database(postgres.url(), database)};
  options.log_file = postgres.directory() + "/migrate.log";
  loadgen::run_to_end(std::move(options), std::chrono::seconds(60));
}

bool changes_schema(const Mutant& mutant) {
  return mutant.kind == MutantKind::migration || std::ranges::any_of(mutant.edits, [](const auto& edit) {
           return edit.file.starts_with("migrations/");
         });
}

// Where the schema is everybody's, only the functions are put on top of a copy of it.
TEST_P(FreshDatabase, TakesEverySchemaAndEveryFunctionOfAPart) {
  const loadgen::Postgres postgres = loadgen::Postgres::start();
  const loadgen::MutantBench bench{.source_root = root, .server = HUSTLE_SERVER_BINARY};
  pqxx::connection first(postgres.url());
  pqxx::nontransaction(first).exec("CREATE DATABASE standard");
  migrate(postgres, HUSTLE_SERVER_BINARY, "standard");
  for (std::size_t i = GetParam(); i < mutants().size(); i += kParts) {
    const Mutant& mutant = mutants()[i];
    if (mutant.kind == MutantKind::source) continue;
    pqxx::connection connection(postgres.url());
    pqxx::nontransaction(connection)
        .exec(changes_schema(mutant) ? "CREATE DATABASE mutant" : "CREATE DATABASE mutant TEMPLATE standard");
    const loadgen::MutantServer server(mutant, bench);
    EXPECT_NO_THROW(migrate(postgres, server.program(), "mutant")) << mutant.id;
    {
      pqxx::connection migrated(loadgen::with_database(postgres.url(), "mutant"));
      EXPECT_NO_THROW(check_bodies(migrated)) << mutant.id;
    }
    pqxx::nontransaction(connection).exec("DROP DATABASE mutant WITH (FORCE)");
  }
}
INSTANTIATE_TEST_SUITE_P(Catalogue, FreshDatabase, testing::Range<std::size_t>(0, kParts));

TEST(Prove, KillsAMutantAndNamesTheJudges) {
  const ProofRun run = loadgen::prove_once(named("split-pays-everything"), 7, short_run(), {});
  EXPECT_EQ(run.error, "");
  EXPECT_TRUE(run.found);
  EXPECT_FALSE(run.first_judge.empty());
  EXPECT_TRUE(run.seen.contains(run.first_judge));
  EXPECT_GT(run.commands, 0U);
  EXPECT_GT(run.seconds, 0);
}

// The whole gate is run on decoys by `hustle prove`; here the harmless change meets two of its checks.
TEST(Prove, LeavesADecoyGreen) {
  loadgen::ProveOptions options = short_run();
  options.checks = {"privacy", "streaks"};
  const ProofRun run = loadgen::prove_once(named("json-reordered"), 7, options, {});
  EXPECT_EQ(run.error, "");
  EXPECT_FALSE(run.found) << run.first_judge << " " << run.rule << ": " << run.headline;
}

TEST(Prove, WhatDoesNotApplyIsAnErrorAndNotAKill) {
  Mutant mutant = named("split-pays-everything");
  mutant.edits.front().from = "no such text";
  Proof proof{.mutant = &mutant, .runs = {loadgen::prove_once(mutant, 1, short_run(), {})}};
  EXPECT_NE(proof.error().find("occurs nowhere"), std::string::npos) << proof.error();
  EXPECT_FALSE(proof.killed());
  EXPECT_EQ(loadgen::score_of({proof}).errors, 1U);
  EXPECT_EQ(loadgen::exit_code_of(loadgen::score_of({proof}), true), 4);
}

TEST(Prove, ASchemaThatDoesNotInstallIsAnErrorAndNotAKill) {
  Mutant mutant = named("terminal-task-half-frozen");
  mutant.edits.front().to = "no SQL at all ((";
  const ProofRun run = loadgen::prove_once(mutant, 1, short_run(), {});
  EXPECT_NE(run.error, "");
  EXPECT_FALSE(run.found);
}

ProofRun seen(std::uint64_t seed, bool found) {
  ProofRun run;
  run.seed = seed;
  run.found = found;
  if (!found) return run;
  run.first_judge = "books";
  run.seen = {{"books", "CONSERVATION"}};
  run.seconds = static_cast<double>(seed);
  run.story_length = 4;
  return run;
}

TEST(Score, CountsAMutantOnlyWhenEverySeedSawIt) {
  const Mutant& race = named("accept-without-lock");
  const Mutant& plain = named("split-pays-everything");
  const Mutant& decoy = named("json-reordered");
  const std::vector<Proof> proofs = {{&race, {seen(1, true), seen(2, false)}},
                                     {&plain, {seen(1, true), seen(2, true)}},
                                     {&decoy, {seen(1, false), seen(2, false)}}};
  const loadgen::ProofScore score = loadgen::score_of(proofs);
  EXPECT_EQ(score.killed, 1U);
  EXPECT_EQ(score.mutants, 2U);
  EXPECT_EQ(score.sequential_killed, score.sequential);
  EXPECT_EQ(score.alarms, 0U);
  EXPECT_EQ(loadgen::exit_code_of(score, true), 1) << "half is not enough";
  EXPECT_EQ(loadgen::exit_code_of(loadgen::score_of({proofs[1], proofs[2]}), true), 0);
  EXPECT_EQ(loadgen::exit_code_of(loadgen::score_of({proofs[1], proofs[2]}), false), 4);
  EXPECT_EQ(loadgen::exit_code_of(loadgen::score_of({{&decoy, {seen(1, false), seen(2, true)}}}), true), 1);
}

TEST(Score, CountsGraveKillsThatTwoJudgesSaw) {
  ProofRun two = seen(1, true);
  two.seen["model state"] = "MODEL";
  const Mutant& grave = named("split-pays-everything");
  const Mutant& other = named("refund-times-hundred");
  ASSERT_EQ(grave.severity, 1);
  ASSERT_EQ(other.severity, 1);
  const std::vector<Proof> proofs = {{&grave, {two}}, {&other, {seen(1, true)}}};
  const loadgen::ProofScore score = loadgen::score_of(proofs);
  EXPECT_EQ(score.grave, 2U);
  EXPECT_EQ(score.grave_by_two, 1U);
  EXPECT_EQ(nlohmann::json::parse(
                loadgen::results_json(proofs, short_run(), true))["score"]["severity_1_by_two_judges"],
            1);
  EXPECT_NE(loadgen::kill_matrix(proofs).find("| books | 2 | 1.0 | 1 |"), std::string::npos)
      << loadgen::kill_matrix(proofs);
}

TEST(Results, AreReadAgainToGoOn) {
  const std::vector<Proof> proofs = {{&named("split-pays-everything"), {seen(1, true)}},
                                     {&named("json-reordered"), {seen(1, false)}}};
  const std::string text = loadgen::results_json(proofs, short_run(), true);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["mutants"][0]["id"], "split-pays-everything");
  EXPECT_EQ(json["mutants"][0]["killed"], true);
  EXPECT_EQ(json["mutants"][0]["judges"], nlohmann::json({"books"}));
  EXPECT_EQ(json["mutants"][0]["story_length"], 4);
  EXPECT_EQ(json["decoys"][0]["alarm"], false);
  const std::vector<Proof> again = loadgen::read_results(text, mutants());
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].runs[0].seen, proofs[0].runs[0].seen);
  EXPECT_THROW(loadgen::read_results("[]", mutants()), std::runtime_error);
  const auto nothing = loadgen::prove({*again[0].mutant}, again, short_run(), {});
  ASSERT_EQ(nothing.size(), 1U);
  EXPECT_EQ(nothing[0].runs[0].took_s, 0) << "what is known is not run again";
}

}  // namespace
