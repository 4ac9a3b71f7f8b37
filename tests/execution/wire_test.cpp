// Encoding, spoiling, decoding and the wire contract, without a server.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadgen/decode.h"
#include "loadgen/encode.h"
#include "model/vocabulary/codes.h"

namespace loadgen {
namespace {

using model::Action;
using model::Command;
using nlohmann::json;

constexpr model::Instant kNow{1'760'000'000'123};

const std::string kId = "11111111-2222-4333-8444-555555555555";

Bindings one_of_each() {
  return {{kId}, {kId}, {kId}, {kId}, {kId}, {kId}, {"evt_1"}, {"pi_1"}, {}};
}

Command about_task_zero(Action action) {
  return {.action = action,
          .actor = {0},
          .task = {0},
          .escrow = {0},
          .proof = {0},
          .dispute = {0},
          .price = 1000};
}

Decoded decoded(Action action, int status, const std::string& body, int fault = 0) {
  Command command = about_task_zero(action);
  command.input_fault = static_cast<std::uint8_t>(fault);
  json data;
  return decode(command, {.status = status, .headers = {}, .body = body}, data);
}

std::string error_body(const std::string& hx, int number, int status, const std::string& trpc) {
  return json{{"error",
               {{"message", "no"},
                {"code", number},
                {"data", {{"code", trpc}, {"httpStatus", status}, {"path", "task.accept"}, {"hx", hx}}}}}}
      .dump();
}

const std::string kAccepted = json{{"result",
                                    {{"data",
                                      {{"id", kId},
                                       {"state", "ACCEPTED"},
                                       {"worker_id", kId},
                                       {"accepted_at", "2026-01-31T10:00:00.000Z"}}}}}}
                                  .dump();

TEST(Decode, TheSameInstantInAnotherZoneOrPrecisionIsTheSameAnswer) {
  for (const char* told :
       {"2026-01-31T10:00:00.120Z", "2026-01-31T10:00:00.12Z", "2026-01-31T10:00:00.120999Z",
        "2026-01-31T10:00:00.120+00:00", "2026-01-31T02:00:00.120-08:00", "2026-01-31T15:30:00.120+05:30"}) {
    json body = json::parse(kAccepted), data;
    body["result"]["data"]["accepted_at"] = told;
    const Decoded read = decode(about_task_zero(Action::task_accept),
                                {.status = 200, .headers = {}, .body = body.dump()}, data);
    EXPECT_TRUE(read.breaches.empty()) << told;
    EXPECT_EQ(data["accepted_at"], "2026-01-31T10:00:00.120Z") << told;
  }
}

TEST(Decode, AnInstantWithoutAZoneIsABreach) {
  json body = json::parse(kAccepted), data;
  body["result"]["data"]["accepted_at"] = "2026-01-31T10:00:00.120";
  const Decoded read =
      decode(about_task_zero(Action::task_accept), {.status = 200, .headers = {}, .body = body.dump()}, data);
  EXPECT_FALSE(read.breaches.empty());
}

TEST(Encode, EveryProcedureGetsAllItsRequiredFields) {
  for (const model::Procedure& procedure : model::all_procedures()) {
    const json input = input_of(about_task_zero(procedure.action), one_of_each(), kNow, 3);
    for (const model::Field& field : procedure.input) {
      if (field.required) EXPECT_TRUE(input.contains(field.name)) << procedure.name << "." << field.name;
    }
  }
}

// The page that the plan chose, not one that only varies: its reader follows pages by it.
TEST(Encode, AFeedAsksForThePageOfItsCommand) {
  model::Command feed = about_task_zero(model::Action::feed_get);
  EXPECT_FALSE(input_of(feed, one_of_each(), kNow, 3).contains("limit"));
  feed.page = 7;
  EXPECT_EQ(input_of(feed, one_of_each(), kNow, 3)["limit"], 7);
}

TEST(Encode, EveryFaultChangesTheInputAndOnlyItsField) {
  for (const model::Procedure& procedure : model::all_procedures()) {
    const json good = input_of(about_task_zero(procedure.action), one_of_each(), kNow, 3);
    for (const model::InputFault& fault : model::input_faults(procedure.action)) {
      json bad = good;
      spoil(bad, fault);
      EXPECT_NE(bad, good) << procedure.name << " " << model::name(fault.kind);
      if (fault.field == nullptr || !bad.is_object()) continue;
      json rest = good;
      for (json* each : {&bad, &rest}) {
        json& holder = fault.list == nullptr ? *each : (*each)[std::string(fault.list->name)][0];
        holder.erase(std::string(fault.field->name));
      }
      rest.erase("mode");  // see spoil: below_minimum of the price
      bad.erase("mode");
      EXPECT_EQ(bad, rest) << procedure.name << "." << fault.field->name << " " << model::name(fault.kind);
    }
  }
}

// A validation error names one field: nothing else may be bad beside the spoiled one.
TEST(Encode, ASpoiledSubmissionHasAWholesomeFix) {
  Command swapped = about_task_zero(Action::task_submit_proof);
  std::swap(swapped.fix.latitude, swapped.fix.longitude);
  EXPECT_LT(input_of(swapped, one_of_each(), kNow, 3).at("gps_lat").get<double>(), -90);
  for (std::size_t fault = 1; fault <= model::input_faults(swapped.action).size(); ++fault) {
    swapped.input_fault = static_cast<std::uint8_t>(fault);
    const json input = input_of(swapped, one_of_each(), kNow, 3);
    const model::Field* const spoiled = model::input_faults(swapped.action)[fault - 1].field;
    if (spoiled == nullptr || spoiled->name == "gps_lat") continue;
    EXPECT_GT(input.at("gps_lat").get<double>(), 47) << spoiled->name;
  }
}

TEST(Encode, QueriesAreGetsAndMutationsPosts) {
  const net::Request query =
      request_of(about_task_zero(Action::task_get_by_id), one_of_each(), "T", kNow, true, 0, "/b");
  EXPECT_EQ(query.method, "GET");
  EXPECT_TRUE(query.target.starts_with("/b/trpc/task.getById?input=%7B%22task_id%22")) << query.target;
  EXPECT_EQ(*query.headers.find("Authorization"), "Bearer T");
  EXPECT_EQ(*query.headers.find("x-hustle-now"), "1760000000123");
  const net::Request mutation =
      request_of(about_task_zero(Action::task_accept), one_of_each(), "", kNow, false, 0, "");
  EXPECT_EQ(mutation.method, "POST");
  EXPECT_EQ(mutation.body, R"({"task_id":")" + kId + R"("})");
  EXPECT_EQ(mutation.headers.find("authorization"), nullptr);
  EXPECT_EQ(mutation.headers.find("x-hustle-now"), nullptr);
}

TEST(Encode, InstantsAreIso) {
  EXPECT_EQ(iso_text(kNow), "2025-10-09T08:53:20.123Z");
  EXPECT_EQ(iso_text({-1}), "1969-12-31T23:59:59.999Z");
}

TEST(Decode, AnswersAndRefusalsBecomeOutcomes) {
  const Decoded good = decoded(Action::task_accept, 200, kAccepted);
  EXPECT_EQ(good.outcome, model::Outcome::accepted({.task = model::TaskState::accepted}));
  EXPECT_TRUE(good.breaches.empty());
  for (const model::CodeFacts& facts : model::all_codes()) {
    if (facts.code == model::Code::none || facts.http >= 500 || model::code_of(facts.hx) != facts.code)
      continue;
    const Decoded refused =
        decoded(Action::task_accept, facts.http,
                error_body(std::string(facts.hx), facts.number, facts.http, std::string(facts.trpc)));
    EXPECT_EQ(refused.outcome, model::Outcome::refused(facts.code)) << facts.hx;
    EXPECT_TRUE(refused.breaches.empty()) << facts.hx << ": " << refused.breaches.front();
  }
}

TEST(Decode, BreachesOfTheContractAreNamed) {
  struct Case {
    int status;
    std::string body, breach;
  };
  const std::vector<Case> cases{
      {200, "<html>Bad gateway</html>", "neither a result nor an error"},
      {200, error_body("CONFLICT", -32009, 409, "CONFLICT"), "travelled with HTTP 200"},
      {409, kAccepted, "a result travelled with HTTP 409"},
      {409, error_body("HX999", -32009, 409, "CONFLICT"), "not a known code"},
      {409, error_body("HX001", -32000, 409, "CONFLICT"), "error.code -32000"},
      {409, error_body("HX001", -32009, 400, "CONFLICT"), "httpStatus differs"},
      {409, error_body("HX001", -32009, 409, "BAD_REQUEST"), "error.data.code BAD_REQUEST"},
      {409,
       R"({"error":{"message":"x","code":"HX001","data":{"hx":"HX001","httpStatus":409,"code":"CONFLICT"}}})",
       "error.code is not a number"},
      {500, error_body("INTERNAL_ERROR", -32603, 500, "INTERNAL_SERVER_ERROR"), "HTTP 500"},
      {409,
       R"({"error":{"message":"duplicate key value violates","code":-32009,"data":{"code":"CONFLICT","httpStatus":409,"hx":"CONFLICT"}}})",
       "leaks internal text: duplicate key value"},
      {200, R"({"result":{"data":{"id":"x","state":"ACCEPTED"}}})", "id: expected a UUID"},
      {200, R"({"result":{"data":null}})", "expected an object"},
  };
  for (const Case& each : cases) {
    const Decoded wrong = decoded(Action::task_accept, each.status, each.body);
    ASSERT_FALSE(wrong.breaches.empty()) << each.body;
    bool named = false;
    for (const std::string& breach : wrong.breaches) named |= breach.find(each.breach) != std::string::npos;
    EXPECT_TRUE(named) << each.breach << " is not in: " << wrong.breaches.front();
  }
}

TEST(Decode, ServerErrorsAndNonsenseAreUnknownOutcomes) {
  using enum model::Outcome::Kind;
  EXPECT_EQ(decoded(Action::task_accept, 200, "").outcome.kind, unknown);
  EXPECT_EQ(
      decoded(Action::task_accept, 500, error_body("INTERNAL_ERROR", -32603, 500, "INTERNAL_SERVER_ERROR"))
          .outcome.kind,
      unknown);
}

TEST(Decode, AValidationErrorMustNameTheSpoiledField) {
  const auto body = [](const char* field) {
    return json{
        {"error",
         {{"message", "no"},
          {"code", -32600},
          {"data",
           {{"code", "BAD_REQUEST"}, {"httpStatus", 400}, {"hx", "VALIDATION_ERROR"}, {"field", field}}}}}}
        .dump();
  };
  EXPECT_TRUE(decoded(Action::task_accept, 400, body("task_id"), 1).breaches.empty());
  EXPECT_FALSE(decoded(Action::task_accept, 400, body("price"), 1).breaches.empty());
}

TEST(Decode, WebhooksArePlainHttp) {
  const Command command{.action = Action::webhook_deliver};
  EXPECT_EQ(decode_plain(command, {.status = 200, .headers = {}, .body = "{}"}).outcome,
            model::Outcome::accepted());
  EXPECT_EQ(decode_plain(command, {.status = 400, .headers = {}, .body = ""}).outcome,
            model::Outcome::refused(model::Code::bad_signature));
  EXPECT_EQ(decode_plain(command, {.status = 503, .headers = {}, .body = ""}).breaches.size(), 1u);
  EXPECT_EQ(decode_plain(command, {.status = 404, .headers = {}, .body = ""}).breaches.size(), 1u);
}

}  // namespace
}  // namespace loadgen
