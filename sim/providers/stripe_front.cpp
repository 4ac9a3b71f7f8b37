#include "sim/providers/stripe_front.h"

#include <optional>
#include <utility>

namespace sim::providers {
namespace {

// One request on its way through the front.
struct Call {
  net::Request request;
  net::Reply reply;
  Route route;
  Params params;
  Cause cause;
  std::string scope;  // of the idempotency key; "" without one
};

std::string header_or_empty(const net::Request& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value == nullptr ? std::string() : *value;
}

net::Response respond(const net::Request& request, const std::string& request_id, int status,
                      std::string body) {
  net::Response out{status, {}, std::move(body)};
  out.headers.add("content-type", "application/json");
  out.headers.add("request-id", request_id);
  for (const char* echoed : {"stripe-version", "stripe-account", "idempotency-key"})
    if (const std::string* value = request.headers.find(echoed)) out.headers.add(echoed, *value);
  return out;
}

net::Response respond(const net::Request& request, const std::string& request_id, const StripeError& error) {
  net::Response out = respond(request, request_id, error.status, body_of(error));
  if (error.should_retry) out.headers.add("stripe-should-retry", *error.should_retry ? "true" : "false");
  return out;
}

// "Bearer sk_test_…", or Basic with the key as user name as curl -u sends it.
std::optional<StripeError> check_key(const net::Request& request) {
  const std::string header = header_or_empty(request, "authorization");
  constexpr std::string_view bearer = "Bearer ";
  if (header.starts_with("Basic ") && header.size() > 6) return std::nullopt;
  if (!header.starts_with(bearer)) return bad_api_key("");
  const std::string_view key = std::string_view(header).substr(bearer.size());
  if (key.starts_with("sk_test_") || key.starts_with("rk_test_")) return std::nullopt;
  return bad_api_key(key);
}

std::string_view parameters_of(const net::Request& request) {
  if (request.method != "GET") return request.body;
  const std::string_view target = request.target;
  const std::size_t at = target.find('?');
  return at == std::string_view::npos ? std::string_view{} : target.substr(at + 1);
}

// The caller holds the lock. A failure that does not count as an answer sets the key free again.
net::Response settle_answer(State& state, const Call& call, const Answer& answer) {
  const bool stored = answer || answer.error().stored;
  net::Response out = answer ? respond(call.request, call.cause.request_id, 200, *answer)
                             : respond(call.request, call.cause.request_id, answer.error());
  if (!call.scope.empty()) {
    if (stored)
      state.keys.finish(call.scope, {out.status, out.body, call.cause.request_id});
    else
      state.keys.forget(call.scope);
  }
  return out;
}

// Carried out, whatever the caller is told.
net::Response execute(State& state, const Call& call, bool hides_success = false) {
  const std::lock_guard lock(state.mutex);
  Answer answer = state.stripe.execute(call.route, call.params, call.cause);
  if (hides_success && answer) answer = std::unexpected(internal_error());
  net::Response out = settle_answer(state, call, answer);
  deliver_new_events(state);
  return out;
}

// nullopt: go on and execute. Otherwise the answer of a replay, a refusal or a fault.
std::optional<net::Response> admit(State& state, Call& call, std::optional<Fault>& fault) {
  const std::lock_guard lock(state.mutex);
  if (!call.scope.empty()) {
    const KeyedRequest keyed{
        call.scope, call.cause.idempotency_key, std::string(call.request.path()),
        call.request.method + ' ' + std::string(call.request.path()) + ' ' + call.params.fingerprint()};
    Admission admission = state.keys.begin(keyed);
    if (const auto* refused = std::get_if<StripeError>(&admission)) {
      call.scope.clear();
      return respond(call.request, call.cause.request_id, *refused);
    }
    if (auto* stored = std::get_if<StoredAnswer>(&admission)) {
      if (state.faults.loses_answer(call.route.operation)) return net::Response{0, {}, ""};
      net::Response out =
          respond(call.request, call.cause.request_id, stored->status, std::move(stored->body));
      out.headers.add("idempotent-replayed", "true");
      out.headers.add("original-request", stored->request_id);
      return out;
    }
  }
  fault = state.faults.take(call.route.operation);
  if (!fault) return std::nullopt;
  switch (fault->kind) {
    case Fault::Kind::rate_limit:
      return settle_answer(state, call, std::unexpected(rate_limited()));
    case Fault::Kind::refuse:
      return settle_answer(state, call, std::unexpected(transfers_not_allowed()));
    case Fault::Kind::error_500_stored:
      return settle_answer(state, call, std::unexpected(internal_error()));
    case Fault::Kind::error_500: {
      StripeError error = internal_error();
      error.stored = false;
      error.should_retry = true;
      return settle_answer(state, call, std::unexpected(std::move(error)));
    }
    case Fault::Kind::decline:
      state.stripe.decline_next();
      return std::nullopt;
    case Fault::Kind::lost_answer:
    case Fault::Kind::done_500_stored:
    case Fault::Kind::slow:
    case Fault::Kind::late:
      return std::nullopt;
  }
  return std::nullopt;
}

void run(State& state, Call call) {
  std::optional<Fault> fault;
  if (auto answered = admit(state, call, fault)) return call.reply(std::move(*answered));
  if (fault && fault->kind == Fault::Kind::slow) {
    state.scheduler.after(fault->delay,
                          [&state, call = std::move(call)] { call.reply(execute(state, call)); });
    return;
  }
  const bool hides_success = fault && fault->kind == Fault::Kind::done_500_stored;
  net::Response out = execute(state, call, hides_success);
  if (fault && fault->kind == Fault::Kind::late) {
    state.scheduler.after(fault->delay, [reply = std::move(call.reply), out = std::move(out)]() mutable {
      reply(std::move(out));
    });
    return;
  }
  if (fault && fault->kind == Fault::Kind::lost_answer) out = net::Response{0, {}, ""};
  call.reply(std::move(out));
}

std::string next_request_id(State& state) {
  const std::lock_guard lock(state.mutex);
  return state.stripe.ids().next("req_");
}

}  // namespace

void deliver_new_events(State& state) {
  const auto& events = state.stripe.events().all();
  const DeliveryMode mode = state.delivery.mode();
  const bool sending = mode.automatic && state.delivery.endpoint().has_value();
  // Spoiled copies join the log while this runs; they are not delivered a second time for that.
  for (const std::size_t end = events.size(); state.delivered < end; ++state.delivered) {
    if (!sending) continue;
    const Event& event = events[state.delivered];
    for (const PlannedDelivery& planned : plan_deliveries(mode.hostile, state.seed, event.number)) {
      if (!is_content_fault(planned.flavour)) {
        state.delivery.send_later(envelope_body(event), planned);
        continue;
      }
      Event spoiled = spoiled_event(event, planned.flavour, state.stripe.ids());
      const Event& kept = state.stripe.events().append(std::move(spoiled), state.stripe.ids());
      state.delivery.send_later(envelope_body(kept), planned);
    }
  }
  state.delivered = events.size();
}

void serve_stripe(State& state, net::Request request, net::Reply reply) {
  Call call;
  call.cause.request_id = next_request_id(state);
  const auto refuse = [&](const StripeError& error) {
    reply(respond(request, call.cause.request_id, error));
  };
  if (const auto bad = check_key(request)) return refuse(*bad);
  const auto route = route_of(request.method, request.path());
  if (!route) return refuse(unknown_url(request.method, request.path()));
  auto params = Params::parse(parameters_of(request));
  if (!params) return refuse(invalid_parameter("", params.error()));
  if (request.method == "POST") {
    call.cause.idempotency_key = header_or_empty(request, "idempotency-key");
    if (call.cause.idempotency_key.size() > 255)
      return refuse({.type = "idempotency_error",
                     .message = "Idempotency keys may have at most 255 characters.",
                     .stored = false});
    if (!call.cause.idempotency_key.empty())
      call.scope = header_or_empty(request, "stripe-account") + '\n' + call.cause.idempotency_key;
  }
  call.route = *route;
  call.params = std::move(*params);
  call.request = std::move(request);
  call.reply = std::move(reply);
  run(state, std::move(call));
}

}  // namespace sim::providers
