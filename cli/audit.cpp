#include "cli/audit.h"

#include <algorithm>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "loadgen/database.h"
#include "loadgen/environment/preflight.h"

namespace cli {
namespace {

constexpr std::size_t kRowsPrinted = 5;

std::string_view word(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return "holds";
    case model::Verdict::broken:
      return "BROKEN";
    case model::Verdict::unknown:
      return "unknown";
  }
  return "";
}

void print_text(const std::vector<loadgen::AuditResult>& results) {
  for (const loadgen::AuditResult& r : results) {
    fmt::print("{:<4} {:<8} {:<24} {}\n", r.audit->id, word(r.verdict), r.audit->rule, r.audit->sentence);
    if (!r.reason.empty()) fmt::print("     {}\n", r.reason);
    for (std::size_t i = 0; i < std::min(r.hits.size(), kRowsPrinted); ++i) {
      fmt::print("     {}: {}\n", r.hits[i].entity, r.hits[i].detail);
    }
    if (r.hit_count > kRowsPrinted) fmt::print("     ... {} rows in all\n", r.hit_count);
  }
}

void print_json(const std::vector<loadgen::AuditResult>& results) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const loadgen::AuditResult& r : results) {
    nlohmann::ordered_json hits = nlohmann::ordered_json::array();
    for (const loadgen::AuditHit& hit : r.hits)
      hits.push_back({{"entity", hit.entity}, {"detail", hit.detail}});
    out.push_back({{"id", r.audit->id},
                   {"rule", r.audit->rule},
                   {"verdict", word(r.verdict)},
                   {"sentence", r.audit->sentence},
                   {"reason", r.reason},
                   {"count", r.hit_count},
                   {"rows", hits},
                   {"sql", r.audit->sql}});
  }
  fmt::print("{}\n", nlohmann::ordered_json{{"results", out}}.dump(2));
}

}  // namespace

int run_audit(const std::vector<std::string>& arguments) {
  std::string url;
  bool json = false, busy = false;
  CLI::App app("Asks a live database the auditor's questions (invariants.md §9), read only.", "hustle audit");
  app.add_option("--database", url, "postgresql://user@host:port/name")->required();
  app.add_flag("--busy", busy, "work is under way: leave out what is only true at rest (Q07, Q12, Q29)");
  app.add_flag("--json", json, "results as JSON");
  if (const auto code = parse_arguments(app, arguments)) return *code;
  loadgen::check_database_url(url);
  loadgen::check_database(url);
  loadgen::Database database(url);
  const auto results = database.audit(busy ? loadgen::AuditTime::any : loadgen::AuditTime::quiet);
  json ? print_json(results) : print_text(results);
  const auto any = [&](model::Verdict v) {
    return std::ranges::any_of(results, [v](const auto& r) { return r.verdict == v; });
  };
  const bool all_unknown = !any(model::Verdict::holds) && !any(model::Verdict::broken);
  return any(model::Verdict::broken) ? 1 : all_unknown ? 4 : 0;
}

}  // namespace cli
