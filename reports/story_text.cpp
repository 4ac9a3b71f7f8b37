#include "reports/story_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "reports/text.h"

namespace reports {

std::string replay_command(const model::Finding& finding, const std::filesystem::path& out_dir,
                           std::size_t index) {
  const auto again =
      std::ranges::find(finding.evidence, std::string_view("again"), [](const auto& e) { return e.first; });
  if (again != finding.evidence.end()) return again->second;
  return "./hustle replay " + (out_dir / "findings" / fmt::format("{}.json", index + 1)).string();
}

std::string story_text(const model::Finding& finding) {
  std::string out;
  for (const model::StoryLine& line : finding.story) {
    out += fmt::format("{} {} {} {} -> {}\n", line.wrong ? ">" : " ",
                       pad("+" + duration_text(line.from_us - finding.story.front().from_us), 10),
                       pad(plain_line(line.actor), 12), plain_line(line.call), plain_line(line.answer));
  }
  return out;
}

std::string finding_text(const model::Finding& finding, const std::filesystem::path& out_dir,
                         std::size_t index) {
  std::string out =
      fmt::format("{}\nrule {} ({}), judge: {}\n\n", plain_line(finding.headline), plain_line(finding.rule),
                  plain_line(finding.spec), plain_line(finding.judge));
  out += story_text(finding);
  out += fmt::format("\nexpected: {}\nobserved: {}\n", plain_line(finding.expected),
                     plain_line(finding.observed));
  for (const std::string& entity : finding.entities) out += fmt::format("entity: {}\n", plain_line(entity));
  // Without a case (a load run's audits) there is nothing to replay.
  return out_dir.empty() ? out : out + replay_command(finding, out_dir, index) + "\n";
}

}  // namespace reports
