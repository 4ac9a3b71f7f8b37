// Two calls about the records of one person, and what they open to him.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/meetings.h"

namespace loadgen {
namespace {

using nlohmann::json;

struct Kind {
  std::string_view type, table, columns, values;
};
constexpr Kind kLicense{"license", "license_verifications", "trade, state, license_number, source",
                        "'plumber', 'WA', '1', 'registry'"};
constexpr Kind kInsurance{"insurance", "insurance_verifications", "trade, coverage_amount, source",
                          "'plumber', 100000, 'coi_upload'"};
constexpr Kind kCheck{"background_check", "background_checks", "provider", "'checkr'"};

// A record that waits, inserted as a service does.
std::string waiting(Cast& cast, const Person& person, const Kind& kind) {
  return cast.client.sql(fmt::format(
      "INSERT INTO {} (user_id, {}, status, created_at) VALUES ('{}', {}, 'pending', '{}') RETURNING id",
      kind.table, kind.columns, person.id, kind.values, iso_text(cast.client.now)));
}
json decision(Cast& cast, const Kind& kind, const std::string& id, bool verified) {
  json input{{"verification_id", id}, {"type", kind.type}, {"decision", verified ? "verified" : "failed"}};
  if (verified) input["expires_at"] = iso_text(cast.client.now + 30 * model::kDay);
  if (!verified) input["reason"] = "Not confirmed.";
  return input;
}
std::string verified(Cast& cast, const Person& person, const Kind& kind) {
  std::string id = waiting(cast, person, kind);
  must_ask(cast, "verification.resolve", decision(cast, kind, id, true), cast.people.clerk);
  return id;
}
Call decided(Cast& cast, const Kind& kind, const std::string& id, bool verified) {
  return asks("verification.resolve", decision(cast, kind, id, verified), cast.people.clerk);
}

Call check_asked_for(Cast& cast, const Person& person) {
  return asks("verification.initiateBackgroundCheck",
              {{"consent_given", true}, {"consent_timestamp", iso_text(cast.client.now)}}, person);
}
Call license_handed_in(const Person& person, std::string_view number) {
  return asks("verification.submitLicense",
              {{"trade", "plumber"}, {"state", "WA"}, {"license_number", number}}, person);
}
Call expiry(const Person& person) {
  return [id = person.id](SideClient& client) {
    const Reply reply =
        client.post("/test/jobs/verification_expire", json{{"user_ids", json::array({id})}}.dump());
    return reply.ok() ? reply.text("/changed") + " changed" : told(reply);
  };
}

std::string records_of(Cast& cast, const Person& person) {
  const auto rows = [](const Kind& kind) {
    return fmt::format(
        "(SELECT '{0} ' || string_agg(status, ' ' ORDER BY status) FROM {1} v WHERE v.user_id "
        "= u.id)",
        kind.type, kind.table);
  };
  return cast.client.sql(
      fmt::format("SELECT concat_ws(', ', (SELECT string_agg(trade, ' ') FROM verified_trades t WHERE "
                  "t.user_id = u.id), 'insured ' || insurance_valid, 'checked ' || background_check_valid, "
                  "verification_status, 'for ' || (background_check_expires_at - '{}'), {}, {}, {})"
                  " FROM users u LEFT JOIN capability_profiles c ON c.user_id = u.id WHERE u.id = '{}'",
                  iso_text(cast.client.now), rows(kLicense), rows(kInsurance), rows(kCheck), person.id));
}

using Acts = std::pair<Call, Call> (*)(Cast&, const Person&);

Asked about(Cast& cast, Acts acts) {
  const Person& person = cast.next();
  auto [first, second] = acts(cast, person);
  return {std::move(first), std::move(second), [&cast, &person] { return records_of(cast, person); }};
}

}  // namespace

std::vector<Meeting> meetings_of_records(Cast& cast) {
  const auto of = [&](Acts acts) { return [&cast, acts] { return about(cast, acts); }; };
  return {
      {"verdicts on a license and on a background check of one person", of([](Cast& c, const Person& p) {
         return std::pair(decided(c, kLicense, waiting(c, p, kLicense), true),
                          decided(c, kCheck, waiting(c, p, kCheck), true));
       })},
      {"two verdicts on one license", of([](Cast& c, const Person& p) {
         const std::string id = waiting(c, p, kLicense);
         return std::pair(decided(c, kLicense, id, true), decided(c, kLicense, id, false));
       })},
      {"the verdict on a background check and another one asked for", of([](Cast& c, const Person& p) {
         return std::pair(decided(c, kCheck, waiting(c, p, kCheck), true), check_asked_for(c, p));
       })},
      {"the refusal of a background check and another one asked for", of([](Cast& c, const Person& p) {
         return std::pair(decided(c, kCheck, waiting(c, p, kCheck), false), check_asked_for(c, p));
       })},
      {"two background checks asked for by one person",
       of([](Cast& c, const Person& p) { return std::pair(check_asked_for(c, p), check_asked_for(c, p)); }),
       true},
      {"the end of a background check and another one asked for", of([](Cast& c, const Person& p) {
         verified(c, p, kCheck);
         c.client.now = c.client.now + 31 * model::kDay;
         return std::pair(expiry(p), check_asked_for(c, p));
       })},
      {"two licenses for one trade handed in", of([](Cast&, const Person& p) {
         return std::pair(license_handed_in(p, "1"), license_handed_in(p, "2"));
       }),
       true},
      {"the refusal of a license and another one handed in", of([](Cast& c, const Person& p) {
         return std::pair(decided(c, kLicense, waiting(c, p, kLicense), false), license_handed_in(p, "2"));
       })},
      {"the verdict on a license and another one handed in", of([](Cast& c, const Person& p) {
         return std::pair(decided(c, kLicense, waiting(c, p, kLicense), true), license_handed_in(p, "2"));
       })},
      {"the end of a license and another one handed in", of([](Cast& c, const Person& p) {
         verified(c, p, kLicense);
         c.client.now = c.client.now + 31 * model::kDay;
         return std::pair(expiry(p), license_handed_in(p, "2"));
       })},
      {"the verdict on an insurance and the loss of its license", of([](Cast& c, const Person& p) {
         const std::string license = verified(c, p, kLicense);
         return std::pair(decided(c, kInsurance, waiting(c, p, kInsurance), true),
                          decided(c, kLicense, license, false));
       })}};
}

}  // namespace loadgen
