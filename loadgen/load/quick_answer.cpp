#include "loadgen/load/quick_answer.h"

#include <cmath>

#include <simdjson.h>

#include "loadgen/identity.h"
#include "model/rules/answers.h"
#include "model/vocabulary/codes.h"

namespace loadgen::load {

using model::Answer;
using model::AnswerField;
using simdjson::dom::element;

struct QuickReader::Impl {
  simdjson::dom::parser parser;
};

namespace {

// Members of objects by a path whose parts are parted by `mark`; false when it is not there or null.
bool find(element from, std::string_view path, char mark, element& out) {
  while (!path.empty()) {
    const std::size_t end = path.find(mark);
    if (!from.is_object() || from[path.substr(0, end)].get(from) != simdjson::SUCCESS) return false;
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  }
  out = from;
  return !from.is_null();
}

template <class Enum, std::size_t N>
std::optional<Enum> state_in(const std::array<std::string_view, N>& names, const element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return model::value_of<Enum>(names, text);
}

double number_in(const element& value, double factor = 1) {
  double number = 0;
  return value.is_number() && value.get(number) == simdjson::SUCCESS ? std::round(number * factor) : -1;
}

void take(Answer& answer, AnswerField field, const element& value) {
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
      answer.amount = static_cast<std::int64_t>(number_in(value));
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
    case AnswerField::failed_checks:
    case AnswerField::verifications:
    case AnswerField::phase:
      break;  // no journey asks for them
    case AnswerField::absent:
      break;
  }
}

Answer answer_of(model::Action action, const element& data) {
  Answer answer;
  for (const model::AnswerRow& row : model::kAnswerFields) {
    if (row.action != action) continue;
    element value;
    if (row.field == AnswerField::absent) {
      answer.absent = data.is_null();
    } else if (find(data, row.path, '.', value)) {
      take(answer, row.field, value);
    }
  }
  return answer;
}

// Empty: not known here, so nothing is compared.
std::string_view known(IdFact::Is is, const StoryIds& ids, std::string_view caller) {
  switch (is) {
    case IdFact::Is::task:
      return ids.task;
    case IdFact::Is::escrow:
      return ids.escrow;
    case IdFact::Is::intent:
      return ids.intent;
    case IdFact::Is::proof:
      return ids.proof;
    case IdFact::Is::dispute:
      return ids.dispute;
    case IdFact::Is::caller:
      return caller;
    case IdFact::Is::verification:
    case IdFact::Is::now:
      return {};
  }
  return {};
}

std::string* place(IdFact::Is is, StoryIds& ids) {
  switch (is) {
    case IdFact::Is::task:
      return &ids.task;
    case IdFact::Is::escrow:
      return &ids.escrow;
    case IdFact::Is::intent:
      return &ids.intent;
    case IdFact::Is::proof:
      return &ids.proof;
    case IdFact::Is::dispute:
      return &ids.dispute;
    case IdFact::Is::verification:
    case IdFact::Is::caller:
    case IdFact::Is::now:
      return nullptr;
  }
  return nullptr;
}

bool text_at(const element& data, const char* pointer, std::string_view& out) {
  element value;
  return find(data, std::string_view(pointer + 1), '/', value) && value.get(out) == simdjson::SUCCESS;
}

}  // namespace

QuickReader::QuickReader() : impl_(std::make_unique<Impl>()) {}
QuickReader::~QuickReader() = default;

QuickAnswer QuickReader::read(model::Action action, std::string_view body, StoryIds& ids,
                              std::string_view caller) {
  QuickAnswer out;
  element root, data, code;
  if (impl_->parser.parse(body.data(), body.size(), false).get(root) != simdjson::SUCCESS ||
      !root.is_object())
    return out;
  if (root["result"]["data"].get(data) != simdjson::SUCCESS) {
    std::string_view hx;
    if (!find(root, "error.data.hx", '.', code) || code.get(hx) != simdjson::SUCCESS) return out;
    out.outcome = model::Outcome::refused(model::code_of(hx).value_or(model::Code::internal_error));
    return out;
  }
  out.outcome = model::Outcome::accepted(answer_of(action, data));
  std::string_view text;
  for (const IdFact& fact : created_ids()) {
    if (fact.action == action && text_at(data, fact.pointer, text)) *place(fact.is, ids) = text;
  }
  for (const IdFact& fact : known_ids()) {
    if (fact.action != action) continue;
    const std::string_view wanted = known(fact.is, ids, caller);
    if (!wanted.empty() && text_at(data, fact.pointer, text) && text != wanted) out.other_id = fact.pointer;
  }
  return out;
}

std::optional<std::string> QuickReader::text(std::string_view body, std::string_view pointer) {
  element root;
  std::string_view found;
  if (impl_->parser.parse(body.data(), body.size(), false).get(root) != simdjson::SUCCESS)
    return std::nullopt;
  if (root.at_pointer(pointer).get(found) != simdjson::SUCCESS) return std::nullopt;
  return std::string(found);
}

}  // namespace loadgen::load
