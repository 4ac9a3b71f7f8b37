// The quick reader says the same as the thorough one.
#include "loadgen/load/quick_answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "loadgen/decode.h"

namespace loadgen::load {
namespace {

using model::Action;

// Readable for 64 bytes beyond its end, as the generator keeps answers.
std::string padded(std::string text) {
  text.reserve(text.size() + 64);
  return text;
}

const std::string kTask = "11111111-1111-4111-8111-111111111111";
const std::string kEscrow = "22222222-2222-4222-8222-222222222222";

struct Sample {
  Action action;
  int status;
  std::string body;
};

TEST(QuickReader, AgreesWithTheThoroughReader) {
  const std::string done =
      R"({"result":{"data":{"task":{"id":")" + kTask +
      R"(","state":"COMPLETED","completed_at":"2026-01-01T00:00:00.000Z"},"escrow":{"id":")" + kEscrow +
      R"(","state":"RELEASED","amount":1000},"xp_awarded":{"base_xp":10,"streak_multiplier":1.25,"decay_factor":1,"effective_xp":12}}}})";
  const Sample samples[] = {
      {Action::task_complete, 200, done},
      {Action::escrow_get_by_task_id, 200,
       R"({"result":{"data":{"id":")" + kEscrow + R"(","task_id":")" + kTask +
           R"(","state":"FUNDED","amount":1234}}})"},
      {Action::proof_get_by_task_id, 200, R"({"result":{"data":null}})"},
      {Action::user_get_trust_tier, 200, R"({"result":{"data":{"current_tier":2}}})"},
      {Action::task_accept, 400,
       R"({"error":{"message":"x","code":-32600,"data":{"code":"BAD_REQUEST","httpStatus":400,"hx":"HX001"}}})"},
      {Action::task_accept, 502, "<html>bad gateway</html>"},
      {Action::task_accept, 200, "{}"},
  };
  QuickReader reader;
  for (const Sample& sample : samples) {
    StoryIds ids{.task = kTask, .escrow = kEscrow};
    const std::string body = padded(sample.body);
    const QuickAnswer quick = reader.read(sample.action, body, ids, "");
    nlohmann::json data;
    const Decoded thorough = decode({.action = sample.action},
                                    {.status = sample.status, .headers = {}, .body = sample.body}, data);
    EXPECT_EQ(quick.outcome, thorough.outcome) << sample.body;
    EXPECT_TRUE(quick.other_id.empty()) << quick.other_id;
  }
}

TEST(QuickReader, BindsWhatWasCreatedAndSeesAnotherTask) {
  QuickReader reader;
  StoryIds ids;
  const std::string created = padded(R"({"result":{"data":{"id":")" + kTask + R"(","escrow_id":")" + kEscrow +
                                     R"(","state":"OPEN"}}})");
  EXPECT_EQ(reader.read(Action::task_create, created, ids, "").outcome.answer.task, model::TaskState::open);
  EXPECT_EQ(ids.task, kTask);
  EXPECT_EQ(ids.escrow, kEscrow);
  const std::string other = padded(R"({"result":{"data":{"id":")" + kEscrow + R"(","state":"OPEN"}}})");
  EXPECT_EQ(reader.read(Action::task_get_by_id, other, ids, "").other_id, "/id");
}

TEST(QuickReader, FindsTextByPointer) {
  QuickReader reader;
  const std::string body = padded(R"({"events":[{"id":"evt_1"}]})");
  EXPECT_EQ(reader.text(body, "/events/0/id"), "evt_1");
  EXPECT_EQ(reader.text(body, "/events/1/id"), std::nullopt);
}

}  // namespace
}  // namespace loadgen::load
