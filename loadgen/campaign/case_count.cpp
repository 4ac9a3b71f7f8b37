#include "loadgen/campaign/case_count.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/proof_evidence.h"
#include "loadgen/campaign/race_orders.h"
#include "model/rules/apply.h"

namespace loadgen {
namespace {

using model::Action;
using model::Outcome;

bool bad_signature(model::EventFlavour f) {
  return f >= model::EventFlavour::forged_signature && f <= model::EventFlavour::tampered_body;
}

bool overlaps_another(const model::History& history, std::size_t i) {
  const model::Operation& o = history.operations[i];
  for (std::size_t k = i; k-- > 0;) {
    if (history.operations[k].step != o.step) break;
    return true;
  }
  return i + 1 < history.operations.size() && history.operations[i + 1].step == o.step;
}

void count_delivery(CaseCount& count, const model::History& history, std::size_t i,
                    std::set<std::uint16_t>& delivered) {
  const model::Operation& o = history.operations[i];
  if (bad_signature(o.command.flavour)) {
    ++count.tally["delivery bad signature"];
  } else if (o.command.flavour != model::EventFlavour::genuine) {
    ++count.tally["delivery bad content"];
  } else {
    ++count.tally["delivery genuine"];
    if (o.command.event_type == model::EventType::unknown_type) ++count.tally["delivery unknown type"];
    if (!delivered.insert(o.command.event.value).second) ++count.tally["delivery duplicate"];
    if (overlaps_another(history, i)) ++count.tally["delivery parallel"];
  }
}

void count_answer(CaseCount& count, const model::Operation& o) {
  const model::Command& c = o.command;
  const std::string action(name(c.action));
  if (o.outcome.kind == Outcome::Kind::accepted) {
    ++count.tally["ok " + action];
    if (c.action == Action::dispute_resolve && c.resolution == model::Resolution::split)
      ++count.tally["split"];
    if (o.outcome.answer.escrow == model::EscrowState::refunded &&
        c.action != Action::escrow_get_by_task_id && c.action != Action::task_get_by_id) {
      ++count.tally["refunded"];
    }
  }
  if (c.action == Action::job_review_timeout) ++count.tally[action];
  if (o.outcome.code == model::Code::hx609) ++count.tally["not eligible"];
  if (o.outcome.kind != Outcome::Kind::refused) return;
  ++count.tally["refused " + action];
  if (c.credential != model::Credential::valid) ++count.tally["bad credential"];
  if (o.outcome.code == model::Code::hx503) ++count.tally["wrong actor"];
  if (o.outcome.code == model::Code::hx602) ++count.tally["standing refused"];
}

// Whose power over whom this call uses: a verification decided about (the row names its owner), or a task of
// others moved by an admin. Nothing for all other calls.
std::optional<AdminEffect> admin_act(const CaseRecord& record, const model::World& world,
                                     const model::Command& c) {
  if (c.actor.value >= world.users.size() || c.actor.value >= record.ids.users.size()) return std::nullopt;
  const std::string& admin = record.ids.users[c.actor.value];
  if (c.action == Action::verification_resolve) {
    if (c.verification.value >= world.verifications.size()) return std::nullopt;
    const std::size_t owner = world.verifications[c.verification.value].user.value;
    if (owner >= record.ids.users.size()) return std::nullopt;
    return AdminEffect{admin, record.ids.users[owner]};
  }
  const bool of_a_task = c.action == Action::dispute_resolve || c.action == Action::task_cancel ||
                         c.action == Action::escrow_release || c.action == Action::escrow_refund;
  if (!of_a_task || !world.users[c.actor.value].is_admin) return std::nullopt;
  model::TaskId task = c.task.present() ? c.task : task_of(c.escrow);
  if (c.action == Action::dispute_resolve && c.dispute.value < world.disputes.size())
    task = world.disputes[c.dispute.value].task;
  if (task.value >= world.tasks.size() || world.tasks[task.value].poster == c.actor ||
      task.value >= record.ids.tasks.size()) {
    return std::nullopt;
  }
  return AdminEffect{admin, record.ids.tasks[task.value]};
}

// Acts that must have left a row (AUDIT-3): the order explains them, and they were answered.
bool count_admin(CaseCount& count, const CaseRecord& record, const model::World& before,
                 const model::Operation& o, const Outcome& expected) {
  if (o.outcome.kind == Outcome::Kind::refused || expected.kind != Outcome::Kind::accepted) return false;
  auto act = admin_act(record, before, o.command);
  if (!act) return false;
  act->certain = o.outcome.kind == Outcome::Kind::accepted;
  count.admin_effects.push_back(std::move(*act));
  return true;
}

// Acts that may have left one: answers that were lost although the order does without them, and those of a
// history that no order explains.
void count_possible_admin(CaseCount& count, const CaseRecord& record, const model::World& world,
                          const std::vector<bool>& counted) {
  for (std::size_t i = 0; i < counted.size(); ++i) {
    const model::Operation& o = record.history.operations[i];
    if (counted[i] || o.outcome.kind == Outcome::Kind::refused) continue;
    auto act = admin_act(record, world, o.command);
    if (!act) continue;
    act->certain = false;
    count.admin_effects.push_back(std::move(*act));
  }
}

// Submissions that reached photos and fix: what the rules make of them.
void count_submission(CaseCount& count, const model::World& before, const model::Operation& o) {
  const auto verdict = verdict_on(before, o);
  if (!verdict || o.outcome.kind == Outcome::Kind::unknown) return;
  if (verdict->code == model::Code::none) {
    ++count.tally["proof with fix"];
    if (verdict->manual_review) ++count.tally["proof sent to review"];
    if (o.command.picture.present()) ++count.tally["proof without EXIF"];
    return;
  }
  const bool reused = (verdict->signals & bit(model::Signal::reused_photo)) != 0;
  const bool photos = o.command.trick != model::PhotoTrick::none || o.command.photo_age_s != 0 || reused;
  ++count.tally[photos ? "photos refused" : "fix refused"];
  if (reused) ++count.tally["reused photo refused"];
}

}  // namespace

CaseCount count_case(const CaseRecord& record, const model::Linearization& search) {
  CaseCount count;
  const auto& operations = record.history.operations;
  if (record.unknown > 0) count.tally["crash lost answers"] += record.unknown;
  std::set<std::uint16_t> delivered;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    count_answer(count, operations[i]);
    if (operations[i].command.action == Action::webhook_deliver)
      count_delivery(count, record.history, i, delivered);
  }
  std::vector<bool> counted(operations.size());
  model::World world = record.plan.start;  // in the order that explains the answers, as far as there is one
  for (const std::uint32_t i : search.verdict == model::Verdict::holds ? search.order : search.prefix) {
    const model::Operation& o = operations[i];
    const bool own_task = o.command.action == Action::task_accept &&
                          o.command.task.value < world.tasks.size() &&
                          world.tasks[o.command.task.value].exists &&
                          world.tasks[o.command.task.value].poster == o.command.actor;
    if (own_task && o.outcome.kind == Outcome::Kind::refused) ++count.tally["own task"];
    model::World before = world;
    count_submission(count, before, o);
    const Outcome expected = model::apply_observed(world, o.command, o.now, o.outcome);
    if (o.command.action == Action::feed_get && o.outcome.answer.feed >= 0)
      count.tally["feed tasks"] +=
          static_cast<std::uint64_t>(std::ranges::count(world.tasks, true, &model::Task::exists));
    if (const auto cell = model::cell_of(before, o.command, expected)) ++count.cells[*cell];
    counted[i] = count_admin(count, record, before, o, expected);
  }
  count_possible_admin(count, record, world, counted);
  count_race_orders(record, search, count.tally);
  return count;
}

CoverageCell described(const model::Cell& cell, std::uint64_t hits) {
  const auto proof = cell.proof ? model::name(*cell.proof) : "no proof";
  const auto dispute = cell.dispute ? model::name(*cell.dispute) : "no dispute";
  return {
      .state = fmt::format("{}/{}, {}, {}", model::name(cell.task), model::name(cell.escrow), proof, dispute),
      .command = std::string(model::name(cell.action)),
      .actor = std::string(model::name(cell.actor)),
      .hits = hits,
      .outcome = cell.code == model::Code::none ? "ok" : std::string(model::name(cell.code))};
}

}  // namespace loadgen
