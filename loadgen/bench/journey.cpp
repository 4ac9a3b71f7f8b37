#include "loadgen/bench/journey.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "net/sign.h"

namespace loadgen::bench {
namespace {

constexpr std::string_view kTaskBody =
    R"({"title":"Assemble a shelf","description":"Two hours, tools are there.","location":"Seattle","price":5000,)"
    R"("category":"furniture_assembly","deadline":"2099-01-01T00:00:00Z"})";
constexpr std::string_view kTaskId = R"({"task_id":"{task}"})";
// {"task_id":"…"} as a query's input.
constexpr std::string_view kTaskQuery = "?input=%7B%22task_id%22%3A%22{task}%22%7D";
constexpr std::string_view kEvent =
    R"({"id":"evt_{escrow}","object":"event","type":"payment_intent.succeeded","created":1,"data":{"object":)"
    R"({"id":"pi_{escrow}","object":"payment_intent","amount":5000,"amount_received":5000,"currency":"usd",)"
    R"("metadata":{"escrow_id":"{escrow}"}}}})";

constexpr std::array kPing{Step{"health.ping", Actor::nobody, "GET", "/trpc/health.ping", ""}};
constexpr std::array kRead{Step{"user.getProfile", Actor::poster, "GET", "/trpc/user.getProfile", ""}};
constexpr std::array kCreate{Step{"task.create", Actor::poster, "POST", "/trpc/task.create", kTaskBody}};
constexpr std::array kLifecycle{
    Step{"task.create", Actor::poster, "POST", "/trpc/task.create", kTaskBody},
    Step{"escrow.createIntent", Actor::poster, "POST", "/trpc/escrow.createIntent", kTaskId},
    Step{"payment event", Actor::processor, "POST", "/webhooks/stripe", kEvent},
    Step{"task.accept", Actor::worker, "POST", "/trpc/task.accept", kTaskId},
    Step{"task.submitProof", Actor::worker, "POST", "/trpc/task.submitProof",
         R"({"task_id":"{task}","description":"Done.","photo_urls":["proofs/bench.jpg"]})"},
    Step{"proof.accept", Actor::poster, "POST", "/trpc/proof.accept", R"({"proof_id":"{proof}"})"},
    Step{"task.getById", Actor::worker, "GET", "/trpc/task.getById{query}", ""},
    Step{"task.complete", Actor::poster, "POST", "/trpc/task.complete", kTaskId},
    Step{"escrow.getByTaskId", Actor::poster, "GET", "/trpc/escrow.getByTaskId{query}", ""},
};

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string_view work_name(Work work) {
  switch (work) {
    case Work::ping:
      return "ping";
    case Work::read:
      return "read";
    case Work::create:
      return "create";
    case Work::lifecycle:
      return "lifecycle";
  }
  return "";
}

std::span<const Step> steps_of(Work work) {
  switch (work) {
    case Work::ping:
      return kPing;
    case Work::read:
      return kRead;
    case Work::create:
      return kCreate;
    case Work::lifecycle:
      return kLifecycle;
  }
  return {};
}

std::string_view member(std::string_view json, std::string_view name, std::size_t from) {
  const std::string quoted = fmt::format("\"{}\"", name);
  const auto at = json.find(quoted, from);
  if (at == json.npos) return {};
  const auto begin = json.find_first_not_of(": ", at + quoted.size());
  if (begin == json.npos || json[begin] != '"') return {};
  const auto end = json.find('"', begin + 1);
  return end == json.npos ? std::string_view() : json.substr(begin + 1, end - begin - 1);
}

Journey::Journey(Work work, const People& people, std::string host, std::uint64_t seed)
    : steps_(steps_of(work)), people_(people), host_(std::move(host)), random_(seed) {
  restart();
}

void Journey::restart() {
  step_ = 0;
  poster_ = random_() % people_.poster_tokens.size();
  worker_ = random_() % people_.worker_tokens.size();
  ids_ = {};
}

std::string Journey::filled(std::string_view text) const {
  std::string out;
  out.reserve(text.size() + 120);
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) break;
    text.remove_prefix(open);
    const auto put = [&](std::string_view placeholder, std::string_view value) {
      if (!text.starts_with(placeholder)) return false;
      out += value;
      text.remove_prefix(placeholder.size());
      return true;
    };
    if (put("{task}", ids_.task) || put("{escrow}", ids_.escrow) || put("{proof}", ids_.proof)) continue;
    if (text.starts_with("{query}")) {
      text.remove_prefix(std::string_view("{query}").size());
      out += filled(kTaskQuery);
      continue;
    }
    out += '{';
    text.remove_prefix(1);
  }
  return out;
}

const std::string& Journey::request() {
  const Step& step = steps_[step_];
  const std::string body = filled(step.body);
  bytes_.clear();
  bytes_ += step.method;
  bytes_ += ' ';
  bytes_ += filled(step.target);
  bytes_ += " HTTP/1.1\r\nHost: ";
  bytes_ += host_;
  if (step.actor == Actor::poster || step.actor == Actor::worker) {
    bytes_ += "\r\nAuthorization: Bearer ";
    bytes_ += step.actor == Actor::poster ? people_.poster_tokens[poster_] : people_.worker_tokens[worker_];
  }
  if (step.actor == Actor::processor) {
    const std::string at = std::to_string(now_s());
    bytes_ += "\r\nStripe-Signature: t=" + at +
              ",v1=" + net::hex(net::hmac_sha256(people_.webhook_secret, at + "." + body));
  }
  if (!body.empty())
    bytes_ += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  bytes_ += "\r\n\r\n";
  bytes_ += body;
  return bytes_;
}

bool Journey::take(std::string_view answer) {
  const Step& step = steps_[step_];
  if (step.name == "task.create") {
    const auto body = std::min(answer.find("\r\n\r\n"), answer.size());
    ids_.task = member(answer, "id", body);
    ids_.escrow = member(answer, "escrow_id", body);
  } else if (step.name == "task.submitProof") {
    ids_.proof = member(answer, "id", std::min(answer.find("\"proof\""), answer.size()));
  }
  if (++step_ < steps_.size()) return false;
  restart();
  return true;
}

}  // namespace loadgen::bench
