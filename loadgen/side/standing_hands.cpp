#include "loadgen/side/standing_hands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"

namespace loadgen {

using nlohmann::json;

Reply add_strike(SideClient& client, const Person& by, const Person& person, int severity,
                 const std::string& event) {
  const json input{{"user_id", person.id},
                   {"severity", severity},
                   {"source_event", event},
                   {"reason", "Seen by a moderator."}};
  return client.call("admin.addStrike", input.dump(), by.token);
}

Reply set_standing(SideClient& client, const Person& by, const Person& person, std::string_view status,
                   model::Instant until) {
  json input{{"user_id", person.id}, {"status", status}, {"reason", "Decided by a human."}};
  if (until.present()) input["suspended_until"] = iso_text(until);
  return client.call("admin.updateUserStatus", input.dump(), by.token);
}

void make_risky(SideClient& client, const Person& person) {
  client.sql(
      fmt::format("INSERT INTO user_risk_facts (user_id, devices, addresses, chargebacks, "
                  "card_risk_hundredths, updated_at) VALUES ('{}', 9, 9, 9, 100, '{}')",
                  person.id, iso_text(client.now)));
}

Reply assess_risk(SideClient& client, const Person& by, const Person& person) {
  const json input{{"user_id", person.id}, {"reason", "A routine look."}};
  return client.call("admin.assessRisk", input.dump(), by.token);
}

Reply change_something(SideClient& client, const Person& person) {
  return client.call("user.updateProfile", R"({"full_name":"Ana Adams"})", person.token);
}

void ban(SideClient& client, const std::string& user) {
  client.sql(fmt::format("UPDATE users SET banned = true WHERE id = '{}'", user));
}

std::string standing_text(std::string_view status, const std::string& until) {
  return std::string(status) + (status != "SUSPENDED" || until.empty() ? "" : " until " + until);
}

std::string standing_told(const Reply& reply) {
  return reply.ok() ? standing_text(reply.text("/result/data/account_status"),
                                    reply.text("/result/data/suspended_until"))
                    : told(reply);
}

std::string standing_stored(SideClient& client, const Person& person) {
  const std::string row = client.sql(
      fmt::format("SELECT account_status || ' ' || coalesce(floor(extract(epoch FROM suspended_until) * "
                  "1000)::bigint::text, '') FROM users WHERE id = '{}'",
                  person.id));
  const std::size_t blank = row.find(' ');
  const std::string until = blank + 1 < row.size() ? iso_text({std::stoll(row.substr(blank + 1))}) : "";
  return standing_text(row.substr(0, blank), until);
}

}  // namespace loadgen
