#include "loadgen/side/safety_stage.h"

#include <chrono>

#include <fmt/format.h>

namespace loadgen {
namespace {

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

constexpr model::Millis kAhead = 3 * model::kDay;

constexpr std::size_t kAdmins = 7;
constexpr std::string_view kCapabilities[kAdmins] = {
    "",
    "can_resolve_disputes = true",
    "can_override_escrow = true",
    "can_modify_trust = true",
    "can_ban_users = true",
    "can_access_financials = true",
    ("role = 'founder', can_resolve_disputes = true, can_override_escrow = true, can_modify_trust = true, "
     "can_ban_users = true, can_access_financials = true")};

}  // namespace

SideClient SafetyStage::client(bool limited) const {
  SideClient made(
      limited ? limited_server : open_server, side.database(), side.providers(), log,
      [&asked = interrupted, mine = thread] { return std::this_thread::get_id() == mine && asked(); });
  made.now = wall_clock() + kAhead;
  return made;
}

SafetyPeople SafetyStage::people(std::size_t posters, std::size_t workers) const {
  Fixture fixture({open_server, side.database(), side.providers(), true});
  model::World world;
  world.users.resize(posters + workers + kAdmins);
  for (std::size_t i = posters; i < posters + workers; ++i) world.users[i].has_payout_account = true;
  for (std::size_t i = posters + workers; i < world.users.size(); ++i) world.users[i].is_admin = true;
  const model::World* const worlds[] = {&world};
  std::vector<Person> all = fixture.prepare(worlds).front();
  SideClient writer = client();
  const auto admin = [&](std::size_t which) {
    const Person& person = all[posters + workers + which];
    if (!kCapabilities[which].empty())
      writer.sql(
          fmt::format("UPDATE admin_roles SET {} WHERE user_id = '{}'", kCapabilities[which], person.id));
    log.note_person(person.token, person.id, which + 1 == kAdmins ? "founder" : "admin");
    return person;
  };
  for (std::size_t i = 0; i < posters + workers; ++i) log.note_person(all[i].token, all[i].id, "");
  const auto split = all.begin() + static_cast<std::ptrdiff_t>(posters);
  return {.posters = {all.begin(), split},
          .workers = {split, split + static_cast<std::ptrdiff_t>(workers)},
          .clerk = admin(0),
          .resolver = admin(1),
          .overrider = admin(2),
          .truster = admin(3),
          .banner = admin(4),
          .financier = admin(5),
          .founder = admin(6)};
}

void SafetyStage::broken(std::string_view rule, std::string_view spec, std::string headline,
                         std::string expected, std::string observed,
                         std::vector<std::pair<std::string, std::string>> evidence) const {
  model::Finding finding;
  finding.rule = rule;
  finding.spec = spec;
  finding.judge = "oracle";
  finding.headline = std::move(headline);
  finding.expected = std::move(expected);
  finding.observed = std::move(observed);
  finding.evidence = std::move(evidence);
  if (!check.empty()) finding.evidence.emplace_back("again", fmt::format("./hustle gate --checks {}", check));
  judge.add(std::move(finding));
}

bool SafetyStage::expect(std::string_view counter, std::string_view rule, std::string_view spec,
                         const std::string& what, const std::string& expected,
                         const std::string& observed) const {
  judge.count(std::string(counter));
  if (expected == observed) return true;
  broken(rule, spec, what, expected, observed);
  return false;
}

}  // namespace loadgen
