#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "loadgen/campaign/generate_edits.h"

namespace loadgen {
namespace {

struct Swap {
  std::string_view from, to;
};

// Longer ones first: "<=" is not "<".
constexpr std::array kComparisons{Swap{"<=", "<"}, Swap{">=", ">"}, Swap{"<>", "="}, Swap{"<", "<="},
                                  Swap{"<", ">"},  Swap{">", ">="}, Swap{">", "<"},  Swap{"=", "<>"}};
constexpr std::array kWords{Swap{"AND", "OR"}, Swap{"OR", "AND"}};
constexpr std::array kCalls{Swap{"greatest(", "least("}, Swap{"least(", "greatest("}, Swap{"floor(", "ceil("},
                            Swap{"p_now)", "p_now + interval '1 day')"},
                            Swap{"p_now,", "p_now + interval '1 day',"}};
constexpr std::array<std::string_view, 4> kLocks{" FOR NO KEY UPDATE", " FOR UPDATE", " FOR SHARE",
                                                 " FOR KEY SHARE"};
constexpr std::array<std::string_view, 4> kNoRules{"CREATE ", "VARCHAR(", "NUMERIC(", "LANGUAGE "};

// Columns and variables that hold the same kind of thing.
constexpr std::array kTwins{Swap{"poster_id", "worker_id"},
                            Swap{"released_at", "refunded_at"},
                            Swap{"release_amount", "refund_amount"},
                            Swap{"created_at", "updated_at"},
                            Swap{"location_lat", "location_lng"},
                            Swap{"gps_lat", "gps_lng"},
                            Swap{"v_lat", "v_lng"},
                            Swap{"xp_total", "current_level"},
                            Swap{"title", "description"},
                            Swap{"stripe_transfer_id", "stripe_refund_id"},
                            Swap{"v_task.id", "v_escrow.id"},
                            Swap{"p_task_id", "p_escrow_id"},
                            Swap{"v_me.id", "v_user_id"},
                            Swap{"verified_at", "expires_at"},
                            Swap{"can_resolve_disputes", "can_override_escrow"},
                            Swap{"can_ban_users", "can_modify_trust"}};
constexpr std::array<std::array<std::string_view, 7>, 6> kFamilies{
    {{"OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED", "COMPLETED", "CANCELLED", "EXPIRED"},
     {"PENDING", "FUNDED", "LOCKED_DISPUTE", "RELEASED", "REFUNDED", "REFUND_PARTIAL", ""},
     {"SUBMITTED", "REJECTED", "", "", "", "", ""},
     {"HUSTLER_WINS", "CLIENT_WINS", "SPLIT", "", "", "", ""},
     {"MARKETPLACE", "REFUNDS", "", "", "", "", ""},
     {"pending", "verified", "failed", "expired", "", "", ""}}};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Line {
 public:
  explicit Line(std::string_view text) : text_(text), code_(text.substr(0, text.find("--"))) {}

  std::vector<LineEdit> edits() {
    const bool rule = std::ranges::none_of(kNoRules, [&](std::string_view w) { return code_.contains(w); });
    if (!rule || code_.find_first_not_of(' ') == std::string_view::npos) return {};
    comparisons();
    words();
    calls();
    conditions();
    constants();
    locks();
    states();
    conjuncts();
    columns();
    arguments();
    defaults();
    orders();
    words_of_the_vocabulary();
    statements();
    return std::move(edits_);
  }

 private:
  void replace(std::string what, std::size_t at, std::size_t length, std::string_view with) {
    std::string line(text_);
    line.replace(at, length, with);
    edits_.push_back({std::move(what), std::move(line)});
  }

  char at(std::size_t i) const { return i < code_.size() ? code_[i] : ' '; }

  void comparisons() {
    constexpr std::string_view kSigns = "<>=!:-@|";
    for (const auto& [from, to] : kComparisons) {
      if (from == "=" && code_.contains(" SET ")) continue;  // an assignment
      for (std::size_t i = code_.find(from); i != std::string_view::npos; i = code_.find(from, i + 1)) {
        const bool part = (i > 0 && kSigns.contains(code_[i - 1])) || kSigns.contains(at(i + from.size()));
        if (!part) replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
      }
    }
  }

  void words() {
    for (const auto& [from, to] : kWords) {
      for (std::size_t i = code_.find(from); i != std::string_view::npos; i = code_.find(from, i + 1)) {
        if ((i > 0 && is_word(code_[i - 1])) || is_word(at(i + from.size()))) continue;
        if (code_.substr(0, i).contains("BETWEEN")) continue;
        replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
      }
    }
  }

  void calls() {
    for (const auto& [from, to] : kCalls) {
      if (const std::size_t i = code_.find(from);
          i != std::string_view::npos && (i == 0 || !is_word(code_[i - 1])))
        replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
    }
    const std::size_t first = code_.find_first_not_of(' ');
    if (code_.substr(first).starts_with("PERFORM ") && code_.contains(';'))
      replace("call dropped", first, code_.size() - first, "NULL;");
  }

  void conditions() {
    const std::size_t begin = code_.find("IF "), end = code_.find(" THEN");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return;
    const std::size_t from = begin + 3;
    const std::string condition(code_.substr(from, end - from));
    replace("never", from, condition.size(), "false");
    replace("the other way", from, condition.size(), fmt::format("NOT ({})", condition));
  }

  void constants() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      const auto digit = [&](std::size_t k) { return std::isdigit(static_cast<unsigned char>(at(k))) != 0; };
      if (!digit(i) || (i > 0 && (is_word(code_[i - 1]) || code_[i - 1] == '.' || code_[i - 1] == '$')))
        continue;
      std::size_t end = i;
      while (digit(end)) ++end;
      if (!is_word(at(end)) && at(end) != '.' && end - i < 8) {
        const std::string number(code_.substr(i, end - i));
        replace(number + " + 1", i, number.size(), std::to_string(std::stol(number) + 1));
      }
      i = end;
    }
  }

  void locks() {
    for (const std::string_view lock : kLocks) {
      if (const std::size_t i = code_.find(lock); i != std::string_view::npos)
        return replace("lock dropped", i, lock.size(), "");
    }
  }

  // 'A', 'B' in a list: without the first.
  void states() {
    for (std::size_t i = code_.find('\''); i != std::string_view::npos; i = code_.find('\'', i + 1)) {
      std::size_t end = i + 1;
      while (std::isupper(static_cast<unsigned char>(at(end))) != 0 || at(end) == '_') ++end;
      if (end - i < 4 || code_.substr(end, 3) != "', ") continue;
      if (at(end + 3) != '\'' || !code_.substr(0, i).contains("IN (")) continue;
      replace(fmt::format("without {}", code_.substr(i, end + 1 - i)), i, end + 3 - i, "");
    }
  }

  // " AND …" up to what ends it on this line: missing.
  void conjuncts() {
    for (const std::string_view word : {" AND ", " OR "}) {
      for (std::size_t i = code_.find(word); i != std::string_view::npos; i = code_.find(word, i + 1)) {
        if (code_.substr(0, i).contains("BETWEEN")) continue;
        const std::size_t begin = i + word.size();
        const std::size_t end = first_outside(
            begin, {" AND ", " OR ", " THEN", " LOOP", ";", ")", " ORDER BY", " LIMIT", " FOR ", " WHEN"});
        if (end <= begin || end == std::string_view::npos) continue;
        replace(fmt::format("missing: {}", code_.substr(begin, end - begin)), i, end - i, "");
      }
    }
  }

  // "a = b, c = d": without the second; and a column for another of its type.
  void columns() {
    for (std::size_t i = code_.find(", "); i != std::string_view::npos; i = code_.find(", ", i + 1)) {
      std::size_t name = i + 2;
      while (is_word(at(name))) ++name;
      if (name == i + 2 || code_.substr(name, 3) != " = ") continue;
      const std::size_t end = first_outside(name + 3, {", ", " WHERE", ";", ")"});
      if (end == std::string_view::npos) continue;
      replace(fmt::format("not set: {}", code_.substr(i + 2, name - i - 2)), i, end - i, "");
    }
    for (const auto& [from, to] : kTwins) {
      for (const auto& [here, there] : {std::pair(from, to), std::pair(to, from)}) {
        const std::size_t i = code_.find(here);
        if (i == std::string_view::npos || is_word(at(i + here.size())) || (i > 0 && is_word(code_[i - 1])))
          continue;
        replace(fmt::format("{} -> {}", here, there), i, here.size(), there);
      }
    }
  }

  // f(a, b, …): the first two the other way round, when both are plain names.
  void arguments() {
    for (std::size_t i = code_.find('('); i != std::string_view::npos; i = code_.find('(', i + 1)) {
      if (i == 0 || !is_word(code_[i - 1])) continue;
      const std::size_t first = name_end(i + 1);
      if (first == i + 1 || code_.substr(first, 2) != ", ") continue;
      const std::size_t second = name_end(first + 2);
      if (second == first + 2 || (at(second) != ',' && at(second) != ')')) continue;
      const std::string_view one = code_.substr(i + 1, first - i - 1);
      const std::string_view two = code_.substr(first + 2, second - first - 2);
      if (one != two) replace("arguments swapped", i + 1, second - i - 1, fmt::format("{}, {}", two, one));
    }
  }

  // coalesce(a, b): without its default.
  void defaults() {
    constexpr std::string_view kCall = "coalesce(";
    for (std::size_t i = code_.find(kCall); i != std::string_view::npos; i = code_.find(kCall, i + 1)) {
      const std::size_t begin = i + kCall.size();
      const std::size_t comma = first_outside(begin, {", "});
      const std::size_t end = comma == std::string_view::npos ? comma : first_outside(comma + 2, {")"});
      if (end == std::string_view::npos) continue;
      replace("no default", i, end + 1 - i, fmt::format("({})", code_.substr(begin, comma - begin)));
    }
  }

  void orders() {
    if (const std::size_t i = code_.find(" ORDER BY "); i != std::string_view::npos) {
      const std::size_t end = first_outside(i + 10, {")", " LIMIT", " FOR ", ";", " LOOP"});
      if (end != std::string_view::npos) replace("no order", i, end - i, "");
    }
    if (const std::size_t i = code_.find(" DESC"); i != std::string_view::npos && !is_word(at(i + 5)))
      replace("ascending", i, 5, "");
    if (const std::size_t i = code_.find("RETURN true"); i != std::string_view::npos)
      replace("true -> false", i, 11, "RETURN false");
    if (const std::size_t i = code_.find("RETURN false"); i != std::string_view::npos)
      replace("false -> true", i, 12, "RETURN true");
  }

  // 'WORD' for the next of its family.
  void words_of_the_vocabulary() {
    for (const auto& family : kFamilies) {
      for (std::size_t k = 0; k < family.size(); ++k) {
        if (family[k].empty()) continue;
        const std::string word = fmt::format("'{}'", family[k]);
        const std::size_t i = code_.find(word);
        if (i == std::string_view::npos) continue;
        std::string_view next = family[(k + 1) % family.size()];
        if (next.empty()) next = family[0];
        replace(fmt::format("{} -> '{}'", word, next), i, word.size(), fmt::format("'{}'", next));
      }
    }
  }

  // A whole statement on one line that writes something: dropped.
  void statements() {
    const std::size_t first = code_.find_first_not_of(' ');
    const std::string_view rest = code_.substr(first);
    const bool writes =
        rest.starts_with("UPDATE ") || rest.starts_with("INSERT ") || rest.starts_with("DELETE ");
    const std::size_t end = code_.find(';');
    if (!writes || end == std::string_view::npos) return;
    replace("statement dropped", first, end - first, "NULL");
  }

  std::size_t name_end(std::size_t from) const {
    while (is_word(at(from)) || at(from) == '.') ++from;
    return from;
  }

  // Where one of these begins outside all parentheses and texts opened since `from`; a ')' that closes an
  // earlier one counts. The end of the line is no such place.
  std::size_t first_outside(std::size_t from, std::initializer_list<std::string_view> ends) const {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = from; i < code_.size(); ++i) {
      if (code_[i] == '\'') quoted = !quoted;
      if (quoted) continue;
      const auto here = [&](std::string_view end) { return code_.substr(i).starts_with(end); };
      if (depth == 0 && std::ranges::any_of(ends, here)) return i;
      if (code_[i] == '(') ++depth;
      if (code_[i] == ')' && --depth < 0) return std::string_view::npos;
    }
    return std::string_view::npos;
  }

  std::string_view text_, code_;
  std::vector<LineEdit> edits_;
};

}  // namespace

std::vector<LineEdit> edits_of_line(std::string_view line) {
  return Line(line).edits();
}

}  // namespace loadgen
