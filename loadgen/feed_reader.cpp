#include "loadgen/feed_reader.h"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "loadgen/answer_facts.h"
#include "model/rules/answers.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kPagesMax = 40;
constexpr int kSmallPages = 6;  // then larger ones: others post in the same state

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& tasks) : tasks_(tasks) { reading_.slots = 0; }

  void take(const json& page) {
    for (const json& task : page["tasks"]) {
      const std::string id = task.value("id", "");
      const std::string at = task.value("created_at", "");
      if (!seen_.insert(id).second)
        breach(fmt::format("tasks: {} is shown twice", id));
      else if (!order_.next(at, id))
        breach("tasks: not ordered by created_at and id, descending");
      const auto slot = std::ranges::find(tasks_, id);
      const auto index = static_cast<std::size_t>(slot - tasks_.begin());
      if (slot != tasks_.end() && index < model::kFeedSlots) reading_.slots |= std::int64_t{1} << index;
    }
  }
  void breach(std::string what) {
    if (reading_.breaches.size() < 3) reading_.breaches.push_back(std::move(what));
  }
  FeedReading incomplete() {
    reading_.slots = -1;
    return std::move(reading_);
  }
  FeedReading done() { return std::move(reading_); }

 private:
  const std::vector<std::string>& tasks_;
  FeedReading reading_;
  std::set<std::string> seen_;
  FeedOrder order_;
};

bool has_more(const json& page) {
  return page.contains("pagination") && page["pagination"].value("has_more", false);
}

std::string next_cursor(const json& page) {
  return page["pagination"].value("next_cursor", "");
}

bool is_page(const std::optional<json>& page) {
  return page && page->is_object() && page->contains("tasks");
}

// Others take tasks between two pages, so one page that promised more and was followed by none proves
// nothing. The page behind `cursor` is asked again: a promise that is empty twice is wrong.
bool promises_again(const std::string& cursor, int size, const NextPage& next) {
  const auto page = next(cursor, size);
  if (!is_page(page) || !has_more(*page) || next_cursor(*page).empty()) return false;
  const auto after = next(next_cursor(*page), size);
  return is_page(after) && (*after)["tasks"].empty();
}

}  // namespace

FeedReading read_feed(const model::Command& command, const json& first, const std::vector<std::string>& tasks,
                      const NextPage& next) {
  Reader reader(tasks);
  if (!first.is_object() || !first.contains("tasks") || !first["tasks"].is_array())
    return reader.incomplete();
  reader.take(first);
  json page = first;
  std::string before;  // the cursor of `page`; the first one has none
  for (int pages = 1; has_more(page); ++pages) {
    if (command.page == kWholePage || pages >= kPagesMax) return reader.incomplete();
    const std::string cursor = next_cursor(page);
    if (cursor.empty()) {
      reader.breach("pagination: has_more without next_cursor");
      return reader.incomplete();
    }
    const int size = pages < kSmallPages ? command.page : kWholePage;
    auto answer = next(cursor, size);
    if (!answer) return reader.incomplete();
    if (!answer->is_object() || !answer->contains("tasks")) {
      reader.breach("pagination: next_cursor is not accepted");
      return reader.incomplete();
    }
    if ((*answer)["tasks"].empty()) {
      if (has_more(*answer))
        reader.breach("pagination: an empty page says has_more");
      else if (!before.empty() && promises_again(before, size, next))
        reader.breach("pagination: has_more before an empty page");
    }
    before = cursor;
    reader.take(*answer);
    page = std::move(*answer);
  }
  return reader.done();
}

}  // namespace loadgen
