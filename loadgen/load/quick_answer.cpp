#include "loadgen/load/quick_answer.h"

#include <simdjson.h>

#include "loadgen/answer_facts.h"
#include "loadgen/identity.h"
#include "model/vocabulary/codes.h"

namespace loadgen::load {

using simdjson::dom::element;

struct QuickReader::Impl {
  simdjson::dom::parser parser;
};

namespace {

struct View {
  element value;
  bool there = true;

  View member(std::string_view key) const {
    View found{value, false};
    found.there = there && value.is_object() && value[key].get(found.value) == simdjson::SUCCESS;
    return found;
  }
  bool is_null() const { return !there || value.is_null(); }
  std::optional<std::string_view> text() const {
    std::string_view found;
    return there && value.get(found) == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
  }
  std::optional<double> number() const {
    double found = 0;
    return there && value.get(found) == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
  }
  bool is_true() const {
    bool found = false;
    return there && value.get(found) == simdjson::SUCCESS && found;
  }
  void each(const auto& visit) const {
    simdjson::dom::array array;
    if (!there || value.get(array) != simdjson::SUCCESS) return;
    for (const element one : array) visit(View{one});
  }
};

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
      return ids.verification;
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
      return &ids.verification;
    case IdFact::Is::caller:
    case IdFact::Is::now:
      return nullptr;
  }
  return nullptr;
}

std::optional<std::string_view> text_at(const View& data, const char* pointer) {
  return value_at(data, std::string_view(pointer + 1), '/').text();
}

// One page by itself (eligibility.md §8), and whether it shows the task of the story. A task that is not on
// it may be on a later page, unless this is the last one or it is younger than one that is shown.
void read_feed_page(const View& data, const StoryIds& ids, QuickAnswer& out) {
  FeedOrder order;
  bool shown = false;
  std::size_t count = 0;
  data.member("tasks").each([&](const View& task) {
    const auto id = task.member("id").text().value_or("");
    if (task.member("state").text() != "OPEN") out.wrong = "a task that is not OPEN";
    if (!order.next(task.member("created_at").text().value_or(""), id)) out.wrong = "the order of the tasks";
    shown |= id == ids.task;
    ++count;
  });
  const View page = data.member("pagination");
  const bool more = page.member("has_more").is_true();
  if (more && (count == 0 || !page.member("next_cursor").text())) out.wrong = "a promise of more";
  const bool told = !more || (!ids.created_at.empty() && order.last_at() < ids.created_at);
  out.outcome.answer.feed = shown ? 1 : told ? 0 : -1;
}

}  // namespace

QuickReader::QuickReader() : impl_(std::make_unique<Impl>()) {}
QuickReader::~QuickReader() = default;

QuickAnswer QuickReader::read(model::Action action, std::string_view body, StoryIds& ids,
                              std::string_view caller) {
  QuickAnswer out;
  element root, result;
  if (impl_->parser.parse(body.data(), body.size(), false).get(root) != simdjson::SUCCESS ||
      !root.is_object())
    return out;
  if (root["result"]["data"].get(result) != simdjson::SUCCESS) {
    const auto hx = value_at(View{root}, "error.data.hx").text();
    if (hx) out.outcome = model::Outcome::refused(model::code_of(*hx).value_or(model::Code::internal_error));
    return out;
  }
  const View data{result};
  out.outcome = model::Outcome::accepted(answer_of(action, data));
  if (action == model::Action::feed_get) read_feed_page(data, ids, out);
  for (const IdFact& fact : known_ids()) {
    if (fact.action != action) continue;
    const std::string_view wanted = known(fact.is, ids, caller);
    const auto found = text_at(data, fact.pointer);
    if (!wanted.empty() && found && *found != wanted) out.wrong = fact.pointer;
  }
  for (const IdFact& fact : created_ids()) {
    if (fact.action != action) continue;
    if (const auto found = text_at(data, fact.pointer)) *place(fact.is, ids) = *found;
  }
  if (action == model::Action::task_create) ids.created_at = data.member("created_at").text().value_or("");
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
