#include "sim/providers/hostile.h"

#include <nlohmann/json.hpp>

#include "sim/providers/ids.h"

namespace sim::providers {
namespace {

using model::EventFlavour;
using std::chrono::milliseconds;

constexpr std::int64_t kOutsideTolerance = 400;  // seconds; the usual tolerance is 300

// A stream of numbers for one event: the same whatever happens to other events.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t event_number) : seed_(mix(seed, event_number)) {}
  std::uint64_t below(std::uint64_t bound) { return mix(seed_, count_++) % bound; }
  bool percent(int chance) { return below(100) < static_cast<std::uint64_t>(chance); }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace

std::vector<PlannedDelivery> plan_deliveries(const HostileOptions& options, std::uint64_t seed,
                                             std::uint64_t event_number) {
  Dice dice(seed, event_number);
  PlannedDelivery first;
  // Every die is rolled for every event, so that one option does not move another's outcomes.
  const auto delay = milliseconds(dice.below(static_cast<std::uint64_t>(options.delay_ms) + 1));
  const auto held = milliseconds(20 + dice.below(181));
  const auto late = milliseconds(1'000 + dice.below(2'001));
  const auto again = milliseconds(10 + dice.below(91));
  first.after = delay;
  if (dice.percent(options.reorder)) first.after += held;
  if (dice.percent(options.late)) first.after += late;
  if (dice.percent(options.parallel_duplicate)) first.parallel = 2;
  first.dropped = dice.percent(options.drop_then_retry);
  std::vector<PlannedDelivery> out{first};
  if (dice.percent(options.duplicate)) out.push_back({first.after + again, EventFlavour::genuine});
  if (dice.percent(options.wrong_amount)) out.push_back({delay, EventFlavour::wrong_amount});
  if (dice.percent(options.forged)) out.push_back({delay, EventFlavour::forged_signature});
  if (dice.percent(options.stale)) out.push_back({delay, EventFlavour::stale});
  return out;
}

bool is_content_fault(EventFlavour flavour) {
  return flavour == EventFlavour::wrong_amount || flavour == EventFlavour::wrong_currency ||
         flavour == EventFlavour::foreign_intent;
}

Event spoiled_event(const Event& event, EventFlavour flavour, IdSource& ids) {
  nlohmann::ordered_json object = nlohmann::ordered_json::parse(event.object);
  if (flavour == EventFlavour::wrong_amount) {
    for (const char* member : {"amount", "amount_received", "amount_captured"})
      if (object.contains(member) && object[member] != 0)
        object[member] = object[member].get<std::int64_t>() + 100;
  } else if (flavour == EventFlavour::wrong_currency) {
    object["currency"] = "eur";
  } else if (flavour == EventFlavour::foreign_intent) {
    // The metadata stay: a listener that trusts them instead of the intent's id is caught.
    const bool transfer = object["object"] == "transfer";
    object["id"] = ids.next(transfer ? "tr_" : "pi_");
    if (transfer) object["metadata"] = nlohmann::ordered_json::object();
  }
  Event out;
  out.type = event.type;
  out.account = event.account;
  out.object = object.dump(2);
  return out;
}

Envelope seal(std::string body, EventFlavour flavour, std::string_view secret, std::int64_t now) {
  switch (flavour) {
    case EventFlavour::forged_signature: {
      std::string signature = sign_envelope("whsec_somebody_else", now, body);
      return {std::move(body), std::move(signature)};
    }
    case EventFlavour::no_signature:
      return {std::move(body), std::nullopt};
    case EventFlavour::stale:
    case EventFlavour::future: {
      const std::int64_t t =
          flavour == EventFlavour::stale ? now - kOutsideTolerance : now + kOutsideTolerance;
      std::string signature = sign_envelope(secret, t, body);
      return {std::move(body), std::move(signature)};
    }
    case EventFlavour::tampered_body: {
      std::string signature = sign_envelope(secret, now, body);
      constexpr std::string_view test_mode = "\"livemode\": false";
      const std::size_t at = body.find(test_mode);
      if (at == std::string::npos)
        body += ' ';
      else
        body.replace(at, test_mode.size(), "\"livemode\": true");
      return {std::move(body), std::move(signature)};
    }
    case EventFlavour::genuine:
    case EventFlavour::wrong_amount:
    case EventFlavour::wrong_currency:
    case EventFlavour::foreign_intent:
      break;
  }
  std::string signature = sign_envelope(secret, now, body);
  return {std::move(body), std::move(signature)};
}

}  // namespace sim::providers
