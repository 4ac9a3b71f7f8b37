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
  Records& resolve(VerificationKind kind, bool approve, int actor = kAdmin) {
    Command c = about_record(Action::verification_resolve, actor, kind);
    c.approve = approve;
    c.valid_for = kTerm;
    then(c);
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
    c.trade = model::Trade::electrician;
    c.verification = model::VerificationId{kSlots.at(static_cast<std::size_t>(kind))};
    return c;
  }
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
        Records b("credentials",
                  fmt::format("kind {} {}, {} ms", static_cast<int>(kind), kStandings[s], past), start);
        b.then(Action::task_create, kPoster);
        if (kind == VerificationKind::insurance) {  // it needs a trade, decided so that it lasts as long
          b.submit(VerificationKind::license);
          b.same_moment();
          b.resolve(VerificationKind::license, true);
        }
        stand(b, kind, standing, past);
        b.same_moment(), b.look();
        b.same_moment(), b.submit(kind);
        b.look();
        b.resolve(kind, false, kClerk).resolve(kind, true).resolve(kind, true).look();
        drills.push_back(b.done());
      }
    }
  }
}

}  // namespace loadgen::drill
