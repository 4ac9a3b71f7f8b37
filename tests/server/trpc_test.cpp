// Taking a request apart (protocols.md §1); what a real client sees of it is in tests/clients/trpc.
#include "reference_server/trpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

net::Request streamed(net::Request request, const std::string& name = "Trpc-Accept",
                      const std::string& value = "application/jsonl") {
  request.headers.add(name, value);
  return request;
}

// protocols.md §1.6: always 200, one entry per call as a finished value, and a newline at the end.
TEST(Trpc, StreamedBatchIsLinesThatEnd) {
  const auto calls = take_apart(streamed(get("/trpc/user.getXP,user.getXP?batch=1")));
  ASSERT_FALSE(calls.immediate);
  const auto good = server::success("1");
  const auto bad = server::failure(server::refuse(model::Code::hx501), "user.getXP");
  const auto mixed = server::put_together(calls, {good, bad});
  EXPECT_EQ(mixed.status, 200);
  EXPECT_EQ(mixed.body, R"({"0":[[{"result":{"data":1}}]],"1":[[)" + bad.body + "]]}\n");
  EXPECT_EQ(*mixed.headers.find("content-type"), "application/json");
  EXPECT_EQ(server::put_together(calls, {bad, bad}).status, 200);
}

// protocols.md §1.1, §1.5: which header asks for a stream, and a single call that does.
TEST(Trpc, OnlyBatchesAreStreamed) {
  const auto is_stream = [](const char* name, const char* value) {
    return take_apart(streamed(get("/trpc/user.getXP?batch=1"), name, value)).stream;
  };
  EXPECT_TRUE(is_stream("accept", "text/html , application/jsonl"));
  EXPECT_FALSE(is_stream("accept", "application/jsonlines, */*"));
  EXPECT_FALSE(is_stream("trpc-accept", "application/json"));
  const auto single = take_apart(streamed(get("/trpc/user.getXP?batch=2")));
  ASSERT_TRUE(single.immediate);
  EXPECT_EQ(single.immediate->status, 400);
  EXPECT_THAT(single.immediate->body,
              testing::HasSubstr("Streaming requests must be batched (you can do a batch of 1)"));
}

// safety-and-abuse.md §4: the limits count each call of a streamed batch, as of any other.
TEST(Trpc, StreamedBatchTellsItsLimits) {
  const auto calls = take_apart(streamed(get("/trpc/user.getXP,user.getXP?batch=1")));
  auto counted = server::success("1");
  counted.allowance = {.counted = true, .allowed = true, .limit = 20, .remaining = 3, .wait_ms = 1500};
  const auto answer = server::put_together(calls, {server::success("1"), counted});
  EXPECT_EQ(*answer.headers.find("x-ratelimit-remaining"), "3");
}

// What each call of 25 without a credential is told, from an address of its own: "HX501" or "RATE_LIMITED".
std::vector<std::string> told(Stage& stage, const std::string& address, bool stream) {
  std::string target = "/trpc/user.getXP";
  for (int i = 1; i < 25; ++i) target += ",user.getXP";
  auto request = get(target + "?batch=1");
  request.headers.add("x-forwarded-for", address);
  const Reply reply = stage.send(stream ? streamed(request) : request);
  EXPECT_TRUE(stream ? reply.status == 200 : reply.status == 207 || reply.status == 429);
  EXPECT_NE(reply.headers.find("retry-after"), nullptr);
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < reply.body.size(); ++i) {
    const Json& entry = stream ? reply.body[std::to_string(i)][0][0] : reply.body[i];
    codes.push_back(entry["error"]["data"]["hx"]);
  }
  std::ranges::sort(codes);
  return codes;
}

// safety-and-abuse.md §4: 20 a minute for an address, and nobody passes more by asking for a stream.
TEST(Trpc, StreamedBatchesAreLimitedAsPlainOnes) {
  Stage stage(true, {"--rate-limits", "on", "--trusted-proxies", "1"});
  const auto plain = told(stage, "203.0.113.1", false);
  EXPECT_EQ(std::ranges::count(plain, "RATE_LIMITED"), 5);
  EXPECT_EQ(told(stage, "203.0.113.2", true), plain);
  EXPECT_EQ(std::ranges::count(told(stage, "203.0.113.1", true), "RATE_LIMITED"), 25);
}

// protocols.md §1.5: with the override a query is reached by POST too, a mutation still by POST alone.
TEST(Trpc, QueriesByPostNeedTheOverride) {
  const auto refused = take_apart(post("/trpc/user.getXP", "{}"));
  EXPECT_TRUE(refused.calls.at(0).unroutable);
  EXPECT_EQ(refused.allow, "GET");
  constexpr auto kBoth = server::QueryMethods::get_and_post;
  const auto taken = take_apart(post("/trpc/user.getXP", R"({"limit":1})"), kBoth);
  EXPECT_FALSE(taken.calls.at(0).unroutable);
  EXPECT_EQ(taken.calls.at(0).input, R"({"limit":1})");
  EXPECT_TRUE(take_apart(get("/trpc/task.accept"), kBoth).calls.at(0).unroutable);
  auto put = post("/trpc/user.getXP", "");
  put.method = "PUT";
  EXPECT_EQ(take_apart(put, kBoth).allow, "GET, POST");
}

TEST(Trpc, MediaTypeIsComparedAsOne) {
  const auto status = [](const char* type) {
    net::Request request{.method = "POST", .target = "/trpc/task.accept", .headers = {}, .body = "{}"};
    request.headers.add("content-type", type);
    const auto calls = take_apart(request);
    return calls.immediate ? calls.immediate->status : 0;
  };
  EXPECT_EQ(status("Application/JSON ; charset=utf-8"), 0);
  EXPECT_EQ(status("application/json-seq"), 415);
  EXPECT_EQ(status(""), 415);
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

// protocols.md §1.3: beside our own `field`, what form libraries look for.
TEST(Trpc, RefusedInputsTellTheirMemberTwice) {
  const auto data_of = [](const server::Refusal& refusal) {
    return nlohmann::json::parse(server::failure(refusal, "p").body)["error"]["data"];
  };
  const auto data = data_of(server::refuse(model::Code::validation_error, "files.size_bytes", "Too large."));
  EXPECT_EQ(data["field"], "files.size_bytes");
  EXPECT_EQ(data["zodError"].dump(), R"({"fieldErrors":{"files":["Too large."]},"formErrors":[]})");
  EXPECT_FALSE(data_of(server::refuse(model::Code::hx001)).contains("zodError"));
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
