// The facts of an accepted answer (model/rules/answers.h) and of a page of a feed, read through a view of any
// JSON library: the thorough reader (decode.h) and the one for load (load/quick_answer.h) mean the same.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/rules/answers.h"
#include "model/vocabulary/eligibility.h"
#include "model/vocabulary/outcome.h"

namespace loadgen {

// A value that is not there is null.
template <class View>
concept JsonView = requires(const View& view, std::string_view key, void (*each)(const View&)) {
  { view.member(key) } -> std::same_as<View>;  // null as well when the view is no object
  { view.is_null() } -> std::same_as<bool>;
  { view.text() } -> std::same_as<std::optional<std::string_view>>;
  { view.number() } -> std::same_as<std::optional<double>>;
  { view.is_true() } -> std::same_as<bool>;
  view.each(each);  // elements of an array, none when it is no array
};

// `mark` parts the names of members that lead into objects: "escrow.state".
template <JsonView View>
View value_at(View from, std::string_view path, char mark = '.') {
  while (!path.empty()) {
    const std::size_t end = path.find(mark);
    from = from.member(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  }
  return from;
}

namespace answer_facts {

template <class Enum, std::size_t N, JsonView View>
std::optional<Enum> state_in(const std::array<std::string_view, N>& names, const View& value) {
  const auto text = value.text();
  return text ? model::value_of<Enum>(names, *text) : std::nullopt;
}

// -1 when it is none of the names.
template <std::size_t N, JsonView View>
std::int32_t index_in(const std::array<std::string_view, N>& names, const View& value) {
  const auto text = value.text();
  const auto found = text ? std::ranges::find(names, *text) : names.end();
  return found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin());
}

// Rounded; -1 when it is no number.
template <JsonView View>
std::int64_t number_in(const View& value, double factor = 1) {
  const auto number = value.number();
  return number ? std::llround(*number * factor) : -1;
}

template <JsonView View>
std::int32_t capability_in(const View& profile) {
  unsigned clearance = 0, here = 0, elsewhere = 0;
  profile.member("risk_clearance").each([&](const View& level) {
    const std::int32_t index = index_in(model::kRiskNames, level);
    if (index >= 0) clearance |= 1U << static_cast<unsigned>(index);
  });
  const auto home = profile.member("location_state").text();
  profile.member("verified_trades").each([&](const View& trade) {
    const std::int32_t index = index_in(model::kTradeNames, trade.member("trade"));
    if (index <= 0) return;
    const bool at_home = home && trade.member("state").text() == home;
    (at_home ? here : elsewhere) |= 1U << static_cast<unsigned>(index);
  });
  return model::capability_bits(clearance, profile.member("insurance_valid").is_true(),
                                profile.member("background_check_valid").is_true(), here, elsewhere);
}

template <JsonView View>
std::int32_t failed_checks_in(const View& answer) {
  std::int32_t failed = 0;
  answer.member("checks").each([&](const View& check) {
    const std::int32_t index = index_in(model::kEligibilityCheckNames, check.member("name"));
    if (index >= 0 && !check.member("passed").is_true()) failed |= 1 << index;
  });
  return failed;
}

template <JsonView View>
std::int32_t records_in(const View& answer, std::string_view status) {
  std::int32_t count = 0;
  const auto look = [&](const View& record) { count += record.member("status").text() == status ? 1 : 0; };
  answer.member("licenses").each(look);
  answer.member("insurance").each(look);
  look(answer.member("background_check"));
  return count;
}

template <JsonView View>
void take(model::Answer& answer, model::AnswerField field, const View& value) {
  using model::AnswerField;
  const auto whole = [&](double factor = 1) { return static_cast<std::int32_t>(number_in(value, factor)); };
  switch (field) {
    case AnswerField::task:
      answer.task = state_in<model::TaskState>(model::kTaskStateNames, value);
      break;
    case AnswerField::escrow:
      answer.escrow = state_in<model::EscrowState>(model::kEscrowStateNames, value);
      break;
    case AnswerField::proof:
      answer.proof = state_in<model::ProofState>(model::kProofStateNames, value);
      break;
    case AnswerField::dispute:
      answer.dispute = state_in<model::DisputeState>(model::kDisputeStateNames, value);
      break;
    case AnswerField::resolution:
      answer.resolution = state_in<model::Resolution>(model::kResolutionNames, value);
      break;
    case AnswerField::amount:
      answer.amount = number_in(value);
      break;
    case AnswerField::base_xp:
      answer.base_xp = whole();
      break;
    case AnswerField::multiplier_percent:
      answer.multiplier_percent = whole(100);
      break;
    case AnswerField::effective_xp:
      answer.effective_xp = whole();
      break;
    case AnswerField::xp_total:
      answer.xp_total = whole();
      break;
    case AnswerField::level:
      answer.level = whole();
      break;
    case AnswerField::streak:
      answer.streak = whole();
      break;
    case AnswerField::tier:
      answer.tier = whole();
      break;
    case AnswerField::badges:
      answer.badges = whole();
      break;
    case AnswerField::capability:
      answer.capability = capability_in(value);
      break;
    case AnswerField::failed_checks:
      answer.failed_checks = failed_checks_in(value);
      break;
    case AnswerField::verifications:
      answer.verified = records_in(value, "verified");
      answer.waiting = records_in(value, "pending");
      break;
    case AnswerField::phase:
      answer.phase = index_in(model::kOnboardingPhaseNames, value);
      break;
    case AnswerField::absent:
      break;  // decided by answer_of
  }
}

}  // namespace answer_facts

// What the output of an accepted call says. A feed is more than its first page: Answer::feed stays unset.
template <JsonView View>
model::Answer answer_of(model::Action action, const View& data) {
  model::Answer answer;
  for (const model::AnswerRow& row : model::kAnswerFields) {
    if (row.action != action) continue;
    if (row.field == model::AnswerField::absent) {
      answer.absent = data.is_null();
    } else if (const View value = value_at(data, row.path); !value.is_null()) {
      answer_facts::take(answer, row.field, value);
    }
  }
  return answer;
}

// The order of a feed: created_at, then id, descending, nothing twice (eligibility.md §8). True while it is
// kept.
class FeedOrder {
 public:
  bool next(std::string_view at, std::string_view id) {
    const bool kept = last_at_.empty() || at < last_at_ || (at == last_at_ && id < last_id_);
    last_at_.assign(at);
    last_id_.assign(id);
    return kept;
  }
  const std::string& last_at() const { return last_at_; }

 private:
  std::string last_at_, last_id_;
};

}  // namespace loadgen
