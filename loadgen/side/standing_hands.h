// What administrators do to somebody's account by calls, for the checks of a side stage.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/side/side_client.h"

namespace loadgen {

// `event`: one strike a user and event.
Reply add_strike(SideClient& client, const Person& by, const Person& person, int severity,
                 const std::string& event);
// `until` absent: without an end.
Reply set_standing(SideClient& client, const Person& by, const Person& person, std::string_view status,
                   model::Instant until = {});
// Facts that are CRITICAL whatever the account's age; the score is made by admin.assessRisk.
void make_risky(SideClient& client, const Person& person);
Reply assess_risk(SideClient& client, const Person& by, const Person& person);

// A change of no consequence that everybody may make who may act at all.
Reply change_something(SideClient& client, const Person& person);
// users.banned, which no procedure sets.
void ban(SideClient& client, const std::string& user);

// "ACTIVE", "SUSPENDED", "SUSPENDED until 2027-01-31T23:59:59.123Z"; as an answer and as the row tells it.
std::string standing_text(std::string_view status, const std::string& until);
std::string standing_told(const Reply& reply);
std::string standing_stored(SideClient& client, const Person& person);

}  // namespace loadgen
