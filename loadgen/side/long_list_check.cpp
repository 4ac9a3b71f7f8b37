// Lists that are longer than a page, and than many pages: as many tasks as the beta may hold and some more
// (decision 14) are planted as rows. Every page of task.list and of the feed tells the same of them.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kTasks = 1607;  // decision 14: 1500
constexpr int kPage = 100;
constexpr int kCheapest = 500;

struct Page {
  std::vector<std::string> titles;
  std::string total, more;
};

class LongLists {
 public:
  explicit LongLists(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    plant();
    const json mine{{"poster_id", people_.posters[0].id}};
    every_page(mine);
    edges({{"category", "clockwork"}}, kTasks);
    edges({{"poster_id", people_.posters[0].id}, {"state", {"OPEN", "ACCEPTED"}}}, kTasks);
    edges({{"poster_id", people_.posters[0].id}, {"min_price", kCheapest + 1}}, kTasks - 1);
    edges({{"poster_id", people_.posters[0].id}, {"max_price", kCheapest + kTasks - 2}}, kTasks - 1);
    for (const char* field : {"created_at", "price", "deadline"}) {
      for (const char* direction : {"asc", "desc"}) sorted(mine, field, direction);
    }
    feed();
    clear();
  }

 private:
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety wire", "lists", "api.md §1.1", what, expected, observed);
  }

  // Task n is the nth in every order; no guard, because so many calls take long.
  void plant() {
    client_.sql(fmt::format(
        "SET session_replication_role = replica;"
        " WITH made AS (INSERT INTO tasks (poster_id, title, description, category, price, created_at,"
        "   deadline, location_state, urgency) SELECT '{0}', 'Clock ' || n, 'Wind it.', 'clockwork', {1} + n,"
        "   timestamptz '{2}' + n * interval '1 millisecond',"
        "   timestamptz '{2}' + interval '2 days' + n * interval '1 second', 'WA', 'standard'"
        "   FROM generate_series(0, {3} - 1) n RETURNING id, price)"
        " INSERT INTO escrows (task_id, amount, state, funded_at, created_at)"
        "   SELECT id, price, 'FUNDED', '{2}', '{2}' FROM made;"
        " SET session_replication_role = DEFAULT",
        people_.posters[0].id, kCheapest, iso_text(client_.now + -model::kHour), kTasks));
  }
  // Nobody's feed is full of them afterwards.
  void clear() {
    client_.sql(
        fmt::format("SET session_replication_role = replica;"
                    " UPDATE tasks SET state = 'CANCELLED', cancelled_at = '{}' WHERE poster_id = '{}';"
                    " SET session_replication_role = DEFAULT",
                    iso_text(client_.now), people_.posters[0].id));
  }

  Page page(const json& input) {
    const Reply reply = must(client_.call("task.list", input.dump(), people_.workers[0].token), "task.list");
    Page read{
        .titles = {}, .total = reply.text("/result/data/total"), .more = reply.text("/result/data/has_more")};
    for (const json& task : json::parse(reply.body)["result"]["data"]["tasks"])
      read.titles.push_back(task.value("title", ""));
    return read;
  }
  static std::string told_of(std::size_t tasks, const std::string& total, const std::string& more) {
    return fmt::format("{} tasks of {}, more: {}", tasks, total, more);
  }

  // What a page of `limit` behind `offset` says of `total` tasks.
  Page expect_page(const json& filter, int limit, int offset, int total) {
    Page read = page({{"filter", filter}, {"pagination", {{"limit", limit}, {"offset", offset}}}});
    const int due = std::clamp(total - offset, 0, limit);
    expect(fmt::format("task.list of {}, {} behind {}", filter.dump(), limit, offset),
           told_of(static_cast<std::size_t>(due), std::to_string(total),
                   offset + limit < total ? "true" : "false"),
           told_of(read.titles.size(), read.total, read.more));
    return read;
  }

  void edges(const json& filter, int total) {
    for (const int offset : {0, 900, 1000, total - kPage - 1, total - kPage, total - 1, total, 1'000'000})
      expect_page(filter, kPage, offset, total);
  }

  void every_page(const json& filter) {
    std::set<std::string> seen;
    for (int offset = 0; offset < kTasks; offset += kPage) {
      const Page read = expect_page(filter, kPage, offset, kTasks);
      seen.insert(read.titles.begin(), read.titles.end());
    }
    expect("different tasks on all pages of task.list", std::to_string(kTasks), std::to_string(seen.size()));
  }

  // First and last task of a page in the middle.
  void sorted(const json& filter, std::string_view field, std::string_view direction) {
    for (const int offset : {0, 1000, kTasks - kPage}) {
      const Page read = page({{"filter", filter},
                              {"sort", {{"field", field}, {"direction", direction}}},
                              {"pagination", {{"limit", kPage}, {"offset", offset}}}});
      const bool up = direction == "asc";
      const auto at = [&](int place) { return fmt::format("Clock {}", up ? place : kTasks - 1 - place); };
      expect(
          fmt::format("task.list by {} {}, {} behind {}", field, direction, kPage, offset),
          fmt::format("{} to {}", at(offset), at(offset + kPage - 1)),
          read.titles.empty() ? "nothing" : fmt::format("{} to {}", read.titles.front(), read.titles.back()));
    }
  }

  // eligibility.md §8, T-ELG-20: each of them once, however many pages that takes.
  void feed() {
    std::set<std::string> seen;
    int shown = 0;
    json input{{"limit", kPage}};
    for (int pages = 0; pages < 3 * kTasks / kPage; ++pages) {
      const Reply reply = must(client_.call("feed.get", input.dump(), people_.workers[0].token), "feed.get");
      for (const json& task : json::parse(reply.body)["result"]["data"]["tasks"]) {
        if (!task.value("title", "").starts_with("Clock ")) continue;
        ++shown;
        seen.insert(task["title"]);
      }
      if (reply.text("/result/data/pagination/has_more") != "true") break;
      input["pagination_cursor"] = reply.text("/result/data/pagination/next_cursor");
    }
    expect("tasks in a feed of many pages, different ones", fmt::format("{0}, {0}", kTasks),
           fmt::format("{}, {}", shown, seen.size()));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_long_lists(const SafetyStage& stage) {
  LongLists(stage).run();
}

}  // namespace loadgen
