#include "loadgen/load/arrivals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "net/sign.h"
#include "sim/splitmix.h"

namespace loadgen::load {
namespace {

struct Name {
  Curve curve;
  Spacing spacing;
  std::string_view text;
};
constexpr std::array names = {
    Name{Curve::constant, Spacing::even, "constant"}, Name{Curve::constant, Spacing::poisson, "poisson"},
    Name{Curve::ramp, Spacing::even, "ramp"},         Name{Curve::ramp, Spacing::poisson, "ramp-poisson"},
    Name{Curve::step, Spacing::even, "step"},         Name{Curve::step, Spacing::poisson, "step-poisson"},
    Name{Curve::spike, Spacing::even, "spike"},       Name{Curve::spike, Spacing::poisson, "spike-poisson"},
    Name{Curve::day, Spacing::even, "day"},           Name{Curve::day, Spacing::poisson, "day-poisson"},
};

// Share of the busiest hour's rate at each full hour from midnight: errands are posted in the morning and
// done after work; an assumption until a real day is recorded.
constexpr std::array<double, 25> city_day = {0.12, 0.08, 0.06, 0.05, 0.06, 0.10, 0.22, 0.42, 0.62,
                                             0.74, 0.80, 0.84, 0.88, 0.84, 0.80, 0.82, 0.90, 1.00,
                                             0.98, 0.86, 0.68, 0.48, 0.32, 0.20, 0.12};

}  // namespace

double exponential(std::uint64_t& state) {
  return -std::log1p(-static_cast<double>(sim::splitmix(state) >> 11) * 0x1.0p-53);
}

std::expected<std::pair<Curve, Spacing>, std::string> parse_arrivals(std::string_view text) {
  std::string known;
  for (const Name& name : names) {
    if (name.text == text) return std::pair(name.curve, name.spacing);
    known += (known.empty() ? "" : ", ") + std::string(name.text);
  }
  return std::unexpected(fmt::format("expected one of {}, got '{}'", known, text));
}

std::string arrivals_name(Curve curve, Spacing spacing) {
  const auto* found = std::ranges::find_if(
      names, [&](const Name& name) { return name.curve == curve && name.spacing == spacing; });
  return std::string(found->text);
}

std::vector<Arrivals::Piece> Arrivals::pieces_of(const ArrivalPlan& plan) {
  std::vector<Piece> pieces;
  const auto add = [&](double begin, double end, double from, double to) {
    const double seconds = (end - begin) * plan.duration_s;
    if (pieces.empty() && plan.warmup_s > 0) {
      pieces.push_back({0, from * plan.rate, 0, from * plan.rate * plan.warmup_s});
    }
    pieces.push_back({plan.warmup_s + begin * plan.duration_s, from * plan.rate,
                      (to - from) * plan.rate / seconds, (from + to) / 2 * plan.rate * seconds});
  };
  switch (plan.curve) {
    case Curve::constant:
      add(0, 1, 1, 1);
      break;
    case Curve::ramp:
      add(0, 1, 0.1, 1);
      break;
    case Curve::step:
      for (const double quarter : {0.0, 0.25, 0.5, 0.75}) {
        add(quarter, quarter + 0.25, quarter + 0.25, quarter + 0.25);
      }
      break;
    case Curve::spike:
      add(0, 0.45, 0.2, 0.2);
      add(0.45, 0.55, 1, 1);
      add(0.55, 1, 0.2, 0.2);
      break;
    case Curve::day:
      for (std::size_t hour = 0; hour < 24; ++hour) {
        add(static_cast<double>(hour) / 24, static_cast<double>(hour + 1) / 24, city_day[hour],
            city_day[hour + 1]);
      }
      break;
  }
  return pieces;
}

Arrivals::Arrivals(const ArrivalPlan& plan)
    : pieces_(pieces_of(plan)),
      spacing_(plan.spacing),
      end_ns_(std::llround((plan.warmup_s + plan.duration_s) * 1e9)),
      random_(plan.seed) {
  if (spacing_ == Spacing::poisson) at_ = exponential(random_);
}

std::int64_t Arrivals::next() {
  while (piece_ < pieces_.size() && at_ >= before_ + pieces_[piece_].count)
    before_ += pieces_[piece_++].count;
  if (piece_ == pieces_.size()) return kEnd;
  const Piece& piece = pieces_[piece_];
  // Where in the piece `rate * x + slope * x² / 2` reaches the rest: the form without cancellation.
  const double rest = at_ - before_;
  const double root = std::sqrt(std::max(0.0, piece.rate * piece.rate + 2 * piece.slope * rest));
  const std::int64_t instant = std::llround((piece.begin_s + 2 * rest / (piece.rate + root)) * 1e9);
  if (instant >= end_ns_) {
    piece_ = pieces_.size();
    return kEnd;
  }
  ++index_;
  // Even spacing counts instead of adding up, so that an hour later the error is still that of one rounding.
  at_ = spacing_ == Spacing::even ? static_cast<double>(index_) : at_ + exponential(random_);
  return instant;
}

ArrivalShare::ArrivalShare(const ArrivalPlan& plan, std::uint64_t first, std::uint64_t stride)
    : all_(plan), stride_(stride), head_(all_.next()) {
  for (std::uint64_t i = 0; i < first; ++i) head_ = all_.next();
}

void ArrivalShare::pop() {
  for (std::uint64_t i = 0; i < stride_; ++i) head_ = all_.next();
}

ScheduleFacts schedule_facts(const ArrivalPlan& plan) {
  Arrivals arrivals(plan);
  ScheduleFacts facts;
  net::Sha256 hash;
  std::array<unsigned char, 512> bytes{};
  std::size_t used = 0;
  for (std::int64_t at = arrivals.next(); at != Arrivals::kEnd; at = arrivals.next(), ++facts.count) {
    for (std::size_t i = 0; i < 8; ++i) bytes[used++] = static_cast<unsigned char>(at >> (8 * i));
    if (used < bytes.size()) continue;
    hash.add(bytes);
    used = 0;
  }
  hash.add(std::span(bytes).first(used));
  facts.sha256 = hash.hex();
  return facts;
}

}  // namespace loadgen::load
