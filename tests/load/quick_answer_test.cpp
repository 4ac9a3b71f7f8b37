// The quick reader says the same as the thorough one.
#include "loadgen/load/quick_answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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
      {Action::eligibility_get_profile, 200,
       R"({"result":{"data":{"user_id":"u","trust_tier":2,"risk_clearance":["low","medium"],"location_state":"WA",)"
       R"("verified_trades":[{"trade":"plumber","state":"WA"},{"trade":"hvac","state":"OR"},{"trade":"none"}],)"
       R"("insurance_valid":true,"background_check_valid":false}}})"},
      {Action::eligibility_check, 200,
       R"({"result":{"data":{"eligible":false,"checks":[{"name":"open","passed":false},{"name":"profile","passed":true}]}}})"},
      {Action::verification_get_status, 200,
       R"({"result":{"data":{"licenses":[{"status":"verified"},{"status":"pending"}],"insurance":[],)"
       R"("background_check":{"status":"pending"}}}})"},
      {Action::onboarding_get_progress, 200, R"({"result":{"data":{"phase":"TUTORIAL"}}})"},
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
    EXPECT_TRUE(quick.wrong.empty()) << quick.wrong;
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
  EXPECT_EQ(reader.read(Action::task_get_by_id, other, ids, "").wrong, "/id");
}

struct Shown {
  std::string id, at, state = "OPEN";
};

std::string feed_page(const std::vector<Shown>& tasks, const std::string& pagination) {
  std::string list;
  for (const auto& [id, at, state] : tasks)
    list += std::string(list.empty() ? "" : ",") + R"({"id":")" + id + R"(","created_at":")" + at +
            R"(","state":")" + state + R"("})";
  return padded(R"({"result":{"data":{"tasks":[)" + list + R"(],"pagination":)" + pagination + "}}}");
}

const std::string kLast = R"({"has_more":false})", kMore = R"({"has_more":true,"next_cursor":"c"})";

// eligibility.md §8: what one page can tell about one task.
TEST(QuickReader, TellsWhetherAFeedShowsTheTask) {
  QuickReader reader;
  StoryIds ids{.task = kTask, .created_at = "2026-01-02"};
  const auto read = [&](const std::vector<Shown>& tasks, const std::string& pagination) {
    const QuickAnswer answer = reader.read(Action::feed_get, feed_page(tasks, pagination), ids, "");
    EXPECT_EQ(answer.wrong, "");
    return answer.outcome.answer.feed;
  };
  EXPECT_EQ(read({{"x", "2026-01-03"}, {kTask, "2026-01-02"}}, kMore), 1);
  EXPECT_EQ(read({{"x", "2026-01-03"}}, kLast), 0);
  EXPECT_EQ(read({}, kLast), 0);
  EXPECT_EQ(read({{"x", "2026-01-03"}, {"y", "2026-01-01"}}, kMore), 0) << "it would stand between them";
  EXPECT_EQ(read({{"x", "2026-01-03"}}, kMore), -1) << "it may be on the next page";
}

TEST(QuickReader, SeesAFeedThatIsWrongByItself) {
  QuickReader reader;
  StoryIds ids{.task = kTask, .created_at = "2026-01-02"};
  const auto wrong = [&](const std::vector<Shown>& tasks, const std::string& pagination) {
    return reader.read(Action::feed_get, feed_page(tasks, pagination), ids, "").wrong;
  };
  EXPECT_EQ(wrong({{"a", "2026-01-02"}, {"b", "2026-01-03"}}, kLast), "the order of the tasks");
  EXPECT_EQ(wrong({{"a", "2026-01-02"}, {"b", "2026-01-02"}}, kLast), "the order of the tasks");
  EXPECT_EQ(wrong({{"a", "2026-01-02"}, {"a", "2026-01-02"}}, kLast), "the order of the tasks");
  EXPECT_EQ(wrong({{"a", "2026-01-02", "ACCEPTED"}}, kLast), "a task that is not OPEN");
  EXPECT_EQ(wrong({}, kMore), "a promise of more");
  EXPECT_EQ(wrong({{"a", "2026-01-02"}}, R"({"has_more":true})"), "a promise of more");
}

TEST(QuickReader, ACredentialHandedInAgainKeepsItsId) {
  QuickReader reader;
  StoryIds ids;
  const auto submit = [&](const std::string& id) {
    return reader
        .read(Action::verification_submit_license,
              padded(R"({"result":{"data":{"verification_id":")" + id + R"(","status":"pending"}}})"), ids,
              "")
        .wrong;
  };
  EXPECT_EQ(submit(kTask), "");
  EXPECT_EQ(ids.verification, kTask);
  EXPECT_EQ(submit(kEscrow), "/verification_id");
}

TEST(QuickReader, FindsTextByPointer) {
  QuickReader reader;
  const std::string body = padded(R"({"events":[{"id":"evt_1"}]})");
  EXPECT_EQ(reader.text(body, "/events/0/id"), "evt_1");
  EXPECT_EQ(reader.text(body, "/events/1/id"), std::nullopt);
}

}  // namespace
}  // namespace loadgen::load
