#include "sim/providers/control.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/providers/control_objects.h"
#include "sim/providers/fields.h"

namespace sim::providers {
namespace {

using Json = nlohmann::ordered_json;

net::Response answer(const Json& body, int status = 200) {
  return {status, {{{"content-type", "application/json"}}}, body.dump()};
}

net::Response refuse(const FieldProblem& problem, int status = 400) {
  return answer({{"error", {{"field", problem.field}, {"message", problem.message}}}}, status);
}

std::optional<std::string> query_text(const net::Request& request, std::string_view name) {
  const auto raw = request.query(name);
  return raw ? net::percent_decode(*raw) : std::nullopt;
}

template <class Names>
std::optional<std::size_t> index_named(const Names& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

model::EventFlavour read_flavour(Fields& fields) {
  const auto index = index_named(model::kEventFlavourNames, fields.text("flavour", "genuine"));
  if (!index)
    fields.reject("flavour",
                  "expected genuine, forged_signature, no_signature, stale, future, "
                  "tampered_body, wrong_amount, wrong_currency or foreign_intent");
  return static_cast<model::EventFlavour>(index.value_or(0));
}

struct ControlCall {
  State& state;
  const net::Request& request;
  std::string id;  // the "*" of the path
};

net::Response put_webhook_endpoint(const ControlCall& call) {
  Fields fields(call.request.body);
  const std::string url = fields.text("url", "");
  std::string previous_secret;
  {
    const std::lock_guard lock(call.state.mutex);
    previous_secret = call.state.secret;
  }
  const std::string secret = fields.text("secret", previous_secret);
  std::optional<Endpoint> endpoint;
  if (!url.empty()) {
    auto parsed = net::parse_url(url);
    if (parsed)
      endpoint = Endpoint{std::move(*parsed), secret};
    else
      fields.reject("url", parsed.error());
  }
  if (secret.empty()) fields.reject("secret", "expected a string that is not empty");
  if (const auto problem = fields.problem()) return refuse(*problem);
  {
    const std::lock_guard lock(call.state.mutex);
    call.state.secret = secret;
  }
  const auto before = call.state.delivery.set_endpoint(std::move(endpoint));
  return answer({{"url", before ? Json(before->url.text()) : Json(nullptr)}, {"secret", previous_secret}});
}

Json json_of(const HostileOptions& h) {
  return {{"duplicate", h.duplicate}, {"parallel_duplicate", h.parallel_duplicate},
          {"reorder", h.reorder},     {"drop_then_retry", h.drop_then_retry},
          {"late", h.late},           {"wrong_amount", h.wrong_amount},
          {"forged", h.forged},       {"stale", h.stale},
          {"delay_ms", h.delay_ms}};
}

net::Response put_delivery(const ControlCall& call) {
  Fields fields(call.request.body);
  DeliveryMode mode;
  const std::string text = fields.text("mode");
  if (text != "auto" && text != "manual") fields.reject("mode", "expected auto or manual");
  mode.automatic = text == "auto";
  Fields hostile = fields.object("hostile");
  HostileOptions& h = mode.hostile;
  h.duplicate = hostile.percent("duplicate");
  h.parallel_duplicate = hostile.percent("parallel_duplicate");
  h.reorder = hostile.percent("reorder");
  h.drop_then_retry = hostile.percent("drop_then_retry");
  h.late = hostile.percent("late");
  h.wrong_amount = hostile.percent("wrong_amount");
  h.forged = hostile.percent("forged");
  h.stale = hostile.percent("stale");
  h.delay_ms = static_cast<int>(hostile.integer("delay_ms", 0, 60'000, 0));
  fields.adopt(hostile, "hostile");
  if (const auto problem = fields.problem()) return refuse(*problem);
  const DeliveryMode before = call.state.delivery.set_mode(mode);
  return answer({{"mode", before.automatic ? "auto" : "manual"}, {"hostile", json_of(before.hostile)}});
}

net::Response post_tokens(const ControlCall& call) {
  Fields fields(call.request.body);
  const std::vector<std::string> uids = fields.texts("uids");
  const auto flavour = index_named(model::kCredentialNames, fields.text("flavour", "valid"));
  if (!flavour)
    fields.reject("flavour",
                  "expected a credential: valid, none, expired, wrong_audience, "
                  "wrong_issuer, unsigned, hs256_with_certificate, unknown_key, "
                  "bad_signature, no_expiry, issued_in_future, empty_subject or garbage");
  const std::string claims = fields.object_text("claims");
  if (const auto problem = fields.problem()) return refuse(*problem);
  return answer({{"tokens", call.state.identity.tokens(uids, static_cast<model::Credential>(*flavour), claims,
                                                       unix_now())}});
}

net::Response get_events(const ControlCall& call) {
  const auto intent = query_text(call.request, "payment_intent");
  const auto escrow = query_text(call.request, "escrow");
  const auto type = query_text(call.request, "type");
  if (!intent && !escrow) return refuse({"payment_intent", "expected ?payment_intent=pi_… or ?escrow=UUID"});
  Json rows = Json::array();
  const std::lock_guard lock(call.state.mutex);
  const EventLog& log = call.state.stripe.events();
  for (const Event* event : intent ? log.by_intent(*intent) : log.by_escrow(*escrow))
    if (!type || event->type == *type)
      rows.push_back({{"id", event->id}, {"type", event->type}, {"created", event->created}});
  return answer({{"events", std::move(rows)}});
}

// The event to send for a flavour: the one asked for, or a spoiled one of its own. nullopt: no such event.
struct Chosen {
  std::string event_id, body, secret;
};
std::optional<Chosen> choose(const ControlCall& call, model::EventFlavour flavour) {
  const std::lock_guard lock(call.state.mutex);
  EventLog& log = call.state.stripe.events();
  const Event* event = log.find(call.id);
  if (event == nullptr) return std::nullopt;
  if (is_content_fault(flavour)) {
    event = &log.append(spoiled_event(*event, flavour, call.state.stripe.ids()), call.state.stripe.ids());
    call.state.delivered = log.all().size();  // sent on request only
  }
  return Chosen{event->id, envelope_body(*event), call.state.secret};
}

net::Response no_such_event(const std::string& id) {
  return refuse({"id", "no such event: " + id}, 404);
}

net::Response post_envelope(const ControlCall& call) {
  Fields fields(call.request.body);
  const model::EventFlavour flavour = read_flavour(fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  const auto chosen = choose(call, flavour);
  if (!chosen) return no_such_event(call.id);
  Envelope envelope = seal(chosen->body, flavour, chosen->secret, unix_now());
  return answer({{"body", std::move(envelope.body)},
                 {"signature", envelope.signature ? Json(*envelope.signature) : Json(nullptr)},
                 {"event_id", chosen->event_id}});
}

net::Response post_deliver(const ControlCall& call) {
  Fields fields(call.request.body);
  const model::EventFlavour flavour = read_flavour(fields);
  const auto copies = static_cast<int>(fields.integer("copies", 1, 64, 1));
  const bool parallel = fields.flag("parallel", false);
  if (const auto problem = fields.problem()) return refuse(*problem);
  if (!call.state.delivery.endpoint())
    return refuse({"webhook_endpoint", "no endpoint yet: PUT /control/webhook_endpoint first"});
  const auto chosen = choose(call, flavour);
  if (!chosen) return no_such_event(call.id);
  return answer({{"statuses", call.state.delivery.send_now(chosen->body, flavour, copies, parallel)}});
}

net::Response post_synthetic(const ControlCall& call) {
  Fields fields(call.request.body);
  const std::string type = fields.text("type");
  if (type.empty()) fields.reject("type", "expected an event type such as customer.updated");
  if (const auto problem = fields.problem()) return refuse(*problem);
  const std::lock_guard lock(call.state.mutex);
  Stripe& stripe = call.state.stripe;
  Event event;
  event.type = type;
  event.object = Json{{"id", stripe.ids().next("cus_")}, {"object", type.substr(0, type.rfind('.'))}}.dump();
  const std::string id = stripe.events().append(std::move(event), stripe.ids()).id;
  deliver_new_events(call.state);
  return answer({{"id", id}});
}

Json json_of(const EscrowBooks& b) {
  return {{"captured", b.captured},         {"transferred", b.transferred},  {"refunded", b.refunded},
          {"transfers", b.transfers},       {"refunds", b.refunds},          {"intents", b.intents},
          {"open_intents", b.open_intents}, {"destinations", b.destinations}};
}

net::Response get_books(const ControlCall& call) {
  const std::lock_guard lock(call.state.mutex);
  const Books& books = call.state.stripe.books();
  if (const auto escrow = query_text(call.request, "escrow")) return answer(json_of(books.of(*escrow)));
  Json rows = Json::array();
  for (const std::string& escrow : books.escrows()) {
    Json row{{"escrow", escrow}};
    row.update(json_of(books.of(escrow)));
    rows.push_back(std::move(row));
  }
  return answer({{"escrows", std::move(rows)}, {"balanced", books.balanced()}});
}

net::Response post_accounts(const ControlCall& call) {
  Fields fields(call.request.body);
  const auto count = fields.integer("count", 1, 100'000, 1);
  if (const auto problem = fields.problem()) return refuse(*problem);
  Json accounts = Json::array();
  const std::lock_guard lock(call.state.mutex);
  for (std::int64_t i = 0; i < count; ++i) accounts.push_back(call.state.stripe.ready_account());
  return answer({{"accounts", std::move(accounts)}});
}

net::Response post_fail_transfer(const ControlCall& call) {
  Fields fields(call.request.body);
  const std::string escrow = fields.text("escrow");
  if (escrow.empty()) fields.reject("escrow", "expected the id of an escrow");
  if (const auto problem = fields.problem()) return refuse(*problem);
  const std::lock_guard lock(call.state.mutex);
  const std::string event = call.state.stripe.fail_transfer(escrow);
  deliver_new_events(call.state);
  return answer({{"event", event.empty() ? Json(nullptr) : Json(event)}});
}

net::Response put_faults(const ControlCall& call) {
  Fields fields(call.request.body);
  const auto operation = operation_named(fields.text("operation"));
  if (!operation) fields.reject("operation", "expected an operation such as transfers.create");
  const auto fault = parse_fault(fields.text("kind"));
  if (!fault) fields.reject("kind", fault.error());
  const auto times = static_cast<int>(fields.integer("times", 0, 1'000'000, 1));
  const bool confirms = operation == Operation::payment_intents_confirm;
  if (fault && fault->kind == Fault::Kind::decline && !confirms)
    fields.reject("kind", "decline works for payment_intents.confirm only");
  if (const auto problem = fields.problem()) return refuse(*problem);
  const std::lock_guard lock(call.state.mutex);
  call.state.faults.set(*operation, *fault, times);
  return answer({{"operation", row_of(*operation).name}, {"times", times}});
}

net::Response post_rotate_keys(const ControlCall& call) {
  return answer({{"kid", call.state.identity.rotate()}});
}

net::Response put_keys(const ControlCall& call) {
  Fields fields(call.request.body);
  const auto max_age = fields.integer("max_age_s", 0, 1'000'000, 3600);
  const bool away = fields.flag("away", false);
  if (const auto problem = fields.problem()) return refuse(*problem);
  call.state.identity.publish({std::chrono::seconds(max_age), away});
  return answer({{"max_age_s", max_age}, {"away", away}});
}

template <net::Response (*handle)(State&, std::string_view)>
net::Response with_body(const ControlCall& call) {
  return handle(call.state, call.request.body);
}

struct ControlRow {
  std::string_view method, before, after;  // the id stands between
  bool slow;                               // signs much or waits for the target: not on the network thread
  net::Response (*handler)(const ControlCall&);
};
constexpr std::array<ControlRow, 18> kControl{{
    {"PUT", "/control/webhook_endpoint", "", false, put_webhook_endpoint},
    {"PUT", "/control/delivery", "", false, put_delivery},
    {"PUT", "/control/faults", "", false, put_faults},
    {"POST", "/control/tokens", "", true, post_tokens},
    {"POST", "/control/rotate_keys", "", true, post_rotate_keys},
    {"PUT", "/control/keys", "", false, put_keys},
    {"POST", "/control/accounts", "", false, post_accounts},
    {"POST", "/control/transfers/fail", "", false, post_fail_transfer},
    {"POST", "/control/objects", "", false, with_body<post_objects>},
    {"POST", "/control/objects/digests", "", true, with_body<post_digests>},
    {"PUT", "/control/objects/faults", "", false, with_body<put_object_faults>},
    {"PUT", "/control/objects/profile", "", false, with_body<put_object_profile>},
    {"PUT", "/control/biometrics", "", false, with_body<put_biometrics>},
    {"GET", "/control/books", "", false, get_books},
    {"GET", "/control/events", "", false, get_events},
    {"POST", "/control/events/synthetic", "", false, post_synthetic},
    {"POST", "/control/events/", "/envelope", false, post_envelope},
    {"POST", "/control/events/", "/deliver", true, post_deliver},
}};

bool fits(const ControlRow& row, std::string_view path) {
  if (row.after.empty()) return path == row.before;
  return path.size() > row.before.size() + row.after.size() && path.starts_with(row.before) &&
         path.ends_with(row.after);
}

}  // namespace

void serve_control(State& state, net::Request request, net::Reply reply) {
  const std::string path(request.path());
  for (const ControlRow& row : kControl) {
    if (row.method != request.method || !fits(row, path)) continue;
    std::string id = row.after.empty()
                         ? std::string()
                         : path.substr(row.before.size(), path.size() - row.before.size() - row.after.size());
    if (!row.slow) return reply(row.handler({state, request, std::move(id)}));
    return state.scheduler.after({}, [&state, &row, request = std::move(request), reply = std::move(reply),
                                      id = std::move(id)] { reply(row.handler({state, request, id})); });
  }
  const bool known = std::ranges::any_of(kControl, [&](const ControlRow& row) { return fits(row, path); });
  reply(refuse({"path", "no such control call: " + request.method + " " + path}, known ? 405 : 404));
}

}  // namespace sim::providers
