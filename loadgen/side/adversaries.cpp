// People who cheat for a profit (safety-and-abuse.md §3.6), each judged by what he has gained in the end:
// open tasks, XP, money, somebody else's account. How they were stopped does not matter here.
#include <array>
#include <latch>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/held.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kRule = "abuse guards";
constexpr std::string_view kSpec = "safety-and-abuse.md §3.6";
constexpr int kPendingMax = 10;  // §4, other caps
constexpr int kActiveMax = 3;
constexpr const char* kFirstWrite = "LOCK TABLE tasks IN SHARE MODE";
constexpr std::size_t kHands = 8;
constexpr int kRounds = 3;      // of those who come all at once
constexpr int kPairMax = 3;     // tasks of one pair within 24 hours (docs/decisions.md)
constexpr int kCheapest = 500;  // cents, worth 5 XP
constexpr std::int64_t kXpOfCheapest = 5;

std::string about(const std::string& task) {
  return fmt::format(R"({{"task_id":"{}"}})", task);
}

class Adversaries {
 public:
  explicit Adversaries(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(8, 6)), tag_(net::random_hex(3)) {}

  void run() {
    guards(true);
    spam();
    hoard();
    trade();
    ring(2);
    ring(3);
    second_account();
    guards(false);
    stolen_identity();
  }

 private:
  void gained(const std::string& who, const std::string& what, std::int64_t most, std::int64_t had) {
    stage_.expect("safety abuse", kRule, kSpec, fmt::format("{} gained {}", who, what),
                  fmt::format("at most {}", most),
                  had <= most ? fmt::format("at most {}", most) : std::to_string(had));
  }
  void guards(bool on) {
    const Reply reply = client_.call(
        "admin.setFlag",
        json{{"key", "abuse_guards"}, {"enabled", on}, {"reason", "The gate tries them."}}.dump(),
        people_.financier.token);
    stage_.expect("safety abuse", kRule, kSpec, "the guards are switched", "ok", told(reply));
  }
  std::int64_t number(const std::string& sql) { return std::stoll("0" + client_.sql(sql)); }
  std::int64_t xp_of(const Person& person) {
    return number(
        fmt::format("SELECT coalesce(sum(effective_xp), 0) FROM xp_ledger WHERE user_id = '{}'", person.id));
  }

  // Task spam: forty posts from eight hands at once, most of the room taken already, then the same words
  // again and again.
  void spam() {
    const Person& spammer = people_.posters[0];
    for (int i = 0; i < kPendingMax - 3; ++i)
      client_.call("task.create", task_input(client_.now, kCheapest, fmt::format("Spare {}", i), "Now."),
                   spammer.token);
    SideClient holder = stage_.client();
    Held held(holder, kFirstWrite);
    std::vector<std::jthread> hands;
    hands.reserve(kHands);
    for (std::size_t hand = 0; hand < kHands; ++hand) {
      hands.emplace_back([this, hand, &spammer] {
        SideClient mine = stage_.client();
        for (int i = 0; i < 5; ++i)
          mine.call("task.create",
                    task_input(mine.now, kCheapest, fmt::format("Easy money {}-{}", hand, i), "Now."),
                    spammer.token);
      });
    }
    held.let_in(kHands);
    hands.clear();
    gained("a spammer", "open tasks", kPendingMax, open_tasks(spammer));
    const Person& parrot = people_.posters[1];
    for (int i = 0; i < 5; ++i)
      client_.call("task.create", task_input(client_.now, kCheapest, "Easy  MONEY", "Now."), parrot.token);
    gained("a spammer who repeats himself", "open tasks", 1, open_tasks(parrot));
    stage_.judge.count("safety abuse task_spam");
  }
  std::int64_t open_tasks(const Person& person) {
    return number(
        fmt::format("SELECT count(*) FROM tasks WHERE poster_id = '{}' AND state = 'OPEN'", person.id));
  }

  // Everybody's connection is open before anybody asks, so that the calls meet.
  void accept_at_once(const std::vector<std::pair<SideTask, const Person*>>& takes) {
    std::vector<SideClient> clients;
    for (std::size_t i = 0; i < takes.size(); ++i) {
      clients.push_back(stage_.client());
      clients.back().call("health.ping", "", "");
    }
    SideClient holder = stage_.client();
    Held held(holder, kFirstWrite);
    std::latch ready(static_cast<std::ptrdiff_t>(takes.size()));
    std::vector<std::jthread> hands;
    hands.reserve(takes.size());
    for (std::size_t i = 0; i < takes.size(); ++i) {
      hands.emplace_back([&, i] {
        ready.arrive_and_wait();
        clients[i].call("task.accept", about(takes[i].first.id), takes[i].second->token);
      });
    }
    held.let_in(takes.size());
  }

  // A worker who takes more than he can do, from eight hands at once.
  void hoard() {
    for (int round = 0; round < kRounds; ++round) {
      const SafetyPeople fresh = stage_.people(kHands, 1);
      const Person& worker = fresh.workers[0];
      std::vector<std::pair<SideTask, const Person*>> takes;
      takes.reserve(fresh.posters.size());
      for (const Person& poster : fresh.posters)
        takes.emplace_back(drive_task(client_, poster, worker, Stop::funded, kCheapest), &worker);
      accept_at_once(takes);
      gained("a hoarder", "tasks at a time", kActiveMax,
             number(fmt::format("SELECT count(*) FROM tasks WHERE worker_id = '{}' AND state = 'ACCEPTED'",
                                worker.id)));
    }
  }

  // Two friends who take each other's tasks, all at the same moment: one pair, whoever posts.
  void trade() {
    for (int round = 0; round < kRounds; ++round) {
      const SafetyPeople friends = stage_.people(0, 2);
      const Person &one = friends.workers[0], &two = friends.workers[1];
      std::vector<std::pair<SideTask, const Person*>> takes;
      for (int i = 0; i < kPairMax; ++i) {
        takes.emplace_back(drive_task(client_, one, two, Stop::funded, kCheapest), &two);
        takes.emplace_back(drive_task(client_, two, one, Stop::funded, kCheapest), &one);
      }
      accept_at_once(takes);
      gained("a pair", "tasks of each other's within a day", kPairMax,
             number(fmt::format(
                 "SELECT count(*) FROM tasks WHERE worker_id IN ('{}', '{}') AND state = 'ACCEPTED'", one.id,
                 two.id)));
    }
  }

  // XP farming: everybody of the ring posts the cheapest tasks for the next one, who does nothing but submit.
  void ring(std::size_t members) {
    const SafetyPeople ring = stage_.people(0, members);
    for (int round = 0; round < 6; ++round) {
      for (std::size_t i = 0; i < members; ++i) farm(ring.workers[i], ring.workers[(i + 1) % members]);
    }
    std::int64_t xp = 0;
    for (const Person& person : ring.workers) xp += xp_of(person);
    // Streaks may raise the cheapest task's XP by half at most.
    const auto pairs = static_cast<std::int64_t>(members == 2 ? 1 : members);
    gained(fmt::format("a ring of {}", members), "XP in a day", pairs * kPairMax * kXpOfCheapest * 3 / 2, xp);
    stage_.judge.count("safety abuse xp_farming");
  }
  void farm(const Person& poster, const Person& worker) {
    try {
      const SideTask task = drive_task(client_, poster, worker, Stop::reviewed, kCheapest);
      client_.call("task.complete", about(task.id), poster.token);
    } catch (const std::runtime_error&) {
      return;  // he was stopped; what he has gained is counted in the end
    }
  }

  // Self-dealing: the poster's second account, on the same device or paid to the same bank account.
  void second_account() {
    const Person& poster = people_.posters[7];
    const Person& by_device = people_.workers[3];
    const Person& by_account = people_.workers[4];
    client_.sql(fmt::format(
        "INSERT INTO beta_members (user_id, role, device_hash, joined_at) VALUES ('{0}', 'poster', "
        "'{1}', '{3}'), ('{2}', 'hustler', '{1}', '{3}')",
        poster.id, tag_, by_device.id, iso_text(client_.now)));
    client_.sql(fmt::format(
        "UPDATE users SET stripe_connect_id = (SELECT stripe_connect_id FROM users WHERE id = '{}')"
        " WHERE id = '{}'",
        by_account.id, poster.id));
    for (const Person* second : {&by_device, &by_account}) farm(poster, *second);
    gained("a poster who works for himself by a device", "XP", 0, xp_of(by_device));
    gained("a poster who works for himself by an account", "XP", 0, xp_of(by_account));
    stage_.judge.count("safety abuse self_dealing");
  }

  // Somebody else's identity: claims, addresses and devices that are not the bearer's own.
  void stolen_identity() {
    const Person& victim = people_.workers[5];
    const std::string address =
        client_.sql(fmt::format("SELECT email FROM users WHERE id = '{}'", victim.id));
    const std::string thief = client_.tokens_claiming(
        "thief-" + tag_,
        json{{"email", address}, {"user_id", victim.uid}, {"uid", victim.uid}, {"admin", true}}.dump());
    const Reply profile = client_.call("user.getProfile", "", thief);
    gained("a thief who claims the victim's address", "the victim's account", 0,
           profile.text("/result/data/id") == victim.id ? 1 : 0);
    gained("a thief who claims the victim's address", "the victim's address", 0,
           profile.text("/result/data/email") == address ? 1 : 0);
    gained("a thief who claims to be an admin", "an administrative read", 0,
           client_.call("admin.getFreeze", "", thief).ok() ? 1 : 0);
    return_after_ban();
    stage_.judge.count("safety abuse stolen_identity");
  }

  // FM-170: whoever was banned does not come back on the same device.
  void return_after_ban() {
    const auto join = [&](const std::string& uid) {
      return client_.call("beta.join", json{{"role", "hustler"}, {"device_id", "phone-" + tag_}}.dump(),
                          client_.tokens({uid + tag_}).front());
    };
    const Reply first = join("first-");
    stage_.expect("safety abuse", kRule, kSpec, "the first account of a device", "ok", told(first));
    client_.sql(
        fmt::format("UPDATE users SET banned = true WHERE id = '{}'", first.text("/result/data/user_id")));
    gained("a banned person", "a second account", 0, join("second-").ok() ? 1 : 0);
    gained("a banned person", "his first account back", 0,
           client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})",
                        client_.tokens({"first-" + tag_}).front())
                   .ok()
               ? 1
               : 0);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::string tag_;
};

}  // namespace

void check_adversaries(const SafetyStage& stage) {
  Adversaries(stage).run();
}

}  // namespace loadgen
