#include "reference_server/gateway.h"

#include <atomic>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "reference_server/procedures/routes.h"
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
  Calls calls;
  std::vector<Answer> answers;
  std::atomic<std::size_t> left{0};
  std::string authorization;
  bool has_authorization = false;
  std::expected<model::Instant, Refusal> now;
  std::string method;
  std::string request_id;
  Clock::time_point begun;
  net::Reply reply;
};

void Gateway::handle(const net::Request& request, net::Reply reply) {
  auto pending = std::make_shared<Pending>();
  pending->begun = Clock::now();
  pending->calls = take_apart(request);
  if (pending->calls.immediate) {
    parts_.metrics.request("(request)", request.method, pending->calls.immediate->status, "", 0);
    reply(std::move(*pending->calls.immediate));
    return;
  }
  if (const std::string* header = request.headers.find("authorization")) {
    pending->authorization = *header;
    pending->has_authorization = true;
  }
  pending->now = now_of(request, parts_.test_clock);
  pending->method = request.method;
  pending->request_id = net::random_hex(8);
  pending->reply = std::move(reply);
  const std::size_t count = pending->calls.calls.size();
  pending->answers.resize(count);
  pending->left = count;
  for (std::size_t i = 0; i < count; ++i) {
    if (pending->calls.calls[i].unroutable) {
      carry_out_call(pending, i, nullptr);
    } else if (!parts_.database.submit(
                   [this, pending, i](Session& session) { carry_out_call(pending, i, &session); })) {
      carry_out_call(pending, i, nullptr);
    }
  }
}

// `session` is null for a call that is refused without one.
void Gateway::carry_out_call(const std::shared_ptr<Pending>& pending, std::size_t index, Session* session) {
  const Call& call = pending->calls.calls[index];
  Answer& answer = pending->answers[index];
  std::string user;
  if (call.unroutable) {
    answer = failure(*call.unroutable, call.path);
  } else if (session == nullptr) {
    answer = failure(refuse(Code::internal_error), call.path);
  } else {
    const auto retries = session->retries();
    try {
      answer = answer_call(*pending, call, *session, user);
    } catch (const DatabaseTrouble& trouble) {
      parts_.log.error("database", trouble.what(), pending->request_id);
      answer = failure(refuse(code_of_trouble(trouble)), call.path);
    } catch (const std::exception& trouble) {
      parts_.log.error("call", trouble.what(), pending->request_id);
      answer = failure(refuse(Code::internal_error), call.path);
    }
    if (session->retries() != retries) parts_.metrics.database_retries(session->retries() - retries);
  }
  std::string hx;
  if (answer.status != 200) {
    constexpr std::string_view kName = "\"hx\":\"";
    const auto at = answer.body.find(kName);
    if (at != std::string::npos)
      hx =
          answer.body.substr(at + kName.size(), answer.body.find('"', at + kName.size()) - at - kName.size());
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - pending->begun);
  const std::string_view route = call.procedure != nullptr ? call.procedure->name : "(unknown)";
  parts_.metrics.request(route, pending->method, answer.status, hx,
                         static_cast<double>(elapsed.count()) / 1e6);
  parts_.log.request({.request_id = pending->request_id,
                      .user = user,
                      .task = call.input ? subject_of(*call.input) : std::string(),
                      .route = route,
                      .duration_us = elapsed.count(),
                      .status = answer.status,
                      .code = hx});
  if (pending->left.fetch_sub(1) == 1) pending->reply(put_together(pending->calls, pending->answers));
}

Answer Gateway::answer_call(const Pending& pending, const Call& call, Session& session, std::string& user) {
  if (!pending.now) return failure(pending.now.error(), call.path);
  const auto token = bearer_token(pending.has_authorization ? &pending.authorization : nullptr);
  if (!token) return failure(refuse(Code::hx501), call.path);
  const auto caller = parts_.auth.verify(*token, real_seconds());
  if (!caller) {
    parts_.metrics.auth_failure();
    return failure(refuse(Code::hx502), call.path);
  }
  user = caller->uid;
  if (call.malformed) return failure(*call.malformed, call.path);
  const auto input = validated_input(*call.procedure, call.input, *pending.now);
  if (!input) return failure(input.error(), call.path);
  const auto begun = Clock::now();
  const Outcome outcome = carry_out(route_of(call.procedure->action),
                                    {*caller, *pending.now, *input, session, parts_.processors});
  parts_.metrics.database_query(std::chrono::duration<double>(Clock::now() - begun).count());
  if (call.procedure->kind == model::Kind::mutation) parts_.outbox.wake();
  return outcome ? success(*outcome) : failure(outcome.error(), call.path);
}

}  // namespace server
