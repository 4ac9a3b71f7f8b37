#include "loadgen/campaign/drill_plans.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "loadgen/campaign/drill_builder.h"
#include "loadgen/campaign/drill_slots.h"
#include "loadgen/campaign/proof_drills.h"
#include "model/vocabulary/contract.h"

namespace loadgen {
namespace {

using namespace drill;
using model::Action;
using model::Command;
using model::Resolution;

void add_payment(std::vector<Drill>& drills, model::Instant start) {
  Builder b("payment 20 times in parallel and late", "", start);
  b.paid().together(std::vector<Command>(20, b.command(Action::webhook_deliver)));
  b.then(Action::task_accept, kWorker).then(Action::proof_submit, kWorker);
  b.then(Action::proof_accept, kPoster)
      .then(Action::task_complete, kPoster)
      .together(std::vector<Command>(5, b.command(Action::webhook_deliver)))
      .read();
  drills.push_back(b.done());
  Builder late("payment 20 times in parallel and late", "after the cancellation", start);
  late.paid()
      .then(Action::task_cancel, kPoster)
      .together(std::vector<Command>(8, late.command(Action::webhook_deliver)))
      .read();
  drills.push_back(late.done());
  Builder race("payment 20 times in parallel and late", "against the cancellation", start);
  std::vector<Command> both(6, race.command(Action::webhook_deliver));
  both.push_back(race.command(Action::task_cancel, kPoster));
  race.paid().together(both).read();
  drills.push_back(race.done());
}

void add_releases(std::vector<Drill>& drills, model::Instant start) {
  Builder b("100 parallel releases", "", start);
  b.reviewed();
  std::vector<Command> crowd(50, b.command(Action::task_complete, kPoster));
  crowd.insert(crowd.end(), 50, b.command(Action::escrow_release, kPoster));
  b.together(crowd).read();
  drills.push_back(b.done());
  Builder w("release at every wrong state", "", start);
  const auto try_all = [&w] {
    w.then(Action::escrow_release, kPoster)
        .then(Action::escrow_release, kAdmin)
        .then(Action::escrow_refund, kPoster);
  };
  w.then(Action::task_create, kPoster);
  try_all();
  w.then(Action::escrow_create_intent, kPoster).then(Action::processor_pay).then(Action::webhook_deliver);
  try_all();
  w.then(Action::task_complete, kPoster).then(Action::task_accept, kWorker);
  try_all();
  w.then(Action::task_complete, kPoster).then(Action::proof_submit, kWorker);
  try_all();
  w.then(Action::task_complete, kPoster).then(Action::dispute_create, kPoster);
  try_all();
  w.then(resolve(w, Resolution::client_wins));
  try_all();
  w.then(Action::task_complete, kPoster).read();
  drills.push_back(w.done());
  Builder after("release at every wrong state", "after the payout", start);
  after.reviewed()
      .then(Action::task_complete, kPoster)
      .then(Action::escrow_release, kPoster)
      .then(Action::escrow_refund, kPoster);
  after.then(Action::escrow_refund, kAdmin)
      .then(Action::task_cancel, kPoster)
      .then(Action::dispute_create, kPoster)
      .read();
  drills.push_back(after.done());
}

// money.md §3, worked payouts, and the pairs where floating point loses a cent.
struct Split {
  model::Cents amount;
  int percent;  // 0: full refund by CLIENT_WINS, 100: HUSTLER_WINS
};
constexpr std::array kSplits{Split{5000, 60}, Split{4999, 50}, Split{1001, 33}, Split{12345, 70},
                             Split{500, 1},   Split{500, 99},  Split{600, 41},  Split{501, 50},
                             Split{2999, 29}, Split{1350, 58}, Split{777, 7},   Split{99999, 13},
                             Split{5000, 0},  Split{501, 0},   Split{599, 100}, Split{12345, 100}};

// Products that end in half a cent, or just below the next cent, in small and large amounts.
constexpr std::array kRoundings{Split{650, 33},   Split{650, 1}, Split{999, 50},   Split{550, 9},
                                Split{12345, 50}, Split{533, 3}, Split{50001, 99}, Split{599, 1}};

void add_splits(std::vector<Drill>& drills, model::Instant start, const std::string& matrix,
                std::span<const Split> splits) {
  for (const Split& split : splits) {
    Builder b(matrix, fmt::format("{} cents, {} %", split.amount, split.percent), start, split.amount);
    b.disputed();
    if (split.percent == 0) {
      b.then(resolve(b, Resolution::client_wins));
    } else if (split.percent == 100) {
      b.then(resolve(b, Resolution::hustler_wins));
    } else {
      b.then(resolve(b, Resolution::split, split.percent));
    }
    b.read();
    drills.push_back(b.done());
  }
}

void add_refund_races(std::vector<Drill>& drills, model::Instant start) {
  const std::string name = "refund races";
  Builder three(name, "three verdicts", start, 4999);
  three.disputed().together({resolve(three, Resolution::hustler_wins),
                             resolve(three, Resolution::client_wins), resolve(three, Resolution::split, 33),
                             resolve(three, Resolution::split, 67)});
  drills.push_back(three.read().done());
  Builder complete(name, "complete, dispute, cancel", start, 1001);
  complete.reviewed().together(
      {complete.command(Action::task_complete, kPoster), complete.command(Action::dispute_create, kWorker),
       complete.command(Action::task_cancel, kPoster), complete.command(Action::escrow_refund, kPoster)});
  drills.push_back(complete.read().done());
  Builder cancel(name, "cancel against accept", start, 501);
  cancel.funded().together(
      {cancel.command(Action::task_cancel, kPoster), cancel.command(Action::task_accept, kWorker),
       cancel.command(Action::task_accept, kOther), cancel.command(Action::task_cancel, kAdmin)});
  drills.push_back(cancel.read().done());
  Builder refund(name, "refund against release", start, 599);
  refund.reviewed().then(Action::task_complete, kPoster);
  refund.together(
      {refund.command(Action::escrow_refund, kPoster), refund.command(Action::escrow_release, kPoster),
       refund.command(Action::escrow_refund, kAdmin), refund.command(Action::escrow_release, kAdmin)});
  drills.push_back(refund.read().done());
}

// Every procedure by everybody who may not, in the middle of a task's life; then without a valid token.
void add_roles(std::vector<Drill>& drills, model::Instant start) {
  for (const bool dispute : {false, true}) {
    Builder b("role matrix", dispute ? "disputed" : "submitted", start);
    dispute ? b.disputed() : b.submitted();
    for (std::size_t i = 1; i < model::kProcedureCount; ++i) {  // task.create needs a slot of its own
      for (const int actor : {kOther, kWorker, kPaused, kSuspended, kClerk}) {
        Command c = b.command(static_cast<Action>(i), actor);
        give_empty_slots(c);
        if (c.action == Action::dispute_create && actor == kWorker && !dispute) continue;  // he may
        b.then(c);
      }
      for (const model::Credential credential :
           {model::Credential::none, model::Credential::expired, model::Credential::garbage}) {
        Command c = b.command(static_cast<Action>(i), kPoster);
        c.credential = credential;
        b.then(c);
      }
    }
    drills.push_back(b.done());
  }
  Builder own("role matrix", "own tasks", start);
  own.funded();
  for (int i = 0; i < 4; ++i) own.then(Action::task_accept, kPoster);
  drills.push_back(own.done());
}

// ELG-16: a score of .70 accepts, one above it does not.
void add_risks(std::vector<Drill>& drills, model::Instant start) {
  for (const std::int64_t risk : {70, 71, 79, 80}) {
    Builder b(std::string(kRiskDrill), std::to_string(risk), start);
    b.with(kWorker, &model::User::risk_hundredths, risk);
    b.funded();
    for (const Action action : {Action::eligibility_check, Action::feed_get, Action::task_accept})
      b.then(action, kWorker);
    drills.push_back(b.read().done());
  }
}

// LIVE-3: only a worker whose live state is ACTIVE takes a LIVE task.
void add_live_tasks(std::vector<Drill>& drills, model::Instant start) {
  Builder b("live tasks", "", start, 1500);
  b.with(kWorker, &model::User::live, model::LiveState::active)
      .with(kOther, &model::User::live, model::LiveState::cooldown)
      .with(kClerk, &model::User::live, model::LiveState::paused);
  Command live = b.command(Action::task_create, kPoster);
  live.mode = model::Mode::live;
  b.then(live).then(Action::task_accept, kOther).then(Action::escrow_create_intent, kPoster);
  b.then(Action::processor_pay).then(Action::webhook_deliver);
  for (const int who : {kOther, kClerk, kAdmin, kSuspended, kPoster, kWorker, kOther})
    b.then(Action::task_accept, who).then(Action::task_get_by_id, kPoster);
  drills.push_back(b.read().done());
}

// Decision 9: three attempts, then a dispute or a cancellation.
void add_fourth_proofs(std::vector<Drill>& drills, model::Instant start) {
  for (const Action submission : {Action::proof_submit, Action::task_submit_proof}) {
    for (const Action way_out : {Action::task_cancel, Action::dispute_create}) {
      const bool dispute = way_out == Action::dispute_create;
      Builder b("fourth proof", fmt::format("{}, {}", name(submission), name(way_out)), start);
      b.funded().then(Action::task_accept, kWorker);
      for (int i = 0; i < 3; ++i)
        b.then(submission, kWorker).then(Action::proof_reject, kPoster).next_proof();
      b.then(submission, kWorker).then(Action::proof_get_by_task_id, kPoster).then(submission, kWorker);
      b.then(way_out, dispute ? kWorker : kPoster);
      if (dispute) b.then(resolve(b, Resolution::hustler_wins));
      drills.push_back(b.read().done());
    }
  }
}

// money.md §5: tier 2 after five completions, and only for a verified worker.
void add_tiers(std::vector<Drill>& drills, model::Instant start) {
  for (const bool verified : {true, false}) {
    Builder b("tiers", verified ? "verified" : "not verified", start);
    b.with(kWorker, &model::User::is_verified, verified);
    for (int i = 0; i < 6; ++i, b.next_task()) {
      // A completion that an admin decides counts as well.
      i == 2 ? b.disputed().then(resolve(b, Resolution::hustler_wins))
             : b.reviewed().then(Action::task_complete, kPoster);
      b.then(Action::user_get_trust_tier, kWorker).then(Action::user_get_badges, kWorker);
    }
    drills.push_back(b.then(Action::user_get_profile, kWorker).done());
  }
}

// One of each name before the second of any: what is wrong shows early, however long a tail a drill has.
std::vector<Drill> breadth_first(std::vector<Drill> drills) {
  std::map<std::string, std::size_t> met;
  std::vector<std::pair<std::size_t, Drill>> numbered;
  for (Drill& drill : drills) {
    const std::size_t number = met[drill.name]++;
    numbered.emplace_back(number, std::move(drill));
  }
  std::ranges::stable_sort(numbered, {}, [](const auto& each) { return each.first; });
  std::vector<Drill> ordered;
  ordered.reserve(numbered.size());
  for (auto& [number, drill] : numbered) ordered.push_back(std::move(drill));
  return ordered;
}

}  // namespace

std::vector<Drill> all_drills(model::Instant start) {
  std::vector<Drill> drills;
  add_payment(drills, start);
  add_releases(drills, start);
  add_splits(drills, start, "refund and split matrix", kSplits);
  add_splits(drills, start, "rounding of splits", kRoundings);
  add_refund_races(drills, start);
  add_roles(drills, start);
  add_webhooks(drills, start);
  add_wrong_content(drills, start);
  add_declined_cards(drills, start);
  add_failed_transfers(drills, start);
  add_exhausted_transfers(drills, start);
  add_lists(drills, start);
  add_profiles(drills, start);
  add_live_tasks(drills, start);
  add_risks(drills, start);
  add_fourth_proofs(drills, start);
  add_tiers(drills, start);
  add_moments(drills, start);
  add_reputations(drills, start);
  add_credentials(drills, start);
  add_newcomers(drills, start);
  for (Drill& drill : proof_drills(start)) drills.push_back(std::move(drill));
  return breadth_first(std::move(drills));
}

Drill review_timeout_drill(model::Instant start) {
  Builder b("review timeout after restart", "", start);
  b.submitted();
  for (int i = 0; i < 400; ++i) b.then(Action::task_get_by_id, i % 2 == 0 ? kPoster : kWorker);
  b.later(49 * model::kHour).then(Action::job_review_timeout).then(Action::job_review_timeout).read();
  return b.done();
}

Drill payout_drill(model::Instant start, const std::string& variant) {
  Builder b("payout", variant, start, 12345);
  b.reviewed().then(Action::task_complete, kPoster).read();
  return b.done();
}

Drill refund_drill(model::Instant start, const std::string& variant) {
  Builder b("refund", variant, start, 4999);
  b.funded().then(Action::task_cancel, kPoster).read();
  return b.done();
}

std::optional<sim::Plan> drill_plan(const std::string& scenario, model::Instant start) {
  for (Drill& drill : all_drills(start)) {
    if (drill.plan.scenario == scenario) return std::move(drill.plan);
  }
  if (scenario.starts_with("drill:payout:")) return payout_drill(start, scenario.substr(13)).plan;
  if (scenario.starts_with("drill:refund:")) return refund_drill(start, scenario.substr(13)).plan;
  if (scenario.starts_with("drill:review timeout")) return review_timeout_drill(start).plan;
  return std::nullopt;
}

}  // namespace loadgen
