#include <array>
#include <cctype>

#include <fmt/format.h>

#include "loadgen/campaign/generate_edits.h"

namespace loadgen {
namespace {

// Words of one vocabulary, each to be told as its neighbour: still of the right shape.
constexpr std::array<std::array<std::string_view, 2>, 32> kOtherWord{
    {{"OPEN", "ACCEPTED"},         {"ACCEPTED", "OPEN"},       {"PROOF_SUBMITTED", "OPEN"},
     {"DISPUTED", "ACCEPTED"},     {"COMPLETED", "CANCELLED"}, {"CANCELLED", "EXPIRED"},
     {"EXPIRED", "CANCELLED"},     {"PENDING", "FUNDED"},      {"FUNDED", "PENDING"},
     {"LOCKED_DISPUTE", "FUNDED"}, {"RELEASED", "REFUNDED"},   {"REFUNDED", "RELEASED"},
     {"SUBMITTED", "REJECTED"},    {"REJECTED", "SUBMITTED"},  {"STANDARD", "LIVE"},
     {"LIVE", "STANDARD"},         {"worker", "poster"},       {"poster", "worker"},
     {"pending", "verified"},      {"verified", "pending"},    {"failed", "expired"},
     {"expired", "failed"},        {"active", "paused"},       {"paused", "active"},
     {"suspended", "active"},      {"low", "medium"},          {"medium", "high"},
     {"high", "critical"},         {"critical", "low"},        {"normal", "urgent"},
     {"urgent", "nearby"},         {"nearby", "normal"}}};

bool is_key_letter(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0 ||
         std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where the value that begins at `from` ends: at a comma or a closing parenthesis of its own depth. npos when
// that is on another line.
std::size_t value_end(std::string_view code, std::size_t from) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = from; i < code.size(); ++i) {
    if (code[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (depth == 0 && (code[i] == ',' || code[i] == ')')) return i;
    if (code[i] == '(' || code[i] == '[') ++depth;
    if (code[i] == ')' || code[i] == ']') --depth;
  }
  return std::string_view::npos;
}

std::string other_words() {
  std::string words;
  for (const auto& [word, other] : kOtherWord)
    words += fmt::format(R"({}"{}":"{}")", words.empty() ? "" : ",", word, other);
  return "'{" + words + "}'::jsonb";
}

// The value as JSON, and another one of its type: one more, a second later, the other truth, a neighbour's
// id, another word, a list without its first, an object without one member. What is null stays null.
std::string another(std::string_view value) {
  return fmt::format(
      "(SELECT CASE jsonb_typeof(told) WHEN 'number' THEN to_jsonb(told::numeric + 1) "
      "WHEN 'boolean' THEN to_jsonb(NOT told::boolean) WHEN 'array' THEN told - 0 "
      "WHEN 'object' THEN told - (SELECT min(member) FROM jsonb_object_keys(told) AS member) "
      "WHEN 'string' THEN to_jsonb(CASE WHEN told #>> '{{}}' ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T' "
      "THEN api.iso((told #>> '{{}}')::timestamptz + interval '1 second') "
      "WHEN told #>> '{{}}' ~ '^[0-9a-f]{{8}}-[0-9a-f]{{4}}-' "
      "THEN left(told #>> '{{}}', 35) || CASE WHEN right(told #>> '{{}}', 1) = '0' THEN '1' ELSE '0' END "
      "ELSE coalesce({} ->> (told #>> '{{}}'), (told #>> '{{}}') || '.') END) ELSE told END "
      "FROM (SELECT to_jsonb({}) AS told) AS answered)",
      other_words(), value);
}

}  // namespace

std::vector<LineEdit> edits_of_answers(std::string_view line) {
  const std::string_view code = line.substr(0, line.find("--"));
  std::vector<LineEdit> edits;
  for (std::size_t i = code.find('\''); i != std::string_view::npos; i = code.find('\'', i + 1)) {
    std::size_t end = i + 1;
    while (end < code.size() && is_key_letter(code[end])) ++end;
    if (end == i + 1 || code.substr(end, 3) != "', ") continue;
    const std::size_t from = end + 3;
    const std::size_t to = value_end(code, from);
    if (to == std::string_view::npos || to == from) continue;
    const std::string_view value = code.substr(from, to - from);
    if (value.starts_with('\'') || value == "NULL") continue;
    const std::string key(code.substr(i + 1, end - i - 1));
    std::string changed(line);
    changed.replace(from, value.size(), another(value));
    edits.push_back({"another answer: " + key, std::move(changed)});
  }
  return edits;
}

}  // namespace loadgen
