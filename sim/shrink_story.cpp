#include "sim/shrink_story.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace sim {

using model::Action;
using model::Command;

namespace {

bool submits(const Call& call) {
  return call.command.action == Action::task_submit_proof || call.command.action == Action::proof_submit;
}

// What fills a slot that later calls name.
bool creates(const Call& call) {
  const Action action = call.command.action;
  return submits(call) || action == Action::dispute_create || action == Action::processor_pay ||
         action == Action::processor_cancel_intent;
}

// A simpler value of one thing that a call carries; false when it has it already.
using Simplification = bool (*)(Call&);

template <auto Member, auto Value>
bool becomes(Call& call) {
  return std::exchange(call.command.*Member, Value) != Value;
}
bool in_round_dollars(Call& call, model::Cents price) {
  if (call.command.action != Action::task_create || call.command.price <= price) return false;
  call.command.price = price;
  return true;
}
bool any_due_date(Call& call) {
  return call.command.action == Action::task_create && becomes<&Command::deadline_in, model::kDay>(call);
}
constexpr std::array<Simplification, 15> kSimplifications{
    [](Call& c) { return in_round_dollars(c, 1000); },
    [](Call& c) { return in_round_dollars(c, 1500); },
    [](Call& c) { return in_round_dollars(c, 10'000); },
    any_due_date,
    becomes<&Command::mode, model::Mode::standard>,
    becomes<&Command::category, model::Category{}>,
    becomes<&Command::requires_proof, true>,
    becomes<&Command::photos, std::uint8_t{1}>,
    becomes<&Command::reason, model::DisputeReason{}>,
    becomes<&Command::credential, model::Credential::valid>,
    becomes<&Command::input_fault, std::uint8_t{0}>,
    becomes<&Command::flavour, model::EventFlavour::genuine>,
    [](Call& c) { return c.command.split_percent > 50 && becomes<&Command::split_percent, 50>(c); },
    [](Call& c) { return std::exchange(c.at, 0) != 0; },
    [](Call& c) {
      return c.command.action == Action::task_submit_proof &&
             becomes<&Command::action, Action::proof_submit>(c);
    }};

class Shrinker {
 public:
  Shrinker(Story story, const std::function<bool(const Story&)>& still_fails, const ShrinkBudget& budget)
      : still_fails_(still_fails),
        budget_(budget),
        deadline_(std::chrono::steady_clock::now() + budget.time) {
    best_.story = std::move(story);
    seen_.insert(choices_of(best_.story));
  }

  ShrunkStory run() {
    bool changed = true;
    bool all_needed = false;
    while (changed && !spent()) {
      changed = keep_effects();
      changed |= drop_calls();
      changed |= skip_attempts();
      all_needed = !changed && !spent();
      changed |= one_after_the_other();
      changed |= merge_people();
      changed |= simplify();
    }
    try_story(renumbered(best_.story));
    best_.minimal = all_needed && !changed && !spent();
    return std::move(best_);
  }

 private:
  bool spent() const {
    return best_.successes >= budget_.successes || best_.attempts >= budget_.attempts ||
           std::chrono::steady_clock::now() >= deadline_;
  }

  bool try_story(Story candidate) {
    if (spent() || candidate.calls.empty() || !seen_.insert(choices_of(candidate)).second) return false;
    ++best_.attempts;
    if (!still_fails_(candidate)) return false;
    ++best_.successes;
    best_.story = std::move(candidate);
    return true;
  }

  // Without what the rules say changes nothing; the last call is usually the one that goes wrong.
  bool keep_effects() {
    const std::vector<bool> effects = effects_of(best_.story);
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < effects.size(); ++i) {
      if (effects[i] || i + 1 == effects.size()) kept.push_back(i);
    }
    return kept.size() < effects.size() && try_story(with_calls(best_.story, kept));
  }

  // From halves to single calls, from the end, where a story's tail usually does not matter.
  bool drop_calls() {
    bool changed = false;
    for (std::size_t width = std::max<std::size_t>(best_.story.calls.size() / 2, 1); width > 0; width /= 2) {
      for (std::size_t end = best_.story.calls.size(); end >= width && !spent();) {
        changed |= try_story(without(end - width, end));
        end = std::min(end - width, best_.story.calls.size());
      }
    }
    return changed;
  }

  Story without(std::size_t from, std::size_t to) const {
    std::vector<std::size_t> kept(best_.story.calls.size() - (to - from));
    std::iota(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(from), std::size_t{0});
    std::iota(kept.begin() + static_cast<std::ptrdiff_t>(from), kept.end(), to);
    return with_calls(best_.story, kept);
  }

  // Between two calls of one kind: neither the first nor what lies between; what named the first's slot names
  // the second's. A proof that is rejected and submitted again becomes one submission.
  bool skip_attempts() {
    bool changed = false;
    for (std::size_t i = 0; i < best_.story.calls.size(); ++i) {
      for (std::size_t j = best_.story.calls.size(); j-- > i + 1 && !spent();) {
        if (j >= best_.story.calls.size() || !same_kind(best_.story.calls[i], best_.story.calls[j])) continue;
        Story candidate = without(i, j);
        const Command first = best_.story.calls[i].command;
        const Command second = best_.story.calls[j].command;
        for (Call& call : candidate.calls) {
          if (first.proof.present() && call.command.proof == first.proof) call.command.proof = second.proof;
          if (first.event.present() && call.command.event == first.event) call.command.event = second.event;
          if (first.dispute.present() && call.command.dispute == first.dispute)
            call.command.dispute = second.dispute;
        }
        changed |= try_story(std::move(candidate));
      }
    }
    return changed;
  }
  static bool same_kind(const Call& a, const Call& b) {
    const bool alike = a.command.action == b.command.action || (submits(a) && submits(b));
    return creates(a) && alike && a.command.task == b.command.task;
  }

  // No two calls at the same moment, unless the failure needs it.
  bool one_after_the_other() {
    bool changed = false;
    for (std::size_t i = best_.story.calls.size(); i-- > 0 && !spent();) {
      if (i >= best_.story.calls.size() || !best_.story.calls[i].together) continue;
      Story candidate = best_.story;
      candidate.calls[i].together = false;
      changed |= try_story(std::move(candidate));
    }
    return changed;
  }

  bool merge_people() {
    bool changed = false;
    for (std::uint16_t from = static_cast<std::uint16_t>(best_.story.people.size()); from-- > 1;) {
      for (std::uint16_t into = 0; into < from && !spent(); ++into) {
        Story candidate = best_.story;
        for (Call& call : candidate.calls) {
          if (call.command.actor.value == from) call.command.actor.value = into;
          if (call.command.user.value == from) call.command.user.value = into;
        }
        if (candidate == best_.story) break;
        if (!try_story(std::move(candidate))) continue;
        changed = true;
        break;
      }
    }
    return changed;
  }

  // Everything everywhere at once first, then call by call.
  bool simplify() {
    Story candidate = best_.story;
    for (Call& call : candidate.calls) {
      for (const Simplification& simpler : kSimplifications) simpler(call);
    }
    if (try_story(std::move(candidate))) return true;
    bool changed = false;
    for (std::size_t i = 0; i < best_.story.calls.size(); ++i) {
      for (const Simplification& simpler : kSimplifications) {
        if (spent()) return changed;
        candidate = best_.story;
        if (simpler(candidate.calls[i])) changed |= try_story(std::move(candidate));
      }
    }
    return changed;
  }

  const std::function<bool(const Story&)>& still_fails_;
  const ShrinkBudget& budget_;
  std::chrono::steady_clock::time_point deadline_;
  ShrunkStory best_;
  std::set<std::vector<std::uint32_t>> seen_;
};

// Numbers in the order in which the calls mention them.
class Numbering {
 public:
  template <class Id>
  void apply(Id& id) {
    if (!id.present() || id.value >= kNobody) return;
    id.value = numbers_.try_emplace(id.value, static_cast<std::uint16_t>(numbers_.size())).first->second;
  }
  const std::map<std::uint16_t, std::uint16_t>& numbers() const { return numbers_; }

 private:
  static constexpr std::uint16_t kNobody = 0xFFF0;
  std::map<std::uint16_t, std::uint16_t> numbers_;
};

}  // namespace

Story renumbered(const Story& story) {
  Story tidy{.people = {}, .calls = story.calls};
  Numbering people, tasks, proofs, disputes, events, verifications;
  for (Call& call : tidy.calls) {
    people.apply(call.command.actor);
    people.apply(call.command.user);
    tasks.apply(call.command.task);
    tasks.apply(call.command.escrow);
    proofs.apply(call.command.proof);
    disputes.apply(call.command.dispute);
    events.apply(call.command.event);
    verifications.apply(call.command.verification);
  }
  tidy.people.resize(people.numbers().size());
  for (const auto& [old, now] : people.numbers()) {
    if (old < story.people.size()) tidy.people[now] = story.people[old];
  }
  return tidy;
}

ShrunkStory shrink_story(Story story, const std::function<bool(const Story&)>& still_fails,
                         const ShrinkBudget& budget) {
  return Shrinker(std::move(story), still_fails, budget).run();
}

}  // namespace sim
