#include "loadgen/campaign/trial.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "loadgen/books.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/database.h"
#include "loadgen/snapshots.h"
#include "model/judge/explain.h"

namespace loadgen {
namespace {

constexpr int kRestSeconds = 10;

bool names_one_of(const std::string& entity, const Bindings& ids) {
  const auto inside = [&](const std::vector<std::string>& list) {
    return std::ranges::any_of(
        list, [&](const std::string& id) { return !id.empty() && entity.find(id) != std::string::npos; });
  };
  return inside(ids.tasks) || inside(ids.escrows) || inside(ids.proofs) || inside(ids.disputes) ||
         inside(ids.users);
}

void keep_own(std::vector<model::Finding>& findings, const Bindings& ids) {
  std::erase_if(findings, [&](const model::Finding& f) {
    return std::ranges::none_of(f.entities, [&](const std::string& e) { return names_one_of(e, ids); });
  });
}

std::vector<model::Finding> audit_case(Database& database, const Bindings& ids) {
  std::vector<model::Finding> findings;
  for (AuditResult result : database.audit(AuditTime::quiet)) {
    if (result.verdict != model::Verdict::broken) continue;
    std::erase_if(result.hits,
                  [&](const AuditHit& hit) { return !names_one_of(hit.entity + " " + hit.detail, ids); });
    if (!result.hits.empty()) findings.push_back(finding_of(result));
  }
  return findings;
}

// The rows that the case must have left, with the whole case as the story.
std::vector<model::Finding> audit_end(Database& database, const CaseRecord& record,
                                      const model::Linearization& search, bool test_clock) {
  const auto world = final_world_of(record, search);
  if (!world) return {};
  std::vector<model::Finding> findings = audit_final_worlds(database, {&*world, 1}, test_clock);
  std::vector<std::uint32_t> all(record.history.operations.size());
  std::iota(all.begin(), all.end(), 0U);
  for (model::Finding& finding : findings)
    finding.story = model::tell(record.plan.start, record.history, all);
  return findings;
}

}  // namespace

bool same_failure(const model::Finding& a, const model::Finding& b) {
  if (a.rule != b.rule || a.judge != b.judge) return false;
  return a.judge == "database" || a.judge == "books" || a.judge == "snapshot" ||
         a.judge == kFinalWorldJudge || shape_of(a) == shape_of(b);
}

Trial try_case(Executor& executor, const Endpoints& endpoints, const sim::Plan& plan, bool deep) {
  Trial trial;
  trial.record = executor.run_one(plan);
  if (!trial.record.complete) throw std::runtime_error("the case was cut short: " + trial.record.cut_short);
  CaseVerdict verdict = judge_case(trial.record);
  trial.findings = std::move(verdict.findings);
  if (!deep) return trial;
  wait_until_quiet(endpoints.target, endpoints.providers, kRestSeconds);
  Database database(endpoints.database);
  std::vector<model::Finding> more = audit_case(database, trial.record.ids);
  BookAudit books = audit_books(database, endpoints.providers);
  keep_own(books.findings, trial.record.ids);
  more.insert(more.end(), books.findings.begin(), books.findings.end());
  trial.findings.insert(trial.findings.end(), more.begin(), more.end());
  const auto ends = audit_end(database, trial.record, verdict.linearization, endpoints.test_clock);
  trial.findings.insert(trial.findings.end(), ends.begin(), ends.end());
  return trial;
}

}  // namespace loadgen
