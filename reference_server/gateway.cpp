#include "reference_server/gateway.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "reference_server/validate.h"

namespace server {
namespace {

using Clock = std::chrono::steady_clock;
using model::Code;

// The id that a call names, for the log.
std::string subject_of(const std::string& input) {
  for (const std::string_view name :
       {"\"task_id\":\"", "\"escrow_id\":\"", "\"proof_id\":\"", "\"dispute_id\":\""}) {
    const auto at = input.find(name);
    if (at != std::string::npos) return input.substr(at + name.size(), 36);
  }
  return {};
}

std::string hx_of(const std::string& body) {
  constexpr std::string_view kName = "\"hx\":\"";
  const auto at = body.find(kName);
  if (at == body.npos) return {};
  const auto begin = at + kName.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

// Whether the outbox has to look at once; it looks by itself every second anyway.
bool stores_a_proof(model::Action action) {
  using model::Action;
  return action == Action::proof_submit || action == Action::task_submit_proof;
}

bool may_owe_the_processor(model::Action action) {
  using model::Action;
  if (model::procedure(action).kind == model::Kind::query) return false;
  constexpr std::array kNever{
      Action::task_create,         Action::task_accept,    Action::task_submit_proof,
      Action::proof_submit,        Action::proof_accept,   Action::proof_reject,
      Action::user_update_profile, Action::dispute_create, Action::proof_request_upload};
  return std::ranges::find(kNever, action) == kNever.end();
}

}  // namespace

std::int64_t real_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::expected<model::Instant, Refusal> now_of(const net::Request& request, bool test_clock) {
  const std::string* header = request.headers.find("x-hustle-now");
  if (header == nullptr) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return model::Instant{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  }
  if (!test_clock) return std::unexpected(refuse(Code::hx503, "", "This server keeps its own time."));
  constexpr std::int64_t kLatest = 253'402'300'799'000;  // the year 9999
  std::int64_t ms = -1;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), ms);
  if (error != std::errc{} || end != header->data() + header->size() || ms < 0 || ms > kLatest) {
    return std::unexpected(
        refuse(Code::validation_error, "x-hustle-now", "Expected milliseconds since 1970."));
  }
  return model::Instant{ms};
}

struct Gateway::Pending {
  struct One {
    Answer answer;
    Caller caller;              // empty before the credential was accepted
    Clock::time_point queried;  // when its statement was handed over
    Allowance allowance{};      // what the limits on calls have left for it
  };
  Calls calls;
  std::vector<One> ones;  // one per call
  std::atomic<std::size_t> left{0};
  std::optional<std::string> authorization;
  std::expected<model::Instant, Refusal> now;
  std::string method;
  std::string address;  // of the caller, while calls are counted
  Clock::time_point begun;
  net::Reply reply;

  const Call& call(std::size_t index) const { return calls.calls[index]; }
};

void Gateway::handle(const net::Request& request, net::Reply reply) {
  auto pending = std::make_shared<Pending>();
  pending->begun = Clock::now();
  pending->calls = take_apart(request, parts_.queries);
  if (pending->calls.immediate) {
    parts_.metrics.request("(request)", request.method, pending->calls.immediate->status, "", 0);
    reply(std::move(*pending->calls.immediate));
    return;
  }
  if (const std::string* header = request.headers.find("authorization")) pending->authorization = *header;
  pending->now = now_of(request, parts_.test_clock);
  pending->method = request.method;
  if (parts_.rate_limits) pending->address = client_address(request, parts_.trusted_proxies);
  pending->reply = std::move(reply);
  const std::size_t count = pending->calls.calls.size();
  pending->ones.resize(count);
  pending->left = count;
  for (std::size_t i = 0; i < count; ++i) begin(pending, i);
}

// error-codes.md §4: the path, the clock, the credential, the input, and only then the procedure. On a
// network thread: nothing here waits.
void Gateway::begin(const Held& pending, std::size_t index) {
  const Call& call = pending->call(index);
  if (call.unroutable) return refuse_call(pending, index, *call.unroutable);
  if (!pending->now) return refuse_call(pending, index, pending->now.error());
  if (call.ping) return finish(pending, index, success(R"({"status":"ok"})"));
  const auto token = bearer_token(pending->authorization ? &*pending->authorization : nullptr);
  if (!token) return turn_away(pending, index, Code::hx501, nullptr);
  if (const Caller caller = parts_.auth.recall(*token, real_seconds()))
    return admit(pending, index, caller, nullptr);
  identify(pending, index, *token);
}

// A token that was not seen before: its key may have to be fetched.
void Gateway::identify(const Held& pending, std::size_t index, std::string_view token) {
  on_worker(pending, index, [this, pending, index, token](Session& session) {
    const Caller caller = parts_.auth.verify(token, real_seconds());
    if (caller) return admit(pending, index, caller, &session);
    parts_.metrics.auth_failure();
    turn_away(pending, index, Code::hx502, &session);
  });
}

// A call without a good credential counts against its address, before it is told more.
void Gateway::turn_away(const Held& pending, std::size_t index, Code code, Session* session) {
  if (!parts_.rate_limits) return refuse_call(pending, index, refuse(code));
  if (session == nullptr) {
    return on_worker(pending, index,
                     [this, pending, index, code](Session& lent) { turn_away(pending, index, code, &lent); });
  }
  pending->ones[index].allowance = take_anonymous(*session, pending->address, *pending->now);
  if (!pending->ones[index].allowance.allowed) return refuse_by_limits(pending, index);
  refuse_call(pending, index, refuse(code));
}

// Limits are looked at before anything expensive (safety-and-abuse.md §4); each call of a batch counts.
void Gateway::admit(const Held& pending, std::size_t index, const Caller& caller, Session* session) {
  if (!parts_.rate_limits) return proceed(pending, index, caller, session);
  if (session == nullptr) {
    return on_worker(pending, index,
                     [this, pending, index, caller](Session& lent) { admit(pending, index, caller, &lent); });
  }
  pending->ones[index].caller = caller;
  pending->ones[index].allowance =
      take_call(*session, *pending->call(index).procedure, caller->uid, pending->address, *pending->now);
  if (!pending->ones[index].allowance.allowed) return refuse_by_limits(pending, index);
  proceed(pending, index, caller, session);
}

void Gateway::refuse_by_limits(const Held& pending, std::size_t index) {
  refuse_call(pending, index, refuse(Code::rate_limited));
}

// `session` is null on a network thread.
void Gateway::proceed(const Held& pending, std::size_t index, const Caller& caller, Session* session) {
  const Call& call = pending->call(index);
  pending->ones[index].caller = caller;
  if (call.malformed) return refuse_call(pending, index, *call.malformed);
  auto input = validated_input(*call.procedure, call.input, *pending->now);
  if (!input) return refuse_call(pending, index, input.error());
  pending->ones[index].queried = Clock::now();
  if (route_of(call.procedure->action).special == nullptr) {
    return send(pending, index, caller, std::move(*input));
  }
  if (session != nullptr) return carry_out_here(pending, index, caller, *input, *session);
  on_worker(pending, index, [this, pending, index, caller, text = std::move(*input)](Session& lent) {
    carry_out_here(pending, index, caller, text, lent);
  });
}

void Gateway::send(const Held& pending, std::size_t index, const Caller& caller, std::string input) {
  const model::Procedure& procedure = *pending->call(index).procedure;
  const bool reads = procedure.kind == model::Kind::query;
  const bool taken =
      own_pipeline(parts_.pipelines)
          .submit(
              reads ? Pipeline::Kind::read : Pipeline::Kind::write, route_of(procedure.action).statement,
              {caller->uid, caller->email, caller->name, std::to_string(pending->now->ms), std::move(input)},
              [this, pending, index](Pipeline::Answer answer) {
                if (answer.retries > 0) parts_.metrics.database_retries(answer.retries);
                if (!answer.text) return tell_trouble(pending, index, answer.text.error());
                try {
                  settle(pending, index, read_answer(*answer.text));
                } catch (const std::exception& trouble) {
                  parts_.log.error("call", trouble.what());
                  refuse_call(pending, index, refuse(Code::internal_error));
                }
              });
  if (!taken) refuse_call(pending, index, refuse(Code::internal_error));
}

void Gateway::carry_out_here(const Held& pending, std::size_t index, const Caller& caller,
                             const std::string& input, Session& session) {
  const Route& route = route_of(pending->call(index).procedure->action);
  settle(pending, index,
         carry_out(route, {*caller, *pending->now, input, session, parts_.processors, parts_.store,
                           parts_.gps_required}));
}

void Gateway::on_worker(const Held& pending, std::size_t index,
                        std::move_only_function<void(Session&)> work) {
  auto shared = std::make_shared<std::move_only_function<void(Session&)>>(std::move(work));
  const bool taken = parts_.database.submit([this, pending, index, shared](Session& session) {
    const auto retries = session.retries();
    try {
      (*shared)(session);
    } catch (const DatabaseTrouble& trouble) {
      tell_trouble(pending, index, trouble);
    } catch (const std::exception& trouble) {
      parts_.log.error("call", trouble.what());
      refuse_call(pending, index, refuse(Code::internal_error));
    }
    if (session.retries() != retries) parts_.metrics.database_retries(session.retries() - retries);
  });
  if (!taken) refuse_call(pending, index, refuse(Code::internal_error));
}

void Gateway::tell_trouble(const Held& pending, std::size_t index, const DatabaseTrouble& trouble) {
  parts_.log.error("database", trouble.what());
  refuse_call(pending, index, refuse(code_of_trouble(trouble)));
}

void Gateway::settle(const Held& pending, std::size_t index, const Outcome& outcome) {
  const Call& call = pending->call(index);
  const auto waited = Clock::now() - pending->ones[index].queried;
  parts_.metrics.database_query(std::chrono::duration<double>(waited).count());
  if (may_owe_the_processor(call.procedure->action)) parts_.outbox.wake();
  if (!outcome) return refuse_call(pending, index, outcome.error());
  if (parts_.inspector != nullptr && stores_a_proof(call.procedure->action)) parts_.inspector->wake();
  const auto complete = route_of(call.procedure->action).finish;
  finish(pending, index, success(complete == nullptr ? *outcome : complete(*outcome, parts_.store)));
}

void Gateway::refuse_call(const Held& pending, std::size_t index, const Refusal& refusal) {
  finish(pending, index, failure(refusal, pending->call(index).path));
}

void Gateway::finish(const Held& pending, std::size_t index, Answer answer) {
  const Call& call = pending->call(index);
  Pending::One& one = pending->ones[index];
  const std::string hx = answer.status == 200 ? std::string() : hx_of(answer.body);
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - pending->begun);
  const std::string_view route = call.procedure != nullptr ? call.procedure->name
                                 : call.ping               ? "health.ping"
                                                           : "(unknown)";
  parts_.metrics.request(route, pending->method, answer.status, hx,
                         static_cast<double>(elapsed.count()) / 1e6);
  if (parts_.log.tells_requests() || answer.status >= 500) {
    parts_.log.request({.request_id = net::random_hex(8),
                        .user = one.caller ? std::string_view(one.caller->uid) : std::string_view(),
                        .task = call.input ? subject_of(*call.input) : std::string(),
                        .route = route,
                        .duration_us = elapsed.count(),
                        .status = answer.status,
                        .code = hx});
  }
  one.answer = std::move(answer);
  one.answer.allowance = one.allowance;
  if (pending->left.fetch_sub(1) != 1) return;
  std::vector<Answer> answers;
  answers.reserve(pending->ones.size());
  for (Pending::One& each : pending->ones) answers.push_back(std::move(each.answer));
  pending->reply(put_together(pending->calls, std::move(answers)));
}

}  // namespace server
