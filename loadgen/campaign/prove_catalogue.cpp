#include "loadgen/campaign/prove_catalogue.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace loadgen {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> kKinds{"migration", "statement", "source"};
constexpr std::array<std::string_view, 4> kDifficulties{"sequential", "race", "fault", "time"};

[[noreturn]] void complain(const std::string& entry, const std::string& what) {
  throw std::runtime_error(fmt::format("catalogue, {}: {}", entry, what));
}

std::string text(const Json& object, const std::string& entry, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    complain(entry, fmt::format("{}: expected a text that is not empty", member));
  }
  return found->get<std::string>();
}

template <class Enum, std::size_t N>
Enum one_of(const std::array<std::string_view, N>& names, const std::string& value, const std::string& entry,
            const char* member) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == value) return static_cast<Enum>(i);
  }
  complain(entry, fmt::format("{}: expected one of {}, got '{}'", member, fmt::join(names, ", "), value));
}

void read_changes(const Json& object, Mutant& mutant) {
  if (object.contains("overlay")) mutant.overlay = text(object, mutant.id, "overlay");
  for (const Json& each : object.value("edits", Json::array())) {
    Edit edit{.file = text(each, mutant.id, "file"), .from = text(each, mutant.id, "from"), .to = {}};
    if (!each.contains("to") || !each["to"].is_string()) complain(mutant.id, "to: expected a text");
    edit.to = each["to"];
    mutant.edits.push_back(std::move(edit));
  }
}

Mutant read_mutant(const Json& object, bool decoy, std::size_t number) {
  Mutant mutant;
  mutant.decoy = decoy;
  mutant.id = text(object, fmt::format("{} {}", decoy ? "decoy" : "mutant", number), "id");
  mutant.title = text(object, mutant.id, "title");
  mutant.kind = one_of<MutantKind>(kKinds, text(object, mutant.id, "kind"), mutant.id, "kind");
  read_changes(object, mutant);
  if (decoy) return mutant;
  mutant.domain = text(object, mutant.id, "domain");
  mutant.note = object.value("note", "");
  mutant.difficulty =
      one_of<Difficulty>(kDifficulties, text(object, mutant.id, "difficulty"), mutant.id, "difficulty");
  mutant.severity = object.value("severity", 0);
  if (mutant.severity < 1 || mutant.severity > 4) complain(mutant.id, "severity: expected 1 to 4");
  for (const Json& each : object.value("failure_modes", Json::array())) mutant.failure_modes.push_back(each);
  if (mutant.failure_modes.empty() && mutant.note.empty())
    complain(mutant.id,
             "failure_modes: expected at least one, or a note that says where the fault comes from");
  if (mutant.overlay.empty() && mutant.edits.empty()) complain(mutant.id, "changes nothing");
  return mutant;
}

}  // namespace

std::string_view name(MutantKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view name(Difficulty difficulty) {
  return kDifficulties[static_cast<std::size_t>(difficulty)];
}

std::vector<Mutant> load_mutants(const std::string& catalogue_file) {
  std::ifstream file(catalogue_file);
  if (!file) throw std::runtime_error("catalogue: cannot read " + catalogue_file);
  const Json document = Json::parse(file, nullptr, false);
  if (!document.is_object()) throw std::runtime_error("catalogue: not a JSON object: " + catalogue_file);
  std::vector<Mutant> mutants;
  std::set<std::string> ids;
  for (const char* list : {"mutants", "decoys"}) {
    std::size_t number = 0;
    for (const Json& each : document.value(list, Json::array())) {
      mutants.push_back(read_mutant(each, std::string_view(list) == "decoys", ++number));
      if (!ids.insert(mutants.back().id).second) complain(mutants.back().id, "id: appears twice");
    }
  }
  return mutants;
}

std::string edited(const std::string& text, const Edit& edit) {
  const auto at = text.find(edit.from);
  if (at == std::string::npos || text.find(edit.from, at + 1) != std::string::npos) {
    throw std::runtime_error(fmt::format("{}: the text to replace occurs {}: '{}'", edit.file,
                                         at == std::string::npos ? "nowhere" : "more than once", edit.from));
  }
  return text.substr(0, at) + edit.to + text.substr(at + edit.from.size());
}

}  // namespace loadgen
