#include "loadgen/load/thresholds.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace loadgen::load {
namespace {

void skip_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
}

std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  skip_spaces(text);
  return value;
}

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array times = {Unit{"us", 1}, Unit{"µs", 1}, Unit{"ms", 1e3}, Unit{"s", 1e6}};
constexpr std::array shares = {Unit{"%", 0.01}};
constexpr std::array counts = {Unit{"", 1}};
constexpr std::array rates = {Unit{"/s", 1}, Unit{"", 1}};

template <std::size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

bool read_metric(std::string_view word, Threshold& out) {
  using Metric = Threshold::Metric;
  if (word == "findings") return out.metric = Metric::findings, true;
  if (word == "errors") return out.metric = Metric::errors, true;
  if (word == "goodput") return out.metric = Metric::goodput, true;
  if (word == "rate") return out.metric = Metric::rate, true;
  if (word == "mean") return out.metric = Metric::mean, true;
  if (word == "max") return out.metric = Metric::max, true;
  if (!word.starts_with('p')) return false;
  word.remove_prefix(1);
  const auto percent = take_number(word);
  if (!percent || !word.empty() || *percent <= 0 || *percent >= 100) return false;
  out.percent = *percent;
  return true;
}

// "measure: task.getById p95" leaves "p95".
void take_scope(std::string_view& word, Threshold& out) {
  if (const auto colon = word.find(':'); colon != std::string_view::npos) {
    std::string_view phase = word.substr(0, colon);
    skip_spaces(phase);
    out.phase = phase;
    word.remove_prefix(colon + 1);
    skip_spaces(word);
  }
  if (const auto space = word.find(' '); space != std::string_view::npos) {
    out.of = word.substr(0, space);
    word.remove_prefix(space);
    skip_spaces(word);
  }
}

bool take_order(std::string_view& text, Threshold& out) {
  using Order = Threshold::Order;
  if (text.starts_with("==")) {
    out.order = Order::equal;
    text.remove_prefix(2);
    skip_spaces(text);
    return true;
  }
  if (text.empty() || (text[0] != '<' && text[0] != '>')) return false;
  const bool less = text[0] == '<', equal = text.size() > 1 && text[1] == '=';
  out.order = less ? (equal ? Order::at_most : Order::less) : (equal ? Order::at_least : Order::more);
  text.remove_prefix(equal ? 2 : 1);
  skip_spaces(text);
  return true;
}

}  // namespace

std::expected<Threshold, std::string> parse_threshold(std::string_view text) {
  Threshold out{.text = std::string(text)};
  const auto wrong = [&](std::string_view expected) {
    return std::unexpected(fmt::format("expected {}, got '{}'", expected, out.text));
  };
  skip_spaces(text);
  const auto order_at = text.find_first_of("<>=");
  std::string_view word = text.substr(0, order_at);
  skip_spaces(word);
  take_scope(word, out);
  if (!read_metric(word, out))
    return wrong("p50, p95, p99.9, mean, max, errors, rate, goodput or findings before < or >");
  text.remove_prefix(order_at == std::string_view::npos ? text.size() : order_at);
  if (!take_order(text, out)) return wrong("<, <=, >, >= or == after the name");
  const auto number = take_number(text);
  if (!number || *number < 0) return wrong("a number that is not negative after < or >");
  std::optional<double> factor;
  switch (out.metric) {
    case Threshold::Metric::errors:
      factor = factor_of(shares, text);
      if (!factor) return wrong("a percentage such as 'errors < 1 %'");
      break;
    case Threshold::Metric::rate:
      factor = factor_of(rates, text);
      if (!factor) return wrong("a number per second such as 'rate > 950'");
      break;
    case Threshold::Metric::goodput:
      out.of_due = text == "%";
      factor = out.of_due ? factor_of(shares, text) : factor_of(rates, text);
      if (!factor) return wrong("journeys per second or a share of those due, such as 'goodput > 90 %'");
      break;
    case Threshold::Metric::findings:
      factor = factor_of(counts, text);
      if (!factor) return wrong("a number such as 'findings == 0'");
      break;
    case Threshold::Metric::percentile:
    case Threshold::Metric::mean:
    case Threshold::Metric::max:
      factor = factor_of(times, text);
      if (!factor) return wrong("a time with its unit (us, ms, s) such as 'p95 < 200 ms'");
      break;
  }
  out.limit = *number * *factor;
  return out;
}

std::expected<void, std::string> check_raw_threshold(const Threshold& threshold) {
  using Metric = Threshold::Metric;
  const bool journeys = threshold.metric == Metric::goodput || threshold.metric == Metric::findings;
  if (!journeys && threshold.phase.empty() && threshold.of.empty()) return {};
  return std::unexpected(fmt::format(
      "'{}': expected p50, p95, p99.9, mean, max, errors or rate alone, as there is no --scenario",
      threshold.text));
}

bool keeps(const Threshold& threshold, double measured) {
  switch (threshold.order) {
    case Threshold::Order::less:
      return measured < threshold.limit;
    case Threshold::Order::at_most:
      return measured <= threshold.limit;
    case Threshold::Order::more:
      return measured > threshold.limit;
    case Threshold::Order::at_least:
      return measured >= threshold.limit;
    case Threshold::Order::equal:
      return measured == threshold.limit;
  }
  return false;
}

bool about_latency(const Threshold& threshold) {
  using Metric = Threshold::Metric;
  return threshold.metric == Metric::percentile || threshold.metric == Metric::mean ||
         threshold.metric == Metric::max;
}

std::uint64_t samples_needed(double percent) {
  return static_cast<std::uint64_t>(std::ceil(std::log(0.05) / std::log(percent / 100)));
}

}  // namespace loadgen::load
