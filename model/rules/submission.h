// What a submission's photos and fix are worth (proof-and-gps.md §2-§5): refused, or stored with its signals
// and its risk. Internal to model/rules, except for judges that ask which signals a call must have left.
#pragma once

#include <cstdint>

#include "model/rules/world.h"
#include "model/vocabulary/codes.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/instant.h"

namespace model {

struct SubmissionVerdict {
  Code code = Code::none;     // none: it may be stored
  std::uint32_t signals = 0;  // rows of fraud_events, one bit per Signal; a refusal leaves them as well
  std::uint16_t risk = 0;     // hundredths
  bool manual_review = false;
};

// Steps 6 to 8 of proof-and-gps.md §8, for a submission whose task exists and whose worker may submit. The
// worker and the task are those of the command.
SubmissionVerdict judge_submission(const World& world, const Command& command, Instant now);

// GPS-1 to GPS-7 alone. A task without a place asks for no distance.
SubmissionVerdict judge_fix(const User& worker, const GeoPoint& task, const Fix& fix, Instant now);

enum class Level : std::uint8_t { low, medium, high, critical };
Level level_of_risk(int hundredths);    // §5.5
Level level_of_speed(double km_per_h);  // §5.4: low, high or critical

// Great-circle distance with the radius of GPS-5, in metres.
double distance_m(DegreesE7 latitude1, DegreesE7 longitude1, DegreesE7 latitude2, DegreesE7 longitude2);

// The first zone of §5.2 that contains the point; nullptr: none ("Greater Seattle", or outside).
const CityZone* zone_of(DegreesE7 latitude, DegreesE7 longitude);

}  // namespace model
