// The fakes over HTTP: API, control, delivery honest and hostile.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>

#include "net/sign.h"
#include "tests/providers/harness.h"

namespace {

using namespace std::chrono_literals;
using providers_test::Fakes;
using providers_test::Json;
using providers_test::Listener;
using providers_test::Received;

void listen_with(Fakes& fakes, const Listener& listener, const Json& hostile) {
  EXPECT_EQ(fakes.control("PUT", "webhook_endpoint", {{"url", listener.url()}, {"secret", "whsec_t"}}).status,
            200);
  EXPECT_EQ(fakes.control("PUT", "delivery", {{"mode", "auto"}, {"hostile", hostile}}).status, 200);
}

bool well_signed(const Received& received) {
  const std::string& s = received.signature;
  const std::size_t comma = s.find(",v1=");
  if (!s.starts_with("t=") || comma == std::string::npos) return false;
  const std::string expected =
      net::hex(net::hmac_sha256("whsec_t", s.substr(2, comma - 2) + "." + received.body));
  return s.substr(comma + 4) == expected;
}

TEST(Api, AnAnswerCarriesItsHeaders) {
  Fakes fakes;
  const auto first = fakes.call("POST", "/v1/payment_intents", "amount=500&currency=usd", "key-1");
  const auto again = fakes.call("POST", "/v1/payment_intents", "currency=usd&amount=500", "key-1");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(*again.headers.find("idempotent-replayed"), "true");
  EXPECT_EQ(*again.headers.find("original-request"), *first.headers.find("request-id"));
  EXPECT_EQ(*again.headers.find("idempotency-key"), "key-1");
  EXPECT_EQ(first.headers.find("idempotent-replayed"), nullptr);
}

TEST(Api, RefusesBeforeItLooksCloser) {
  Fakes fakes;
  EXPECT_EQ(fakes.call("POST", "/v1/nothing").status, 404);
  EXPECT_EQ(fakes.call("DELETE", "/v1/transfers").status, 404);
  EXPECT_EQ(fakes.call("POST", "/v1/transfers", "a[b=1").status, 400);
  EXPECT_EQ(fakes.call("POST", "/v1/transfers", "amount=5", std::string(256, 'k')).status, 400);
  net::Connection bare(*net::parse_url(fakes.url()));
  const auto anonymous = bare.exchange({"GET", "/v1/balance", {}, ""}, 5s);
  ASSERT_TRUE(anonymous);
  EXPECT_EQ(anonymous->status, 401);
}

TEST(Api, ALargestPriceOfTheContractCanBePaid) {
  Fakes fakes;
  fakes.fund("e-large", 100'000'000);
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", "amount=100000001&currency=usd").body["error"]["code"],
            "amount_too_large");
}

TEST(Control, NamesTheFieldThatIsWrong) {
  Fakes fakes;
  const std::string event = fakes.event_of(fakes.fund("e", 500), "payment_intent.succeeded");
  struct Case {
    const char *method, *path;
    Json body;
    const char* field;
  };
  const std::vector<Case> cases{
      {"PUT", "webhook_endpoint", {{"url", "https://x"}, {"secret", "s"}}, "url"},
      {"PUT", "webhook_endpoint", {{"url", 5}}, "url"},
      {"PUT", "delivery", {{"mode", "sometimes"}}, "mode"},
      {"PUT", "delivery", {{"mode", "auto"}, {"hostile", {{"duplicate", 101}}}}, "hostile.duplicate"},
      {"PUT", "delivery", {{"mode", "auto"}, {"hostile", {{"dupe", true}}}}, "hostile.dupe"},
      {"POST", "tokens", {{"uids", "u1"}}, "uids"},
      {"POST", "tokens", {{"uids", {"u1"}}, {"flavour", "rotten"}}, "flavour"},
      {"POST", "tokens", {{"uids", {"u1"}}, {"claims", "x"}}, "claims"},
      {"POST", "accounts", {{"count", 0}}, "count"},
      {"POST", "events/synthetic", Json::object(), "type"},
      {"PUT", "faults", {{"operation", "transfers.make"}, {"kind", "error_500"}}, "operation"},
      {"PUT", "faults", {{"operation", "transfers.create"}, {"kind", "slow_ms:x"}}, "kind"},
      {"PUT", "faults", {{"operation", "transfers.create"}, {"kind", "decline"}}, "kind"},
      {"PUT", "faults", Json::array(), "body"},
  };
  for (const auto& [method, path, body, field] : cases) {
    const auto answer = fakes.control(method, path, body);
    EXPECT_EQ(answer.status, 400) << path << body;
    EXPECT_EQ(answer.body["error"]["field"], field) << path << body;
    EXPECT_NE(answer.body["error"]["message"], "") << path << body;
  }
  EXPECT_EQ(fakes.control("GET", "events").status, 400);
  EXPECT_EQ(fakes.control("POST", "events/" + event + "/envelope", {{"flavour", "x"}}).body["error"]["field"],
            "flavour");
  EXPECT_EQ(fakes.control("POST", "events/" + event + "/deliver").body["error"]["field"], "webhook_endpoint");
  EXPECT_EQ(fakes.control("POST", "events/evt_nobody/envelope").status, 404);
  EXPECT_EQ(fakes.control("POST", "nothing").status, 404);
  EXPECT_EQ(fakes.control("POST", "delivery").status, 405);
}

TEST(Control, StatesAreHandedBack) {
  Fakes fakes;
  const auto first = fakes.control("PUT", "delivery", {{"mode", "manual"}, {"hostile", {{"late", true}}}});
  EXPECT_EQ(first.body["mode"], "auto");
  const auto second = fakes.control("PUT", "delivery", {{"mode", "auto"}});
  EXPECT_EQ(second.body["mode"], "manual");
  EXPECT_EQ(second.body["hostile"]["late"], 100);
  const Listener listener;
  EXPECT_EQ(fakes.control("PUT", "webhook_endpoint", {{"url", listener.url()}}).body["url"], nullptr);
  EXPECT_EQ(fakes.control("PUT", "webhook_endpoint", {{"url", nullptr}}).body["url"], listener.url());
}

TEST(Control, SameSeedSameIds) {
  const auto story = [](std::uint64_t seed) {
    Fakes fakes(seed);
    const std::string account = fakes.account();
    const std::string intent = fakes.fund("e", 500);
    return account + intent + fakes.event_of(intent, "payment_intent.succeeded");
  };
  EXPECT_EQ(story(3), story(3));
  EXPECT_NE(story(3), story(4));
}

TEST(Control, BooksOfManyEscrowsAreBalanced) {
  Fakes fakes;
  const std::string worker = fakes.account();
  for (int i = 0; i < 20; ++i) {
    const std::string escrow = "e" + std::to_string(i);
    const std::string intent = fakes.fund(escrow, 1'000 + i);
    if (i % 2 == 0) {
      fakes.call("POST", "/v1/refunds", "payment_intent=" + intent);
    } else {
      const auto transfer =
          fakes.call("POST", "/v1/transfers",
                     "amount=850&currency=usd&destination=" + worker + "&metadata[escrow_id]=" + escrow);
      EXPECT_EQ(transfer.status, 200) << transfer.body;
    }
  }
  const auto books = fakes.control("GET", "books").body;
  EXPECT_EQ(books["balanced"], true);
  ASSERT_EQ(books["escrows"].size(), 20U);
  EXPECT_EQ(books["escrows"][3], (Json{{"escrow", "e3"},
                                       {"captured", 1'003},
                                       {"transferred", 850},
                                       {"refunded", 0},
                                       {"transfers", 1},
                                       {"refunds", 0},
                                       {"intents", 1},
                                       {"open_intents", 0},
                                       {"destinations", {worker}}}));
  EXPECT_EQ(fakes.control("GET", "books?escrow=e4").body["refunded"], 1'004);
}

TEST(Control, BooksTellOfIntentsThatCanStillBePaid) {
  Fakes fakes;
  const auto open = [&] { return fakes.control("GET", "books?escrow=e").body["open_intents"]; };
  const auto made =
      fakes.call("POST", "/v1/payment_intents", "amount=500&currency=usd&metadata[escrow_id]=e");
  const std::string intent = "/v1/payment_intents/" + made.body["id"].get<std::string>();
  EXPECT_EQ(open(), 1);
  fakes.call("POST", intent + "/confirm", "payment_method=pm_card_chargeDeclined");
  EXPECT_EQ(open(), 1) << "a declined card may be tried again";
  EXPECT_EQ(fakes.call("POST", intent + "/cancel").status, 200);
  EXPECT_EQ(open(), 0);
  EXPECT_EQ(fakes.control("GET", "books").body["balanced"], true);
}

TEST(Delivery, AutomaticBringsEveryEventOnceSigned) {
  Fakes fakes;
  const Listener listener;
  listen_with(fakes, listener, Json::object());
  fakes.fund("e", 500);
  const auto got = listener.wait([](const auto& all) { return all.size() >= 3; });
  std::set<std::string> types;
  for (const auto& one : got) {
    EXPECT_TRUE(well_signed(one)) << one.signature;
    types.insert(one.type);
  }
  EXPECT_EQ(types, (std::set<std::string>{"payment_intent.created", "charge.succeeded",
                                          "payment_intent.succeeded"}));
  EXPECT_EQ(got.size(), 3U);
}

TEST(Delivery, ManualSendsNothingByItself) {
  Fakes fakes;
  const Listener listener;
  listen_with(fakes, listener, Json::object());
  fakes.control("PUT", "delivery", {{"mode", "manual"}});
  const std::string event = fakes.event_of(fakes.fund("e", 500), "payment_intent.succeeded");
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(listener.received().empty());
  const auto sent =
      fakes.control("POST", "events/" + event + "/deliver", {{"copies", 3}, {"parallel", true}});
  EXPECT_EQ(sent.body["statuses"], (Json{200, 200, 200})) << sent.body;
  for (const auto& one : listener.received()) EXPECT_EQ(one.id, event);
  const auto spoiled =
      fakes.control("POST", "events/" + event + "/deliver", {{"flavour", "wrong_amount"}, {"copies", 2}});
  EXPECT_EQ(spoiled.body["statuses"].size(), 2U);
  const auto all = listener.received();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[3].id, all[4].id);
  EXPECT_NE(all[3].id, event);
  EXPECT_EQ(all[3].amount, 600);
  fakes.control("PUT", "delivery", {{"mode", "auto"}});
  fakes.control("POST", "events/synthetic", {{"type", "customer.updated"}});
  listener.wait([](const auto& now) { return now.size() >= 6; });
  EXPECT_EQ(listener.received().size(), 6U);  // what happened under manual is not made up for
  EXPECT_EQ(listener.count("customer.updated"), 1U);
}

TEST(Delivery, RetriesUntilItIsTaken) {
  Fakes fakes;
  const Listener listener([](int n) { return n < 2 ? 500 : n == 2 ? 302 : 200; });
  listen_with(fakes, listener, Json::object());
  fakes.control("POST", "events/synthetic", {{"type", "customer.updated"}});
  const auto got = listener.wait([](const auto& all) { return all.size() >= 4; });
  ASSERT_EQ(got.size(), 4U);
  for (const auto& one : got) {
    EXPECT_EQ(one.body, got[0].body);
    EXPECT_TRUE(well_signed(one));
  }
  std::this_thread::sleep_for(150ms);
  EXPECT_EQ(listener.received().size(), 4U);
}

TEST(Delivery, HostileFaultsHappen) {
  const auto deliveries = [](const Json& hostile, std::size_t expected) {
    Fakes fakes;
    const Listener listener;
    listen_with(fakes, listener, hostile);
    fakes.control("POST", "events/synthetic", {{"type", "customer.updated"}});
    auto got = listener.wait([&](const auto& all) { return all.size() >= expected; });
    std::this_thread::sleep_for(30ms);
    return listener.received();
  };
  EXPECT_EQ(deliveries({{"duplicate", true}}, 2).size(), 2U);
  EXPECT_EQ(deliveries({{"parallel_duplicate", true}}, 2).size(), 2U);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(deliveries({{"drop_then_retry", true}}, 1).size(), 1U);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 100ms);
  const auto forged = deliveries({{"forged", true}}, 2);
  ASSERT_EQ(forged.size(), 2U);
  EXPECT_NE(well_signed(forged[0]), well_signed(forged[1]));
  const auto spoiled = deliveries({{"wrong_amount", true}}, 2);
  ASSERT_EQ(spoiled.size(), 2U);
  EXPECT_NE(spoiled[0].id, spoiled[1].id);
  EXPECT_TRUE(well_signed(spoiled[0]) && well_signed(spoiled[1]));
}

TEST(Faults, ALostAnswerWasStillCarriedOut) {
  Fakes fakes;
  fakes.control("PUT", "faults", {{"operation", "payment_intents.create"}, {"kind", "lost_answer"}});
  const std::string body = "amount=500&currency=usd&metadata[escrow_id]=lost";
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 0);
  EXPECT_EQ(fakes.control("GET", "books?escrow=lost").body["intents"], 1);
  const auto retried = fakes.call("POST", "/v1/payment_intents", body, "k");
  EXPECT_EQ(retried.status, 200);
  EXPECT_NE(retried.headers.find("idempotent-replayed"), nullptr);
  EXPECT_EQ(fakes.control("GET", "books?escrow=lost").body["intents"], 1);
}

TEST(Faults, AnAnswerThatIsRepeatedMayBeLostAsWell) {
  Fakes fakes;
  fakes.control("PUT", "faults",
                {{"operation", "payment_intents.create"}, {"kind", "lost_answer"}, {"times", 2}});
  const std::string body = "amount=500&currency=usd&metadata[escrow_id]=lost";
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 0);
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 0);
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 200);
  EXPECT_EQ(fakes.control("GET", "books?escrow=lost").body["intents"], 1);
}

TEST(Faults, AFailureThatIsTrueOfTheAnswerOnlyIsRemembered) {
  Fakes fakes;
  fakes.control("PUT", "faults", {{"operation", "payment_intents.create"}, {"kind", "done_500_stored"}});
  const std::string body = "amount=500&currency=usd&metadata[escrow_id]=hidden";
  EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 500);
  const auto retried = fakes.call("POST", "/v1/payment_intents", body, "k");
  EXPECT_EQ(retried.status, 500);
  EXPECT_NE(retried.headers.find("idempotent-replayed"), nullptr);
  EXPECT_EQ(fakes.control("GET", "books?escrow=hidden").body["intents"], 1);
}

TEST(Faults, WhatIsAnsweredLateHasHappenedBefore) {
  Fakes fakes;
  fakes.control("PUT", "faults", {{"operation", "payment_intents.create"}, {"kind", "late_ms:400"}});
  const std::string body = "amount=500&currency=usd&metadata[escrow_id]=late";
  net::Connection watcher(*net::parse_url(fakes.url()));
  std::thread caller([&] { EXPECT_EQ(fakes.call("POST", "/v1/payment_intents", body, "k").status, 200); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto books =
      watcher.exchange({"GET", "/control/books?escrow=late", {}, ""}, std::chrono::milliseconds(1'000));
  caller.join();
  ASSERT_TRUE(books);
  EXPECT_EQ(Json::parse(books->body)["intents"], 1);
}

TEST(Faults, ADeclineIsRememberedByItsKey) {
  Fakes fakes;
  const std::string id = fakes.call("POST", "/v1/payment_intents", "amount=500&currency=usd").body["id"];
  const std::string confirm = "/v1/payment_intents/" + id + "/confirm";
  fakes.control("PUT", "faults", {{"operation", "payment_intents.confirm"}, {"kind", "decline"}});
  EXPECT_EQ(fakes.call("POST", confirm, "payment_method=pm_card_visa", "k").status, 402);
  EXPECT_EQ(fakes.call("POST", confirm, "payment_method=pm_card_visa", "k").status, 402);
  EXPECT_EQ(fakes.call("POST", confirm, "payment_method=pm_card_visa", "other").status, 200);
}

TEST(Server, ManyClientsAtOnceKeepTheBooksStraight) {
  Fakes fakes;
  const Listener listener;
  listen_with(fakes, listener, {{"duplicate", 30}, {"reorder", 30}});
  const std::string worker = fakes.account();
  const std::string pool = fakes.fund("pool", 100'000);
  std::atomic<int> paid{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      net::Connection connection(*net::parse_url(fakes.url()));
      for (int i = 0; i < 25; ++i) {
        net::Request request{"POST",
                             "/v1/transfers",
                             {},
                             "amount=10&currency=usd&metadata[escrow_id]=pool&destination=" + worker};
        request.headers.add("authorization", "Bearer sk_test_hustle");
        request.headers.add("idempotency-key", "k" + std::to_string((c * 25 + i) / 2));  // each key twice
        const auto answer = connection.exchange(request, 10s);
        if (answer && answer->status == 200) ++paid;
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(paid, 200);
  const auto books = fakes.control("GET", "books?escrow=pool").body;
  EXPECT_EQ(books["transfers"], 100);
  EXPECT_EQ(books["transferred"], 1'000);
  EXPECT_EQ(fakes.control("GET", "books").body["balanced"], true);
}

}  // namespace
