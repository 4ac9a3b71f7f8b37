#include "loadgen/campaign/trial.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "loadgen/books.h"
#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/row_instants.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/database.h"
#include "loadgen/rest.h"
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

std::vector<model::Finding> audit_case(Database& database, const Bindings& ids, const std::string& rule) {
  std::vector<model::Finding> findings;
  for (AuditResult result : database.audit(AuditTime::quiet, rule)) {
    if (result.verdict != model::Verdict::broken) continue;
    std::erase_if(result.hits,
                  [&](const AuditHit& hit) { return !names_one_of(hit.entity + " " + hit.detail, ids); });
    if (!result.hits.empty()) findings.push_back(finding_of(result));
  }
  return findings;
}

std::vector<std::string> known(const std::vector<std::string>& ids) {
  std::vector<std::string> named;
  std::ranges::copy_if(ids, std::back_inserter(named), [](const std::string& id) { return !id.empty(); });
  return named;
}

std::vector<model::Finding> audit_own_books(Database& database, const std::string& providers,
                                            const Bindings& ids) {
  const std::vector<std::string> escrows = known(ids.escrows);
  if (escrows.empty()) return {};
  BookAudit books = audit_books(database, providers, escrows);
  keep_own(books.findings, ids);
  return std::move(books.findings);
}

std::vector<model::Finding> at_rest(const Endpoints& endpoints, const CaseRecord& record,
                                    const model::Finding& wanted) {
  const Rest rest = come_to_rest(endpoints.target, endpoints.providers, kRestSeconds);
  if (rest.quiet) pay_late(endpoints, known(record.ids.tasks), kRestSeconds);
  Database database(endpoints.database);
  if (wanted.judge == "books" || wanted.judge == "liveness")
    return audit_own_books(database, endpoints.providers, record.ids);
  if (wanted.judge != kFinalWorldJudge) return audit_case(database, record.ids, wanted.rule);
  const auto world = final_world_of(record, judge_case(record).linearization);
  if (!world) return {};
  if (wanted.rule == kRowInstantsRule) return audit_row_instants(database, {&*world, 1});
  return audit_final_worlds(database, {&*world, 1}, endpoints.test_clock);
}

// The whole case, up to the call that is marked as wrong already if there is one.
void tell_all(model::Finding& finding, const CaseRecord& record) {
  std::vector<std::uint32_t> told;
  std::uint32_t wrong = UINT32_MAX;
  const auto mark = std::ranges::find(finding.story, true, &model::StoryLine::wrong);
  for (std::uint32_t i = 0; i < record.history.operations.size(); ++i) {
    const model::Operation& o = record.history.operations[i];
    if (mark != finding.story.end() && o.invoked_us > mark->to_us) continue;
    told.push_back(i);
    if (mark != finding.story.end() && o.invoked_us == mark->from_us && o.lane == mark->lane) wrong = i;
  }
  finding.story = model::tell(record.plan.start, record.history, std::move(told), wrong);
}

bool in_rows_or_books(const model::Finding& finding) {
  return finding.judge == "database" || finding.judge == "books" || finding.judge == "snapshot";
}

}  // namespace

bool seen_in_history(const model::Finding& finding) {
  return finding.judge == "linearize" || finding.judge == "oracle" || finding.judge == "contract" ||
         finding.judge == "readback";
}

bool same_failure(const model::Finding& a, const model::Finding& b) {
  const auto by_order = [](const model::Finding& f) { return f.judge == "linearize" || f.judge == "oracle"; };
  if (by_order(a) && by_order(b)) return manner_of(a) == manner_of(b);
  if (a.rule != b.rule || a.judge != b.judge) return false;
  return in_rows_or_books(a) || manner_of(a) == manner_of(b);
}

std::vector<model::Finding> history_findings(const CaseRecord& record) {
  std::vector<model::Finding> findings = judge_case(record).findings;
  for (model::Finding& finding : findings) {
    if (finding.judge == "contract") tell_all(finding, record);
  }
  return findings;
}

Trial try_case(Executor& executor, const Endpoints& endpoints, const sim::Plan& plan,
               const model::Finding& wanted) {
  Trial trial;
  trial.record = executor.run_one(plan);
  if (!trial.record.complete) throw std::runtime_error("the case was cut short: " + trial.record.cut_short);
  if (seen_in_history(wanted)) {
    trial.findings = history_findings(trial.record);
    return trial;
  }
  trial.findings = at_rest(endpoints, trial.record, wanted);
  for (model::Finding& finding : trial.findings) tell_all(finding, trial.record);
  return trial;
}

}  // namespace loadgen
