#include "model/judge/explain.h"

#include <algorithm>
#include <cmath>

#include "model/judge/footprint.h"
#include "model/rules/apply.h"

namespace model {
namespace {

template <class Tag>
void append_id(std::string& text, std::string_view word, Id<Tag> id) {
  if (!id.present()) return;
  if (text.back() != '(') text += ", ";
  text += word;
  text += ' ';
  text += std::to_string(id.value);
}

void append_word(std::string& text, std::string_view word) {
  if (text.back() != '(') text += ", ";
  text += word;
}

void append_fact(std::string& text, std::string_view what, std::string_view value) {
  text += ' ';
  text += what;
  text += ' ';
  text += value;
}

// Which ids a call is about; the others of a Command are leftovers of the plan.
struct Mentions {
  bool escrow, proof, dispute, event;
};
Mentions mentions(Action a) {
  return {.escrow = a == Action::escrow_release || a == Action::escrow_refund,
          .proof = a == Action::task_submit_proof || a == Action::proof_submit || a == Action::proof_accept ||
                   a == Action::proof_reject,
          .dispute = a == Action::dispute_create || a == Action::dispute_resolve,
          .event = a == Action::processor_pay || a == Action::processor_cancel_intent ||
                   a == Action::webhook_deliver};
}

std::string slots_of(std::int64_t feed) {
  std::string text;
  for (int i = 0; i < 62; ++i) {
    if ((feed >> i & 1) != 0) text += (text.empty() ? "" : ",") + std::to_string(i);
  }
  return text.empty() ? "none" : text;
}

std::string checks_of(std::int32_t failed) {
  std::string text;
  for (std::size_t i = 0; i < kEligibilityCheckNames.size(); ++i) {
    if ((failed >> i & 1) != 0) text += (text.empty() ? "" : ",") + std::string(kEligibilityCheckNames[i]);
  }
  return text.empty() ? "none" : text;
}

std::string describe_facts(const Answer& a) {
  std::string text;
  if (a.task) append_fact(text, "task", name(*a.task));
  if (a.escrow) append_fact(text, "escrow", name(*a.escrow));
  if (a.proof) append_fact(text, "proof", name(*a.proof));
  if (a.dispute) append_fact(text, "dispute", name(*a.dispute));
  if (a.resolution) append_fact(text, "resolution", name(*a.resolution));
  if (a.amount >= 0) append_fact(text, "amount", std::to_string(a.amount));
  if (a.effective_xp >= 0) append_fact(text, "effective XP", std::to_string(a.effective_xp));
  if (a.xp_total >= 0) append_fact(text, "XP total", std::to_string(a.xp_total));
  if (a.level >= 0) append_fact(text, "level", std::to_string(a.level));
  if (a.streak >= 0) append_fact(text, "streak", std::to_string(a.streak));
  if (a.tier >= 0) append_fact(text, "tier", std::to_string(a.tier));
  if (a.badges >= 0) append_fact(text, "badges", std::to_string(a.badges));
  if (a.feed >= 0) append_fact(text, "tasks of the case in the feed", slots_of(a.feed));
  if (a.failed_checks >= 0) append_fact(text, "failed checks", checks_of(a.failed_checks));
  if (a.capability >= 0) append_fact(text, "capability bits", std::to_string(a.capability));
  if (a.verified >= 0) append_fact(text, "verified records", std::to_string(a.verified));
  if (a.waiting >= 0) append_fact(text, "pending records", std::to_string(a.waiting));
  if (a.phase >= 0) append_fact(text, "phase", kOnboardingPhaseNames.at(static_cast<std::size_t>(a.phase)));
  if (a.absent) text += " nothing there";
  return text;
}

// "task 0 is COMPLETED, its escrow RELEASED", for every task that the command concerns.
std::string describe_state(const World& world, const Command& command) {
  std::string text;
  for (const TaskId id : footprint_of(world, command).tasks) {
    const Task& task = world.tasks[id.value];
    if (!text.empty()) text += "; ";
    text += "task " + std::to_string(id.value);
    if (!task.exists) {
      text += " does not exist";
      continue;
    }
    text += " is ";
    text += name(task.state);
    text += ", its escrow ";
    text += name(world.escrows[id.value].state);
    if (task.latest_proof.present()) {
      text += ", its latest proof ";
      text += name(world.proofs[task.latest_proof.value].state);
    }
  }
  return text.empty() ? "no task is concerned" : text;
}

Outcome replay(World& world, const Operation& o) {
  return apply_observed(world, o.command, o.now, o.outcome);
}

World after(const World& start, const History& history, const std::vector<std::uint32_t>& prefix) {
  World world = start;
  for (const std::uint32_t i : prefix) replay(world, history.operations[i]);
  return world;
}

// The last operation of the prefix that changed what `stuck` concerns: the one that it contradicts.
std::optional<std::uint32_t> last_cause(const World& start, const History& history,
                                        const Linearization& broken) {
  const Operation& stuck = history.operations[*broken.stuck];
  const World final_state = after(start, history, broken.prefix);
  const std::vector<bool> all_users(start.users.size(), true);
  World world = start;
  Undo before;
  std::optional<std::uint32_t> cause;
  for (const std::uint32_t i : broken.prefix) {
    before.save(world, footprint_of(final_state, stuck.command));
    replay(world, history.operations[i]);
    if (before.changed(world, all_users)) cause = i;
  }
  return cause;
}

}  // namespace

std::string seconds(std::int64_t microseconds) {
  const std::int64_t ms = microseconds / 1000;
  std::string fraction = std::to_string(ms % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(ms / 1000) + "." + fraction + " s";
}

std::string describe_call(const Command& c) {
  std::string text(name(c.action));
  text += '(';
  const Mentions shown = mentions(c.action);
  const bool by_task = c.task.present() && !(shown.escrow && c.escrow.present());
  if (by_task) append_id(text, "task", c.task);
  if (!by_task) append_id(text, "escrow", c.escrow);
  if (shown.proof) append_id(text, "proof", c.proof);
  if (shown.dispute) append_id(text, "dispute", c.dispute);
  if (shown.event) append_id(text, "event", c.event);
  append_id(text, "user", c.user);
  append_id(text, "verification", c.verification);
  if (c.action == Action::verification_submit_license || c.action == Action::verification_submit_insurance)
    append_word(text, name(c.trade));
  if (c.action == Action::verification_submit_license || c.action == Action::onboarding_submit_capabilities)
    append_word(text, kUsStateNames[c.state]);
  if (c.action == Action::verification_resolve) {
    append_word(text, c.approve ? "verified, valid for " + std::to_string(c.valid_for) + " ms" : "failed");
  }
  if (c.action == Action::feed_get) append_word(text, name(c.feed_mode));
  if (c.action == Action::task_create) {
    append_word(text, std::to_string(c.price) + " cents");
    append_word(text, name(c.mode));
    if (static_cast<std::size_t>(c.category) >= kPlainCategories) append_word(text, name(c.category));
    if (c.risk_answers != 0) append_word(text, "risk answers " + std::to_string(c.risk_answers));
    if (c.state != 0) append_word(text, kUsStateNames[c.state]);
  }
  if (c.action == Action::dispute_resolve) append_word(text, name(c.resolution));
  if (c.action == Action::dispute_resolve && c.resolution == Resolution::split) {
    append_word(text, std::to_string(c.split_percent) + " %");
  }
  if (c.action == Action::webhook_deliver) {
    append_word(text, name(c.event_type));
    append_word(text, name(c.flavour));
  }
  if (c.credential != Credential::valid) append_word(text, "credential " + std::string(name(c.credential)));
  if (c.input_fault != 0) append_word(text, "input fault " + std::to_string(c.input_fault));
  text += ')';
  return text;
}

std::string describe_actor(const World& start, const Command& c) {
  if (c.actor.present()) {
    const bool admin = c.actor.value < start.users.size() && start.users[c.actor.value].is_admin;
    return (admin ? "admin " : "user ") + std::to_string(c.actor.value);
  }
  if (is_procedure(c.action)) return "nobody";
  return c.action >= Action::job_task_expiry ? "clock" : "processor";
}

std::string describe_outcome(const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::accepted:
      return "accepted" + describe_facts(outcome.answer);
    case Outcome::Kind::refused:
      return std::string(name(outcome.code));
    case Outcome::Kind::unknown:
      return "no answer";
  }
  return {};
}

std::string describe_answer(const Operation& o) {
  if (o.outcome.kind == Outcome::Kind::unknown) {
    return o.http_status == 0 ? "no answer" : std::to_string(o.http_status) + ", outcome unknown";
  }
  const int status = o.http_status != 0                          ? o.http_status
                     : o.outcome.kind == Outcome::Kind::accepted ? 200
                                                                 : facts(o.outcome.code).http;
  const std::string text = o.outcome.kind == Outcome::Kind::accepted
                               ? describe_facts(o.outcome.answer)
                               : " " + std::string(name(o.outcome.code));
  return std::to_string(status) + text;
}

std::vector<StoryLine> tell(const World& start, const History& history, std::vector<std::uint32_t> operations,
                            std::uint32_t wrong) {
  std::ranges::stable_sort(operations, {}, [&](std::uint32_t i) { return history.operations[i].invoked_us; });
  std::vector<StoryLine> story;
  for (const std::uint32_t i : operations) {
    const Operation& o = history.operations[i];
    StoryLine line;
    line.lane = o.lane;
    line.from_us = o.invoked_us;
    line.to_us = o.returned_us == INT64_MAX ? o.invoked_us : o.returned_us;
    line.actor = describe_actor(start, o.command);
    line.call = describe_call(o.command);
    line.answer = describe_answer(o);
    line.wrong = i == wrong;
    story.push_back(std::move(line));
  }
  return story;
}

Explanation explain(const World& start, const History& history, const Linearization& broken) {
  const Operation& stuck = history.operations[*broken.stuck];
  World world = after(start, history, broken.prefix);
  Explanation e;
  e.state = describe_state(world, stuck.command);
  e.expected = describe_outcome(replay(world, stuck));
  e.observed = describe_answer(stuck);
  const std::string call = describe_call(stuck.command);
  if (const auto cause = last_cause(start, history, broken)) {
    const Operation& c = history.operations[*cause];
    const bool before = c.returned_us <= stuck.invoked_us;
    if (c.outcome.kind == Outcome::Kind::unknown) {
      e.sentence = describe_call(c.command) + " got no answer but took effect";
    } else {
      e.sentence =
          describe_call(c.command) + " answered " + describe_answer(c) + " at " + seconds(c.returned_us);
    }
    e.sentence += ", so " + e.state + (before ? " before " : " when ") + call +
                  (before ? " began at " + seconds(stuck.invoked_us) : " took effect") + "; ";
  } else {
    e.sentence = "At first " + e.state + "; ";
  }
  e.sentence += call + " answered " + e.observed + ", where the rules answer " + e.expected +
                ": no order of the overlapping calls fits";
  return e;
}

Finding finding_of(const World& start, const History& history, const Linearization& broken) {
  const Explanation e = explain(start, history, broken);
  Finding f;
  f.rule = "linearizability";
  f.spec = "state-machines.md §5";
  f.judge = "linearize";
  f.headline = e.sentence;
  f.expected = e.expected;
  f.observed = e.observed;
  f.story = tell(start, history, broken.component, *broken.stuck);
  std::string prefix;
  for (const std::uint32_t i : broken.prefix) {
    const Operation& o = history.operations[i];
    prefix += describe_actor(start, o.command) + ": " + describe_call(o.command) + " -> " +
              describe_answer(o) + "\n";
  }
  f.evidence.emplace_back("longest legal order", prefix.empty() ? "(empty)" : prefix);
  f.evidence.emplace_back("state after it", e.state);
  return f;
}

}  // namespace model
