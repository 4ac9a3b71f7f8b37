#include "loadgen/http_target.h"

#include <fmt/format.h>
#include <algorithm>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "loadgen/encode.h"
#include "loadgen/feed_reader.h"
#include "loadgen/identity.h"
#include "loadgen/uploads.h"

namespace loadgen {

using model::Action;
using model::Command;
using nlohmann::json;

namespace {

constexpr std::size_t kLanes = 6;
constexpr std::chrono::milliseconds kTransferWait{2'000};
constexpr std::chrono::milliseconds kUnlikelyTransferWait{100};  // a race may have gone the other way
constexpr std::chrono::milliseconds kRetryPause{50};

net::Url url_of(const std::string& target) {
  auto url = net::parse_url(target);
  if (!url) throw std::runtime_error(fmt::format("target: {}", url.error()));
  return *url;
}

std::string token_of(HttpTarget& target, const CaseState& state, const Command& command) {
  if (command.credential == model::Credential::none || command.actor.value >= state.people.size()) return "";
  const Person& person = state.people[command.actor.value];
  if (command.credential == model::Credential::valid) return person.token;
  return target.control.tokens({person.uid}, name(command.credential)).front();
}

void drain_outbox(HttpTarget& target) {
  if (!target.options.endpoints.test_clock) return;
  net::Request drain{
      .method = "POST", .target = target.base_path + "/test/outbox/drain", .headers = {}, .body = "{}"};
  drain.headers.add("content-type", "application/json");
  std::ignore = target.lanes[0].exchange(drain, target.options.timeout);  // what stays undone shows later
}

// Asks until there is an answer: what orders of the outbox bring about may take a moment.
std::optional<std::string> await_event(HttpTarget& target, std::chrono::milliseconds limit,
                                       const std::function<std::optional<std::string>()>& ask) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    if (auto event = ask()) return event;
    if (std::chrono::steady_clock::now() > deadline) return std::nullopt;
    drain_outbox(target);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::optional<std::string> find_event(HttpTarget& target, const CaseState& state, const Command& command) {
  const std::uint16_t escrow = command.escrow.value;
  switch (command.event_type) {
    case model::EventType::payment_succeeded:
    case model::EventType::payment_canceled:
      if (escrow >= state.ids.intents.size() || state.ids.intents[escrow].empty()) return std::nullopt;
      return target.control.payment_event(state.ids.intents[escrow], command.event_type);
    case model::EventType::transfer_created: {
      const bool likely = command.task.value < state.paid_out.size() && state.paid_out[command.task.value];
      if (escrow >= state.ids.escrows.size() || state.ids.escrows[escrow].empty()) return std::nullopt;
      return await_event(target, likely ? kTransferWait : kUnlikelyTransferWait,
                         [&] { return target.control.transfer_event(state.ids.escrows[escrow]); });
    }
    case model::EventType::transfer_failed: {
      if (escrow >= state.ids.escrows.size() || state.ids.escrows[escrow].empty()) return std::nullopt;
      drain_outbox(target);  // the server knows of its transfer before that fails
      return await_event(target, kTransferWait,
                         [&] { return target.control.fail_transfer(state.ids.escrows[escrow]); });
    }
    case model::EventType::payment_failed:
      if (escrow >= state.ids.intents.size() || state.ids.intents[escrow].empty()) return std::nullopt;
      if (!target.control.decline(state.ids.intents[escrow])) return std::nullopt;
      return target.control.payment_event(state.ids.intents[escrow], command.event_type);
    case model::EventType::unknown_type:
      return target.control.synthetic_event();
  }
  return std::nullopt;
}

std::optional<net::Request> prepare_webhook(HttpTarget& target, CaseState& state, const Command& command,
                                            model::Instant now) {
  std::string& event = state.ids.events.at(command.event.value);
  if (event.empty()) event = find_event(target, state, command).value_or("");
  if (event.empty()) return std::nullopt;
  Envelope envelope = target.control.envelope(event, command.flavour);
  net::Request request{.method = "POST",
                       .target = target.base_path + "/webhooks/stripe",
                       .headers = {},
                       .body = std::move(envelope.body)};
  request.headers.add("content-type", "application/json; charset=utf-8");
  if (envelope.signature) request.headers.add("stripe-signature", *envelope.signature);
  if (target.options.endpoints.test_clock) request.headers.add("x-hustle-now", std::to_string(now.ms));
  return request;
}

net::Request prepare_job(HttpTarget& target, const CaseState& state, const Command& command,
                         std::string_view job, model::Instant now) {
  json body{{"task_ids", {id_or_random(state.ids.tasks, command.task.value)}}};
  if (command.action == Action::job_verification_expire)
    body = {{"user_ids", {id_or_random(state.ids.users, command.user.value)}}};
  net::Request request{.method = "POST",
                       .target = fmt::format("{}/test/jobs/{}", target.base_path, job),
                       .headers = {},
                       .body = body.dump()};
  request.headers.add("content-type", "application/json");
  request.headers.add("x-hustle-now", std::to_string(now.ms));
  return request;
}

void note_payout(CaseState& state, model::TaskId task) {
  if (task.value >= state.ids.tasks.size()) return;
  state.paid_out.resize(state.ids.tasks.size());
  state.paid_out[task.value] = true;
}

std::uint64_t number_of(const CaseState& state, const Command& command) {
  return state.number + (command.task.present() ? command.task.value : 0);
}

bool submits(const Command& command) {
  return command.action == Action::task_submit_proof || command.action == Action::proof_submit;
}

const SentPhotos* photos_sent(const CaseState& state, const Command& command, model::Instant now) {
  const auto found = std::ranges::find_if(
      state.sent_photos, [&](const SentPhotos& sent) { return sent.now == now && sent.command == command; });
  return found == state.sent_photos.end() ? nullptr : &*found;
}

json input_sent(const CaseState& state, const Command& command, model::Instant now) {
  if (!model::is_procedure(command.action)) return {};
  const SentPhotos* const photos = photos_sent(state, command, now);
  if (!submits(command) || photos == nullptr)
    return input_of(command, state.ids, now, number_of(state, command));
  Bindings ids = state.ids;  // meanwhile the case may have sent another submission
  ids.photo_keys = photos->keys;
  return input_of(command, ids, now, number_of(state, command));
}

// What the caller must not see, whatever the answer.
void check_privacy(const CaseState& state, const Command& command, const net::Response& response,
                   Decoded& decoded) {
  if (command.actor.value >= state.people.size()) return;
  const std::string own = state.people[command.actor.value].uid + "@example.invalid";
  if (const auto leaked = private_text(response.body, own))
    decoded.misread.push_back("privacy: the answer shows " + *leaked);
}

bool refused(const net::ClientResult& result) {
  return !result && result.error().kind == net::ClientError::Kind::refused && !result.error().maybe_arrived;
}

Shot shot_of(net::ClientResult result, SteadyTime sent, SteadyTime received) {
  Shot shot{.response = std::nullopt, .trouble = {}, .sent = sent, .received = received};
  if (result) {
    shot.response = std::move(*result);
  } else {
    shot.trouble = result.error().message;
  }
  return shot;
}

// Nothing has arrived, so that trying again cannot do anything twice.
Shot shoot_patiently(HttpTarget& target, const net::Request& request) {
  const auto deadline = std::chrono::steady_clock::now() + target.options.patience;
  while (true) {
    const auto sent = std::chrono::steady_clock::now();
    net::ClientResult result = target.lanes[0].exchange(request, target.options.timeout);
    const auto received = std::chrono::steady_clock::now();
    const bool again = refused(result);
    if (!again || received >= deadline) {
      Shot shot = shot_of(std::move(result), sent, received);
      shot.target_gone = again;
      return shot;
    }
    std::this_thread::sleep_for(kRetryPause);
  }
}

}  // namespace

HttpTarget::HttpTarget(const ExecutorOptions& with, SteadyTime start)
    : options(with), began(start), control(with.endpoints.providers) {
  const net::Url url = url_of(with.endpoints.target);
  base_path = url.path;
  for (std::size_t i = 0; i < kLanes; ++i) lanes.emplace_back(url);
}

model::Command as_sent(const CaseState& state, const Command& command, model::Instant now) {
  Command sent = command;
  const SentPhotos* const photos = submits(command) ? photos_sent(state, command, now) : nullptr;
  if (photos != nullptr && photos->no_place) sent.trick = model::PhotoTrick::not_issued;
  return sent;
}

std::optional<net::Request> prepare(HttpTarget& target, CaseState& state, const Command& command,
                                    model::Instant now) {
  if (submits(command)) {
    if (photos_sent(state, command, now) == nullptr)
      state.sent_photos.push_back(upload_photos(target, state, command, now));
    state.ids.photo_keys = photos_sent(state, command, now)->keys;
  }
  will_send(state.memory, command, state.ids, now, input_sent(state, command, now));
  switch (command.action) {
    case Action::webhook_deliver:
      return prepare_webhook(target, state, command, now);
    case Action::job_task_expiry:
      return prepare_job(target, state, command, "task_expiry", now);
    case Action::job_review_timeout:
      return prepare_job(target, state, command, "review_timeout", now);
    case Action::job_transfer_retry:
      return prepare_job(target, state, command, "transfer_retry", now);
    case Action::job_verification_expire:
      return prepare_job(target, state, command, "verification_expire", now);
    default:
      break;
  }
  return request_of(command, state.ids, token_of(target, state, command), now,
                    target.options.endpoints.test_clock, number_of(state, command), target.base_path);
}

model::Outcome perform_at_processor(HttpTarget& target, CaseState& state, const Command& command) {
  const std::uint16_t escrow = command.escrow.value;
  if (escrow >= state.ids.intents.size() || state.ids.intents[escrow].empty()) {
    return model::Outcome::refused(model::Code::not_found);
  }
  const std::string& intent = state.ids.intents[escrow];
  const bool done = command.action == Action::processor_pay ? target.control.confirm(intent)
                                                            : target.control.cancel(intent);
  return done ? model::Outcome::accepted() : model::Outcome::refused(model::Code::conflict);
}

std::vector<Shot> shoot(HttpTarget& target, std::span<const net::Request> requests) {
  std::vector<Shot> shots;
  if (requests.size() == 1) {
    shots.push_back(shoot_patiently(target, requests.front()));
    return shots;
  }
  std::vector<net::Connection*> connections;
  connections.reserve(requests.size());
  while (target.lanes.size() < requests.size()) target.lanes.emplace_back(target.lanes.front().url());
  for (std::size_t i = 0; i < requests.size(); ++i) connections.push_back(&target.lanes[i]);
  std::vector<net::TimedResult> results =
      net::exchange_together(connections, requests, target.options.timeout);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (refused(results[i].result)) {
      shots.push_back(shoot_patiently(target, requests[i]));
    } else {
      shots.push_back(shot_of(std::move(results[i].result), results[i].sent, results[i].received));
    }
  }
  return shots;
}

namespace {

// The pages after the first, asked one after the other as the same person at the same time.
void follow_feed(HttpTarget& target, CaseState& state, const Command& command, model::Instant now,
                 const json& first, Decoded& decoded) {
  const NextPage next = [&](const std::string& cursor, int limit) -> std::optional<json> {
    json input = input_of(command, state.ids, now, state.number);
    input["pagination_cursor"] = cursor;
    if (limit > 0) input["limit"] = limit;
    net::Request request{.method = "GET",
                         .target = fmt::format("{}/trpc/feed.get?input={}", target.base_path,
                                               net::percent_encode(input.dump())),
                         .headers = {},
                         .body = {}};
    request.headers.add("authorization", "Bearer " + token_of(target, state, command));
    if (target.options.endpoints.test_clock) request.headers.add("x-hustle-now", std::to_string(now.ms));
    const net::ClientResult result = target.lanes[0].exchange(request, target.options.timeout);
    if (!result) return std::nullopt;
    if (result->status >= 500) {
      decoded.breaches.push_back(fmt::format("HTTP {} to the cursor of a page", result->status));
      return std::nullopt;
    }
    if (result->status != 200) return json();
    const json body = json::parse(result->body, nullptr, false);
    const json::json_pointer data("/result/data");
    return body.is_object() && body.contains(data) ? body[data] : json();
  };
  FeedReading reading = read_feed(command, first, state.ids.tasks, next);
  decoded.outcome.answer.feed = reading.slots;
  std::ranges::move(reading.breaches, std::back_inserter(decoded.breaches));
}

}  // namespace

Decoded take_in(HttpTarget& target, CaseState& state, const Command& command, model::Instant now,
                const net::Response& response) {
  if (command.action == Action::job_review_timeout) note_payout(state, command.task);
  if (!model::is_procedure(command.action)) return decode_plain(command, response);
  json data;
  Decoded decoded = decode(command, response, data);
  check_privacy(state, command, response, decoded);
  if (decoded.outcome.kind == model::Outcome::Kind::accepted) {
    if (auto wrong = identity_breach(command, state.ids, now, target.options.endpoints.test_clock, data)) {
      decoded.breaches.push_back(*wrong);
    }
    if (command.action == Action::feed_get) follow_feed(target, state, command, now, data, decoded);
    const json input = input_sent(state, command, now);
    if (decoded.breaches.empty()) {
      if (auto wrong = readback_breach(state.memory, command, state.ids, input,
                                       target.options.endpoints.test_clock, data))
        decoded.misread.push_back(*wrong);
      remember(state.memory, command, state.ids, input, data);
    }
    bind_created(command, data, state.ids);
    const SentPhotos* const photos = photos_sent(state, command, now);
    if (decoded.outcome.answer.proof == model::ProofState::submitted && photos != nullptr &&
        !photos->keys.empty())
      state.used_keys[command.task.value] = photos->keys.front();
    const auto escrow = decoded.outcome.answer.escrow;
    if (escrow == model::EscrowState::released || escrow == model::EscrowState::refund_partial) {
      note_payout(state, command.task);
    }
  }
  return decoded;
}

}  // namespace loadgen
