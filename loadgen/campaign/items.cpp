#include "loadgen/campaign/items.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "loadgen/campaign/shown_rows.h"

namespace loadgen {
namespace {

constexpr std::array kFunding{
    Need{"delivery genuine", 50, "payment events delivered"},
    Need{"delivery duplicate", 20, "deliveries of an event that had been delivered before"},
    Need{"drill payment 20 times in parallel and late", 1,
         "one payment event 20 times in parallel, then again after the end"},
    Need{"audit Q04", 1, "amount against price, every escrow"},
    Need{"audit Q13", 1, "funding against payment intent, every escrow"},
    Need{"books compared", 20, "escrows compared with the processor's books"}};
constexpr std::array kRelease{
    Need{"ok task.complete", 20, "completions that paid"},
    Need{"drill 100 parallel releases", 1, "100 completions and releases at the same moment"},
    Need{"drill release at every wrong state", 1, "releases at every wrong state"},
    Need{"refused escrow.release", 5, "releases refused"},
    Need{"safety collisions", 10, "pairs of calls about one task, the first held at one of its locks"},
    Need{"audit Q02", 1, "released escrows against completed tasks"},
    Need{"books released", 10, "released escrows compared with the processor's transfers"}};
constexpr std::array kRefunds{
    Need{"split", 12, "splits, odd cents included"},
    Need{"refunded", 10, "full refunds"},
    Need{"drill refund and split matrix", 1, "the worked payouts of money.md §3"},
    Need{"drill refund races", 1, "refund, release and dispute at the same moment"},
    Need{"audit Q06", 1, "split sums"},
    Need{"books refunded", 10, "refunded and split escrows compared with the books"}};
constexpr std::array kWebhooks{
    Need{"delivery bad signature", 10, "deliveries with a bad, missing or old signature"},
    Need{"delivery bad content", 3, "signed deliveries with a wrong amount, currency or intent"},
    Need{"delivery unknown type", 1, "events of an unknown type"},
    Need{"delivery duplicate", 20, "repeated deliveries"},
    Need{"delivery parallel", 10, "deliveries at the same moment as another one"},
    Need{"crash kill -9", 1, "the server killed while events were delivered"}};
constexpr std::array kIdempotency{
    Need{"drill processor faults", 6, "processor calls that failed or lost their answer after success"},
    Need{"crash kill -9", 1, "kill -9 and restart in the middle of the run"},
    Need{"crash lost answers", 1, "answers lost by the crash"},
    Need{"safety troubles", 60,
         "troubles of the database in every way that a call takes, a processor that fails for long"},
    Need{"safety payouts", 90,
         "payouts that fail up to five times, early, late and repeated news of them; by each way in which "
         "money is released, through each trouble"},
    Need{"books compared", 20, "escrows compared with the processor's books"}};
constexpr std::array kLedgers{
    Need{"attack held", 20, "forbidden writes refused by the database itself"},
    Need{"audit Q01", 1, "XP rows against released escrows"},
    Need{"audit Q03", 1, "completed tasks against accepted proofs"},
    Need{"audit Q05", 1, "one XP row per escrow"},
    Need{"audit Q09", 1, "XP rows chain"},
    Need{kShownRowsCounter, 500, "members of answers compared with the columns that they show"},
    Need{"safety tiers", 40, "tiers, levels and badges at the edges of long records"},
    Need{"snapshot polls", 3, "digests of every ledger row between polls"}};
constexpr std::array kFixes{
    Need{"drill GPS signals", 16, "advisory signals alone and in pairs"},
    Need{"drill zone vectors", 49, "corners of the twelve zones, shared edges and the overlap"},
    Need{"drill GPS vectors", 43,
         "edges of box, accuracy, distance, clock and speed, with one step on either side"},
    Need{"proof with fix", 20, "fixes stored"},
    Need{"fix refused", 10, "false or missing fixes refused"},
    Need{"proof sent to review", 3, "suspicious fixes stored and sent to review"},
    Need{"proofs compared", 20, "stored fixes, zones, risks and signals compared with the rules"}};
constexpr std::array kPhotos{
    Need{"drill photo rules", 39,
         "counts, kinds, capture times, receipts, contents, one picture several times"},
    Need{"photos refused", 10, "false photos refused"},
    Need{"reused photo refused", 3, "pictures refused because they were bound before"},
    Need{"objects compared", 20, "stored objects compared with the checksums of their rows"},
    Need{"safety uploads", 150,
         "places to upload to: signed facts, single use, lifetime, privacy, receipts, sizes, a store that "
         "fails"},
    Need{"safety inspections", 240,
         "copies, generated pictures, places in the EXIF, biometric scores; renditions without metadata, "
         "read for an hour"},
    Need{"audit Q20", 1, "1 to 5 photos, every submitted proof"}};
constexpr std::array kSpoofers{Need{"fix refused", 10, "false fixes refused"},
                               Need{"proof sent to review", 3, "suspicious fixes sent to review"},
                               Need{"reused photo refused", 3, "reused photos refused"},
                               Need{"signals compared", 10, "signal rows compared with the rules"}};
constexpr std::array kReviews{
    Need{"ok proof.submit", 20, "proofs submitted"},
    Need{"ok proof.accept", 10, "proofs accepted"},
    Need{"ok proof.reject", 5, "proofs rejected and done again"},
    Need{"job.reviewTimeout", 3, "review timeouts after 48 hours"},
    Need{"drill review timeout after restart", 1, "the 48 hours survive a restart"},
    Need{"safety jobs", 8, "jobs that run by themselves on the real clock, more work than one run takes"},
    Need{"audit Q29", 1, "no completed task is still unpaid at the end"}};
constexpr std::array kRoles{
    Need{"safety roles", 400, "cells of the full role matrix, generated from the contract table"},
    Need{"safety wire", 40,
         "tokens to the second, rotated keys, spellings, batches, what the processor is told"},
    Need{"bad credential", 20, "calls without or with a bad token"},
    Need{"wrong actor", 50, "calls by somebody who may not make them"},
    Need{"drill role matrix", 1, "every procedure by every role and without a token"},
    Need{"feed tasks", 100, "tasks looked for in a feed, each as the rules say"},
    Need{"ok eligibility.check", 50, "people and tasks checked"},
    Need{"safety requirements", 155,
         "requirements of tasks one by one, by eight workers who lack all the others"},
    Need{"drill newcomers", 16, "every choice of steps before the end of onboarding"},
    Need{"not eligible", 20, "acceptances by people whom the task does not admit"},
    Need{"audit Q25", 1, "verified trades against licenses"}};
constexpr std::array kSelf{Need{"own task", 3, "own tasks accepted by their poster"},
                           Need{"wrong actor", 50, "calls on foreign tasks, escrows, proofs and disputes"},
                           Need{"audit Q18", 1, "worker is not poster"},
                           Need{"audit Q19", 1, "reviewer is not submitter"}};
constexpr std::array kFreeze{
    Need{"safety freeze releases", 100, "releases in flight while the marketplace was frozen"},
    Need{"safety freeze", 200, "what was acknowledged, refused, left open, paid after the thaw and audited"}};
constexpr std::array kLimits{
    Need{"safety limits", 50, "classes of calls at the limit, one past it and at both edges of the window"},
    Need{"safety limits bypasses", 8, "batches, headers, spellings and forged tokens that change nothing"},
    Need{"safety payloads", 60, "texts, numbers, lists, sizes and depths at the limit and one past it"}};
constexpr std::array kAbuse{
    Need{"safety abuse task_spam", 1, "a spammer and what he gained"},
    Need{"safety abuse xp_farming", 2, "rings that trade the cheapest tasks"},
    Need{"safety abuse self_dealing", 1, "a poster who works for himself"},
    Need{"safety abuse windows", 30,
         "disputes, cancelled tasks and XP within a day and an hour, to the millisecond"},
    Need{"safety risk", 90, "risk scores, their bands, who may accept, whose word closes one"},
    Need{"safety abuse stolen_identity", 1, "somebody else's claims and a return after a ban"}};
constexpr std::array kBeta{
    Need{"safety beta", 500, "sign-ups under every combination of flags, codes, roles and places"},
    Need{"safety beta races", 5, "caps on invitations, accounts, tasks and money under parallel attempts"}};
constexpr std::array kDisputes{
    Need{"safety standing", 60,
         "strikes at the edges of their windows, suspensions and what follows from them"},
    Need{"safety moments", 100, "ends of suspensions at every procedure, to the millisecond"},
    Need{"safety moderation", 100, "blocked and doubtful texts, reports, decisions, the queue"},
    Need{"safety appeals", 120,
         "appeals at the end of their windows, who decides, removed strikes, reporters"},
    Need{"ok dispute.create", 10, "disputes opened"},
    Need{"ok dispute.resolve", 10, "disputes resolved, all three outcomes"},
    Need{"standing refused", 3, "mutations by paused or suspended accounts"},
    Need{"audit Q16", 1, "outcome of every resolved dispute"},
    Need{"audit Q17", 1, "neutral resolver with audit row"}};
constexpr std::array kAdmin{
    Need{"safety admin effects", 8,
         "each power used and refused, one row for each, with actor, role and time"},
    Need{"safety admin", 100, "who may give and take which role, and rows against effects both ways"},
    Need{"safety overrides", 50, "other people's money: reason, key, a second admin"},
    Need{"safety rows", 200, "rows of admin_actions against what was asked and answered, both ways"},
    Need{"admin effects", 10, "admin effects compared with admin_actions, both ways"},
    Need{"audit Q17", 1, "every resolution has its audit row"},
    Need{"attack admin_actions", 1, "deletes and updates of admin_actions refused"}};
constexpr std::array kMigrations{
    Need{"migration fresh", 1, "fresh database migrated"},
    Need{"migration twice", 1, "second run changes nothing"},
    Need{"migration parallel", 1, "two runners at once"},
    Need{"migration checksum", 1, "a changed file stops the runner"},
    Need{"migration destructive", 1, "a destructive file is refused without the allow flag"},
    Need{"audit Q28", 1, "core triggers exist and are enabled"},
    Need{"attack held", 20, "each kill trigger answers with its code"}};
constexpr std::array kHealth{Need{"health", 20, "health answers while loaded"},
                             Need{"crash kill -9", 1, "kill -9 and restart under load"},
                             Need{"shutdown drained", 1, "SIGTERM under load: drained within 30 s, exit 0"}};
constexpr std::array kIsolation{
    Need{"drill two parallel runs", 1, "two runs of the same plans at the same time"},
    Need{"drill same seed same plans", 1, "seed, again the same seed: equal checksums"}};

constexpr std::array kConfiguration{
    Need{"configuration accepted", 1, "a start with a complete configuration for production"},
    Need{"configuration refused", 25,
         "starts without a secret, with a test key, with doors for tests, with values out of range"}};

constexpr std::array kPrivacy{
    Need{"safety privacy", 100,
         "planted markers looked for in strangers' answers, refusals, log, metrics and health"},
    Need{"safety inspections", 240, "renditions without metadata, read by signed URLs only"}};

constexpr std::string_view kLater = "not judged yet: ";

constexpr std::array kItems{
    ItemFacts{1, "money", "Escrow is real and funded once", kFunding, "", ""},
    ItemFacts{2, "money", "Release pays once, only after COMPLETED with accepted proof", kRelease, "", ""},
    ItemFacts{3, "money", "Refund and split correct", kRefunds, "", ""},
    ItemFacts{4, "money", "Webhooks: signed, replay-safe, order-safe", kWebhooks, "", ""},
    ItemFacts{5, "money", "No double charge / payout under retries and crashes", kIdempotency, "", ""},
    ItemFacts{6, "money", "Ledgers immutable, INV-1..5 hold", kLedgers, "", ""},
    ItemFacts{7, "proof", "GPS and Seattle bounds", kFixes, "", ""},
    ItemFacts{8, "proof", "Photo limits, dedupe, metadata", kPhotos, "", ""},
    ItemFacts{9, "proof", "Review to payout/refund chain, timeout", kReviews, "", ""},
    ItemFacts{10, "safety", "Auth and role separation", kRoles,
              "every procedure of the contract table over HTTP", ""},
    ItemFacts{11, "safety", "No self-approval, self-payout, cross-task abuse", kSelf, "", ""},
    ItemFacts{12, "safety", "Disputes, strikes, suspensions enforced", kDisputes,
              "over HTTP, single calls and batches: other transports do not exist yet", ""},
    ItemFacts{13, "safety", "Freeze switch", kFreeze, "", ""},
    ItemFacts{14, "safety", "Admin actions logged with actor and time", kAdmin, "", ""},
    ItemFacts{15, "AI", "Routing, fallback, breaker", {}, "", "no AI procedure is driven yet"},
    ItemFacts{16, "AI", "Authority and budget", {}, "", "no AI procedure is driven yet"},
    ItemFacts{17,
              "AI",
              "All providers down",
              {},
              "",
              "payments, identity and photo store are faked, but none of them is taken down for long"},
    ItemFacts{18,
              "analytics",
              "Events and metrics agree with core",
              {},
              "",
              "there are no analytics tables to recompute yet"},
    ItemFacts{19, "ops", "Migrations safe and schema aligned", kMigrations, "", ""},
    ItemFacts{20, "ops", "Health, shutdown, restart", kHealth, "", ""},
    ItemFacts{21,
              "ops",
              "Jobs bounded, visible, safe",
              {},
              "",
              "four jobs are run on demand and judged by their effects, but not their visibility and bounds"},
    ItemFacts{22, "ops", "Configuration validated", kConfiguration, "", ""},
    ItemFacts{23, "ops", "Seed, accounts, reset, isolation", kIsolation,
              "seeds and isolation by namespace; nothing is ever reset", ""},
    ItemFacts{24,
              "ops",
              "Load targets",
              {},
              "",
              "the gate drives as fast as it can; open-loop load is `hustle load`'s"},
    ItemFacts{25, "abuse", "Rate and payload limits on auth, payments, proof, admin, AI", kLimits,
              "every procedure of the contract table; AI procedures do not exist yet", ""},
    ItemFacts{26, "abuse", "Task spam, XP farming, collusion", kAbuse, "", ""},
    ItemFacts{27, "abuse", "GPS spoofing, reused photos", kSpoofers, "", ""},
    ItemFacts{28, "abuse", "Personal data and public URLs", kPrivacy,
              "answers, log and metrics of the server; what providers are told is not searched", ""},
    ItemFacts{29, "abuse", "Beta gates", kBeta, "", ""},
    ItemFacts{30, "cost", "Under $500/month", {}, "", "no AI usage is measured yet"},
};

constexpr std::array<std::string_view, 8> kGroups{"money",     "proof", "safety", "ai",
                                                  "analytics", "ops",   "abuse",  "cost"};

constexpr std::array<std::string_view, 8> kAssumptions{"a real Stripe account and webhook endpoint",
                                                       "production secrets",
                                                       "the deployed branch, host and region",
                                                       "a real bank test payout",
                                                       "error-tracker and alert destinations",
                                                       "storage bucket privacy",
                                                       "real AI keys",
                                                       "app store client behaviour"};

bool same_group(std::string_view selected, std::string_view group) {
  return std::ranges::equal(selected, group,
                            [](char a, char b) { return std::tolower(a) == std::tolower(b); });
}

void weigh(Item& item, const ItemFacts& facts, const Tally& tally,
           const std::map<std::string, std::string, std::less<>>& impossible) {
  std::string lacking;
  for (const Need& need : facts.needs) {
    const auto found = tally.find(need.counter);
    const std::uint64_t count = found == tally.end() ? 0 : found->second;
    const bool enough = count >= need.at_least;
    item.evidence.push_back({std::string(need.what), fmt::format("{} (at least {})", count, need.at_least),
                             enough ? model::Verdict::holds : model::Verdict::unknown});
    if (enough || !lacking.empty()) continue;
    auto why = impossible.find(need.counter);
    if (why == impossible.end()) why = impossible.find("*");
    lacking = why != impossible.end()
                  ? fmt::format("no evidence: {} ({})", need.what, why->second)
                  : fmt::format("too little evidence: {}: {} of {}", need.what, count, need.at_least);
  }
  item.verdict = lacking.empty() ? model::Verdict::holds : model::Verdict::unknown;
  item.reason = lacking.empty() ? "executed with enough evidence, nothing found against it" : lacking;
}

}  // namespace

std::span<const ItemFacts> all_items() {
  return kItems;
}
std::span<const std::string_view> all_groups() {
  return kGroups;
}
std::span<const std::string_view> all_assumptions() {
  return kAssumptions;
}

std::vector<Item> judge_items(const Tally& tally, const std::vector<Blame>& blames,
                              const std::vector<std::string>& only,
                              const std::map<std::string, std::string, std::less<>>& impossible) {
  std::vector<Item> items;
  for (const ItemFacts& facts : kItems) {
    Item item;
    item.number = facts.number;
    item.group = facts.group;
    item.title = facts.title;
    item.scope = facts.scope;
    item.selected = only.empty() || std::ranges::any_of(only, [&](const std::string& group) {
                      return same_group(group, facts.group);
                    });
    if (facts.needs.empty()) {
      item.reason = std::string(kLater) + std::string(facts.missing);
    } else {
      weigh(item, facts, tally, impossible);
    }
    for (const Blame& blame : blames) {
      if (blame.item != facts.number) continue;
      if (item.verdict != model::Verdict::broken) item.reason = blame.headline;
      item.verdict = model::Verdict::broken;
      item.evidence.push_back({"finding", blame.headline, model::Verdict::broken});
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace loadgen
