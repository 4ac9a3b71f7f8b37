// Taking a request apart (protocols.md §1); what a real client sees of it is in tests/clients/trpc.
#include "reference_server/trpc.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reference_server/validate.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

using server::take_apart;

net::Request get(const std::string& target) {
  return {.method = "GET", .target = target, .headers = {}, .body = {}};
}
net::Request post(const std::string& target, const std::string& body) {
  net::Request request{.method = "POST", .target = target, .headers = {}, .body = body};
  request.headers.add("Content-Type", "application/json; charset=utf-8");
  return request;
}

TEST(Trpc, BatchSharesInputsByIndex) {
  const auto calls = take_apart(post("/trpc/task.accept,v1.task.cancel,task.complete?batch=1",
                                     R"({"0":{"task_id":"a"},"2":{"task_id":"c"}})"));
  ASSERT_FALSE(calls.immediate);
  ASSERT_EQ(calls.calls.size(), 3U);
  EXPECT_EQ(calls.calls[0].input, R"({"task_id":"a"})");
  EXPECT_EQ(calls.calls[1].input, std::nullopt);
  EXPECT_EQ(calls.calls[1].procedure->name, "task.cancel");
  EXPECT_EQ(calls.calls[2].input, R"({"task_id":"c"})");
}

TEST(Trpc, BatchStatusIs207OnlyWhenTheyDiffer) {
  const auto calls = take_apart(get("/trpc/user.getXP,user.getXP?batch=1"));
  const auto good = server::success("1");
  const auto bad = server::failure(server::refuse(model::Code::hx501), "user.getXP");
  EXPECT_EQ(server::put_together(calls, {good, good}).status, 200);
  EXPECT_EQ(server::put_together(calls, {bad, bad}).status, 401);
  EXPECT_EQ(server::put_together(calls, {good, bad}).status, 207);
  EXPECT_EQ(server::put_together(calls, {good, good}).body,
            R"([{"result":{"data":1}},{"result":{"data":1}}])");
}

TEST(Trpc, DepthBombIsRefusedPerCall) {
  const std::string bomb = "{\"0\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const auto batch = take_apart(post("/trpc/task.accept?batch=1", bomb));
  ASSERT_TRUE(batch.calls.at(0).malformed);
  const auto single = take_apart(post("/trpc/task.accept", std::string(100'000, '[')));
  const auto& procedure = *single.calls.at(0).procedure;
  EXPECT_FALSE(server::validated_input(procedure, single.calls.at(0).input, {0}));
}

TEST(Trpc, HostileBytesComeBackAsJson) {
  const auto calls = take_apart(get("/trpc/%FF%FE%00?input=%7B"));
  ASSERT_EQ(calls.calls.size(), 1U);
  const auto answer = server::failure(*calls.calls[0].unroutable, calls.calls[0].path);
  EXPECT_FALSE(nlohmann::json::parse(answer.body, nullptr, false).is_discarded()) << answer.body;
  EXPECT_EQ(answer.status, 404);
}

// docs/decisions.md: outside the contract, so without its credential.
TEST(Trpc, PingNeedsNoCredentialAndOnlyGet) {
  const Reply ping = shared_stage().send(get("/trpc/health.ping"));
  EXPECT_EQ(ping.status, 200);
  EXPECT_EQ(ping.data()["status"], "ok");
  EXPECT_EQ(shared_stage().send(post("/trpc/health.ping", "{}")).status, 405);
  const Reply mixed = shared_stage().send(get("/trpc/health.ping,user.getXP?batch=1"));
  EXPECT_EQ(mixed.status, 207) << "the other call still needs one";
}

TEST(Validate, EveryFaultOfTheContractIsRefused) {
  for (const model::Procedure& procedure : model::all_procedures()) {
    EXPECT_FALSE(server::validated_input(procedure, "[]", {0})) << procedure.name;
    EXPECT_FALSE(server::validated_input(procedure, "null", {0})) << procedure.name;
    EXPECT_FALSE(server::validated_input(procedure, R"({"surprise":1})", {0})) << procedure.name;
    EXPECT_FALSE(server::validated_input(procedure, "{", {0})) << procedure.name;
    if (!procedure.input_optional) {
      EXPECT_FALSE(server::validated_input(procedure, std::nullopt, {0})) << procedure.name;
    }
  }
}

TEST(Validate, InstantsNeedDateTimeAndZone) {
  EXPECT_EQ(server::parse_instant("1970-01-01T00:00:00Z")->ms, 0);
  EXPECT_EQ(server::parse_instant("2023-11-14T23:13:20.5+01:00")->ms, 1'700'000'000'500);
  EXPECT_EQ(server::parse_instant("1969-12-31T23:59:59.999Z")->ms, -1);
  EXPECT_TRUE(server::parse_instant("2024-02-29T00:00:00Z"));
  for (const char* bad :
       {"", "2023-02-29T00:00:00Z", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T24:00:00Z",
        "2023-11-14T22:13:60Z", "2023-13-01T00:00:00Z", "2023-11-14T22:13:20ZZ", "tomorrow",
        "2023-11-14 22:13:20Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+99:00"}) {
    EXPECT_FALSE(server::parse_instant(bad)) << bad;
  }
}

}  // namespace
}  // namespace server_tests
