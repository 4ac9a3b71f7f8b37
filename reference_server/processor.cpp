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

// Success is "no error member"; the status decides whether another try makes sense (protocols.md §3.2, §3.3).
ProcessorAnswer read_answer(const net::Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
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
  return answer;
}

}  // namespace

Processor::Processor(const net::Url& base, std::string key)
    : connection_(without_path(base)), base_path_(base.path), key_(std::move(key)) {}

ProcessorAnswer Processor::create_intent(const Parties& parties, std::int64_t cents, const std::string& key) {
  return post("/v1/payment_intents",
              {{"amount", std::to_string(cents)},
               {"currency", "usd"},
               {"automatic_payment_methods[enabled]", "true"},
               {"metadata[escrow_id]", parties.escrow_id},
               {"metadata[task_id]", parties.task_id},
               {"metadata[poster_user_id]", parties.user_id}},
              key);
}

ProcessorAnswer Processor::transfer(const Parties& parties, std::int64_t cents, const std::string& account,
                                    const std::string& key) {
  return post("/v1/transfers",
              {{"amount", std::to_string(cents)},
               {"currency", "usd"},
               {"destination", account},
               {"transfer_group", parties.escrow_id},
               {"metadata[escrow_id]", parties.escrow_id},
               {"metadata[task_id]", parties.task_id},
               {"metadata[worker_user_id]", parties.user_id}},
              key);
}

ProcessorAnswer Processor::refund(const Parties& parties, std::int64_t cents, const std::string& intent,
                                  const std::string& key) {
  return post("/v1/refunds",
              {{"payment_intent", intent},
               {"amount", std::to_string(cents)},
               {"metadata[escrow_id]", parties.escrow_id},
               {"metadata[task_id]", parties.task_id}},
              key);
}

ProcessorAnswer Processor::cancel_intent(const std::string& intent, const std::string& key) {
  ProcessorAnswer answer = post("/v1/payment_intents/" + net::percent_encode(intent) + "/cancel", {}, key);
  if (answer.code == "payment_intent_unexpected_state") answer = {.done = true, .id = intent};
  return answer;
}

ProcessorAnswer Processor::post(const std::string& path, const Form& form, const std::string& key) {
  std::string body;
  for (const auto& [name, value] : form) {
    if (!body.empty()) body += '&';
    body += net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  auto pause = kPause;
  for (int attempt = 1;; ++attempt) {
    ProcessorAnswer answer = post_once(path, body, key);
    if (!answer.again || attempt == kAttempts) return answer;
    std::this_thread::sleep_for(pause);
    pause *= 3;
  }
}

ProcessorAnswer Processor::post_once(const std::string& path, const std::string& body,
                                     const std::string& key) {
  net::Request request;
  request.method = "POST";
  request.target = base_path_ + path;
  request.headers.add("authorization", "Bearer " + key_);
  request.headers.add("content-type", "application/x-www-form-urlencoded");
  request.headers.add("idempotency-key", key);
  request.body = body;
  const auto response = connection_.exchange(request, kTimeout);
  return response ? read_answer(*response) : unreachable(response.error().message);
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
