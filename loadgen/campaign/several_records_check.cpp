// People with more than one record of a kind (ELG-9): a profile is insured as long as any of its policies
// lasts, and loses with one trade only what rests on it.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/safety_stage.h"
#include "loadgen/encode.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 2> kTrades{"electrician", "plumber"};

class SeveralRecords {
 public:
  explicit SeveralRecords(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(0, 4)) {}

  void run() {
    for (const std::size_t longer : {0UZ, 1UZ}) {
      two_policies(people_.workers[longer], longer);
      revoked(people_.workers[2 + longer], longer);
    }
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
        "INSERT INTO {}_verifications (user_id, {}, status, created_at) VALUES ('{}', {}, 'pending', '{}')"
        " RETURNING id",
        type, columns, person.id, values, iso_text(client_.now)));
    const Reply reply = client_.call("verification.resolve",
                                     json{{"verification_id", id},
                                          {"type", type},
                                          {"decision", "verified"},
                                          {"expires_at", iso_text(until)}}
                                         .dump(),
                                     people_.clerk.token);
    if (!reply.ok()) throw std::runtime_error("side stage: verification.resolve: " + told(reply));
    return id;
  }
  std::array<std::string, 2> insured(const Person& person, std::size_t longer) {
    std::array<std::string, 2> policies;
    client_.now = start_;
    for (const std::string_view trade : kTrades)
      decided(person, "license", "trade, state, license_number, source",
              fmt::format("'{}', 'WA', '1', 'registry'", trade), start_ + 90 * model::kDay);
    for (std::size_t i = 0; i < kTrades.size(); ++i)
      policies[i] = decided(person, "insurance", "trade, coverage_amount, source",
                            fmt::format("'{}', 100000, 'coi_upload'", kTrades[i]), end(i, longer));
    return policies;
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
