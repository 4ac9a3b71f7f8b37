#include "loadgen/load/journey_tally.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace loadgen::load {

std::string fault_name(const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::none:
      return "ok";
    case Fault::Kind::refused:
      return "refused";
    case Fault::Kind::reset:
      return "reset";
    case Fault::Kind::timeout:
      return "timeout";
    case Fault::Kind::malformed:
      return "malformed";
    case Fault::Kind::status:
      return fmt::format("HTTP {}", fault.detail);
    case Fault::Kind::error:
      return std::string(name(static_cast<model::Code>(fault.detail)));
    case Fault::Kind::body:
      return "wrong body";
    case Fault::Kind::outcome:
      return "unexpected outcome";
    case Fault::Kind::effect:
      return "no effect";
    case Fault::Kind::processor:
      return "processor";
    case Fault::Kind::unsent:
      return "unsent";
  }
  return "";
}

Fault fault_of(Failure failure) {
  switch (failure) {
    case Failure::refused:
      return {Fault::Kind::refused};
    case Failure::reset:
      return {Fault::Kind::reset};
    case Failure::timeout:
      return {Fault::Kind::timeout};
    case Failure::status:
      return {Fault::Kind::status};
    case Failure::body:
      return {Fault::Kind::body};
    case Failure::malformed:
      return {Fault::Kind::malformed};
    case Failure::unsent:
      return {Fault::Kind::unsent};
  }
  return {};
}

std::string scope_name(std::size_t scope) {
  if (scope < model::kActionCount) return std::string(model::kActionNames[scope]);
  if (scope == kLoopScope) return "webhook.loop";
  return fmt::format("journey.{}", sim::kJourneyNames[scope - kFirstJourney]);
}

std::size_t scope_of(std::string_view name) {
  for (std::size_t scope = 0; scope < kScopes; ++scope) {
    if (scope_name(scope) == name) return scope;
  }
  return kScopes;
}

std::uint64_t CallStats::failed() const {
  std::uint64_t sum = 0;
  for (const auto& [fault, histogram] : faults) sum += histogram.count();
  return sum;
}

void CallStats::succeed(std::int64_t at_ns, std::int64_t us) {
  ok.record(us);
  over_time.add(at_ns, us);
  ++coarse[coarse_bucket(us)];
}

void CallStats::fail(const Fault& fault, std::int64_t us) {
  auto found = std::ranges::find(faults, fault, &std::pair<Fault, Histogram>::first);
  if (found == faults.end()) found = faults.emplace(faults.end(), fault, Histogram());
  found->second.record(us);
}

void CallStats::merge(const CallStats& other) {
  ok.merge(other.ok);
  over_time.merge(other.over_time);
  for (std::size_t i = 0; i < kCoarse; ++i) coarse[i] += other.coarse[i];
  for (const auto& [fault, histogram] : other.faults) {
    auto found = std::ranges::find(faults, fault, &std::pair<Fault, Histogram>::first);
    if (found == faults.end()) found = faults.emplace(faults.end(), fault, Histogram());
    found->second.merge(histogram);
  }
}

CallStats& JourneyPhase::scope(std::size_t index) {
  auto& place = scopes_[index];
  if (!place) place = std::make_unique<CallStats>(*span_);
  return *place;
}

namespace {

void add(JourneyCounts& to, const JourneyCounts& from) {
  to.due += from.due, to.clean += from.clean, to.failed += from.failed, to.skipped += from.skipped;
  to.unfinished += from.unfinished;
}

}  // namespace

void JourneyPhase::merge(const JourneyPhase& other) {
  for (std::size_t i = 0; i < kScopes; ++i) {
    if (other.scopes_[i]) scope(i).merge(*other.scopes_[i]);
  }
  requests.merge(other.requests);
  for (std::size_t i = 0; i < journeys.size(); ++i) add(journeys[i], other.journeys[i]);
  for (std::size_t i = 0; i < populations.size(); ++i) add(populations[i], other.populations[i]);
  lateness.merge(other.lateness);
  intended.merge(other.intended);
  sent.merge(other.sent);
  on_time += other.on_time;
  waited += other.waited;
  begun += other.begun;
}

JourneyCounts JourneyPhase::all() const {
  JourneyCounts sum;
  for (const JourneyCounts& one : journeys) add(sum, one);
  return sum;
}

JourneyTally::JourneyTally(const std::vector<PhaseSpan>& spans, std::size_t populations) {
  for (const PhaseSpan& span : spans) {
    phases.emplace_back(span);
    phases.back().populations.resize(populations);
  }
  series.resize(static_cast<std::size_t>(std::ceil(static_cast<double>(spans.back().to_ns) / 1e9)) + 1);
}

JourneySecond& JourneyTally::second(std::int64_t at_ns) {
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(at_ns, 0) / 1'000'000'000);
  return series[std::min(index, series.size() - 1)];
}

void JourneyTally::success(std::uint32_t phase, std::size_t scope, std::int64_t from, std::int64_t now) {
  const std::int64_t us = std::max<std::int64_t>(0, now - from) / 1000;
  JourneyPhase& here = phases[phase];
  here.scope(scope).succeed(from, us);
  if (scope >= kLoopScope || !model::is_procedure(static_cast<model::Action>(scope))) {
    if (scope != static_cast<std::size_t>(model::Action::webhook_deliver)) return;
  }
  here.requests.succeed(from, us);
  JourneySecond& when = second(from);
  ++when.ok;
  when.sum_us += static_cast<std::uint64_t>(us);
  when.max_us = std::max(when.max_us, static_cast<std::uint64_t>(us));
  ++when.buckets[coarse_bucket(us) / 4];
}

void JourneyTally::failure(std::uint32_t phase, std::size_t scope, const Fault& fault, std::int64_t from,
                           std::int64_t now) {
  const std::int64_t us = std::max<std::int64_t>(0, now - from) / 1000;
  JourneyPhase& here = phases[phase];
  here.scope(scope).fail(fault, us);
  if (scope >= kLoopScope) return;
  here.requests.fail(fault, us);
  ++second(from).failed;
}

void JourneyTally::merge(const JourneyTally& other) {
  for (std::size_t i = 0; i < phases.size(); ++i) phases[i].merge(other.phases[i]);
  for (std::size_t i = 0; i < series.size(); ++i) {
    JourneySecond& mine = series[i];
    const JourneySecond& its = other.series[i];
    mine.journeys += its.journeys, mine.sent += its.sent, mine.ok += its.ok, mine.failed += its.failed;
    mine.sum_us += its.sum_us;
    mine.max_us = std::max(mine.max_us, its.max_us);
    for (std::size_t b = 0; b < mine.buckets.size(); ++b) mine.buckets[b] += its.buckets[b];
  }
}

}  // namespace loadgen::load
