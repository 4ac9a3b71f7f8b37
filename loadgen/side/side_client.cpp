#include "loadgen/side/side_client.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <stdexcept>

#include "loadgen/encode.h"
#include "loadgen/instant_text.h"
#include "model/vocabulary/contract.h"
#include "net/sign.h"

namespace loadgen {

using nlohmann::json;

namespace {
constexpr std::chrono::seconds kTimeout{20};

net::Url url_of(const std::string& text) {
  auto url = net::parse_url(text);
  if (!url) throw std::runtime_error("side stage: " + url.error());
  return *url;
}
}  // namespace

std::string Reply::text(const char* pointer) const {
  const json parsed = json::parse(body, nullptr, false);
  const json::json_pointer where(pointer);
  if (!parsed.is_structured() || !parsed.contains(where) || parsed[where].is_null()) return "";
  if (!parsed[where].is_string()) return parsed[where].dump();
  const auto& found = parsed[where].get_ref<const std::string&>();
  const auto at = instant_told(found);
  return at ? iso_text(*at) : found;
}

std::string told(const Reply& reply) {
  if (reply.status == 0) return "no answer: " + reply.message;
  if (reply.ok()) return "ok";
  const bool word = !reply.message.empty() && reply.message.find(' ') == std::string::npos;
  return fmt::format("{} {}{}{}", reply.status, reply.hx, word ? " " : "", word ? reply.message : "");
}

std::string code_told(const Reply& reply) {
  return reply.status == 0 || reply.ok() ? told(reply) : fmt::format("{} {}", reply.status, reply.hx);
}

Reply must(Reply reply, std::string_view what) {
  if (!reply.ok()) throw std::runtime_error(fmt::format("side stage: {}: {}", what, told(reply)));
  return reply;
}

struct SideClient::Impl {
  Impl(const std::string& target, const std::string& database_url, const std::string& providers_url,
       SideLog& stage_log, std::function<bool()> asked)
      : log(stage_log),
        stop(std::move(asked)),
        server(url_of(target)),
        providers(url_of(providers_url)),
        control(providers_url),
        database(database_url) {}
  SideLog& log;
  std::function<bool()> stop;
  net::Connection server, providers;
  Control control;
  pqxx::connection database;
};

SideClient::SideClient(const std::string& target, const std::string& database, const std::string& providers,
                       SideLog& log, std::function<bool()> stop)
    : impl_(std::make_unique<Impl>(target, database, providers, log, std::move(stop))) {}
SideClient::~SideClient() = default;
SideClient::SideClient(SideClient&&) noexcept = default;

Reply SideClient::send(const net::Request& request) {
  if (impl_->stop && impl_->stop()) throw SideStopped{};
  Reply reply;
  reply.sent = std::chrono::steady_clock::now();
  const net::ClientResult result = impl_->server.exchange(request, kTimeout);
  reply.received = std::chrono::steady_clock::now();
  if (!result) {
    reply.message = result.error().message;
    return reply;
  }
  reply.status = result->status;
  reply.headers = result->headers;
  reply.body = result->body;
  reply.hx = reply.text("/error/data/hx");
  reply.message = reply.text("/error/message");
  return reply;
}

Reply SideClient::call(std::string_view procedure, const std::string& input, const std::string& token,
                       const HeaderLines& more) {
  const model::Procedure* facts = model::find_procedure(procedure);
  const bool query = facts != nullptr && facts->kind == model::Kind::query;
  net::Request request;
  request.method = query ? "GET" : "POST";
  request.target = impl_->server.url().path + "/trpc/" + std::string(procedure);
  if (query && !input.empty()) request.target += "?input=" + net::percent_encode(input);
  if (!query) {
    request.headers.add("content-type", "application/json");
    request.body = input;
  }
  if (!token.empty()) request.headers.add("authorization", "Bearer " + token);
  if (now.present()) request.headers.add("x-hustle-now", std::to_string(now.ms));
  for (const auto& [name, value] : more) request.headers.add(name, value);
  impl_->log.note_instant(now);
  Reply reply = send(request);
  const std::string_view plain = facts == nullptr ? procedure : facts->name;
  if (plain.starts_with("admin.") && !query && reply.status != 0)
    impl_->log.note_call({now, std::string(plain), input, token, reply.status, reply.hx, reply.body});
  return reply;
}

Reply SideClient::post(const std::string& path, const std::string& body, const HeaderLines& more) {
  net::Request request{
      .method = "POST", .target = impl_->server.url().path + path, .headers = {}, .body = body};
  request.headers.add("content-type", "application/json");
  if (now.present()) request.headers.add("x-hustle-now", std::to_string(now.ms));
  for (const auto& [name, value] : more) request.headers.add(name, value);
  impl_->log.note_instant(now);
  return send(request);
}

std::string SideClient::sql(const std::string& statement) {
  // A deadlock with the server's work ends either of the two: ours is made again, since it is nobody's
  // breach.
  constexpr int kVictims = 20;
  try {
    for (int victim = 0;; ++victim) {
      try {
        pqxx::nontransaction work(impl_->database);
        const pqxx::result rows = work.exec(statement);
        return rows.empty() || rows.columns() == 0 || rows[0][0].is_null() ? std::string()
                                                                           : rows[0][0].as<std::string>();
      } catch (const pqxx::deadlock_detected&) {
        if (victim == kVictims) throw;
      }
    }
  } catch (const pqxx::failure& trouble) {
    const std::string text = trouble.what();
    throw std::runtime_error("side stage: database: " + text.substr(0, text.find('\n')));
  }
}

std::vector<std::string> SideClient::tokens(const std::vector<std::string>& uids, std::string_view flavour) {
  return impl_->control.tokens(uids, flavour);
}

std::string SideClient::tokens_claiming(const std::string& uid, const std::string& claims) {
  net::Request request{
      .method = "POST",
      .target = impl_->providers.url().path + "/control/tokens",
      .headers = {},
      .body = fmt::format(R"({{"uids":["{}"],"flavour":"valid","claims":{}}})", uid, claims)};
  request.headers.add("content-type", "application/json");
  const net::ClientResult result = impl_->providers.exchange(request, kTimeout);
  if (!result || result->status != 200)
    throw std::runtime_error("providers: tokens with claims were refused");
  return json::parse(result->body).at("tokens").at(0);
}

Reply SideClient::deliver_payment(const std::string& intent) {
  const auto event = impl_->control.payment_event(intent, model::EventType::payment_succeeded);
  if (!event) return {};
  const Envelope envelope = impl_->control.envelope(*event, model::EventFlavour::genuine);
  return post("/webhooks/stripe", envelope.body, {{"stripe-signature", envelope.signature.value_or("")}});
}

bool SideClient::pay(const std::string& intent) {
  return impl_->control.confirm(intent) && deliver_payment(intent).ok();
}

std::string SideClient::books_of(const std::string& escrow) {
  net::Request request{.method = "GET",
                       .target = impl_->providers.url().path + "/control/books?escrow=" + escrow,
                       .headers = {},
                       .body = {}};
  const net::ClientResult result = impl_->providers.exchange(request, kTimeout);
  if (!result) throw std::runtime_error("providers: books: " + result.error().message);
  return result->body;
}

std::int64_t SideClient::book(const std::string& escrow, const char* what) {
  const json books = json::parse(books_of(escrow), nullptr, false);
  return books.is_object() ? books.value(what, std::int64_t{0}) : 0;
}

void SideClient::drain() {
  post("/test/outbox/drain", "{}");
}

std::string offered(SideClient& client, const Person& worker, const std::string& task) {
  const Reply feed = client.call("feed.get", R"({"limit":100})", worker.token);
  const Reply check =
      client.call("eligibility.check", fmt::format(R"({{"task_id":"{}"}})", task), worker.token);
  return fmt::format("{}, {}", feed.body.contains(task) ? "shown" : "hidden",
                     check.text("/result/data/eligible") == "true" ? "eligible" : "not eligible");
}

std::string task_input(model::Instant now, int price, const std::string& title,
                       const std::string& description, std::string_view category) {
  return json{{"title", title},
              {"description", description},
              {"location", "Pike Street"},
              {"location_lat", 47.61},
              {"location_lng", -122.33},
              {"category", category},
              {"price", price},
              {"deadline", iso_text(now + 48 * model::kHour)}}
      .dump();
}

namespace {

// The rows of a submission as they are: how photos get there is no concern of these checks.
std::string submit(SideClient& client, const SideTask& task, const Person& worker) {
  const std::string at = iso_text(client.now);
  const std::string proof = client.sql(fmt::format(
      "INSERT INTO proofs (task_id, submitter_id, description, created_at) VALUES ('{}', '{}', 'Done.', '{}')"
      " RETURNING id",
      task.id, worker.id, at));
  client.sql(
      fmt::format("INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, "
                  "checksum_sha256, sequence_number, created_at)"
                  " VALUES ('{0}', 'proofs/{0}', 'image/jpeg', 0, '{1}', 1, '{2}')",
                  proof, net::hex(net::sha256(proof)), at));
  client.sql(
      fmt::format("UPDATE proofs SET state = 'SUBMITTED', submitted_at = '{0}',"
                  " review_deadline = timestamptz '{0}' + interval '48 hours' WHERE id = '{1}'",
                  at, proof));
  client.sql(fmt::format(
      "UPDATE tasks SET state = 'PROOF_SUBMITTED', proof_submitted_at = '{}' WHERE id = '{}'", at, task.id));
  return proof;
}

}  // namespace

SideTask drive_task(SideClient& client, const Person& poster, const Person& worker, Stop until, int price,
                    std::string_view category) {
  SideTask task;
  const auto about = [&] { return fmt::format(R"({{"task_id":"{}"}})", task.id); };
  const Reply made = must(client.call("task.create",
                                      task_input(client.now, price, "Pick up a parcel " + net::random_hex(6),
                                                 "Ring twice.", category),
                                      poster.token),
                          "task.create");
  task.id = made.text("/result/data/id");
  task.escrow = made.text("/result/data/escrow_id");
  if (until == Stop::created) return task;
  task.intent = must(client.call("escrow.createIntent", about(), poster.token), "escrow.createIntent")
                    .text("/result/data/payment_intent_id");
  if (until == Stop::asked) return task;
  if (!client.pay(task.intent)) throw std::runtime_error("side stage: the payment did not arrive");
  if (until == Stop::funded) return task;
  must(client.call("task.accept", about(), worker.token), "task.accept");
  if (until == Stop::accepted) return task;
  task.proof = submit(client, task, worker);
  if (until == Stop::submitted) return task;
  if (until == Stop::disputed) {
    const std::string reason =
        fmt::format(R"({{"task_id":"{}","reason":"OTHER","description":"Not as agreed."}})", task.id);
    task.dispute = must(client.call("dispute.create", reason, worker.token), "dispute.create")
                       .text("/result/data/dispute/id");
    return task;
  }
  must(client.call("proof.accept", fmt::format(R"({{"proof_id":"{}"}})", task.proof), poster.token),
       "proof.accept");
  return task;
}

}  // namespace loadgen
