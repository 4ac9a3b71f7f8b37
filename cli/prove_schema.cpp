#include "cli/prove_schema.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "cli/signals.h"
#include "loadgen/campaign/prove_schema.h"
#include "loadgen/environment/environment.h"

namespace cli {
namespace {

struct Tally {
  int tried = 0, found = 0, impossible = 0;
};

void print_run(const loadgen::DamageRun& run) {
  const loadgen::SchemaDamage& damage = run.damage;
  const char* word = !run.error.empty() ? "IMPOSSIBLE" : run.rule.empty() ? "SURVIVED" : "found";
  fmt::print("{:10} {:9} {}: {}\n", word, damage.kind, damage.object, damage.what);
  if (!run.error.empty()) {
    fmt::print("           {}\n", run.error);
  } else if (run.rule.empty()) {
    fmt::print("           {:.1f} s; {}\n", run.seconds, damage.kind == "function" ? "" : damage.sql);
  } else {
    fmt::print("           {:.1f} s; {}: {}\n", run.seconds, run.rule, run.attempt);
  }
  std::fflush(stdout);
}

void print_tally(const std::map<std::string, Tally>& tallies) {
  fmt::print("\n{:10} {:>6} {:>6} {:>9} {:>6}\n", "kind", "tried", "found", "survived", "rate");
  Tally all;
  const auto line = [](const std::string& kind, const Tally& tally) {
    fmt::print("{:10} {:6} {:6} {:9} {:5.1f} %\n", kind, tally.tried, tally.found, tally.tried - tally.found,
               tally.tried == 0 ? 0.0 : 100.0 * tally.found / tally.tried);
  };
  for (const auto& [kind, tally] : tallies) {
    line(kind, tally);
    all.tried += tally.tried;
    all.found += tally.found;
    all.impossible += tally.impossible;
  }
  line("all", all);
  if (all.impossible > 0) fmt::print("{} more cannot be made in this schema\n", all.impossible);
}

}  // namespace

int prove_schema(const SchemaFlags& flags) {
  std::optional<loadgen::Postgres> own;
  std::string database = flags.database;
  if (database.empty()) {
    const auto sibling = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hustle-server";
    own.emplace(loadgen::start_migrated_postgres(sibling.string()));
    database = own->url();
  }
  if (flags.list) {
    for (const loadgen::SchemaDamage& damage :
         loadgen::draw_damages(database, flags.count, flags.seed, flags.kind, flags.only))
      fmt::print("{:9} {}: {}\n", damage.kind, damage.object, damage.what);
    return 0;
  }
  const StopSignals signals;
  std::map<std::string, Tally> tallies;
  loadgen::DamageOptions options{.count = flags.count,
                                 .seed = flags.seed,
                                 .kind = flags.kind,
                                 .only = flags.only,
                                 .concurrent = !flags.serial};
  options.interrupted = [&] { return signals.stopped(); };
  options.done = [&](const loadgen::DamageRun& run) {
    print_run(run);
    Tally& tally = tallies[run.damage.kind];
    if (!run.error.empty()) {
      ++tally.impossible;
      return;
    }
    ++tally.tried;
    tally.found += run.rule.empty() ? 0 : 1;
  };
  loadgen::prove_schema(database, options);
  print_tally(tallies);
  return signals.stopped() ? 4 : 0;
}

}  // namespace cli
