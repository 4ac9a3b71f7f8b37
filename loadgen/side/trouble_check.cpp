// What a server makes of troubles that it did not choose: every SQLSTATE that error-codes.md §1 translates,
// raised on purpose by a trigger on this stage, in every way that a call takes to the database; one that
// fails among others that read at the same time; and a processor that fails for longer than anybody's
// patience.
#include <array>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/decode.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/raised.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/codes.h"
#include "net/sign.h"

namespace loadgen {
namespace {

constexpr std::string_view kSpec = "error-codes.md §1";
constexpr int kAlways = 1'000'000;
constexpr int kSomeTimes = 3;  // a transaction that loses a race three times in a row
constexpr std::size_t kReaders = 6, kReads = 30;
constexpr int kRounds = 7;  // more than the quick tries of any order

std::vector<Trouble> all_troubles() {
  std::vector<Trouble> troubles{
      {"40001", "could not serialize access", kSomeTimes, "200 "},
      {"40P01", "deadlock detected", kSomeTimes, "200 "},
      {"23505", "duplicate key value violates unique constraint", kAlways, "409 CONFLICT"},
      {"23503", "violates foreign key constraint", kAlways, "404 NOT_FOUND"},
      {"23514", "violates check constraint", kAlways, "400 VALIDATION_ERROR"},
      {"23514", "no such transition", kAlways, "409 CONFLICT"},
      {"P0001", "PROOF-PHOTO-1: too many", kAlways, "400 VALIDATION_ERROR"},
      {"P0001", "something else", kAlways, "500 INTERNAL_ERROR"},
      {"57014", "canceling statement due to statement timeout", kAlways, "500 INTERNAL_ERROR"},
      {"53200", "out of memory", kAlways, "500 INTERNAL_ERROR"}};
  for (const model::CodeFacts& code : model::all_codes()) {
    if (code.hx.size() == 5 && code.hx.starts_with("HX"))
      troubles.push_back(
          {std::string(code.hx), "raised by the schema", kAlways, fmt::format("{} {}", code.http, code.hx)});
  }
  return troubles;
}

class Troubles {
 public:
  explicit Troubles(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(2, 2)) {}

  void run() {
    for (const Trouble& trouble : all_troubles()) written(trouble);
    for (const Trouble& trouble : all_troubles()) between_two_transactions(trouble);
    told_by_the_processor();
    in_a_job();
    among_readers();
    patience();
    born_too_late();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety troubles", "TROUBLE", kSpec, what, expected, observed);
  }
  // Nothing of the database's own words may reach a caller, whatever the code.
  static std::string answer(const Reply& reply) {
    const auto leaked = leaked_text(reply.body);
    return fmt::format("{} {}{}", reply.status, reply.hx, leaked ? " with \"" + *leaked + "\"" : "");
  }
  static std::string named(const Trouble& trouble) {
    return fmt::format("{} ({}{})", trouble.sqlstate, trouble.message,
                       trouble.times == kAlways ? "" : ", three times");
  }
  static std::string about(const std::string& task) { return fmt::format(R"({{"task_id":"{}"}})", task); }

  void written(const Trouble& trouble) {
    const Person& person = people_.posters[0];
    const Raised raised(client_, trouble, "UPDATE ON users", fmt::format("NEW.id = '{}'", person.id));
    expect("a change of a profile that meets " + named(trouble), trouble.expected,
           answer(client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})", person.token)));
  }

  // The processor has answered by then: only what is tried again keeps its answer.
  void between_two_transactions(const Trouble& trouble) {
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::created);
    const Raised raised(client_, trouble, "UPDATE ON escrows", fmt::format("NEW.id = '{}'", task.escrow));
    expect("a payment whose storing meets " + named(trouble), trouble.expected,
           answer(client_.call("escrow.createIntent", about(task.id), people_.posters[0].token)));
  }

  // E2: a task ends while the processor is still making the intent for it. Whoever asked is refused, and what
  // the processor has made is given up: nobody can pay it any more.
  void born_too_late() {
    constexpr std::chrono::milliseconds kUnderWay{150};
    const Person& poster = people_.posters[0];
    SideClient other = stage_.client();
    for (const bool cancelled : {true, false}) {
      const SideTask task = drive_task(client_, poster, people_.workers[0], Stop::created);
      const std::string what = fmt::format("an intent that is made while its task {}",
                                           cancelled ? "is cancelled" : "passes its deadline");
      other.now = client_.now;
      set_fault(stage_.side.providers(), {"payment_intents.create", "slow_ms:800"}, 1);
      Flight asked(
          [&] { return code_told(other.call("escrow.createIntent", about(task.id), poster.token)); });
      std::this_thread::sleep_for(kUnderWay);
      const model::Instant before = client_.now;
      if (cancelled) {
        client_.call("task.cancel", about(task.id), poster.token);
      } else {
        client_.now = client_.now + 50 * model::kHour;
        client_.post("/test/jobs/task_expiry", nlohmann::json{{"task_ids", {task.id}}}.dump());
        client_.now = before;
      }
      const std::string answer = asked.reply();
      set_fault(stage_.side.providers(), {"payment_intents.create", "slow_ms:0"}, 0);
      given_up(what, task, answer);
    }
  }
  void given_up(const std::string& what, const SideTask& task, const std::string& answer) {
    seen_within(kOrderBound, [&] {
      client_.drain();
      return client_.book(task.escrow, "open_intents") == 0;
    });
    expect(what, "409 HX001, 0 of them can be paid",
           fmt::format("{}, {} of them can be paid", answer, client_.book(task.escrow, "open_intents")));
  }

  void told_by_the_processor() {
    for (const Trouble& trouble : all_troubles()) {
      if (trouble.times == kAlways) continue;
      const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::asked);
      const Raised raised(client_, trouble, "UPDATE ON escrows", fmt::format("NEW.id = '{}'", task.escrow));
      expect("a payment's event that meets " + named(trouble), "paid",
             client_.pay(task.intent) ? "paid" : "refused");
    }
  }

  void in_a_job() {
    for (const Trouble& trouble : all_troubles()) {
      if (trouble.times == kAlways) continue;
      const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::funded);
      const Raised raised(client_, trouble, "UPDATE ON tasks", fmt::format("NEW.id = '{}'", task.id));
      SideClient later = stage_.client();
      later.now = client_.now + 50 * model::kHour;
      expect("the expiry of a task that meets " + named(trouble), "1",
             later.post("/test/jobs/task_expiry", nlohmann::json{{"task_ids", {task.id}}}.dump())
                 .text("/changed"));
    }
  }

  // Reads share a round trip to the database: the first call of somebody new writes a row and fails there,
  // and nobody beside him may notice.
  void among_readers() {
    const std::array<Trouble, 3> troubles{{{"40001", "could not serialize access", kSomeTimes, "200 "},
                                           {"HX602", "raised by the schema", kAlways, "403 HX602"},
                                           {"57014", "canceling statement", kAlways, "500 INTERNAL_ERROR"}}};
    for (const Trouble& trouble : troubles) {
      const std::string uid = "newcomer-" + net::random_hex(6);
      const std::string token = client_.tokens({uid}).front();
      const Raised raised(client_, trouble, "INSERT ON users", fmt::format("NEW.firebase_uid = '{}'", uid));
      std::atomic<std::size_t> harmed{0};
      std::string first;
      {
        std::vector<std::jthread> readers;
        readers.reserve(kReaders);
        for (std::size_t i = 0; i < kReaders; ++i) {
          readers.emplace_back([&, i] {
            SideClient mine = stage_.client();
            const Person& person = i % 2 == 0 ? people_.posters[0] : people_.workers[0];
            for (std::size_t k = 0; k < kReads; ++k) {
              const Reply reply = mine.call("user.getProfile", "", person.token);
              if (!reply.ok() || reply.text("/result/data/id") != person.id) ++harmed;
            }
          });
        }
        for (std::size_t k = 0; k < kReads; ++k) {
          const std::string told_of = answer(client_.call("user.getProfile", "", token));
          if (told_of != trouble.expected && first.empty()) first = told_of;
        }
      }
      expect("a first call that meets " + named(trouble), trouble.expected,
             first.empty() ? trouble.expected : first);
      expect("reads beside one that meets " + named(trouble) + " that were answered otherwise", "0",
             std::to_string(harmed));
    }
  }

  // JCR-5: an order is owed for as long as it takes.
  void patience() {
    const Person &poster = people_.posters[1], &worker = people_.workers[1];
    const std::string& providers = stage_.side.providers();
    const SideTask refunded = drive_task(client_, poster, worker, Stop::funded);
    const SideTask unpaid = drive_task(client_, poster, worker, Stop::asked);
    const SideTask paid = drive_task(client_, poster, worker, Stop::reviewed);
    for (const char* operation : {"refunds.create", "payment_intents.cancel", "transfers.create"})
      set_fault(providers, {operation, "error_500"}, 1000);
    client_.call("task.cancel", about(refunded.id), poster.token);
    client_.call("task.cancel", about(unpaid.id), poster.token);
    client_.call("task.complete", about(paid.id), poster.token);
    for (int round = 0; round < kRounds; ++round) {
      client_.drain();
      client_.sql(
          fmt::format("UPDATE outbox_events SET available_at = clock_timestamp() WHERE status = 'pending'"
                      " AND aggregate_id IN ('{}', '{}', '{}')",
                      refunded.escrow, unpaid.escrow, paid.escrow));
    }
    for (const char* operation : {"refunds.create", "payment_intents.cancel", "transfers.create"})
      set_fault(providers, {operation, "error_500"}, 0);
    client_.drain();
    SideClient later = stage_.client();
    later.now = client_.now + 6 * model::kMinute;
    later.post("/test/jobs/transfer_retry", nlohmann::json{{"task_ids", {paid.id}}}.dump());
    client_.drain();
    expect("a refund after a long trouble of the processor", "1 of 5000",
           fmt::format("{} of {}", client_.book(refunded.escrow, "refunds"),
                       client_.book(refunded.escrow, "refunded")));
    expect("a payment withdrawn after a long trouble of the processor: still open", "0",
           std::to_string(client_.book(unpaid.escrow, "open_intents")));
    expect("a payout after a long trouble of the processor", "1 of 4250",
           fmt::format("{} of {}", client_.book(paid.escrow, "transfers"),
                       client_.book(paid.escrow, "transferred")));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_troubles(const SafetyStage& stage) {
  Troubles(stage).run();
}

}  // namespace loadgen
