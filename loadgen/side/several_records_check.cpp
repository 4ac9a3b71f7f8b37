// People with more than one record of a kind (ELG-9): a profile is insured as long as any of its policies
// lasts, and loses with one trade only what rests on it. What each record opens it opens to its own end.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 2> kTrades{"electrician", "plumber"};

// Two licences, the policies for both, a background check: each ends an hour after another one.
enum Held : std::uint8_t { licence0, licence1, policy0, policy1, background };
constexpr std::size_t kHeld = 5;
using Ends = std::array<model::Instant, kHeld>;

// Tasks that nobody would post, each asking for some of these.
struct Door {
  std::string_view what, set;
  std::array<bool, kHeld> asks;
};
constexpr std::array kDoors{
    Door{"the first trade", "required_trade = 'electrician'", {true}},
    Door{"the second trade", "required_trade = 'plumber'", {false, true}},
    Door{"the first trade, insured",
         "required_trade = 'electrician', insurance_required = true",
         {true, false, true}},
    Door{"the second trade, insured",
         "required_trade = 'plumber', insurance_required = true",
         {false, true, false, true}},
    Door{"a background check", "background_check_required = true", {false, false, false, false, true}}};

class SeveralRecords {
 public:
  explicit SeveralRecords(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 5 + kHeld)) {}

  void run() {
    for (const std::size_t longer : {0UZ, 1UZ}) {
      two_policies(people_.workers[longer], longer);
      revoked(people_.workers[2 + longer], longer);
    }
    for (std::size_t i = 0; i < kHeld; ++i) doors(people_.workers[4 + i], i);
    of_its_own_trade(people_.workers[4 + kHeld]);
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety requirements", "ELG-9", "eligibility.md §5.3", what, expected, observed);
  }
  model::Instant end(std::size_t which, std::size_t longer) const {
    return start_ + (which == longer ? 60 : 20) * model::kDay;
  }

  // A record that waits, inserted as a service does, and decided through the server.
  std::string decided(const Person& person, std::string_view type, std::string_view columns,
                      const std::string& values, model::Instant until) {
    const std::string id = client_.sql(fmt::format(
        "INSERT INTO {} (user_id, {}, status, created_at) VALUES ('{}', {}, 'pending', '{}') RETURNING id",
        type == "background_check" ? "background_checks" : fmt::format("{}_verifications", type), columns,
        person.id, values, iso_text(client_.now)));
    must(client_.call("verification.resolve",
                      json{{"verification_id", id},
                           {"type", type},
                           {"decision", "verified"},
                           {"expires_at", iso_text(until)}}
                          .dump(),
                      people_.clerk.token),
         "verification.resolve");
    return id;
  }
  void licensed(const Person& person, std::size_t trade, model::Instant until) {
    decided(person, "license", "trade, state, license_number, source",
            fmt::format("'{}', 'WA', '1', 'registry'", kTrades.at(trade)), until);
  }
  std::string insure(const Person& person, std::size_t trade, model::Instant until) {
    return decided(person, "insurance", "trade, coverage_amount, source",
                   fmt::format("'{}', 100000, 'coi_upload'", kTrades.at(trade)), until);
  }
  std::array<std::string, 2> insured(const Person& person, std::size_t longer) {
    client_.now = start_;
    for (const std::size_t trade : {0UZ, 1UZ}) licensed(person, trade, start_ + 90 * model::kDay);
    return {insure(person, 0, end(0, longer)), insure(person, 1, end(1, longer))};
  }
  std::string insurance(const Person& person) {
    const Reply reply = client_.call("eligibility.getProfile", "", person.token);
    if (!reply.ok()) return told(reply);
    return fmt::format("{} until {}", reply.text("/result/data/insurance_valid"),
                       reply.text("/result/data/insurance_expires_at"));
  }

  void two_policies(const Person& person, std::size_t longer) {
    insured(person, longer);
    const std::string latest = fmt::format("true until {}", iso_text(end(longer, longer)));
    expect("insurance with two policies", latest, insurance(person));
    client_.now = end(1 - longer, longer);
    expect("insurance when the first of two policies has ended", latest, insurance(person));
    client_.now = end(longer, longer);
    expect("insurance when both policies have ended", "false until ", insurance(person));
    client_.now = start_;
  }

  // The longer one is taken back: the other one stays.
  void revoked(const Person& person, std::size_t longer) {
    const std::array<std::string, 2> policies = insured(person, longer);
    const json input{{"verification_id", policies[longer]},
                     {"type", "insurance"},
                     {"decision", "failed"},
                     {"reason", "Forged."}};
    expect("the longer of two policies is taken back", "ok",
           code_told(client_.call("verification.resolve", input.dump(), people_.clerk.token)));
    expect("insurance when the longer of two policies was taken back",
           fmt::format("true until {}", iso_text(end(1 - longer, longer))), insurance(person));
  }

  // T-ELG-08: a policy rests on the trade that it is for; others do not help.
  void of_its_own_trade(const Person& person) {
    client_.now = start_;
    const auto handed_in = [&](std::size_t trade) {
      const json input{{"trade", kTrades.at(trade)},
                       {"coverage_amount", 100000},
                       {"document_urls", json::array({"https://example.invalid/policy.pdf"})}};
      const Reply reply = client_.call("verification.submitInsurance", input.dump(), person.token);
      return reply.ok() ? "ok" : reply.hx;
    };
    for (std::size_t licences = 0; licences <= 2; ++licences) {
      if (licences > 0) licensed(person, licences - 1, start_ + 90 * model::kDay);
      for (const std::size_t trade : {1UZ, 0UZ}) {
        if (trade + 1 < licences) continue;  // handed in the time before
        expect(fmt::format("a policy for trade {} of one who has the first {}", trade + 1, licences),
               trade < licences ? "ok" : "HX608", handed_in(trade));
      }
    }
  }

  // ELG-12: around the end of every record, in an order that begins with another one each time; no job runs.
  void doors(const Person& person, std::size_t first) {
    client_.now = start_;
    Ends ends;
    for (std::size_t i = 0; i < kHeld; ++i)
      ends[i] = start_ + static_cast<model::Millis>((i + kHeld - first) % kHeld + 1) * model::kHour;
    for (const std::size_t trade : {0UZ, 1UZ}) licensed(person, trade, ends[licence0 + trade]);
    for (const std::size_t trade : {0UZ, 1UZ}) insure(person, trade, ends[policy0 + trade]);
    decided(person, "background_check", "provider", "'planted'", ends[background]);
    std::array<SideTask, kDoors.size()> tasks;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      tasks[i] = drive_task(client_, people_.posters[0], person, Stop::funded);
      client_.sql(
          fmt::format("SET session_replication_role = replica; UPDATE tasks SET {} WHERE id = '{}';"
                      " SET session_replication_role = DEFAULT",
                      kDoors[i].set, tasks[i].id));
    }
    Ends in_order = ends;
    std::ranges::sort(in_order);
    for (const model::Instant end : in_order) {
      for (const model::Millis past : {-1, 0}) {
        client_.now = end + past;
        const Reply feed = client_.call("feed.get", R"({"limit":100})", person.token);
        for (std::size_t i = 0; i < tasks.size(); ++i) {
          const std::string what = fmt::format("a task that asks for {}, {}", kDoors[i].what, told_of(ends));
          const bool open = opens(kDoors[i], ends, client_.now);
          knock(person, what, tasks[i], open, feed.body.contains(tasks[i].id));
          if (open || !opens(kDoors[i], ends, end + -1)) continue;  // it has just closed
          expect("taking " + what, "403 HX609",
                 code_told(client_.call("task.accept", json{{"task_id", tasks[i].id}}.dump(), person.token)));
        }
      }
    }
    client_.now = start_;
  }
  static bool opens(const Door& door, const Ends& ends, model::Instant now) {
    bool all = true;
    for (std::size_t i = 0; i < kHeld; ++i) all = all && (!door.asks[i] || now < ends[i]);
    return all;
  }
  std::string told_of(const Ends& ends) const {
    std::string text = fmt::format("{} ms after records were made that last for", client_.now - start_);
    for (const model::Instant end : ends) text += fmt::format(" {}", (end - start_) / model::kHour);
    return text + " hours";
  }
  void knock(const Person& person, const std::string& what, const SideTask& task, bool open, bool shown) {
    const Reply check = client_.call("eligibility.check", json{{"task_id", task.id}}.dump(), person.token);
    expect(what, open ? "shown, eligible: true" : "hidden, eligible: false",
           fmt::format("{}, eligible: {}", shown ? "shown" : "hidden", check.text("/result/data/eligible")));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  model::Instant start_ = client_.now;
};

}  // namespace

void check_several_records(const SafetyStage& stage) {
  SeveralRecords(stage).run();
}

}  // namespace loadgen
