#include <fmt/format.h>

#include "sim/interpret.h"

namespace sim {
namespace {

std::string subject(const model::Command& command) {
  std::string text;
  const auto add = [&](std::string_view what, const auto& id) {
    if (id.present()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, id.value);
  };
  add("task", command.task);
  add("proof", command.proof);
  add("dispute", command.dispute);
  add("event", command.event);
  if (command.action == model::Action::webhook_deliver) {
    text += fmt::format(", {} {}", name(command.flavour), name(command.event_type));
  }
  if (command.input_fault != 0) text += fmt::format(", input fault {}", command.input_fault);
  if (command.credential != model::Credential::valid)
    text += fmt::format(", credential {}", name(command.credential));
  return text;
}

std::string answer_of(const model::Outcome& outcome) {
  switch (outcome.kind) {
    case model::Outcome::Kind::accepted: {
      std::string text = "ok";
      if (outcome.answer.task) text += fmt::format(" task {}", name(*outcome.answer.task));
      if (outcome.answer.escrow) text += fmt::format(" escrow {}", name(*outcome.answer.escrow));
      if (outcome.answer.proof) text += fmt::format(" proof {}", name(*outcome.answer.proof));
      return text;
    }
    case model::Outcome::Kind::refused:
      return std::string(name(outcome.code));
    case model::Outcome::Kind::unknown:
      break;
  }
  return "unknown";
}

}  // namespace

std::string describe(const Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    for (const PlannedCommand& each : step.together) {
      const std::string actor =
          each.command.actor.present() ? fmt::format(" by user {}", each.command.actor.value) : "";
      text += fmt::format("{:>3}{} {}({}){} -> {}\n", i, step.together.size() > 1 ? "|" : " ",
                          name(each.command.action), subject(each.command), actor, answer_of(each.expected));
    }
  }
  return text;
}

}  // namespace sim
