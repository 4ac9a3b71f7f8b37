#include "reference_server/processor.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kPause{40};  // grows threefold with each attempt
constexpr int kGenerations = 10;                 // keys for one intention, the burnt ones included

net::Url without_path(net::Url url) {
  url.path.clear();
  return url;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ProcessorAnswer unreachable(const std::string& why) {
  ProcessorAnswer answer;
  answer.code = "unreachable";
  answer.message = why;
  answer.again = true;
  return answer;
}

bool is_replayed(const net::Response& response) {
  const std::string* header = response.headers.find("idempotent-replayed");
  return header != nullptr && *header == "true";
}

// Success is "no error member"; the status decides whether another try makes sense (protocols.md §3.2, §3.3).
ProcessorAnswer read_answer(const net::Response& response, const Json& body) {
  if (!body.is_object()) return unreachable("the answer is not a JSON object");
  ProcessorAnswer answer;
  const auto error = body.find("error");
  if (error == body.end() || !error->is_object()) {
    answer.done = true;
    answer.id = text_of(body, "id");
    answer.client_secret = text_of(body, "client_secret");
    return answer;
  }
  answer.code = text_of(*error, "code");
  if (answer.code.empty()) answer.code = text_of(*error, "type");
  answer.message = text_of(*error, "message");
  answer.again = response.status >= 500 || response.status == 429 || response.status == 409;
  answer.burnt =
      is_replayed(response) || (response.status == 400 && text_of(*error, "type") == "idempotency_error");
  return answer;
}

}  // namespace

Processor::Processor(const net::Url& base, std::string key)
    : connection_(without_path(base)), base_path_(base.path), key_(std::move(key)) {}

ProcessorAnswer Processor::create_intent(const Parties& parties, std::int64_t cents, const std::string& key) {
  // An intent that nobody knows of cannot be paid, so nothing has to be looked up.
  return perform("/v1/payment_intents",
                 {{"amount", std::to_string(cents)},
                  {"currency", "usd"},
                  {"automatic_payment_methods[enabled]", "true"},
                  {"metadata[escrow_id]", parties.escrow_id},
                  {"metadata[task_id]", parties.task_id},
                  {"metadata[poster_user_id]", parties.user_id}},
                 key, "", parties.escrow_id);
}

ProcessorAnswer Processor::transfer(const Parties& parties, std::int64_t cents, const std::string& account,
                                    const std::string& key) {
  return perform("/v1/transfers",
                 {{"amount", std::to_string(cents)},
                  {"currency", "usd"},
                  {"destination", account},
                  {"transfer_group", parties.escrow_id},
                  {"metadata[escrow_id]", parties.escrow_id},
                  {"metadata[task_id]", parties.task_id},
                  {"metadata[worker_user_id]", parties.user_id}},
                 key, "/v1/transfers?limit=100&transfer_group=" + parties.escrow_id, parties.escrow_id);
}

ProcessorAnswer Processor::refund(const Parties& parties, std::int64_t cents, const std::string& intent,
                                  const std::string& key) {
  return perform("/v1/refunds",
                 {{"payment_intent", intent},
                  {"amount", std::to_string(cents)},
                  {"metadata[escrow_id]", parties.escrow_id},
                  {"metadata[task_id]", parties.task_id}},
                 key, "/v1/refunds?limit=100&payment_intent=" + net::percent_encode(intent),
                 parties.escrow_id);
}

ProcessorAnswer Processor::cancel_intent(const std::string& intent, const std::string& key) {
  ProcessorAnswer answer =
      perform("/v1/payment_intents/" + net::percent_encode(intent) + "/cancel", {}, key, "", "");
  if (answer.code == "payment_intent_unexpected_state") answer = {.done = true, .id = intent};
  return answer;
}

ProcessorAnswer Processor::perform(const std::string& path, const Form& form, const std::string& key,
                                   const std::string& listing, const std::string& escrow_id) {
  for (int generation = 1;; ++generation) {
    ProcessorAnswer answer = post(path, form, generation == 1 ? key : key + ":" + std::to_string(generation));
    if (!answer.burnt || generation == kGenerations || answer.code == "payment_intent_unexpected_state")
      return answer;
    if (listing.empty()) continue;
    const ProcessorAnswer existing = find(listing, escrow_id);
    if (existing.done || existing.again) return existing;
  }
}

ProcessorAnswer Processor::post(const std::string& path, const Form& form, const std::string& key) {
  std::string body;
  for (const auto& [name, value] : form) {
    if (!body.empty()) body += '&';
    body += net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  auto pause = kPause;
  for (int attempt = 1;; ++attempt) {
    ProcessorAnswer answer = send("POST", path, body, key);
    if (!answer.again || answer.burnt || attempt == kAttempts) return answer;
    std::this_thread::sleep_for(pause);
    pause *= 3;
  }
}

ProcessorAnswer Processor::send(const std::string& method, const std::string& path, const std::string& body,
                                const std::string& key) {
  net::Request request;
  request.method = method;
  request.target = base_path_ + path;
  request.headers.add("authorization", "Bearer " + key_);
  if (method == "POST") {
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.headers.add("idempotency-key", key);
  }
  request.body = body;
  const auto response = connection_.exchange(request, kTimeout);
  if (!response) return unreachable(response.error().message);
  const Json json = Json::parse(response->body, nullptr, false);
  ProcessorAnswer answer = read_answer(*response, json);
  if (answer.done && method == "GET") answer.id = response->body;
  return answer;
}

// The id of a living object of this escrow; neither done nor again when there is none.
ProcessorAnswer Processor::find(const std::string& listing, const std::string& escrow_id) {
  ProcessorAnswer answer = send("GET", listing, "", "");
  if (!answer.done) {
    answer.again = true;
    return answer;
  }
  const Json list = Json::parse(answer.id, nullptr, false);
  for (const Json& each : list.value("data", Json::array())) {
    const bool alive = text_of(each, "status") != "failed" && text_of(each, "status") != "canceled" &&
                       !each.value("reversed", false);
    if (alive && text_of(each.value("metadata", Json::object()), "escrow_id") == escrow_id) {
      return {.done = true, .id = text_of(each, "id")};
    }
  }
  return {};
}

ProcessorAnswer Processors::with(const std::function<ProcessorAnswer(Processor&)>& call) {
  std::unique_ptr<Processor> lent;
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      lent = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!lent) lent = make();
  ProcessorAnswer answer = call(*lent);
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(lent));
  return answer;
}

}  // namespace server
