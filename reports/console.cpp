#include "reports/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include "reports/story_text.h"
#include "reports/text.h"
#include "reports/verdict.h"

namespace reports {
namespace {

enum class Ink : std::uint8_t { plain, bold, dim, green, red, yellow, cyan };

struct Writer {
  const ConsoleStyle& style;
  std::string out;

  std::string ink(Ink colour, std::string_view text) const {
    static constexpr const char* kCodes[] = {"0", "1", "2", "32", "31", "33", "36"};
    if (!style.colour || colour == Ink::plain || text.empty()) return std::string(text);
    return fmt::format("\033[{}m{}\033[0m", kCodes[static_cast<int>(colour)], text);
  }
  void line(std::string_view text = "") { out += fmt::format("{}\n", text); }
  // A label in a column of its own, then text wrapped under itself.
  void labelled(std::string_view label, std::string_view text, Ink colour = Ink::plain) {
    const std::size_t indent = 15;
    std::string head = "     " + pad(label, indent - 5);
    for (const std::string& part : wrap(plain_line(text), style.width - indent)) {
      line(ink(Ink::dim, head) + ink(colour, part));
      head = std::string(indent, ' ');
    }
  }
};

Ink colour_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return Ink::green;
    case model::Verdict::broken:
      return Ink::red;
    case model::Verdict::unknown:
      return Ink::yellow;
  }
  return Ink::plain;
}

void header(Writer& w, const loadgen::Run& run) {
  std::string first = fmt::format("Hustle {} · seed {}", plain_line(run.command), run.seed);
  if (!run.target.empty()) first += " · " + plain_line(without_passwords(run.target));
  if (!run.server_version.empty()) first += " · server " + plain_line(run.server_version);
  w.line(w.ink(Ink::bold, cut(first, w.style.width)));
  std::string counts = fmt::format("{} · {} in {:.1f} s", plural(run.plans, "plan"),
                                   plural(run.commands, "command"), run.seconds);
  if (run.seconds > 0) counts += fmt::format(" ({:.0f}/s)", static_cast<double>(run.commands) / run.seconds);
  counts += fmt::format(" · {}", plural(run.concurrent_groups, "concurrent group"));
  if (run.unknown_outcomes > 0) counts += fmt::format(" · {}", plural(run.unknown_outcomes, "lost answer"));
  w.line(cut(counts, w.style.width));
  if (!run.complete) {
    const std::string why =
        run.incomplete_reason.empty() ? "stopped early" : plain_line(run.incomplete_reason);
    for (const auto& part : wrap("PARTIAL RUN: " + why, w.style.width)) w.line(w.ink(Ink::yellow, part));
  }
}

// What earlier runs found.
void retried(Writer& w, const loadgen::Run& run) {
  using Now = loadgen::Retried::Now;
  if (run.retried.empty()) return;
  w.line();
  for (const loadgen::Retried& each : run.retried) {
    const std::string text = fmt::format("{} {}: {}",
                                         pad(each.now == Now::fixed   ? "fixed"
                                             : each.now == Now::fails ? "still fails"
                                                                      : "not retried",
                                             12),
                                         plain_line(each.rule), plain_line(each.headline));
    w.line(w.ink(each.now == Now::fixed   ? Ink::green
                 : each.now == Now::fails ? Ink::red
                                          : Ink::dim,
                 cut(text, w.style.width)));
  }
}

std::string evidence_count(const loadgen::Item& item) {
  const auto good = std::ranges::count(item.evidence, model::Verdict::holds, &loadgen::Evidence::verdict);
  return item.evidence.empty() ? "" : fmt::format("{}/{}", good, item.evidence.size());
}

void items(Writer& w, const loadgen::Run& run) {
  if (!run.items.empty()) w.line();
  const std::size_t group_width = 10;
  const std::size_t title_width = w.style.width >= 100 ? 46 : 36;
  const std::size_t rest_width = w.style.width - group_width - title_width - 8;
  std::string group;
  for (const loadgen::Item& item : run.items) {
    const std::string shown = item.group == group ? "" : cut(plain_line(item.group), group_width - 1);
    group = item.group;
    std::string rest = evidence_count(item);
    if (!rest.empty()) rest += " ";
    rest += item.selected ? plain_line(item.reason) : "not selected";
    if (item.selected && !item.scope.empty()) rest += fmt::format(" [{}]", plain_line(item.scope));
    const std::string verdict(item.selected ? mark(item.verdict) : "·");
    w.line(fmt::format("{}{} {:>3} {}  {}", w.ink(Ink::bold, pad(shown, group_width)),
                       w.ink(item.selected ? colour_of(item.verdict) : Ink::dim, verdict), item.number,
                       pad(cut(plain_line(item.title), title_width), title_width),
                       w.ink(Ink::dim, cut(rest, rest_width))));
  }
}

// Around the wrong call when the story is long: the lines that a reader needs first.
void story(Writer& w, const model::Finding& finding) {
  constexpr std::size_t kMost = 8;
  const auto& lines = finding.story;
  const auto wrong = std::ranges::find(lines, true, &model::StoryLine::wrong);
  const auto at = static_cast<std::size_t>(wrong - lines.begin());
  const std::size_t end =
      wrong == lines.end() ? std::min(kMost, lines.size()) : std::min(lines.size(), std::max(at + 2, kMost));
  const std::size_t begin = end > kMost ? end - kMost : 0;
  if (begin > 0) w.line(w.ink(Ink::dim, fmt::format("       … {} before", plural(begin, "call"))));
  for (std::size_t i = begin; i < end; ++i) {
    const model::StoryLine& line = lines[i];
    const std::string when = pad("+" + duration_text(line.from_us - lines.front().from_us), 10);
    const std::string who = pad(cut(plain_line(line.actor), 12), 12);
    const std::size_t room = w.style.width - 34;
    const std::string call = pad(cut(plain_line(line.call), room * 3 / 5), room * 3 / 5);
    const std::string answer = cut(plain_line(line.answer), room - room * 3 / 5 - 1);
    const std::string text =
        fmt::format("   {} {} {} {} {}", line.wrong ? "▸" : " ", when, who, call, answer);
    w.line(line.wrong ? w.ink(Ink::red, text) : text);
  }
  if (end < lines.size())
    w.line(w.ink(Ink::dim, fmt::format("       … {} after", plural(lines.size() - end, "call"))));
}

void finding(Writer& w, const loadgen::Run& run, std::size_t index, const std::filesystem::path& out_dir) {
  const model::Finding& f = run.findings[index];
  w.line();
  const std::string head = fmt::format("{} {}  {}", mark(f.verdict), index + 1, plain_line(f.rule));
  w.line(w.ink(colour_of(f.verdict), cut(head, w.style.width)));
  for (const auto& part : wrap(plain_line(f.headline), w.style.width - 5))
    w.line("     " + w.ink(Ink::bold, part));
  w.labelled("rule", fmt::format("{} · judge: {}", f.spec, f.judge));
  story(w, f);
  if (!f.expected.empty()) w.labelled("expected", f.expected, Ink::green);
  if (!f.observed.empty()) w.labelled("observed", f.observed, Ink::red);
  if (!out_dir.empty()) {
    w.line(w.ink(Ink::dim, "     replay    ") + w.ink(Ink::cyan, replay_command(f, out_dir, index)));
  }
}

// One of every rule first: a thousand findings of one rule must not hide the only one of another.
std::vector<std::size_t> chosen(const loadgen::Run& run, std::size_t most) {
  std::vector<std::size_t> first, others;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    (seen.insert(run.findings[i].rule).second ? first : others).push_back(i);
  }
  first.insert(first.end(), others.begin(), others.end());
  first.resize(std::min(first.size(), most));
  return first;
}

void findings(Writer& w, const loadgen::Run& run, const std::filesystem::path& out_dir) {
  const auto shown = chosen(run, w.style.most_findings);
  for (const std::size_t index : shown) finding(w, run, index, out_dir);
  if (run.findings.size() > shown.size()) {
    w.line();
    w.line(w.ink(Ink::dim, fmt::format("     and {} more, each in its own file and all in report.html",
                                       plural(run.findings.size() - shown.size(), "finding"))));
  }
}

void footer(Writer& w, const loadgen::Run& run, const std::filesystem::path& out_dir) {
  w.line();
  if (!run.coverage.empty()) {
    const auto hit = std::ranges::count_if(run.coverage, [](const auto& c) { return c.hits > 0; });
    w.line(fmt::format("coverage  {} of {} reachable state x command x actor x outcome cells",
                       grouped(static_cast<std::uint64_t>(hit)), grouped(run.coverage.size())));
  }
  if (!run.races.empty()) {
    const auto seen = std::ranges::count_if(run.races, [](const auto& race) { return race.second > 0; });
    w.line(fmt::format("races     {} of {} orders observed", seen, run.races.size()));
  }
  const auto slowest = std::ranges::max_element(run.latencies, {}, &loadgen::Latency::p99_us);
  if (slowest != run.latencies.end()) {
    w.line(cut(fmt::format("slowest   {}: p50 {}, p99 {}, max {}", plain_line(slowest->name),
                           duration_text(slowest->p50_us), duration_text(slowest->p99_us),
                           duration_text(slowest->max_us)),
               w.style.width));
  }
  if (!out_dir.empty()) w.line(fmt::format("report    {}", (out_dir / "report.html").string()));
  w.line();
  const Conclusion verdict = conclude(run);
  const Ink colour = verdict.tone == Tone::good  ? Ink::green
                     : verdict.tone == Tone::bad ? Ink::red
                                                 : Ink::yellow;
  const std::string exit = fmt::format(" · exit {}", run.exit_code);
  w.line(w.ink(colour, cut(verdict.line(), w.style.width - exit.size())) + exit);
}

}  // namespace

ConsoleStyle console_style(int file_descriptor) {
  ConsoleStyle style;
  const bool terminal = isatty(file_descriptor) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  style.colour = terminal && (no_colour == nullptr || *no_colour == '\0') &&
                 (kind == nullptr || std::string_view(kind) != "dumb");
  winsize size{};
  if (terminal && ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 80, 100);
  }
  return style;
}

std::string console_summary(const loadgen::Run& run, const std::filesystem::path& out_dir,
                            const ConsoleStyle& style) {
  Writer w{style, {}};
  header(w, run);
  retried(w, run);
  items(w, run);
  findings(w, run, out_dir);
  footer(w, run, out_dir);
  return w.out;
}

}  // namespace reports
