// Pages of a feed that others change while it is read (eligibility.md §9).
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "loadgen/feed_reader.h"

namespace loadgen {
namespace {

using nlohmann::json;

json page_of(std::vector<std::string> ids, const std::string& next) {
  json tasks = json::array();
  for (const std::string& id : ids) tasks.push_back({{"id", id}, {"created_at", "2026-11-20T00:00:00.000Z"}});
  return {{"tasks", tasks}, {"pagination", {{"has_more", !next.empty()}, {"next_cursor", next}}}};
}

// The pages behind cursors a, b, …; each list holds the answers of that cursor one after another, the last
// one stays.
FeedReading read(std::map<std::string, std::vector<json>> pages) {
  return read_feed({.action = model::Action::feed_get, .page = 1}, page_of({"9"}, "a"), {"9", "8"},
                   [&](const std::string& cursor, int) -> std::optional<json> {
                     std::vector<json>& answers = pages.at(cursor);
                     json answer = answers.front();
                     if (answers.size() > 1) answers.erase(answers.begin());
                     return answer;
                   });
}

TEST(FeedReader, APromiseThatOthersMadeEmptyIsNoBreach) {
  const auto reading = read({{"a", {page_of({"8"}, "b"), page_of({"8"}, "")}}, {"b", {page_of({}, "")}}});
  EXPECT_TRUE(reading.breaches.empty()) << reading.breaches.front();
  EXPECT_EQ(reading.slots, 3);
}

TEST(FeedReader, APromiseThatIsEmptyTwiceIsABreach) {
  const auto reading = read({{"a", {page_of({"8"}, "b")}}, {"b", {page_of({}, "")}}});
  EXPECT_EQ(reading.breaches, std::vector<std::string>{"pagination: has_more before an empty page"});
}

TEST(FeedReader, AnEmptyPageHasNoMore) {
  const auto reading = read({{"a", {page_of({}, "b")}}, {"b", {page_of({}, "")}}});
  ASSERT_FALSE(reading.breaches.empty());
  EXPECT_EQ(reading.breaches.front(), "pagination: an empty page says has_more");
}

}  // namespace
}  // namespace loadgen
