#include <array>

#include "loadgen/campaign/drill_builder.h"

namespace loadgen::drill {

using model::Action;
using model::Command;

namespace {

struct Posting {
  model::Cents price;
  model::Mode mode;
  model::Category category;
};
// Pairs that share a price, a mode or a category, so that every filter and every page has something to tell.
constexpr std::array kPostings{Posting{1500, model::Mode::live, model::Category::cleaning},
                               Posting{1500, model::Mode::standard, model::Category::moving},
                               Posting{700, model::Mode::standard, model::Category::cleaning},
                               Posting{2999, model::Mode::live, model::Category::delivery}};
constexpr int kListsOfEach = 18;  // filter, order and page vary from call to call

}  // namespace

// api.md §1.1: filter, order and page of task.list, and who sees the exact place.
void add_lists(std::vector<Drill>& drills, model::Instant start) {
  Builder b("lists", "", start);
  for (std::size_t i = 0; i < kPostings.size(); ++i) {
    if (i > 0) b.next_task();
    Command create = b.command(Action::task_create, kPoster);
    create.price = kPostings[i].price;
    create.mode = kPostings[i].mode;
    create.category = kPostings[i].category;
    create.deadline_in = static_cast<model::Millis>(30 - i) * model::kHour;
    b.then(create);
    for (const int reader : {kPoster, kOther, kAdmin}) b.then(Action::task_get_by_id, reader);
  }
  b.then(Action::task_cancel, kPoster);
  for (const Posting& posting : kPostings) {
    for (int i = 0; i < kListsOfEach; ++i) {
      Command list = b.command(Action::task_list, std::array{kPoster, kOther, kAdmin}[i % 3]);
      list.user = model::UserId{kPoster};
      list.price = posting.price;
      list.mode = posting.mode;
      list.category = posting.category;
      b.then(list);
    }
  }
  drills.push_back(b.done());
}

// api.md §1.4: one's own profile, and nobody else's.
void add_profiles(std::vector<Drill>& drills, model::Instant start) {
  Builder b("profiles", "", start);
  for (const int who : {kPoster, kWorker, kSuspended, kPoster}) {
    b.then(Action::user_get_profile, who).then(Action::user_update_profile, who);
    for (const int reader : {kPoster, kWorker, kSuspended, kOther}) b.then(Action::user_get_profile, reader);
  }
  Command badges = b.command(Action::user_get_badges, kOther);
  badges.user = model::UserId{kWorker};
  b.reviewed().then(Action::task_complete, kPoster).then(badges).then(Action::user_get_badges, kOther);
  drills.push_back(b.then(Action::user_get_xp, kWorker).then(Action::user_get_trust_tier, kWorker).done());
}

}  // namespace loadgen::drill
