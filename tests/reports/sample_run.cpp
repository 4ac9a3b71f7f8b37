// A made-up run with everything that a report can show; the figures mean nothing.
#include "loadgen/histogram.h"
#include "loadgen/histogram_log.h"
#include "model/vocabulary/command.h"
#include "tests/reports/support.h"

namespace reports_test {
namespace {

using model::Verdict;

struct Title {
  int number;
  const char* group;
  const char* title;
};
constexpr Title kTitles[] = {
    // operations.md §10
    {1, "money", "Escrow is real and funded once"},
    {2, "money", "Release pays once, only after COMPLETED with accepted proof"},
    {3, "money", "Refund and split correct"},
    {4, "money", "Webhooks: signed, replay-safe, order-safe"},
    {5, "money", "No double charge / payout under retries and crashes"},
    {6, "money", "Ledgers immutable, INV-1..5 hold"},
    {7, "proof", "GPS and Seattle bounds"},
    {8, "proof", "Photo limits, dedupe, metadata"},
    {9, "proof", "Review to payout/refund chain, timeout"},
    {10, "safety", "Auth and role separation"},
    {11, "safety", "No self-approval, self-payout, cross-task abuse"},
    {12, "safety", "Disputes, strikes, suspensions enforced"},
    {13, "safety", "Freeze switch"},
    {14, "safety", "Admin actions logged with actor and time"},
    {15, "AI", "Routing, fallback, breaker"},
    {16, "AI", "Authority and budget"},
    {17, "AI", "All providers down"},
    {18, "analytics", "Events and metrics agree with core"},
    {19, "ops", "Migrations safe and schema aligned"},
    {20, "ops", "Health, shutdown, restart"},
    {21, "ops", "Jobs bounded, visible, safe"},
    {22, "ops", "Configuration validated"},
    {23, "ops", "Seed, accounts, reset, isolation"},
    {24, "ops", "Load targets"},
    {25, "abuse", "Rate and payload limits on auth, payments, proof, admin, AI"},
    {26, "abuse", "Task spam, XP farming, collusion"},
    {27, "abuse", "GPS spoofing, reused photos"},
    {28, "abuse", "Personal data and public URLs"},
    {29, "abuse", "Beta gates"},
    {30, "cost", "Under $500/month"},
};

std::vector<loadgen::Item> items() {
  std::vector<loadgen::Item> out;
  for (const Title& t : kTitles) {
    const bool judged = t.number <= 6 || (t.number >= 9 && t.number <= 12) || t.number == 14 ||
                        t.number == 19 || t.number == 20 || t.number == 23;
    const bool broken = t.number == 2 || t.number == 5;
    loadgen::Item item{.number = t.number, .group = t.group, .title = t.title};
    item.verdict = !judged ? Verdict::unknown : broken ? Verdict::broken : Verdict::holds;
    item.reason = !judged  ? "Not part of the money core; nothing was executed."
                  : broken ? "A second transfer left the processor for the same escrow."
                           : "Every plan of this kind ended as the model says.";
    if (t.number == 14) item.scope = "admin actions that move money";
    if (judged) {
      item.evidence = {
          {"plans", "412 plans, 9,306 commands, each answer equal to the model's", Verdict::holds},
          {"Q05", "released escrows without COMPLETED task: 0 rows of 1,204", Verdict::holds}};
      if (broken)
        item.evidence.push_back({"books", "escrow 7 released once, transferred twice", Verdict::broken});
    }
    out.push_back(item);
  }
  return out;
}

model::Finding double_payment() {
  return {.rule = "conservation",
          .spec = "money.md §3",
          .judge = "books",
          .headline = "$68.00 left the processor for an escrow of $40.00: paid out twice",
          .expected = "1 transfer of $34.00 for escrow 1 ($40.00 less 15 % fee)",
          .observed = "2 transfers, $68.00",
          .entities = {"task 3f2a6c1e-6a0e-4c57-9b0f-0d4b8c2f7a11",
                       "escrow 91c7d0aa-1f7e-4d0c-8f55-6f2f1f0f2b10"},
          .story = {{0, 0, 5210, "poster 1", "task.create($40.00)", "200 OPEN", false},
                    {0, 6100, 9020, "poster 1", "escrow.createIntent(task 1)", "200 PENDING", false},
                    {0, 9400, 9900, "processor", "pay(escrow 1)", "captured $40.00", false},
                    {0, 10010, 13480, "processor", "webhook payment_intent.succeeded", "200 received", false},
                    {0, 14000, 17110, "worker 1", "task.accept(task 1)", "200 ACCEPTED", false},
                    {0, 18000, 21400, "worker 1", "proof.submit(task 1)", "200 SUBMITTED", false},
                    {0, 22000, 25900, "poster 1", "proof.accept(proof 1)", "200 ACCEPTED", false},
                    {1, 30000, 41200, "poster 1", "task.complete(task 1)", "200 COMPLETED", false},
                    {2, 31900, 43950, "admin 1", "escrow.release(escrow 1)", "200 RELEASED", true},
                    {3, 33000, 36000, "poster 1", "escrow.getByTaskId(task 1)", "200 FUNDED", false}},
          .evidence = {{"processor's books",
                        "transfer tr_1  3400  escrow 91c7…\ntransfer tr_2  3400  escrow 91c7…"},
                       {"rows", "select state, version from escrows where id = '91c7…'\n RELEASED | 4"}},
          .choices = {3, 1, 4, 1, 5, 9, 2, 6},
          .scenario = "races",
          .seed = 42};
}

model::Finding early_xp() {
  return {.rule = "INV-1",
          .spec = "invariants.md §1",
          .judge = "database",
          .headline = "120 XP were booked for task 4 while its escrow was still FUNDED",
          .expected = "no xp_ledger row before the escrow is RELEASED (HX101)",
          .observed = "1 row, 120 XP, and the escrow FUNDED",
          .entities = {"task 8d1b…", "user 5c90…"},
          .story = {{0, 0, 2100, "poster 1", "task.complete(task 4)", "500 INTERNAL_ERROR", true},
                    {0, 40000, 43000, "poster 1", "escrow.getByTaskId(task 4)", "200 FUNDED", false},
                    {0, 172'800'000'000, 172'800'004'000, "clock", "job.reviewTimeout", "no answer", false}},
          .evidence = {},
          .choices = {2, 7, 1, 8},
          .scenario = "happy-path",
          .seed = 18446744073709551557u};
}

std::vector<loadgen::CoverageCell> coverage() {
  std::vector<loadgen::CoverageCell> out;
  const char* states[] = {"OPEN/PENDING",
                          "OPEN/FUNDED",
                          "ACCEPTED/PENDING",
                          "ACCEPTED/FUNDED",
                          "PROOF_SUBMITTED/PENDING",
                          "PROOF_SUBMITTED/FUNDED",
                          "DISPUTED/LOCKED_DISPUTE",
                          "COMPLETED/FUNDED",
                          "COMPLETED/RELEASED",
                          "CANCELLED/REFUNDED",
                          "EXPIRED/REFUNDED"};
  const char* actors[] = {"poster", "worker", "stranger", "admin"};
  std::uint64_t state = 9;
  for (const char* place : states) {
    for (const auto command : model::kActionNames) {
      for (const char* actor : actors) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        if ((state >> 60) < 2) continue;
        const std::uint64_t hits = (state >> 57 & 15) == 0 ? 0 : (state >> 40) % 400 * ((state >> 33) % 7);
        out.push_back({place, std::string(command), actor, hits});
      }
    }
  }
  return out;
}

void latencies(loadgen::Run& run) {
  std::uint64_t state = 5;
  std::int64_t middle = 700;
  for (const char* name :
       {"task.getById", "user.getXP", "task.list", "escrow.getByTaskId", "task.create", "task.accept",
        "proof.submit", "proof.accept", "escrow.createIntent", "escrow.release", "dispute.resolve"}) {
    loadgen::Histogram h;
    for (int i = 0; i < 4000; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const auto roll = static_cast<std::int64_t>(state >> 44 & 0xfff);
      h.record(middle * (800 + roll / 8) / 1000 + (roll > 4000 ? middle * (roll - 3990) / 9 : 0));
    }
    run.latencies.push_back({name, h.count(), middle == 4320u ? 3u : 0u, h.at_percentile(50),
                             h.at_percentile(90), h.at_percentile(99), h.at_percentile(99.9), h.max()});
    run.histograms.emplace_back(name, loadgen::encode_histogram(h));
    middle += middle / 4;
  }
}

}  // namespace

loadgen::Run sample_run() {
  loadgen::Run run;
  run.command = "gate";
  run.command_line = "./hustle gate --seed 42";
  run.started_utc = "2026-01-02T03:04:05Z";
  run.target = "http://127.0.0.1:41237";
  run.database = "postgresql://hustle:secret@127.0.0.1:45001/hustle";
  run.providers = "http://127.0.0.1:43991";
  run.server_version = "0.1.0";
  run.seed = 42;
  run.seconds = 60.02;
  run.plans = 2412;
  run.commands = 48210;
  run.concurrent_groups = 612;
  run.unknown_outcomes = 3;
  run.items = items();
  run.findings = {double_payment(), early_xp()};
  run.coverage = coverage();
  latencies(run);
  run.scenarios = {{"happy-path", 480}, {"double-webhooks", 402}, {"webhook-disorder", 377},
                   {"races", 351},      {"disputes", 330},        {"cancellation", 212},
                   {"expiry", 140},     {"wrong-actors", 120}};
  run.facts = {{"Machine", "2 cores, Linux 6.1"}, {"PostgreSQL", "15.6, fsync off"}, {"Connections", "20"}};
  run.assumptions = {"real Stripe account and webhook endpoint",
                     "production secrets",
                     "deployed branch, host and region",
                     "real bank test payout",
                     "error-tracker and alert destinations",
                     "storage bucket privacy",
                     "real AI keys",
                     "app store client behaviour"};
  run.exit_code = 1;
  return run;
}

}  // namespace reports_test
