// A connection to the database that ends after the commit and before its answer: nobody knows then whether
// the write has happened. It is not done twice (operations.md §2: no double effect; decision 25 repeats only
// what was certainly undone), and nobody is refused what he has just got.
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/environment/other_server.h"
#include "loadgen/side/frail_line.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/signed_events.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kTransactionsMax = 4;  // of one call

enum class By : std::uint8_t { poster, worker, resolver, processor };

struct Write {
  std::string_view what;
  Stop ready;
  By by;
  std::string_view input;   // $task, $proof, $dispute, $title
  std::string_view mark;    // what its statements carry
  std::string_view effect;  // how often it has happened
  bool repeated_is_another = false;
};
constexpr std::string_view kAboutTask = R"({"task_id":"$task"})";
constexpr std::array kWrites{
    Write{"task.create", Stop::created, By::poster, "", "$title",
          "SELECT count(*) FROM tasks WHERE title = '$title'", true},
    Write{"escrow.createIntent", Stop::created, By::poster, kAboutTask, "$task",
          "SELECT count(stripe_payment_intent_id) FROM escrows WHERE task_id = '$task'"},
    Write{"escrow.createIntent", Stop::created, By::poster, kAboutTask, "$escrow",
          "SELECT count(stripe_payment_intent_id) FROM escrows WHERE task_id = '$task'"},
    Write{"payment_intent.succeeded", Stop::asked, By::processor, "", "$intent",
          "SELECT count(funded_at) FROM escrows WHERE task_id = '$task'"},
    Write{"task.accept", Stop::funded, By::worker, kAboutTask, "$task",
          "SELECT count(*) FROM tasks WHERE id = '$task' AND worker_id = '$worker'"},
    Write{"proof.accept", Stop::submitted, By::poster, R"({"proof_id":"$proof"})", "$proof",
          "SELECT count(*) FROM proofs WHERE task_id = '$task' AND state = 'ACCEPTED'"},
    Write{"dispute.create", Stop::submitted, By::worker,
          R"({"task_id":"$task","reason":"OTHER","description":"Not as agreed."})", "$task",
          "SELECT count(*) FROM disputes WHERE task_id = '$task'"},
    Write{"task.complete", Stop::reviewed, By::poster, kAboutTask, "$task",
          "SELECT count(*) FROM xp_ledger WHERE task_id = '$task'"},
    Write{"task.cancel", Stop::funded, By::poster, kAboutTask, "$task",
          "SELECT count(refunded_at) FROM escrows WHERE task_id = '$task'"},
    Write{"dispute.resolve", Stop::disputed, By::resolver,
          R"({"dispute_id":"$dispute","resolution":"SPLIT","split_percent":50,"notes":"Seen by a human."})",
          "$dispute", "SELECT count(*) FROM admin_actions WHERE target_dispute_id = '$dispute'"}};

class LostCommits {
 public:
  explicit LostCommits(const SafetyStage& stage)
      : stage_(stage),
        line_(stage.side.database()),
        server_(start_other_server(
            stage.environment,
            {.database = line_.database(),
             .providers = stage.side.providers(),
             .log_file = stage.environment.log_directory() + "/frail-line-" + net::random_hex(4) + ".log"},
            {"--rate-limits", "off"})),
        client_(stage.client()),
        frail_(server_.url, stage.side.database(), stage.side.providers(), stage.log, stage.interrupted),
        people_(stage.people(1, 1)),
        control_(stage.side.providers()),
        events_(stage) {
    frail_.now = client_.now;
  }

  void run() {
    for (const Write& write : kWrites) {
      for (int which = 1; which <= kTransactionsMax; ++which) {
        if (!lose(write, which, FrailLine::Arrives::nothing)) break;
        lose(write, which, FrailLine::Arrives::all_but_the_end);
      }
    }
  }

 private:
  struct Scene {
    SideTask task;
    std::string title = "Lost parcel " + net::random_hex(8);
  };

  std::string filled(std::string_view text, const Scene& scene) const {
    const std::pair<std::string_view, const std::string*> names[] = {
        {"$task", &scene.task.id},          {"$escrow", &scene.task.escrow},
        {"$intent", &scene.task.intent},    {"$proof", &scene.task.proof},
        {"$title", &scene.title},           {"$dispute", &scene.task.dispute},
        {"$worker", &people_.workers[0].id}};
    std::string result(text);
    for (const auto& [name, value] : names) {
      for (auto at = result.find(name); at != std::string::npos; at = result.find(name, at + value->size()))
        result.replace(at, name.size(), *value);
    }
    return result;
  }

  const Person& person(By by) const {
    if (by == By::worker) return people_.workers[0];
    return by == By::resolver ? people_.resolver : people_.posters[0];
  }

  Reply perform(const Write& write, const Scene& scene, const std::string& news) {
    if (write.by == By::processor) return events_.deliver(frail_, news);
    const std::string input = write.what == "task.create"
                                  ? task_input(frail_.now, 5000, scene.title, "Ring twice.")
                                  : filled(write.input, scene);
    return frail_.call(write.what, input, person(write.by).token);
  }

  // Whether the line broke: the call has at least so many transactions.
  bool lose(const Write& write, int which, FrailLine::Arrives part) {
    Scene scene;
    scene.task = drive_task(client_, people_.posters[0], people_.workers[0], write.ready);
    std::string news;
    if (write.by == By::processor) {
      if (!control_.confirm(scene.task.intent)) throw std::runtime_error("side stage: a payment was refused");
      news =
          body_of(control_, control_.payment_event(scene.task.intent, model::EventType::payment_succeeded));
    }
    const std::string effect = filled(write.effect, scene);
    line_.break_after(filled(write.mark, scene), which, part);
    const Reply reply = perform(write, scene, news);
    const bool broke = line_.broke();
    line_.hold();
    if (!broke) return false;
    const std::string done = client_.sql(effect);
    const bool unknown = reply.status == 0 || reply.status >= 500;
    const bool fits = unknown ? done == "0" || done == "1" : done == (reply.ok() ? "1" : "0");
    const std::string observed = fmt::format("told {}, done {} times", told(reply), done);
    const std::string what =
        fmt::format("{} whose connection to the database ends after commit {}, {} its answer", write.what,
                    which, part == FrailLine::Arrives::nothing ? "before" : "in the middle of");
    expect(what, fits ? observed : "told what is true or that it is not known, done at most once", observed);
    // What is asked again, and what is paid, once is enough: rows and server are the same either way.
    if (write.repeated_is_another || part == FrailLine::Arrives::all_but_the_end) return true;
    perform(write, scene, news);
    expect(what + ", once it was asked for again", "1", client_.sql(effect));
    orders_end(client_, scene.task.escrow);
    expect(what + ": movements of money", "at most one of each",
           client_.book(scene.task.escrow, "transfers") > 1 ||
                   client_.book(scene.task.escrow, "refunds") > 1 ||
                   client_.book(scene.task.escrow, "intents") > 1
               ? client_.books_of(scene.task.escrow)
               : "at most one of each");
    return true;
  }
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety troubles", "S3", "operations.md §2, decision 25", what, expected, observed);
  }

  const SafetyStage& stage_;
  FrailLine line_;
  OtherServer server_;
  SideClient client_, frail_;
  SafetyPeople people_;
  Control control_;
  SignedEvents events_;
};

}  // namespace

void check_lost_commits(const SafetyStage& stage) {
  LostCommits(stage).run();
}

}  // namespace loadgen
