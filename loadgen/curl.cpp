#include "loadgen/curl.h"

#include <fmt/format.h>
#include <array>
#include <string_view>

#include "loadgen/curl_photos.h"
#include "loadgen/encode.h"
#include "model/judge/explain.h"
#include "net/request.h"

namespace loadgen {

using model::Action;
using model::Command;

namespace {

// Stand for shell variables inside requests; of letters and digits, so that percent encoding leaves them
// alone.
constexpr std::string_view kOpen = "zQvarQz", kClose = "zQendQz";
constexpr std::uint16_t kSlots = 512;

std::vector<std::string> variables(std::string_view kind) {
  std::vector<std::string> names;
  names.reserve(kSlots);
  for (std::uint16_t i = 0; i < kSlots; ++i)
    names.push_back(fmt::format("{}{}q{}{}", kOpen, kind, i, kClose));
  return names;
}

const Bindings& symbols() {
  static const Bindings all{.users = variables("USER"),
                            .tasks = variables("TASK"),
                            .escrows = variables("ESCROW"),
                            .proofs = variables("PROOF"),
                            .disputes = variables("DISPUTE"),
                            .events = {},
                            .intents = {}};
  return all;
}

// One word of the shell; stand-ins become variables.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kOpen)) {
      const std::size_t end = text.find(kClose, at);
      std::string variable(text.substr(at + kOpen.size(), end - at - kOpen.size()));
      variable.replace(variable.find('q'), 1, "_");
      out += "'\"$" + variable + "\"'";
      at = end + kClose.size();
    } else {
      out += text[at] == '\'' ? "'\\''" : std::string(1, text[at]);
      ++at;
    }
  }
  return out + "'";
}

std::string slot(std::string_view kind, std::uint16_t number) {
  return number < kSlots ? fmt::format("\"${}_{}\"", kind, number) : "\"$(uuid)\"";
}

std::string clock(model::Instant now) {
  return fmt::format("${{CLOCK:+-H \"x-hustle-now: {}\"}}", now.ms);
}

std::string bearer(const Command& command) {
  if (command.credential == model::Credential::none || !command.actor.present()) return "";
  if (command.credential == model::Credential::valid)
    return fmt::format(" -H \"authorization: Bearer $TOKEN_{}\"", command.actor.value);
  return fmt::format(" -H \"authorization: Bearer $(token {} {})\"", command.actor.value,
                     name(command.credential));
}

bool submits(const Command& command) {
  return command.action == Action::task_submit_proof || command.action == Action::proof_submit;
}

// Whose photos can be uploaded at all: the others send keys that nobody has issued.
bool brings_photos(const Command& command) {
  return submits(command) && command.credential == model::Credential::valid && command.input_fault == 0 &&
         command.photos > 0 && command.task.value < kSlots;
}

std::string procedure_call(const Command& command, model::Instant now, const std::string& head,
                           std::size_t number) {
  Bindings ids = symbols();
  for (int i = 0; brings_photos(command) && i < command.photos; ++i)
    ids.photo_keys.push_back(fmt::format("{}KEYq{}_{}{}", kOpen, number, i, kClose));
  const net::Request request = request_of(command, ids, "", now, false, command.task.value % 97, "");
  std::string line =
      fmt::format("{} -X {} \"$TARGET\"{}", head, request.method, shell_quoted(request.target));
  line += bearer(command) + " " + clock(now);
  if (request.method == "POST")
    line += " -H 'content-type: application/json' -d " + shell_quoted(request.body);
  return line;
}

std::string job_call(const Command& command, std::string_view job, model::Instant now,
                     const std::string& head) {
  const bool of_user = command.action == Action::job_verification_expire;
  return fmt::format(
      "{} -X POST \"$TARGET/test/jobs/{}\" {} -H 'content-type: application/json' -d "
      "'{{\"{}\":[\"'{}'\"]}}'",
      head, job, clock(now), of_user ? "user_ids" : "task_ids",
      of_user ? slot("USER", command.user.value) : slot("TASK", command.task.value));
}

}  // namespace

std::string curl_preparation(const Command& command, model::Instant now, std::size_t number) {
  if (brings_photos(command)) return photo_upload(command, now, number);
  if (command.action != Action::webhook_deliver) return "";
  switch (command.event_type) {
    case model::EventType::payment_succeeded:
    case model::EventType::payment_canceled:
      return fmt::format("find_event EVENT_{} \"payment_intent=$INTENT_{}&type={}\"\n", command.event.value,
                         command.escrow.value, name(command.event_type));
    case model::EventType::transfer_created:
      return fmt::format("find_event EVENT_{} \"escrow=$ESCROW_{}&type={}\"\n", command.event.value,
                         command.escrow.value, name(command.event_type));
    case model::EventType::payment_failed:
      return fmt::format("decline EVENT_{} \"$INTENT_{}\"\n", command.event.value, command.escrow.value);
    case model::EventType::transfer_failed:
      return fmt::format("fail_transfer EVENT_{} \"$ESCROW_{}\"\n", command.event.value,
                         command.escrow.value);
    case model::EventType::unknown_type:
      break;
  }
  return fmt::format("new_event EVENT_{} {}\n", command.event.value, name(command.event_type));
}

std::string curl_call(const Command& command, model::Instant now, std::size_t number) {
  const std::string what = shell_quoted(model::describe_call(command));
  const std::string head = fmt::format("call {} {}", number, what);
  switch (command.action) {
    case Action::processor_pay:
      return fmt::format("pay {} {} {} confirm payment_method=pm_card_visa", number, what,
                         slot("INTENT", command.escrow.value));
    case Action::processor_cancel_intent:
      return fmt::format("pay {} {} {} cancel cancellation_reason=abandoned", number, what,
                         slot("INTENT", command.escrow.value));
    case Action::webhook_deliver:
      return fmt::format("deliver {} {} {} {} {}", number, what, slot("EVENT", command.event.value),
                         name(command.flavour), now.ms);
    case Action::job_task_expiry:
      return job_call(command, "task_expiry", now, head);
    case Action::job_review_timeout:
      return job_call(command, "review_timeout", now, head);
    case Action::job_transfer_retry:
      return job_call(command, "transfer_retry", now, head);
    case Action::job_verification_expire:
      return job_call(command, "verification_expire", now, head);
    default:
      return procedure_call(command, now, head, number);
  }
}

std::string curl_bindings(const Command& command, std::size_t number) {
  const auto take = [&](std::string_view kind, std::uint16_t slot, std::string_view path) {
    return slot < kSlots ? fmt::format("take {}_{} {} {}\n", kind, slot, number, path) : std::string();
  };
  switch (command.action) {
    case Action::task_create:
      return take("TASK", command.task.value, ".id") + take("ESCROW", command.task.value, ".escrow_id");
    case Action::escrow_create_intent:
      return take("INTENT", command.task.value, ".payment_intent_id");
    case Action::task_submit_proof:
    case Action::proof_submit:
      return take("PROOF", command.proof.value, ".proof.id") +
             (brings_photos(command) ? photo_memory(command, number) : "");
    case Action::dispute_create:
      return take("DISPUTE", command.dispute.value, ".dispute.id");
    default:
      return "";
  }
}

}  // namespace loadgen
