#include "loadgen/campaign/guard_edits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include <fmt/format.h>

#include "loadgen/campaign/generate_mutants.h"

namespace loadgen {
namespace {

struct Swap {
  std::string_view from, to, what;
};
// How a NULL slips through a guard, or one row is taken for the other.
constexpr std::array kSwaps{Swap{" IS DISTINCT FROM ", " <> ", "NULL compared by <>"},
                            Swap{" IS NOT DISTINCT FROM ", " = ", "NULL compared by ="},
                            Swap{" IS NOT FALSE", "", "NULL taken for false"},
                            Swap{" IS NULL", " IS NOT NULL", "NULL turned"},
                            Swap{" IS NOT NULL", " IS NULL", "NULL turned"},
                            Swap{"NEW.", "OLD.", "OLD instead of NEW"},
                            Swap{"OLD.", "NEW.", "NEW instead of OLD"},
                            Swap{" FOR NO KEY UPDATE", "", "lock dropped"},
                            Swap{" FOR UPDATE", "", "lock dropped"},
                            Swap{" FOR SHARE", "", "lock dropped"},
                            Swap{" FOR KEY SHARE", "", "lock dropped"}};

class Edits {
 public:
  explicit Edits(const std::string& text) : text_(text) {}

  void replace(std::string what, std::size_t at, std::size_t length, std::string_view with) {
    std::string edited = text_;
    edited.replace(at, length, with);
    all_.push_back({std::move(what), std::move(edited)});
  }

  void swaps() {
    for (const Swap& swap : kSwaps) {
      for (auto at = text_.find(swap.from); at != std::string::npos; at = text_.find(swap.from, at + 1))
        replace(fmt::format("{} {}", swap.what, place(at)), at, swap.from.size(), swap.to);
    }
  }

  void lines() {
    for (std::size_t from = 0; from < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', from), text_.size());
      for (const LineEdit& edit : edits_of_line(std::string_view(text_).substr(from, end - from)))
        replace(fmt::format("{} {}", edit.what, place(from)), from, end - from, edit.line);
      from = end + 1;
    }
  }

  // IF ... THEN, over several lines: narrower, or wider.
  void conditions(const std::vector<std::string>& facts) {
    static const std::regex kIf(R"((^|\n)\s*(?:IF|ELSIF)\s)");
    for (std::sregex_iterator each(text_.begin(), text_.end(), kIf), end; each != end; ++each) {
      const auto from = static_cast<std::size_t>(each->position() + each->length());
      const std::size_t to = text_.find(" THEN", from);
      if (to == std::string::npos) continue;
      const std::string condition = text_.substr(from, to - from);
      for (const std::string& fact : facts) {
        replace(fmt::format("only where {} {}", fact, place(from)), from, to - from,
                fmt::format("({}) AND ({})", condition, fact));
        replace(fmt::format("also where {} {}", fact, place(from)), from, to - from,
                fmt::format("({}) OR ({})", condition, fact));
      }
    }
  }

  // (NEW.a, NEW.b) IS DISTINCT FROM (OLD.a, OLD.b) without b; a frozen row with one column left free.
  void columns(const std::vector<GuardedColumn>& columns) {
    for (const GuardedColumn& column : columns) {
      static const std::regex kFrozen(R"((\n\s*frozen)\.updated_at := NEW\.updated_at;)");
      const std::string fresh =
          std::regex_replace(text_, kFrozen, fmt::format("$1.{0} := NEW.{0};$&", column.name));
      if (fresh != text_) all_.push_back({fmt::format("{} left free", column.name), fresh});
      const std::regex element(fmt::format(R"((NEW|OLD)\.{},\s+)", column.name));
      const std::string fewer = std::regex_replace(text_, element, "");
      if (fewer != text_) all_.push_back({fmt::format("{} not compared", column.name), fewer});
    }
  }

  // Pairs of states in a list: one less, or one more.
  void pairs() {
    static const std::regex kPair(R"(\('([A-Z_]+)', '([A-Z_]+)'\),)");
    for (std::sregex_iterator each(text_.begin(), text_.end(), kPair), end; each != end; ++each) {
      const auto at = static_cast<std::size_t>(each->position());
      replace("edge " + each->str(1) + " -> " + each->str(2) + " dropped", at, each->str().size(), "");
      replace("edge " + each->str(2) + " -> " + each->str(1) + " added", at, 0,
              fmt::format("('{}', '{}'), ", each->str(2), each->str(1)));
    }
  }

  // 'A', 'B' in any list: without one of them.
  void words() {
    static const std::regex kWord(R"('[A-Za-z_]+'(?:::[a-z ]+)?, )");
    for (std::sregex_iterator each(text_.begin(), text_.end(), kWord), end; each != end; ++each) {
      const auto at = static_cast<std::size_t>(each->position());
      replace("without " + each->str() + place(at), at, each->str().size(), "");
    }
  }

  std::vector<GuardEdit> all() { return std::move(all_); }

 private:
  // The line around, so that a reader finds it.
  std::string place(std::size_t at) const {
    const std::size_t begin = at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    std::string line = text_.substr(begin, end - begin);
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    return "in: " + line.substr(0, 100);
  }

  const std::string& text_;
  std::vector<GuardEdit> all_;
};

bool is_number(const std::string& type) {
  return type == "integer" || type == "bigint" || type.starts_with("numeric");
}

}  // namespace

std::vector<std::string> facts_of_a_row(const std::vector<GuardedColumn>& columns, std::string_view row) {
  std::vector<std::string> facts;
  for (const GuardedColumn& column : columns) {
    const std::string name = std::string(row) + column.name;
    if (column.nullable) {
      facts.push_back(name + " IS NULL");
      facts.push_back(name + " IS NOT NULL");
    }
    for (const std::string& word : column.words) {
      facts.push_back(fmt::format("{} = '{}'", name, word));
      facts.push_back(fmt::format("{} <> '{}'", name, word));
    }
    if (column.type == "boolean") facts.push_back(name);
    if (!is_number(column.type)) continue;
    const bool money = column.name == "price" || column.name.ends_with("amount");
    for (const char* bound : {"2", "1000", "10000"}) {
      if (!money && bound[1] != '\0') continue;
      facts.push_back(fmt::format("{} < {}", name, bound));
      facts.push_back(fmt::format("{} > {}", name, bound));
    }
    if (money) facts.push_back(fmt::format("{} % 2 = 0", name));
  }
  return facts;
}

std::vector<GuardEdit> edits_of_body(const std::string& body, const std::vector<GuardedColumn>& columns,
                                     const std::vector<std::string>& rows) {
  Edits edits(body);
  edits.lines();
  edits.swaps();
  edits.columns(columns);
  edits.pairs();
  edits.words();
  for (const std::string& row : rows) edits.conditions(facts_of_a_row(columns, row));
  return edits.all();
}

std::vector<GuardEdit> edits_of_condition(const std::string& condition,
                                          const std::vector<GuardedColumn>& columns) {
  Edits edits(condition);
  edits.lines();
  edits.swaps();
  edits.words();
  for (const std::string& fact : facts_of_a_row(columns, "")) {
    edits.replace("only where NOT " + fact, 0, condition.size(),
                  fmt::format("({} OR ({}))", condition, fact));
    edits.replace("also " + fact, 0, condition.size(), fmt::format("({} AND ({}))", condition, fact));
  }
  return edits.all();
}

}  // namespace loadgen
