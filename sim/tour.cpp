#include "sim/tour.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "model/rules/apply.h"
#include "model/rules/small_world.h"
#include "sim/choices.h"

namespace sim {

using model::Action;
using model::Command;
using model::SmallWorld;

namespace {

constexpr std::size_t kLongestTour = 48;
constexpr model::Cents kTourPrice = 551;  // odd: its halves and its fee all end in fractions of a cent
constexpr std::uint32_t kNowhere32 = SmallWorld::kNowhere;

const SmallWorld& small_world() {
  static const SmallWorld world = model::explore_small_world();
  return world;
}

const std::vector<Command>& alphabet() {
  static const std::vector<Command> all = model::small_alphabet();
  return all;
}

bool slot_is_taken(const Stage& stage, const Command& command, model::Instant now) {
  model::World world = stage.world;
  return model::apply(world, command, now).code == model::Code::internal_error;
}

// Two sides of a race: both commands may take effect in the same world.
struct Sides {
  Action one, other;
};
constexpr std::array kSides{Sides{Action::task_accept, Action::task_accept},
                            Sides{Action::task_accept, Action::task_cancel},
                            Sides{Action::task_accept, Action::job_task_expiry},
                            Sides{Action::task_submit_proof, Action::task_cancel},
                            Sides{Action::proof_submit, Action::task_cancel},
                            Sides{Action::proof_accept, Action::proof_reject},
                            Sides{Action::task_complete, Action::task_complete},
                            Sides{Action::task_complete, Action::dispute_create},
                            Sides{Action::task_complete, Action::task_cancel},
                            Sides{Action::escrow_release, Action::escrow_refund},
                            Sides{Action::dispute_create, Action::dispute_create},
                            Sides{Action::dispute_resolve, Action::dispute_resolve},
                            Sides{Action::webhook_deliver, Action::task_cancel},
                            Sides{Action::webhook_deliver, Action::webhook_deliver},
                            Sides{Action::task_complete, Action::escrow_release}};

class Tourist {
 public:
  explicit Tourist(const SmallWorld& small)
      : small_(small), width_(small.alphabet.size()), open_(small.cells.size(), true) {}

  std::vector<std::vector<std::uint32_t>> run() {
    while (std::ranges::find(open_, true) != open_.end()) {
      if (!start_tour()) break;
    }
    for (const Sides& sides : kSides) add_race(sides);
    pad_to_prime();
    return std::move(tours_);
  }

 private:
  std::size_t edge(std::uint32_t world, std::size_t letter) const { return world * width_ + letter; }
  bool is_open(std::size_t e) const { return small_.cell[e] != kNowhere32 && open_[small_.cell[e]]; }

  void say(std::size_t letter) {
    std::vector<std::uint32_t>& tour = tours_.back();
    tour.resize((tour.size() + kChoiceBlock - 1) / kChoiceBlock * kChoiceBlock);
    tour.push_back(static_cast<std::uint32_t>(letter) + 1);
    tour.push_back(0);
    ++steps_;
  }
  void go(std::size_t letter) {
    const std::size_t e = edge(at_, letter);
    if (small_.cell[e] != kNowhere32) open_[small_.cell[e]] = false;
    say(letter);
    at_ = small_.next[e];
  }

  // The letters from `at_` to the nearest world with something unseen; nothing when there is none.
  std::optional<std::vector<std::size_t>> way_to_news() const {
    std::vector<std::pair<std::uint32_t, std::size_t>> from(small_.worlds.size(), {kNowhere32, 0});
    std::deque<std::uint32_t> queue{at_};
    from[at_].first = at_;
    while (!queue.empty()) {
      const std::uint32_t world = queue.front();
      queue.pop_front();
      for (std::size_t l = 0; l < width_; ++l) {
        if (is_open(edge(world, l))) return path(from, world);
      }
      for (std::size_t l = 0; l < width_; ++l) {
        const std::uint32_t next = small_.next[edge(world, l)];
        if (next == kNowhere32 || from[next].first != kNowhere32) continue;
        from[next] = {world, l};
        queue.push_back(next);
      }
    }
    return std::nullopt;
  }
  std::vector<std::size_t> path(const std::vector<std::pair<std::uint32_t, std::size_t>>& from,
                                std::uint32_t to) const {
    std::vector<std::size_t> letters;
    for (; to != at_; to = from[to].first) letters.push_back(from[to].second);
    std::ranges::reverse(letters);
    return letters;
  }

  // What changes nothing first, then one unseen change, and so on.
  bool start_tour() {
    at_ = 0;
    steps_ = 0;
    bool any = false;
    while (steps_ < kLongestTour) {
      const auto way = way_to_news();
      if (!way || (any && steps_ + way->size() >= kLongestTour)) break;
      if (!any) tours_.emplace_back();
      any = true;
      for (const std::size_t letter : *way) go(letter);
      see_everything_here();
    }
    return any;
  }
  void see_everything_here() {
    for (std::size_t l = 0; l < width_ && steps_ < kLongestTour; ++l) {
      const std::size_t e = edge(at_, l);
      if (is_open(e) && small_.next[e] == at_) go(l);
    }
    for (std::size_t l = 0; l < width_ && steps_ < kLongestTour; ++l) {
      if (is_open(edge(at_, l))) return go(l);
    }
  }

  bool changes(std::uint32_t world, std::size_t letter) const {
    const std::uint32_t next = small_.next[edge(world, letter)];
    return next != kNowhere32 && next != world;
  }

  // A world where both sides may take effect. Release and refund never can at once: there one must suffice.
  void add_race(const Sides& sides) {
    for (std::uint32_t world = 0; world < small_.worlds.size(); ++world) {
      for (std::size_t a = 0; a < width_; ++a) {
        if (small_.alphabet[a].action != sides.one || !changes(world, a)) continue;
        for (std::size_t b = 0; b < width_; ++b) {
          if (small_.alphabet[b].action == sides.other && changes(world, b)) return race_at(world, a, b);
        }
      }
    }
    if (sides.one == Action::escrow_release || sides.other == Action::escrow_release) race_for_release(sides);
  }
  // In the world before the completion, between all who touch the escrow.
  void race_for_release(const Sides& sides) {
    for (std::uint32_t world = 0; world < small_.worlds.size(); ++world) {
      for (std::size_t a = 0; a < width_; ++a) {
        if (small_.alphabet[a].action != Action::task_complete || !changes(world, a)) continue;
        const auto by_poster = [&](Action action) {
          return static_cast<std::size_t>(std::ranges::find_if(small_.alphabet,
                                                               [&](const Command& c) {
                                                                 return c.action == action &&
                                                                        c.actor == small_.alphabet[a].actor;
                                                               }) -
                                          small_.alphabet.begin());
        };
        return race_at(world, by_poster(sides.one), by_poster(sides.other));
      }
    }
  }
  void race_at(std::uint32_t world, std::size_t a, std::size_t b) {
    for (const auto& [first, second] : {std::pair{a, b}, std::pair{b, a}}) {
      at_ = 0;
      tours_.emplace_back();
      for (const std::size_t letter : way_to(world)) say(letter);
      say(first);
      tours_.back().back() = 1;
      tours_.back().push_back(static_cast<std::uint32_t>(second));
    }
  }
  std::vector<std::size_t> way_to(std::uint32_t world) const {
    std::vector<std::pair<std::uint32_t, std::size_t>> from(small_.worlds.size(), {kNowhere32, 0});
    std::deque<std::uint32_t> queue{0};
    from[0].first = 0;
    while (!queue.empty() && from[world].first == kNowhere32) {
      const std::uint32_t here = queue.front();
      queue.pop_front();
      for (std::size_t l = 0; l < width_; ++l) {
        const std::uint32_t next = small_.next[edge(here, l)];
        if (next == kNowhere32 || from[next].first != kNowhere32) continue;
        from[next] = {here, l};
        queue.push_back(next);
      }
    }
    return path(from, world);
  }

  void pad_to_prime() {
    const auto prime = [](std::size_t n) {
      for (std::size_t d = 2; d * d <= n; ++d) {
        if (n % d == 0) return false;
      }
      return n > 1;
    };
    for (std::size_t i = tours_.size(); !tours_.empty() && !prime(tours_.size());)
      tours_.push_back(tours_[--i]);
  }

  const SmallWorld& small_;
  std::size_t width_;
  std::vector<bool> open_;
  std::vector<std::vector<std::uint32_t>> tours_;
  std::uint32_t at_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace

void play_tour(Stage& stage) {
  stage.world = model::small_world_people();
  stage.plan.start.users = stage.world.users;
  stage.notes.resize(1);
  stage.plan.needs_clock = stage.plan.needs_processor_events = true;
  Command posting = model::small_posting();
  posting.price = kTourPrice;
  send(stage, posting);
  const auto size = static_cast<std::uint32_t>(alphabet().size());
  while (stage.commands < 400) {
    stage.choices.align();
    const std::uint32_t letter = stage.choices.pick(size + 1);
    if (letter == 0) return;
    const std::uint32_t more = stage.choices.pick(6);
    std::vector<Command> commands{model::fitted(stage.world, alphabet()[letter - 1])};
    for (std::uint32_t i = 0; i < more; ++i)
      commands.push_back(model::fitted(stage.world, alphabet()[stage.choices.pick(size)]));
    std::erase_if(commands, [&](const Command& c) { return slot_is_taken(stage, c, stage.now); });
    if (commands.empty()) continue;
    for (const Command& command : commands)
      stage.now = std::max(stage.now, model::due(stage.world, command, stage.now));
    const bool group = commands.size() > 1;
    send_together(stage, std::move(commands));
    if (group) return;
  }
}

const std::vector<std::vector<std::uint32_t>>& all_tours() {
  static const std::vector<std::vector<std::uint32_t>> tours = Tourist(small_world()).run();
  return tours;
}

}  // namespace sim
