#include "sim/journeys.h"

#include <algorithm>
#include <numeric>

#include "model/vocabulary/limits.h"
#include "model/vocabulary/place.h"
#include "sim/journey_steps.h"
#include "sim/splitmix.h"

namespace sim {
namespace {

// How long a task is left alone between two journeys, so that a target that keeps up is never waited for.
constexpr std::int64_t kSettle = 250'000'000;
// How long a credential is left alone when there is somebody else.
constexpr std::int64_t kDecided = 2'000'000'000;
// What a share remembers at most of each stage: the oldest is left as it is, so that memory stays flat.
constexpr std::array<std::size_t, 5> kRemembered{64, 256, 8192, 8192, 32};

}  // namespace

PlannerOptions planner_options(const Load& load, std::uint64_t seed, std::size_t shard,
                               model::Instant start) {
  const auto part = [](std::int64_t all) {
    return static_cast<std::uint32_t>((all + static_cast<std::int64_t>(kShards) - 1) /
                                      static_cast<std::int64_t>(kShards));
  };
  return {.seed = seed,
          .shard = shard,
          .posters = part(load.people.posters),
          .workers = part(load.people.workers),
          .start = start};
}

std::vector<model::Command> task_variants(std::uint64_t seed) {
  std::uint64_t state = seed ^ 0x7461736B73ULL;
  std::vector<model::Command> out;
  for (std::size_t i = 0; i < kVariants; ++i) {
    model::Command command{.action = model::Action::task_create};
    command.actor = kPoster;
    command.task = kTask;
    command.escrow = model::escrow_of(kTask);
    command.price = static_cast<model::Cents>(500 + splitmix(state) % 20'000);
    command.category = static_cast<model::Category>(splitmix(state) % model::kPlainCategories);
    command.place = model::kDowntown;
    command.deadline_in = static_cast<model::Millis>(24 + splitmix(state) % 48) * model::kHour;
    out.push_back(command);
  }
  return out;
}

JourneyPlanner::JourneyPlanner(const Load& load, const PlannerOptions& options)
    : load_(load),
      options_(options),
      random_(options.seed * 0x9E3779B97F4A7C15U + options.shard),
      variants_(task_variants(options.seed)),
      now_(options.start),
      workers_(options.workers) {
  for (const Population& population : load.populations) shares_ += population.share;
  for (std::uint32_t i = 0; i < options.workers; ++i) {
    workers_[i].user = load_worker();
    free_workers_.push_back(i);
  }
  begin_credential_world(credential_world_);
}

std::uint64_t JourneyPlanner::random() {
  return splitmix(random_);
}

std::size_t JourneyPlanner::who_arrives() {
  double left = static_cast<double>(random() >> 11) * 0x1.0p-53 * shares_;
  std::size_t who = 0;
  while (who + 1 < load_.populations.size() && left >= load_.populations[who].share)
    left -= load_.populations[who++].share;
  return who;
}

Journey JourneyPlanner::wish(std::size_t population) {
  const auto& weights = load_.populations[population].weights;
  auto point = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(std::accumulate(
                                                        weights.begin(), weights.end(), std::int64_t{0})));
  std::size_t kind = 0;
  while (point >= weights[kind]) point -= weights[kind++];
  return static_cast<Journey>(kind);
}

bool JourneyPlanner::ready(Stage stage, std::int64_t at_ns) const {
  const auto& waiting = stages_[static_cast<std::size_t>(stage)];
  return !waiting.empty() && waiting.front().ready_ns <= at_ns;
}

// A journey that finds nothing to do becomes the one that brings it about.
Journey JourneyPlanner::possible(Journey wished, std::int64_t at_ns) const {
  const bool funded = ready(Stage::funded, at_ns), accepted = ready(Stage::accepted, at_ns);
  const bool proved = ready(Stage::proved, at_ns), posted = ready(Stage::posted, at_ns);
  switch (wished) {
    case Journey::recompute:
    case Journey::post:
    case Journey::post_and_fund:
      return wished;
    case Journey::read:
    case Journey::feed:
    case Journey::browse:
      return posted || funded || accepted || proved || ready(Stage::ended, at_ns) ? wished
                                                                                  : Journey::post_and_fund;
    case Journey::webhook_storm:
      return funded || accepted || proved ? wished : Journey::post_and_fund;
    case Journey::cancel:
      return posted || funded ? wished : Journey::post_and_fund;
    case Journey::accept:
      if (funded && !free_workers_.empty()) return Journey::accept;
      if (!funded) return Journey::post_and_fund;
      return proved ? Journey::review : accepted ? Journey::prove : Journey::recompute;
    case Journey::prove:
      return accepted ? Journey::prove : possible(Journey::accept, at_ns);
    case Journey::review:
    case Journey::dispute:
      return proved ? wished : possible(Journey::prove, at_ns);
  }
  return wished;
}

std::uint32_t JourneyPlanner::take(Stage stage) {
  auto& waiting = stages_[static_cast<std::size_t>(stage)];
  const std::uint32_t slot = waiting.front().slot;
  waiting.pop_front();
  return slot;
}

// The story that has been left alone longest, of a stage drawn among those that have one.
std::uint32_t JourneyPlanner::take_any(std::int64_t at_ns, bool look_only, Stage& stage) {
  std::array<Stage, kStages> found{};
  std::uint32_t count = 0;
  const auto consider = [&](Stage one) {
    if (ready(one, at_ns)) found[count++] = one;
  };
  if (look_only) consider(Stage::posted);
  consider(Stage::funded);
  consider(Stage::accepted);
  consider(Stage::proved);
  if (look_only) consider(Stage::ended);
  stage = found[pick(count)];
  return take(stage);
}

// The youngest one that has settled: a feed shows the youngest first. There must be one.
std::uint32_t JourneyPlanner::take_newest_funded(std::int64_t at_ns) {
  auto& waiting = stages_[static_cast<std::size_t>(Stage::funded)];
  const auto settled = [&](const Waiting& one) { return one.ready_ns <= at_ns; };
  const auto found = std::prev(std::find_if(waiting.rbegin(), waiting.rend(), settled).base());
  const std::uint32_t slot = found->slot;
  waiting.erase(found);
  return slot;
}

void JourneyPlanner::put(Stage stage, std::uint32_t slot, std::int64_t at_ns, PlannedJourney& out) {
  auto& waiting = stages_[static_cast<std::size_t>(stage)];
  waiting.push_back({slot, at_ns + kSettle});
  if (waiting.size() <= kRemembered[static_cast<std::size_t>(stage)]) return;
  const std::uint32_t oldest = take(stage);
  out.retired = stories_[oldest].serial;
  free_stories_.push_back(oldest);
}

std::uint32_t JourneyPlanner::new_story() {
  if (free_stories_.empty()) {
    stories_.emplace_back();
    free_stories_.push_back(static_cast<std::uint32_t>(stories_.size() - 1));
  }
  const std::uint32_t slot = free_stories_.back();
  free_stories_.pop_back();
  Story& story = stories_[slot];
  story.serial = serial_++;
  story.poster = pick(options_.posters);
  story.worker = UINT32_MAX;
  story.turns = 0;
  begin_world(story.world);
  return slot;
}

void JourneyPlanner::name(Story& story, PlannedJourney& out, bool advances) {
  out.story = story.serial;
  out.poster = story.poster;
  out.worker = story.worker;
  out.turn = story.turns;
  out.advances = advances;
  if (advances) ++story.turns;
}

void JourneyPlanner::bring_about(Journey kind, std::int64_t at_ns, PlannedJourney& out) {
  const std::uint32_t slot = new_story();
  Story& story = stories_[slot];
  name(story, out, true);
  StepWriter write{story.world, now_, out.steps};
  write.create(variants_, pick(kVariants));
  if (kind == Journey::post_and_fund) write.fund();
  put(kind == Journey::post ? Stage::posted : Stage::funded, slot, at_ns, out);
}

// Journeys that change nothing: the story goes back where it was. An ended one has no turns left to wait for.
void JourneyPlanner::look(Journey kind, std::int64_t at_ns, PlannedJourney& out) {
  Stage stage = Stage::funded;
  const bool of_feed = kind == Journey::feed || kind == Journey::browse;
  const bool newest = of_feed && pick(2) == 0 && ready(Stage::funded, at_ns);
  const std::uint32_t slot =
      newest ? take_newest_funded(at_ns) : take_any(at_ns, kind != Journey::webhook_storm, stage);
  Story& story = stories_[slot];
  name(story, out, stage != Stage::ended);
  if (of_feed && out.worker == UINT32_MAX) out.worker = pick(options_.workers);
  StepWriter write{story.world, now_, out.steps};
  if (kind == Journey::webhook_storm) {
    write.storm();
  } else if (kind == Journey::browse) {
    write.browse();
  } else if (kind == Journey::feed) {
    write.feed(pick(4) == 0);
  } else {
    write.call(model::Action::task_get_by_id, kPoster);
  }
  put(stage, slot, at_ns, out);
}

void JourneyPlanner::progress(Journey kind, std::int64_t at_ns, PlannedJourney& out) {
  Stage from = Stage::proved, to = Stage::ended;
  if (kind == Journey::accept) from = Stage::funded, to = Stage::accepted;
  if (kind == Journey::prove) from = Stage::accepted, to = Stage::proved;
  if (kind == Journey::cancel) from = ready(Stage::posted, at_ns) ? Stage::posted : Stage::funded;
  const std::uint32_t slot = take(from);
  Story& story = stories_[slot];
  StepWriter write{story.world, now_, out.steps};
  if (kind == Journey::accept) {
    story.worker = free_workers_.front();
    free_workers_.pop_front();
    out.worker_turn = workers_[story.worker].stories++;
    story.world.users[kWorker.value] = workers_[story.worker].user;
    write.accept();
  } else if (kind == Journey::prove) {
    write.prove(pick(kVariants));
  } else if (kind == Journey::cancel) {
    write.cancel();
  } else if (kind == Journey::dispute) {
    write.dispute(pick(kVariants));
  } else if (story.world.tasks[0].attempts < model::limits::kProofAttemptsMax && pick(8) == 0) {
    write.reject();
    to = Stage::accepted;
  } else {
    write.approve();
  }
  name(story, out, true);
  if (to == Stage::ended && story.worker != UINT32_MAX) {
    out.ends = true;
    workers_[story.worker].user = story.world.users[kWorker.value];
    free_workers_.push_back(story.worker);
  }
  put(to, slot, at_ns, out);
}

// Whoever has settled goes on, so that a short run sees more than beginnings; else somebody begins.
std::uint32_t JourneyPlanner::take_credential(std::int64_t at_ns) {
  const bool settled = !in_turn_.empty() && credentials_[in_turn_.front()].ready_ns <= at_ns;
  if (!settled && credentials_.size() < options_.posters) {
    credentials_.push_back({.serial = serial_++});
    return static_cast<std::uint32_t>(credentials_.size() - 1);
  }
  const std::uint32_t poster = in_turn_.front();
  in_turn_.pop_front();
  return poster;
}

void JourneyPlanner::recompute(std::int64_t at_ns, PlannedJourney& out) {
  out.poster = take_credential(at_ns);
  in_turn_.push_back(out.poster);
  Credential& credential = credentials_[out.poster];
  credential.ready_ns = at_ns + kDecided;
  out.story = credential.serial;
  out.worker = UINT32_MAX;
  out.turn = credential.turns++;
  out.advances = true;
  credential_world_.verifications[0] = credential.record;
  StepWriter{credential_world_, now_, out.steps}.recompute(out.poster, pick(8) == 0);
  credential.record = credential_world_.verifications[0];
}

void JourneyPlanner::next(std::int64_t at_ns, PlannedJourney& out, std::size_t population) {
  now_ = options_.start + at_ns / 1'000'000;
  out.shard = static_cast<std::uint16_t>(options_.shard);
  out.worker_turn = 0;
  out.ends = false;
  out.retired = kNoStory;
  out.steps.clear();
  const std::size_t who = population == kArrives ? who_arrives() : population;
  out.population = static_cast<std::uint8_t>(who);
  const Journey kind = possible(wish(who), at_ns);
  out.kind = kind;
  switch (kind) {
    case Journey::post:
    case Journey::post_and_fund:
      return bring_about(kind, at_ns, out);
    case Journey::read:
    case Journey::feed:
    case Journey::browse:
    case Journey::webhook_storm:
      return look(kind, at_ns, out);
    case Journey::recompute:
      return recompute(at_ns, out);
    case Journey::accept:
    case Journey::prove:
    case Journey::review:
    case Journey::dispute:
    case Journey::cancel:
      return progress(kind, at_ns, out);
  }
}

}  // namespace sim
