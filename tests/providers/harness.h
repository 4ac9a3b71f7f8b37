// The fakes in this process, a client for them, and a listener that records what is delivered.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "net/client.h"
#include "net/server.h"
#include "sim/providers/front.h"

namespace providers_test {

using Json = nlohmann::json;

struct Answered {
  int status = 0;
  Json body;
  net::Headers headers;
};

class Fakes {
 public:
  explicit Fakes(std::uint64_t seed = 1)
      : server_({.seed = seed}), connection_(*net::parse_url(server_.url())) {}

  Answered call(const std::string& method, const std::string& target, const std::string& body = "",
                const std::string& key = "") {
    net::Request request{method, target, {}, body};
    request.headers.add("authorization", "Bearer sk_test_hustle");
    if (!key.empty()) request.headers.add("idempotency-key", key);
    const auto result = connection_.exchange(request, std::chrono::milliseconds(10'000));
    if (!result) return {0, Json(result.error().message), {}};
    return {result->status, Json::parse(result->body, nullptr, false), result->headers};
  }
  Answered control(const std::string& method, const std::string& path, const Json& body = Json::object()) {
    return call(method, "/control/" + path, method == "GET" ? "" : body.dump());
  }

  // A paid intent of the escrow; its id.
  std::string fund(const std::string& escrow, int amount) {
    const auto made =
        call("POST", "/v1/payment_intents",
             "amount=" + std::to_string(amount) + "&currency=usd&metadata[escrow_id]=" + escrow);
    EXPECT_EQ(made.status, 200) << made.body;
    const std::string id = made.body["id"];
    const auto paid = call("POST", "/v1/payment_intents/" + id + "/confirm", "payment_method=pm_card_visa");
    EXPECT_EQ(paid.body["status"], "succeeded") << paid.body;
    return id;
  }
  std::string event_of(const std::string& intent, const std::string& type) {
    const auto found = control("GET", "events?payment_intent=" + intent + "&type=" + type);
    EXPECT_EQ(found.body["events"].size(), 1U) << found.body;
    return found.body["events"][0]["id"];
  }
  std::string account() { return control("POST", "accounts").body["accounts"][0]; }

  std::string url() const { return server_.url(); }

 private:
  sim::providers::ProvidersServer server_;
  net::Connection connection_;
};

struct Received {
  std::string id, type, signature, body;
  long long amount = 0;
};

class Listener {
 public:
  // `status_for(n)`: what to answer to the n-th request, from 0.
  explicit Listener(std::function<int(int)> status_for = [](int) { return 200; })
      : status_for_(std::move(status_for)),
        server_({}, [this](const net::Request& request, const net::Reply& reply) {
          reply(net::Response{record(request), {}, "{}"});
        }) {}

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + "/webhooks/stripe";
  }

  std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  std::size_t count(const std::string& type) const {
    std::size_t n = 0;
    for (const auto& one : received()) n += one.type == type ? 1 : 0;
    return n;
  }
  // Waits until `enough` holds of what was received; what there is when five seconds are over.
  std::vector<Received> wait(const std::function<bool(const std::vector<Received>&)>& enough) const {
    for (int i = 0; i < 1'000 && !enough(received()); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return received();
  }

 private:
  int record(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    const Json body = Json::parse(request.body);
    const std::string* signature = request.headers.find("stripe-signature");
    received_.push_back({body["id"], body["type"], signature != nullptr ? *signature : "", request.body,
                         body["data"]["object"].value("amount", 0LL)});
    EXPECT_EQ(request.path(), "/webhooks/stripe");
    return status_for_(static_cast<int>(received_.size()) - 1);
  }

  std::function<int(int)> status_for_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  net::Server server_;
};

}  // namespace providers_test
