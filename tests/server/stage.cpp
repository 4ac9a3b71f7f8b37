#include "tests/server/stage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <pqxx/pqxx>

#include "loadgen/control.h"
#include "loadgen/encode.h"
#include "model/vocabulary/contract.h"
#include "net/sign.h"
#include "sim/photos.h"

namespace server_tests {
namespace {

constexpr std::chrono::seconds kTimeout{30};

loadgen::EnvironmentOptions options_of(bool test_clock, std::vector<std::string> flags) {
  loadgen::EnvironmentOptions options;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  options.test_clock = test_clock;
  options.server_flags = std::move(flags);
  return options;
}

Reply read(const net::ClientResult& result) {
  if (!result) {
    ADD_FAILURE() << "no answer: " << result.error().message;
    return {};
  }
  return {result->status, result->headers, Json::parse(result->body, nullptr, false)};
}

}  // namespace

Json Reply::data() const {
  if (status != 200 || !body.contains("result")) {
    ADD_FAILURE() << "refused: " << status << " " << body.dump();
    return Json::object();
  }
  return body["result"]["data"];
}

std::string Reply::hx() const {
  return body.is_object() && body.contains("error") ? body["error"]["data"].value("hx", "") : std::string();
}
std::string Reply::field() const {
  return body.is_object() && body.contains("error") ? body["error"]["data"].value("field", "")
                                                    : std::string();
}

Stage::Stage(bool test_clock, std::vector<std::string> server_flags)
    : environment_(loadgen::boot(options_of(test_clock, std::move(server_flags)))) {
  control("PUT", "delivery", {{"mode", "manual"}});
}

std::string Stage::token(const std::string& uid, const std::string& flavour) {
  return control("POST", "tokens", {{"uids", {uid}}, {"flavour", flavour}})["tokens"][0];
}

std::string Stage::sql(const std::string& query) {
  pqxx::connection connection(environment_.database());
  pqxx::nontransaction transaction(connection);
  const auto rows = transaction.exec(query);
  return rows.empty() || rows[0][0].is_null() ? std::string() : rows[0][0].as<std::string>();
}

Json Stage::control(const std::string& method, const std::string& path, const Json& body) {
  net::Connection connection(net::parse_url(environment_.providers()).value());
  net::Request request{.method = method, .target = "/control/" + path, .headers = {}, .body = {}};
  if (!body.is_null()) {
    request.headers.add("content-type", "application/json");
    request.body = body.dump();
  }
  const Reply reply = read(connection.exchange(request, kTimeout));
  EXPECT_LT(reply.status, 300) << path << " " << reply.body.dump();
  return reply.body;
}

net::Request Stage::request_of(const std::string& procedure, const Json& input, const std::string& uid,
                               const std::vector<std::pair<std::string, std::string>>& extra) {
  const model::Procedure* row = model::find_procedure(procedure);
  const bool query = row != nullptr && row->kind == model::Kind::query;
  net::Request request{
      .method = query ? "GET" : "POST", .target = "/trpc/" + procedure, .headers = {}, .body = {}};
  if (query && !input.is_null()) request.target += "?input=" + net::percent_encode(input.dump());
  if (!query) {
    request.headers.add("content-type", "application/json");
    if (!input.is_null()) request.body = input.dump();
  }
  if (!uid.empty()) request.headers.add("authorization", "Bearer " + token(uid));
  for (const auto& [name, value] : extra) request.headers.add(name, value);
  return request;
}

Reply Stage::send(const net::Request& request) {
  net::Connection connection(net::parse_url(environment_.target()).value());
  return read(connection.exchange(request, kTimeout));
}

Reply Stage::call(const std::string& procedure, const Json& input, const std::string& uid,
                  const std::vector<std::pair<std::string, std::string>>& extra) {
  return send(request_of(procedure, input, uid, extra));
}

int Stage::deliver(const Task& task, const std::string& type, const std::string& flavour) {
  const Json events = control("GET", "events?escrow=" + task.escrow + "&type=" + type)["events"];
  if (events.empty()) {
    ADD_FAILURE() << "no event " << type;
    return 0;
  }
  const std::string id = events.back()["id"];
  const Json envelope = control("POST", "events/" + id + "/envelope", {{"flavour", flavour}});
  net::Request request{
      .method = "POST", .target = "/webhooks/stripe", .headers = {}, .body = envelope["body"]};
  request.headers.add("content-type", "application/json");
  if (envelope["signature"].is_string()) request.headers.add("stripe-signature", envelope["signature"]);
  return send(request).status;
}

Json Stage::books(const Task& task) {
  return control("GET", "books?escrow=" + task.escrow);
}

Json Stage::drain_outbox() {
  return send({.method = "POST", .target = "/test/outbox/drain", .headers = {}, .body = {}}).body;
}

Task Stage::open(const std::string& poster, int price, Json more) {
  Json input{{"title", "Couch"},
             {"description", "Two flights"},
             {"location", "Pike Street 1"},
             {"category", "moving"},
             {"price", price},
             {"location_lat", 47.6062},
             {"location_lng", -122.3321},
             {"deadline", iso_in(std::chrono::hours(24))}};
  input.update(more);
  const Json task = call("task.create", input, poster).data();
  return {task.value("id", ""), task.value("escrow_id", ""), {}, {}};
}

void Stage::pay(Task& task, const std::string& poster) {
  task.intent =
      call("escrow.createIntent", {{"task_id", task.id}}, poster).data().value("payment_intent_id", "");
  EXPECT_EQ(confirm(task, "pm_card_visa"), 200);
}

int Stage::confirm(const Task& task, const std::string& card) {
  net::Connection processor(net::parse_url(environment_.providers()).value());
  net::Request confirm{.method = "POST",
                       .target = "/v1/payment_intents/" + task.intent + "/confirm",
                       .headers = {},
                       .body = "payment_method=" + card};
  confirm.headers.add("authorization", "Bearer sk_test_hustle");
  confirm.headers.add("content-type", "application/x-www-form-urlencoded");
  return read(processor.exchange(confirm, kTimeout)).status;
}

Task Stage::paid_intent(const std::string& poster, int price) {
  Task task = open(poster, price);
  pay(task, poster);
  return task;
}

Task Stage::funded(const std::string& poster, int price, Json more) {
  Task task = open(poster, price, std::move(more));
  pay(task, poster);
  EXPECT_EQ(deliver(task, "payment_intent.succeeded"), 200);
  return task;
}

Task Stage::accepted(const std::string& poster, const std::string& worker, int price) {
  Task task = funded(poster, price);
  EXPECT_EQ(call("task.accept", {{"task_id", task.id}}, worker).data().value("state", ""), "ACCEPTED");
  return task;
}

Task Stage::submitted(const std::string& poster, const std::string& worker, int price) {
  Task task = accepted(poster, worker, price);
  task.proof = call("task.submitProof", submission(task, worker), worker).data()["proof"].value("id", "");
  return task;
}

Task Stage::reviewed(const std::string& poster, const std::string& worker, int price) {
  Task task = submitted(poster, worker, price);
  EXPECT_EQ(call("proof.accept", {{"proof_id", task.proof}}, poster).status, 200);
  return task;
}

Task Stage::completed(const std::string& poster, const std::string& worker, int price) {
  Task task = reviewed(poster, worker, price);
  EXPECT_EQ(call("task.complete", {{"task_id", task.id}}, poster).status, 200);
  return task;
}

Json Stage::submission(const Task& task, const std::string& worker, int count) {
  std::vector<loadgen::StoreObject> objects;
  Json files = Json::array();
  for (int i = 0; i < count; ++i) {
    objects.push_back({"", "image/jpeg",
                       sim::jpeg_photo({.nonce = net::random_hex(8), .captured = model::Instant{now_ms()}})});
    const std::string& bytes = objects.back().bytes;
    files.push_back({{"photo_type", i == 0           ? "before"
                                    : i + 1 == count ? "after"
                                                     : "during"},
                     {"content_type", "image/jpeg"},
                     {"size_bytes", bytes.size()},
                     {"checksum_sha256", net::hex(net::sha256(bytes))}});
  }
  const Json uploads = call("proof.requestUpload", {{"task_id", task.id}, {"files", files}}, worker).data();
  Json keys = Json::array();
  for (std::size_t i = 0; i < objects.size() && uploads.contains("uploads"); ++i)
    keys.push_back(objects[i].key = uploads["uploads"][i].value("key", ""));
  loadgen::Control(environment_.providers()).put_objects(objects);
  return {{"task_id", task.id},
          {"description", "Done"},
          {"photo_urls", keys},
          {"gps_lat", 47.6062437},
          {"gps_lng", -122.3321519},
          {"gps_accuracy_m", 8.3},
          {"gps_captured_at", loadgen::iso_text({now_ms()})}};
}

std::string Stage::disputed(Task& task, const std::string& worker) {
  const Json input{{"task_id", task.id}, {"reason", "OTHER"}, {"description", "Unfair"}};
  return call("dispute.create", input, worker).data()["dispute"].value("id", "");
}

std::string Stage::person(const std::string& role) {
  const std::string uid = role + "-" + std::to_string(++people_);
  const std::string account =
      role == "worker"
          ? "'" + control("POST", "accounts", {{"count", 1}})["accounts"][0].get<std::string>() + "'"
          : "NULL";
  sql("INSERT INTO users (firebase_uid, email, full_name, stripe_connect_id) VALUES ('" + uid + "', '" + uid +
      "@test.invalid', '" + uid + "', " + account + ")");
  // Everybody's onboarding is over: the profile is derived from the claims, as onboarding.complete does it.
  sql("INSERT INTO capability_claims (user_id, role, work_state) SELECT id, 'both', 'WA' FROM users WHERE "
      "firebase_uid = '" +
      uid + "'");
  sql("UPDATE users SET onboarding_completed_at = now() WHERE firebase_uid = '" + uid + "'");
  sql("SELECT recompute_capability(id) FROM users WHERE firebase_uid = '" + uid + "'");
  if (role == "admin") {
    sql("INSERT INTO admin_roles (user_id, role, can_resolve_disputes, can_override_escrow) "
        "SELECT id, 'admin', true, true FROM users WHERE firebase_uid = '" +
        uid + "'");
  }
  return uid;
}

Stage& shared_stage() {
  static Stage stage;
  return stage;
}

std::string iso_in(std::chrono::seconds from_now) {
  const std::time_t at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace server_tests
