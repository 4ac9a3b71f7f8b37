#include "sim/people.h"

#include <array>

#include "sim/credentials.h"

namespace sim {
namespace {

using model::Category;
using model::User;
using model::UserId;

constexpr std::array<std::string_view, 16> kFirst{"Ana",   "Ben",  "Chloe", "Dmitri", "Esther", "Farid",
                                                  "Grace", "Hiro", "Ines",  "Jonas",  "Kavya",  "Liam",
                                                  "Mei",   "Noah", "Olga",  "Pablo"};
constexpr std::array<std::string_view, 16> kLast{"Adams",  "Brandt", "Chen",   "Diaz",   "Eriksen", "Fofana",
                                                 "Garcia", "Huang",  "Ito",    "Jensen", "Kumar",   "Larsen",
                                                 "Moreau", "Nguyen", "O'Neil", "Park"};

struct CategoryTexts {
  std::array<std::string_view, 3> titles;
  std::string_view description;
};
constexpr std::array<CategoryTexts, model::kCategoryNames.size()> kTexts{{
    {{"Move a couch up two floors", "Load a 15-foot truck", "Carry boxes to storage"},
     "Two strong people, blankets and straps are here. Narrow stairs."},
    {{"Deep clean a one-bedroom flat", "Clean windows, inside only", "Move-out cleaning"},
     "Supplies are under the sink. Please take photos of every room."},
    {{"Pick up a prescription", "Stand in line for concert tickets", "Return three parcels"},
     "About an hour. Receipts go into the envelope."},
    {{"Deliver a cake across town", "Bring documents to an office", "Deliver groceries for a week"},
     "Keep it upright. Ring twice."},
    {{"Assemble a wardrobe", "Mount a TV bracket", "Put together four chairs"},
     "Tools are here, instructions too. The wall is plasterboard."},
    {{"Mow a small lawn", "Rake leaves and bag them", "Trim a hedge of 12 m"},
     "The mower is in the shed. Mind the sprinklers."},
    {{"Set up a home network", "Run cable to an attic office", "Find out why the Wi-Fi drops"},
     "The router is in the hallway closet."},
    {{"Replace three outlets", "Install a ceiling light", "Find a tripping breaker"},
     "The panel is in the basement and labelled."},
    {{"Fix a dripping tap", "Replace a garbage disposal", "Unclog a kitchen drain"},
     "The shut-off valve is under the sink."},
    {{"Service a heat pump", "Install a smart thermostat", "Quiet a rattling furnace"},
     "The filter was changed last month."},
    {{"Install a dishwasher", "Connect a dryer", "Hook up an induction range"},
     "The old one is already out."},
    {{"Help my mother for an afternoon", "Company after an operation", "Cook and help with medication"},
     "She likes to talk about gardens."},
    {{"Repair a porch railing", "Patch and paint two rooms", "Hang four interior doors"},
     "Materials are in the garage."},
}};

User ordinary(bool verified, bool paid) {
  User user;
  user.is_verified = verified;
  user.has_payout_account = paid;
  return user;
}

UserId add(Stage& stage, const User& user) {
  stage.world.users.push_back(user);
  return {static_cast<std::uint16_t>(stage.world.users.size() - 1)};
}

std::uint32_t percent(std::int64_t value) {
  return static_cast<std::uint32_t>(value);
}

// The first of a role stays in good standing, so that the case has somebody to act.
void give_standing(Stage& stage, User& user, bool first) {
  const People& people = stage.scenario.people;
  if (!first && stage.choices.chance(percent(people.suspended_percent), 100)) {
    user.status = model::AccountStatus::suspended;
  } else if (!first && stage.choices.chance(percent(people.paused_percent), 100)) {
    user.status = model::AccountStatus::paused;
  }
}

// Mostly OFF, now and then one of the states that look like ACTIVE without being it.
model::LiveState not_live(Stage& stage) {
  static constexpr std::array kStates{model::LiveState::off,    model::LiveState::off,
                                      model::LiveState::off,    model::LiveState::cooldown,
                                      model::LiveState::paused, model::LiveState::off};
  return kStates[stage.choices.pick(kStates.size())];
}

void engage_workers(Stage& stage) {
  const People& people = stage.scenario.people;
  const std::int64_t count = stage.choices.between(people.workers.min, people.workers.max);
  for (std::int64_t i = 0; i < count; ++i) {
    User worker = ordinary(stage.choices.chance(percent(people.verified_percent), 100),
                           !stage.choices.chance(percent(people.unpaid_percent), 100));
    if (stage.choices.chance(percent(people.live_percent), 100)) {
      worker.live = model::LiveState::active;
    } else {
      worker.live = not_live(stage);
    }
    give_standing(stage, worker, i == 0);
    if (about_eligibility(stage.scenario)) equip_worker(stage, worker);
    stage.workers.push_back(add(stage, worker));
  }
}

}  // namespace

void engage_people(Stage& stage) {
  const People& people = stage.scenario.people;
  if (about_eligibility(stage.scenario))
    stage.region = static_cast<model::UsState>(stage.choices.pick(model::kUsStateNames.size()));
  const std::int64_t posters = stage.choices.between(people.posters.min, people.posters.max);
  for (std::int64_t i = 0; i < posters; ++i) {
    User poster = ordinary(false, stage.choices.chance(1, 2));
    give_standing(stage, poster, i == 0);
    stage.posters.push_back(add(stage, poster));
  }
  engage_workers(stage);
  const std::int64_t admins = stage.choices.between(people.admins.min, people.admins.max);
  for (std::int64_t i = 0; i < admins; ++i) {
    User admin = ordinary(true, false);
    admin.is_admin = true;
    admin.can_resolve_disputes = i == 0 || stage.choices.chance(1, 2);
    admin.can_override_escrow = i == 0 || stage.choices.chance(1, 2);
    stage.admins.push_back(add(stage, admin));
  }
  stage.plan.start.users = stage.world.users;
}

model::Cents price_of(Stage& stage, model::Mode mode) {
  const Jobs& jobs = stage.scenario.tasks;
  const model::Cents floor =
      mode == model::Mode::live ? std::max<model::Cents>(1500, jobs.price.min) : jobs.price.min;
  const model::Cents price = stage.choices.between(floor, std::max<model::Cents>(floor, jobs.price.max));
  const bool odd = stage.choices.chance(percent(jobs.odd_cents_percent), 100);
  return odd ? price : std::max<model::Cents>(floor, price / 100 * 100);
}

std::string full_name(std::uint64_t number) {
  return std::string(kFirst[number % kFirst.size()]) + " " +
         std::string(kLast[number / kFirst.size() % kLast.size()]);
}

std::string task_title(Category category, std::uint64_t number) {
  const auto& titles = kTexts[static_cast<std::size_t>(category)].titles;
  return std::string(titles[number % titles.size()]);
}

std::string task_description(Category category, std::uint64_t number) {
  return std::string(kTexts[static_cast<std::size_t>(category)].description) + " Reference " +
         std::to_string(number) + ".";
}

}  // namespace sim
