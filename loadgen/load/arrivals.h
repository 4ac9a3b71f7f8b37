// When requests are to be sent: instants only, fixed before the run by (curve, spacing, rate, duration,
// seed). An Arrivals value is a stream in constant memory; any number of threads read copies of it and take
// every n-th instant each, so the schedule is the same at any thread count.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::load {

// How the rate changes over the run; --rate is always the highest rate of the curve.
enum class Curve : std::uint8_t {
  constant,
  ramp,   // from a tenth of the rate to the rate, in a straight line
  step,   // a quarter, half, three quarters, all of the rate, for a quarter of the time each
  spike,  // a fifth of the rate; the rate for the middle tenth of the time
  day,    // 24 hours of a city compressed into the duration, the busiest hour at the rate
};
enum class Spacing : std::uint8_t {
  even,     // as the curve says, without chance
  poisson,  // independent arrivals: exponential gaps on the curve's own time
};

struct ArrivalPlan {
  Curve curve = Curve::constant;
  Spacing spacing = Spacing::even;
  double rate = 0;        // per second, > 0
  double duration_s = 0;  // of the curve, > 0
  double warmup_s = 0;    // before it, at the rate the curve begins with
  std::uint64_t seed = 0;
};

// "constant", "poisson" (constant and random), "ramp", "step", "spike", "day", each of the latter also with
// "-poisson". The error is one line that says what was expected.
std::expected<std::pair<Curve, Spacing>, std::string> parse_arrivals(std::string_view text);
std::string arrivals_name(Curve curve, Spacing spacing);

// A draw of mean 1; `state` moves on.
double exponential(std::uint64_t& state);

class Arrivals {
 public:
  static constexpr std::int64_t kEnd = INT64_MAX;

  explicit Arrivals(const ArrivalPlan& plan);

  // The next instant in nanoseconds from the start, never smaller than the one before; kEnd from the moment
  // on where the duration is over. Never allocates.
  std::int64_t next();

 private:
  struct Piece {  // the rate moves in a straight line from `rate` at `begin_s` by `slope` per second
    double begin_s, rate, slope, count;  // count: expected arrivals of the piece
  };
  static std::vector<Piece> pieces_of(const ArrivalPlan& plan);

  std::vector<Piece> pieces_;
  std::size_t piece_ = 0;
  double before_ = 0;  // expected arrivals of the pieces that are over
  double at_ = 0;      // expected arrivals until the next instant: the curve's own time
  Spacing spacing_;
  std::int64_t end_ns_;
  std::uint64_t random_;
  std::uint64_t index_ = 0;
};

// Every `stride`-th instant from number `first` on: one thread's share. Together the shares are the schedule.
class ArrivalShare {
 public:
  ArrivalShare(const ArrivalPlan& plan, std::uint64_t first, std::uint64_t stride);
  std::int64_t head() const { return head_; }  // the next instant, Arrivals::kEnd when there is none left
  void pop();

 private:
  Arrivals all_;
  std::uint64_t stride_;
  std::int64_t head_;
};

struct ScheduleFacts {
  std::uint64_t count = 0;
  std::string sha256;  // hex
};
// Hashes the instants as 8 bytes each, little end first.
ScheduleFacts schedule_facts(const ArrivalPlan& plan);  // walks the whole schedule: 30 ns an instant

}  // namespace loadgen::load
