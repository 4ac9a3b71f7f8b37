#include "cli/corpus.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "loadgen/campaign/attack_findings.h"
#include "loadgen/campaign/case_judge.h"
#include "reports/json.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

// "INV-2" and the shape: "inv-2-1f0c9a3b".
std::string name_of(const model::Finding& finding) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : loadgen::shape_of(finding)) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  std::string rule;
  for (const unsigned char c : finding.rule)
    rule += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
  return fmt::format("{}-{:08x}", rule.substr(0, 40), hash);
}

void write(const fs::path& path, const model::Finding& finding) {
  std::ofstream out(path, std::ios::trunc);
  if (!(out << reports::finding_json(finding)) || !out.flush())
    throw UserMistake(fmt::format("--corpus: {} cannot be written", path.string()));
}

}  // namespace

std::vector<std::pair<std::string, model::Finding>> read_corpus(const std::string& folder) {
  std::vector<std::pair<std::string, model::Finding>> kept;
  if (!fs::exists(folder)) return kept;
  if (!fs::is_directory(folder))
    throw UserMistake(fmt::format("--corpus: expected a folder, got {}", folder));
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    auto finding = reports::read_finding(entry.path());
    if (!finding) throw UserMistake("--corpus: " + finding.error());
    kept.emplace_back(entry.path().stem().string(), std::move(*finding));
  }
  std::ranges::sort(kept, {}, &std::pair<std::string, model::Finding>::first);
  return kept;
}

void update_corpus(const std::string& folder, const loadgen::Run& run) {
  try {
    for (const loadgen::Retried& each : run.retried) {
      if (each.now != loadgen::Retried::Now::fixed) continue;
      fs::create_directories(fs::path(folder) / "fixed");
      fs::rename(fs::path(folder) / (each.name + ".json"),
                 fs::path(folder) / "fixed" / (each.name + ".json"));
    }
    for (const model::Finding& finding : run.findings) {
      const bool played = !finding.choices.empty() || finding.scenario.starts_with("drill:");
      const bool playable = (!finding.scenario.empty() && played) || loadgen::can_attack_again(finding);
      if (finding.verdict != model::Verdict::broken || !playable) continue;
      fs::create_directories(folder);
      const fs::path path = fs::path(folder) / (name_of(finding) + ".json");
      const auto known = reports::read_finding(path);
      if (!known || known->story.size() > finding.story.size()) write(path, finding);
    }
  } catch (const fs::filesystem_error& trouble) {
    throw UserMistake(fmt::format("--corpus: {}", trouble.what()));
  }
}

}  // namespace cli
