#include "sim/shrink.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/choices.h"

namespace sim {
namespace {

using Sequence = std::vector<std::uint32_t>;

class Shrinker {
 public:
  Shrinker(Sequence choices, const std::function<bool(const Sequence&)>& still_fails,
           const ShrinkBudget& budget)
      : still_fails_(still_fails),
        budget_(budget),
        deadline_(std::chrono::steady_clock::now() + budget.time) {
    best_.choices = std::move(choices);
    seen_.insert(best_.choices);
  }

  Shrunk run() {
    bool changed = true;
    while (changed && !spent()) {
      changed = drop_zeros();
      changed |= delete_blocks();
      changed |= delete_spans();
      changed |= clear_spans();
      changed |= lower_values();
      if (!changed) changed = lower_and_delete();
    }
    best_.minimal = !changed && !spent();
    return std::move(best_);
  }

 private:
  bool spent() const {
    return best_.successes >= budget_.successes || best_.attempts >= budget_.attempts ||
           std::chrono::steady_clock::now() >= deadline_;
  }

  bool accept(Sequence candidate) {
    if (spent() || !seen_.insert(candidate).second) return false;
    ++best_.attempts;
    if (!still_fails_(candidate)) return false;
    ++best_.successes;
    best_.choices = std::move(candidate);
    return true;
  }

  // Past its end a sequence yields zeros: trailing zeros say nothing.
  bool drop_zeros() {
    Sequence candidate = best_.choices;
    while (!candidate.empty() && candidate.back() == 0) candidate.pop_back();
    return candidate.size() < best_.choices.size() && accept(std::move(candidate));
  }

  // Runs of whole blocks: steps of the story.
  bool delete_blocks() {
    bool changed = false;
    for (std::size_t blocks = std::max<std::size_t>(best_.choices.size() / kChoiceBlock / 2, 1); blocks > 0;
         blocks /= 2) {
      const std::size_t width = blocks * kChoiceBlock;
      for (std::size_t block = best_.choices.size() / kChoiceBlock + 1; block-- > 0 && !spent();) {
        const std::size_t from = block * kChoiceBlock;
        if (from >= best_.choices.size()) continue;
        Sequence candidate = best_.choices;
        const auto first = candidate.begin() + static_cast<std::ptrdiff_t>(from);
        candidate.erase(
            first, candidate.begin() + static_cast<std::ptrdiff_t>(std::min(from + width, candidate.size())));
        changed |= accept(std::move(candidate));
      }
    }
    return changed;
  }

  // Spans from large to single values (ddmin), from the end, where a story's tail usually does not matter.
  bool delete_spans() {
    bool changed = false;
    for (std::size_t width = std::max<std::size_t>(best_.choices.size() / 2, 1); width > 0; width /= 2) {
      for (std::size_t end = best_.choices.size(); end >= width && end > 0 && !spent();) {
        Sequence candidate = best_.choices;
        const auto last = candidate.begin() + static_cast<std::ptrdiff_t>(end);
        candidate.erase(last - static_cast<std::ptrdiff_t>(width), last);
        changed |= accept(std::move(candidate));
        end = std::min(end - width, best_.choices.size());
      }
    }
    return changed;
  }

  bool clear_spans() {
    bool changed = false;
    for (std::size_t width = std::max<std::size_t>(best_.choices.size() / 2, 1); width > 0; width /= 2) {
      for (std::size_t from = 0; from < best_.choices.size() && !spent(); from += width) {
        Sequence candidate = best_.choices;
        const std::size_t to = std::min(from + width, candidate.size());
        std::fill(candidate.begin() + static_cast<std::ptrdiff_t>(from),
                  candidate.begin() + static_cast<std::ptrdiff_t>(to), 0U);
        if (candidate != best_.choices) changed |= accept(std::move(candidate));
      }
    }
    return changed;
  }

  bool lower(std::size_t at, std::uint32_t value) {
    if (at >= best_.choices.size() || value >= best_.choices[at]) return false;
    Sequence candidate = best_.choices;
    candidate[at] = value;
    return accept(std::move(candidate));
  }

  // Values are used modulo small numbers: the low digits often do the same as the whole value. Then halve,
  // then step.
  bool lower_values() {
    bool changed = false;
    for (std::size_t at = 0; at < best_.choices.size() && !spent(); ++at) {
      if (best_.choices[at] == 0) continue;
      bool lowered = false;
      for (const std::uint32_t modulus : {2U, 3U, 4U, 5U, 8U, 10U, 16U, 100U, 256U, 1000U, 65536U}) {
        lowered = lower(at, best_.choices[at] % modulus);
        if (lowered) break;
      }
      for (std::uint32_t step = best_.choices[at]; step > 0; step /= 2) {
        while (best_.choices[at] >= step && lower(at, best_.choices[at] - step)) lowered = true;
      }
      changed |= lowered;
    }
    return changed;
  }

  // A value that decides how many values are read after it can only shrink together with them.
  bool lower_and_delete() {
    constexpr std::size_t kWidest = 12;
    bool changed = false;
    for (std::size_t at = 0; at < best_.choices.size() && !spent(); ++at) {
      for (std::size_t width = 1; width <= kWidest && at + width < best_.choices.size(); ++width) {
        for (const std::uint32_t lowered : {0U, best_.choices[at] / 2}) {
          if (lowered >= best_.choices[at]) continue;
          Sequence candidate = best_.choices;
          candidate[at] = lowered;
          const auto next = candidate.begin() + static_cast<std::ptrdiff_t>(at) + 1;
          candidate.erase(next, next + static_cast<std::ptrdiff_t>(width));
          if (!accept(std::move(candidate))) continue;
          changed = true;
          if (at + width >= best_.choices.size()) return changed;
        }
      }
    }
    return changed;
  }

  const std::function<bool(const Sequence&)>& still_fails_;
  const ShrinkBudget& budget_;
  std::chrono::steady_clock::time_point deadline_;
  Shrunk best_;
  std::set<Sequence> seen_;
};

}  // namespace

Shrunk shrink(Sequence choices, const std::function<bool(const Sequence&)>& still_fails,
              const ShrinkBudget& budget) {
  return Shrinker(std::move(choices), still_fails, budget).run();
}

}  // namespace sim
