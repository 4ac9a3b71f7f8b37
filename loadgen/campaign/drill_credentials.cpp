#include <array>

#include <fmt/format.h>

#include "loadgen/campaign/drill_builder.h"
#include "model/vocabulary/eligibility.h"

namespace loadgen::drill {

using model::Action;
using model::Command;
using model::Instant;
using model::VerificationKind;

namespace {

constexpr model::Millis kTerm = 2 * model::kHour;
constexpr model::Millis kLongTerm = 365 * model::kDay;
constexpr std::uint16_t kLicense = 0, kInsurance = 1, kBackground = 2;  // slots of records

// How a record stands when it is handed in again.
enum class Standing : std::uint8_t { nothing, waits, refused, valid, revoked, over, marked };
constexpr std::array<std::string_view, 7> kStandings{"nothing", "waits",   "refused",       "valid",
                                                     "revoked", "is over", "is marked over"};

class Records : public Builder {
 public:
  using Builder::Builder;

  Records& submit(VerificationKind kind) {
    constexpr std::array kActions{Action::verification_submit_license, Action::verification_submit_insurance,
                                  Action::verification_initiate_background_check};
    then(about_record(kActions.at(static_cast<std::size_t>(kind)), kWorker, kind));
    return *this;
  }
  Records& resolve(VerificationKind kind, bool approve, int actor = kAdmin, model::Millis term = kTerm) {
    Command c = about_record(Action::verification_resolve, actor, kind);
    c.approve = approve;
    c.valid_for = term;
    then(c);
    return *this;
  }
  Records& in_trade(model::Trade trade) {  // of the records to come
    trade_ = trade;
    return *this;
  }
  Records& job() {
    Command c = command(Action::job_verification_expire);
    c.user = model::UserId{kWorker};
    then(c);
    return *this;
  }
  Records& look() {
    then(Action::verification_get_status, kWorker).then(Action::eligibility_get_profile, kWorker);
    then(Action::eligibility_check, kWorker);
    return *this;
  }

 private:
  Command about_record(Action action, int actor, VerificationKind kind) const {
    constexpr std::array kSlots{kLicense, kInsurance, kBackground};
    Command c = command(action, actor);
    c.kind = kind;
    c.trade = trade_;
    c.verification = model::VerificationId{kSlots.at(static_cast<std::size_t>(kind))};
    return c;
  }

  model::Trade trade_ = model::Trade::electrician;
};

// Brings a record of this kind to this standing, around `past` milliseconds from the end of its term.
void stand(Records& b, VerificationKind kind, Standing standing, model::Millis past) {
  if (standing == Standing::nothing) return;
  b.submit(kind);
  if (standing == Standing::waits) return;
  const Instant decided = b.now();
  b.resolve(kind, standing != Standing::refused);
  if (standing == Standing::revoked) b.resolve(kind, false);
  if (standing != Standing::over && standing != Standing::marked) return;
  b.at(decided + kTerm + past);
  if (standing == Standing::marked) b.same_moment(), b.job();
}

// ELG-12: what rests on a record is shown and may be taken until its end and no longer, and no job needs to
// have run for it.
Drill end_of_term(VerificationKind kind, model::Millis past, Instant start) {
  const bool critical = kind == VerificationKind::background_check;
  Records b("credentials", fmt::format("kind {} ends, {} ms", static_cast<int>(kind), past), start);
  b.with(kWorker, &model::User::tier, std::uint8_t{4});
  b.in_trade(critical ? model::Trade::in_home_care : model::Trade::electrician);
  Command posting = b.command(Action::task_create, kPoster);
  posting.category = critical ? model::Category::in_home_care : model::Category::electrical;
  posting.risk_answers = critical ? model::medical : std::uint8_t{0};
  b.then(posting).then(Action::escrow_create_intent, kPoster);
  b.then(Action::processor_pay).then(Action::webhook_deliver);
  Instant decided = start;
  for (const VerificationKind each :
       {VerificationKind::license, VerificationKind::insurance, VerificationKind::background_check}) {
    if (each == VerificationKind::background_check && !critical) continue;
    b.submit(each);
    if (each == kind) decided = b.now();
    b.resolve(each, true, kAdmin, each == kind ? kTerm : kLongTerm);
  }
  b.at(decided + kTerm + past);
  for (const Action look : {Action::verification_get_status, Action::eligibility_get_profile,
                            Action::eligibility_check, Action::feed_get, Action::task_accept})
    b.same_moment().then(look, kWorker);
  return b.read().done();
}

// A record is brought to this standing, looked at, handed in once more and decided once more. `trade`: how
// long the trade lasts that an insurance needs.
void add_record(std::vector<Drill>& drills, Instant start, VerificationKind kind, Standing standing,
                model::Millis past, model::Millis trade) {
  Records b("credentials",
            fmt::format("kind {} {}, {} ms{}", static_cast<int>(kind),
                        kStandings.at(static_cast<std::size_t>(standing)), past,
                        trade == kTerm ? "" : ", its trade lasts"),
            start);
  b.then(Action::task_create, kPoster);
  if (kind == VerificationKind::insurance) {
    b.submit(VerificationKind::license);
    b.same_moment();
    b.resolve(VerificationKind::license, true, kAdmin, trade);
  }
  stand(b, kind, standing, past);
  b.same_moment(), b.look();
  b.same_moment(), b.submit(kind);
  b.look();
  b.resolve(kind, false, kClerk).resolve(kind, true).resolve(kind, true).look();
  drills.push_back(b.done());
}

}  // namespace

// eligibility.md §4: a record of each kind in each standing is looked at, handed in once more and decided
// once more; the end of a term to the millisecond.
void add_credentials(std::vector<Drill>& drills, Instant start) {
  for (const VerificationKind kind :
       {VerificationKind::license, VerificationKind::insurance, VerificationKind::background_check}) {
    for (std::size_t s = 0; s < kStandings.size(); ++s) {
      const auto standing = static_cast<Standing>(s);
      const bool timed = standing == Standing::over || standing == Standing::marked;
      for (const model::Millis past : {-1, 0, 1}) {
        if (past != 0 && !timed) continue;
        add_record(drills, start, kind, standing, past, kTerm);
        // An insurance needs its trade, which may outlast it.
        if (kind == VerificationKind::insurance) add_record(drills, start, kind, standing, past, kLongTerm);
      }
    }
    for (const model::Millis past : {-1, 0, 1}) drills.push_back(end_of_term(kind, past, start));
  }
}

}  // namespace loadgen::drill
