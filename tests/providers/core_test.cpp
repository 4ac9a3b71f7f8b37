// The honest core without sockets: parameters, keys, books, plans of delivery.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "sim/providers/books.h"
#include "sim/providers/hostile.h"
#include "sim/providers/idempotency.h"
#include "sim/providers/params.h"
#include "sim/providers/stripe.h"

namespace {

using namespace sim::providers;
using model::EventFlavour;

TEST(Params, DecodeBracketPaths) {
  const auto params = Params::parse(
      "amount=5&metadata[a[b]]=1&metadata%5Bplain%5D=2&expand[]=x&expand[]=y&transfer_data[destination]=acct_"
      "1&null=");
  ASSERT_TRUE(params) << params.error();
  EXPECT_EQ(params->text("amount"), "5");
  EXPECT_EQ(params->metadata(), (Metadata{{"a[b]", "1"}, {"plain", "2"}}));
  EXPECT_EQ(params->list("expand"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(params->text("transfer_data[destination]"), "acct_1");
  EXPECT_EQ(params->find("null"), nullptr);
  EXPECT_EQ(params->top_level(),
            (std::vector<std::string>{"amount", "expand", "metadata", "null", "transfer_data"}));
  for (const char* bad : {"a[b=1", "[a]=1", "a[b]c=1", "a%=1", "=1"}) EXPECT_FALSE(Params::parse(bad)) << bad;
}

TEST(Params, TheFingerprintIgnoresOrderAndNothingElse) {
  const auto print = [](const char* text) { return Params::parse(text)->fingerprint(); };
  EXPECT_EQ(print("a=1&b=2"), print("b=2&a=1"));
  EXPECT_EQ(print("a[]=1"), print("a[0]=1"));
  EXPECT_NE(print("a=1&b=2"), print("a=2&b=1"));
  EXPECT_NE(print("a=1b"), print("a=1&b="));
}

TEST(Idempotency, ReplaysRefusesAndForgets) {
  IdempotencyKeys keys;
  const KeyedRequest request{"k", "k", "/v1/transfers", "f"};
  EXPECT_TRUE(std::holds_alternative<MayRun>(keys.begin(request)));
  EXPECT_EQ(std::get<StripeError>(keys.begin(request)).code, "idempotency_key_in_use");
  keys.finish("k", {402, "body", "req_1"});
  const Admission replay = keys.begin(request);
  EXPECT_EQ(std::get<StoredAnswer>(replay).status, 402);
  EXPECT_EQ(std::get<StoredAnswer>(replay).body, "body");
  const Admission other = keys.begin({"k", "k", "/v1/transfers", "g"});
  EXPECT_EQ(
      std::get<StripeError>(other).message,
      "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
      "using a key other than 'k' if you meant to execute a different request.");
  keys.forget("k");
  EXPECT_TRUE(std::holds_alternative<MayRun>(keys.begin(request)));
}

TEST(Books, EveryMovementHasTwoSides) {
  Books books;
  books.open_intent("e1");
  books.capture("e1", "usd", 5'000);
  books.transfer("e1", "usd", 2'550);
  books.refund("e1", "usd", 2'000);
  books.capture("", "eur", 70);  // money without an escrow counts for the accounts only
  EXPECT_EQ(books.of("e1"), (EscrowBooks{5'000, 2'550, 2'000, 1, 1, 1}));
  EXPECT_EQ(books.balance(LedgerAccount::platform_held, "usd"), 450);  // the fee of money.md §3, split 60 %
  EXPECT_EQ(books.balance(LedgerAccount::customers, "usd"), -3'000);
  EXPECT_EQ(books.balance(LedgerAccount::connected, "usd"), 2'550);
  EXPECT_EQ(books.balance(LedgerAccount::platform_held, "eur"), 70);
  EXPECT_EQ(books.escrows(), std::vector<std::string>{"e1"});
  EXPECT_EQ(books.of("nobody"), EscrowBooks{});
  EXPECT_TRUE(books.balanced());
}

std::string new_intent(Stripe& stripe, const char* escrow) {
  const auto params = Params::parse(std::string("amount=900&currency=usd&metadata[escrow_id]=") + escrow);
  const Answer answer = stripe.execute({Operation::payment_intents_create, ""}, *params, {"req_1", "key-1"});
  return nlohmann::json::parse(*answer)["id"];
}

TEST(Stripe, IdsFollowFromTheSeed) {
  Stripe one(5);
  Stripe two(5);
  Stripe three(6);
  const std::string id = new_intent(one, "e");
  EXPECT_EQ(id, new_intent(two, "e"));
  EXPECT_NE(id, new_intent(three, "e"));
  EXPECT_NE(id, new_intent(one, "e"));
}

TEST(Stripe, ASnapshotNeverChanges) {
  Stripe stripe(1);
  const std::string id = new_intent(stripe, "e");
  const Event& created = *stripe.events().by_intent(id).at(0);
  const std::string before = envelope_body(created);
  const Answer paid = stripe.execute({Operation::payment_intents_confirm, id},
                                     *Params::parse("payment_method=pm_card_visa"), {});
  ASSERT_TRUE(paid);
  EXPECT_EQ(envelope_body(created), before);
  const auto body = nlohmann::json::parse(before);
  EXPECT_EQ(body["data"]["object"]["status"], "requires_payment_method");
  EXPECT_EQ(body["request"]["idempotency_key"], "key-1");
}

TEST(Stripe, AnInvalidExpansionChangesNothing) {
  Stripe stripe(1);
  const auto params = Params::parse("amount=900&currency=usd&expand[0]=nonsense");
  const Answer answer = stripe.execute({Operation::payment_intents_create, ""}, *params, {});
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().stored);
  EXPECT_TRUE(stripe.events().all().empty());
}

TEST(Stripe, ASourceTransactionPaysNoMoreThanItBrought) {
  Stripe stripe(1);
  const std::string worker = stripe.ready_account();
  std::string charge;
  for (const char* escrow : {"e1", "e2"}) {
    const std::string id = new_intent(stripe, escrow);
    const Answer paid = stripe.execute({Operation::payment_intents_confirm, id},
                                       *Params::parse("payment_method=pm_card_visa"), {});
    charge = nlohmann::json::parse(*paid)["latest_charge"];
  }
  const auto pay = [&](int amount) {
    return stripe.execute({Operation::transfers_create, ""},
                          *Params::parse("currency=usd&destination=" + worker + "&source_transaction=" +
                                         charge + "&amount=" + std::to_string(amount)),
                          {});
  };
  EXPECT_TRUE(pay(800));
  ASSERT_FALSE(pay(101));
  EXPECT_EQ(pay(101).error().code, "amount_too_large");
  EXPECT_TRUE(pay(100));
  EXPECT_TRUE(stripe.books().balanced());
}

TEST(Hostile, PlansFollowFromSeedAndEvent) {
  HostileOptions options;
  EXPECT_EQ(plan_deliveries(options, 1, 1).size(), 1U);
  options = {.duplicate = 50,
             .parallel_duplicate = 50,
             .reorder = 50,
             .drop_then_retry = 50,
             .late = 20,
             .wrong_amount = 50,
             .forged = 50,
             .stale = 50,
             .delay_ms = 30};
  std::set<std::size_t> sizes;
  int parallel = 0;
  int dropped = 0;
  for (std::uint64_t event = 0; event < 200; ++event) {
    const auto plan = plan_deliveries(options, 9, event);
    const auto again = plan_deliveries(options, 9, event);
    ASSERT_EQ(plan.size(), again.size());
    for (std::size_t i = 0; i < plan.size(); ++i) EXPECT_EQ(plan[i].after, again[i].after);
    sizes.insert(plan.size());
    parallel += plan[0].parallel == 2 ? 1 : 0;
    dropped += plan[0].dropped ? 1 : 0;
    EXPECT_EQ(plan[0].flavour, EventFlavour::genuine);
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3, 4, 5}));
  EXPECT_GT(parallel, 60);
  EXPECT_LT(parallel, 140);
  EXPECT_GT(dropped, 60);
  EXPECT_LT(dropped, 140);
}

TEST(Hostile, ASpoiledEventIsFoundByItsIdOnly) {
  Stripe stripe(1);
  const std::string id = new_intent(stripe, "e");
  const Event original = *stripe.events().by_intent(id).at(0);
  for (const EventFlavour flavour :
       {EventFlavour::wrong_amount, EventFlavour::wrong_currency, EventFlavour::foreign_intent}) {
    const Event& spoiled =
        stripe.events().append(spoiled_event(original, flavour, stripe.ids()), stripe.ids());
    EXPECT_EQ(spoiled.type, original.type);
    EXPECT_NE(spoiled.id, original.id);
    EXPECT_NE(spoiled.object, original.object);
    EXPECT_EQ(stripe.events().find(spoiled.id), &spoiled);
    EXPECT_NE(spoiled.object.find("\"escrow_id\": \"e\""), std::string::npos);
  }
  EXPECT_EQ(stripe.events().by_intent(id).size(), 1U);
  EXPECT_EQ(stripe.events().by_escrow("e").size(), 1U);
}

TEST(Hostile, SealSignsOrNot) {
  const std::string body = R"({"livemode": false})";
  const std::string good = sign_envelope("secret", 1'000, body);
  EXPECT_EQ(seal(body, EventFlavour::genuine, "secret", 1'000).signature, good);
  EXPECT_EQ(seal(body, EventFlavour::wrong_amount, "secret", 1'000).signature, good);
  EXPECT_NE(seal(body, EventFlavour::forged_signature, "secret", 1'000).signature, good);
  EXPECT_EQ(seal(body, EventFlavour::no_signature, "secret", 1'000).signature, std::nullopt);
  EXPECT_EQ(seal(body, EventFlavour::stale, "secret", 1'000).signature, sign_envelope("secret", 600, body));
  EXPECT_EQ(seal(body, EventFlavour::future, "secret", 1'000).signature,
            sign_envelope("secret", 1'400, body));
  const Envelope tampered = seal(body, EventFlavour::tampered_body, "secret", 1'000);
  EXPECT_EQ(tampered.signature, good);
  EXPECT_EQ(tampered.body, R"({"livemode": true})");
}

}  // namespace
