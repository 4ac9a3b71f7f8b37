// What a journey sends at each step, and what its answers must be.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/decode.h"
#include "loadgen/load/journey_worker.h"
#include "model/rules/apply.h"

namespace loadgen::load {

using model::Outcome;
using sim::StepKind;

namespace {

constexpr std::uint64_t kSample = 64;  // every so many answers one is checked against the whole contract
constexpr std::int64_t kFirstPoll = 2'000'000, kLongestPoll = 50'000'000;
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kJson = "application/json";

// The last digit of the signature becomes another one.
std::string forged(std::string signature) {
  if (!signature.empty()) signature.back() = signature.back() == '0' ? '1' : '0';
  return signature;
}

void forget_xp(model::Answer& answer) {
  answer.base_xp = answer.multiplier_percent = answer.effective_xp = -1;
  answer.xp_total = answer.level = answer.streak = answer.tier = -1;
}

}  // namespace

JourneyWorker::Where JourneyWorker::where(const Active& active) const {
  switch (active.plan.steps[active.step].kind) {
    case StepKind::call:
    case StepKind::effect:
    case StepKind::deliver:
      return Where::target;
    case StepKind::pay:
    case StepKind::find_event:
    case StepKind::envelope:
      return Where::processor;
  }
  return Where::target;
}

std::string_view JourneyWorker::token_of(const Active& active, model::UserId actor,
                                         std::string_view& id) const {
  const ShardPeople& people = setup_.people[active.plan.shard];
  const Person& person = actor == sim::kAdmin    ? setup_.admin
                         : actor == sim::kWorker ? people.workers[active.plan.worker]
                                                 : people.posters[active.plan.poster];
  id = person.id;
  return person.token;
}

void JourneyWorker::write_request(const Active& active, std::string& out) {
  const sim::JourneyStep& step = active.plan.steps[active.step];
  static const StoryIds kNothing;
  const StoryIds& ids = active.story != nullptr ? active.story->ids : kNothing;
  switch (step.kind) {
    case StepKind::call:
    case StepKind::effect: {
      auto& prepared =
          templates_[static_cast<std::size_t>(step.command.action) * sim::kVariants + step.variant];
      if (!prepared) prepared = std::make_unique<RequestTemplate>(step.command, step.variant, setup_.target);
      Fill fill{.task = ids.task,
                .escrow = ids.escrow,
                .proof = ids.proof,
                .dispute = ids.dispute,
                .verification = ids.verification};
      fill.token = token_of(active, step.command.actor, fill.actor);
      fill.now_ms = setup_.start.ms + latest_ / 1'000'000;
      return prepared->fill(fill, out);
    }
    case StepKind::pay:
      out = post_bytes(setup_.providers, fmt::format("/v1/payment_intents/{}/confirm", ids.intent), kForm,
                       "Authorization: Bearer sk_test_hustle\r\n", "payment_method=pm_card_visa");
      return;
    case StepKind::find_event:
      out = fmt::format(
          "GET {}/control/events?payment_intent={}&type=payment_intent.succeeded HTTP/1.1\r\nHost: "
          "{}\r\n\r\n",
          setup_.providers.url.path, ids.intent, setup_.providers.url.host);
      return;
    case StepKind::envelope:
      out = post_bytes(setup_.providers, fmt::format("/control/events/{}/envelope", ids.event), kJson, "",
                       R"({"flavour":"genuine"})");
      return;
    case StepKind::deliver: {
      const bool genuine = step.command.flavour == model::EventFlavour::genuine;
      const std::string& signature = active.delivery->signature;
      out = post_bytes(setup_.target, "/webhooks/stripe", "application/json; charset=utf-8",
                       fmt::format("Stripe-Signature: {}\r\n", genuine ? signature : forged(signature)),
                       active.delivery->body);
      return;
    }
  }
}

bool JourneyWorker::contract_kept(const sim::JourneyStep& step, const LineAnswer& answer) {
  ++sampled_;
  nlohmann::json data;
  const net::Response response{.status = answer.status, .headers = {}, .body = std::string(answer.body)};
  return decode(step.command, response, data).breaches.empty();
}

bool JourneyWorker::agrees(const Active& active, const sim::JourneyStep& step, const Outcome& observed) {
  if (model::acceptable(step.command, step.expected, observed)) return true;
  if (observed.kind != Outcome::Kind::accepted || step.expected.kind != Outcome::Kind::accepted) return false;
  // XP hangs on the day and on the worker's other tasks: not known after midnight (UTC), nor once one of his
  // tasks has failed.
  const bool tainted =
      active.plan.worker != UINT32_MAX && shards_[active.plan.shard]->worker(active.plan.worker).tainted;
  if (!tainted && latest_ < midnight_) return false;
  Outcome expected = step.expected, seen = observed;
  forget_xp(expected.answer);
  forget_xp(seen.answer);
  ++xp_ignored_;
  return model::acceptable(step.command, expected, seen);
}

Fault JourneyWorker::judge_call(Active& active, const LineAnswer& answer) {
  const sim::JourneyStep& step = active.plan.steps[active.step];
  std::string_view caller;
  token_of(active, step.command.actor, caller);
  StoryIds nobody;
  StoryIds& ids = active.story != nullptr ? active.story->ids : nobody;
  const QuickAnswer read = reader_.read(step.command.action, answer.body, ids, caller);
  if (read.outcome.kind == Outcome::Kind::unknown) {
    return answer.status == 200 ? Fault{Fault::Kind::body}
                                : Fault{Fault::Kind::status, static_cast<std::uint16_t>(answer.status)};
  }
  const bool refused = read.outcome.kind == Outcome::Kind::refused;
  if (refused && step.expected != read.outcome)
    return {Fault::Kind::error, static_cast<std::uint16_t>(read.outcome.code)};
  if (!read.wrong.empty()) return {Fault::Kind::body};
  if (step.command.action == model::Action::feed_get && read.outcome.answer.feed < 0) ++feeds_open_;
  if (answers_++ % kSample == 0 && !contract_kept(step, answer)) return {Fault::Kind::body};
  pending_ = step.kind == StepKind::effect && read.outcome.answer.escrow == model::EscrowState::pending;
  return pending_ || agrees(active, step, read.outcome) ? Fault{} : Fault{Fault::Kind::outcome};
}

Fault JourneyWorker::judge_processor(Active& active, const LineAnswer& answer) {
  const Fault trouble{Fault::Kind::processor};
  if (answer.status != 200) return trouble;
  if (active.plan.steps[active.step].kind == StepKind::find_event) {
    auto event = reader_.text(answer.body, "/events/0/id");
    if (!event || active.story == nullptr) return trouble;
    active.story->ids.event = std::move(*event);
  } else if (active.plan.steps[active.step].kind == StepKind::envelope) {
    auto body = reader_.text(answer.body, "/body");
    auto signature = reader_.text(answer.body, "/signature");
    if (!body || !signature) return trouble;
    active.delivery = std::make_unique<Delivery>(Delivery{std::move(*body), std::move(*signature)});
  }
  return {};
}

Fault JourneyWorker::judge(Active& active, const LineAnswer& answer) {
  if (where(active) == Where::processor) return judge_processor(active, answer);
  if (answer.status == 0) return fault_of(answer.failure);
  const sim::JourneyStep& step = active.plan.steps[active.step];
  if (step.kind != StepKind::deliver) return judge_call(active, answer);
  const bool taken = answer.status == 200, refused = answer.status == 400;
  if (!taken && !refused) return {Fault::Kind::status, static_cast<std::uint16_t>(answer.status)};
  const bool due = step.expected.kind == Outcome::Kind::accepted;
  return taken == due ? Fault{} : Fault{Fault::Kind::outcome};
}

void JourneyWorker::answered(std::uint32_t job, const LineAnswer& answer, std::int64_t time) {
  Active& active = actives_[job];
  const sim::JourneyStep& step = active.plan.steps[active.step];
  const auto scope = static_cast<std::size_t>(step.command.action);
  const bool of_target = where(active) == Where::target;
  if (of_target) note_refusals(answer, time);
  const Fault fault = judge(active, answer);
  const bool measured = of_target || step.kind == StepKind::pay;
  if (fault != Fault{}) {
    if (measured) tally_.failure(active.phase, scope, fault, active.step_intended, time);
    return over(job, fault, false, time);
  }
  if (measured) tally_.success(active.phase, scope, active.step_intended, time);
  if (step.kind == StepKind::pay) {
    active.event_ns = time;
    active.poll_pause = kFirstPoll;
  }
  if (step.kind == StepKind::effect) {
    if (pending_ && time - active.event_ns >= setup_.timeout_ns) {
      tally_.failure(active.phase, kLoopScope, {Fault::Kind::effect}, active.event_ns, time);
      return over(job, {Fault::Kind::effect}, false, time);
    }
    if (pending_) {
      timers_.push_back({time + active.poll_pause, job});
      std::ranges::push_heap(timers_, std::greater<>{});
      active.poll_pause = std::min(active.poll_pause * 3 / 2, kLongestPoll);
      return;
    }
    tally_.success(active.phase, kLoopScope, active.event_ns, time);
  }
  next_step(job, time);
}

}  // namespace loadgen::load
