// The jobs as they run by themselves: a server of its own, on the real clock, meets work that is long due,
// more of it than one run takes, and has it done soon (jobs-cache-realtime.md §1).
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

constexpr int kOverdue = 450;  // tasks: more than two runs of a bounded job may take
constexpr std::chrono::seconds kSoon{30};

class JobsByThemselves {
 public:
  explicit JobsByThemselves(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 2)) {}

  void run() {
    const Person& poster = people_.posters[0];
    const Person& worker = people_.workers[0];
    const model::Instant real{std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count()};
    client_.now = real + -50 * model::kHour;
    const SideTask waiting = drive_task(client_, poster, worker, Stop::submitted);
    const SideTask overdue = drive_task(client_, poster, worker, Stop::funded);
    const SideTask unpaid = drive_task(client_, poster, people_.workers[1], Stop::reviewed);
    const std::string account = client_.sql(
        fmt::format("SELECT stripe_connect_id FROM users WHERE id = '{}'", people_.workers[1].id));
    client_.sql(
        fmt::format("UPDATE users SET stripe_connect_id = NULL WHERE id = '{}'", people_.workers[1].id));
    client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", unpaid.id), poster.token);
    client_.drain();
    client_.sql(fmt::format("UPDATE users SET stripe_connect_id = '{}' WHERE id = '{}'", account,
                            people_.workers[1].id));
    client_.sql(
        fmt::format("INSERT INTO license_verifications (user_id, trade, state, license_number, source, "
                    "status, verified_at,"
                    " expires_at, created_at) VALUES ('{}', 'plumber', 'WA', '1', 'registry', 'pending', "
                    "NULL, NULL, '{}')",
                    worker.id, iso_text(client_.now)));
    client_.sql(
        fmt::format("UPDATE license_verifications SET status = 'verified', verified_at = '{0}', expires_at ="
                    " timestamptz '{0}' + interval '1 hour' WHERE user_id = '{1}'",
                    iso_text(client_.now), worker.id));
    plant(poster, real);
    own_time(stage_.side.start_server({}, SideStage::Clock::real), poster);
    await("the proof that waited for 48 hours",
          fmt::format("SELECT state FROM escrows WHERE id = '{}'", waiting.escrow), "RELEASED");
    await("the task that nobody took",
          fmt::format("SELECT state FROM escrows WHERE id = '{}'", overdue.escrow), "REFUNDED");
    await("tasks past their deadline that are still open",
          fmt::format("SELECT count(*) FROM tasks WHERE poster_id = '{}' AND state = 'OPEN'", poster.id),
          "0");
    await("the payout that waited for an account",
          fmt::format("SELECT status FROM transfer_retry_queue WHERE escrow_id = '{}'", unpaid.escrow),
          "SUCCEEDED");
    await("the license whose time is over",
          fmt::format("SELECT status FROM license_verifications WHERE user_id = '{}'", worker.id), "expired");
    await(
        "orders that wait",
        "SELECT count(*) FROM outbox_events WHERE status IN ('pending', 'enqueued') AND aggregate_id IN ('" +
            waiting.escrow + "', '" + overdue.escrow + "', '" + unpaid.escrow + "')",
        "0");
  }

 private:
  // A server of this kind takes the time from nobody, and has no doors for tests.
  void own_time(const std::string& server, const Person& person) {
    SideClient client(server, stage_.side.database(), stage_.side.providers(), stage_.log);
    expect("a call that says what time it is", "403 HX503",
           told(at(client, client_.now, person)).substr(0, 9));
    expect("a call that does not", "ok", told(at(client, {}, person)));
    client.now = {};
    for (const char* door : {"/test/jobs/task_expiry", "/test/outbox/drain"})
      expect(fmt::format("POST {}", door), "404", std::to_string(client.post(door, "{}").status));
  }
  static Reply at(SideClient& client, model::Instant now, const Person& person) {
    client.now = now;
    return client.call("user.getProfile", "", person.token);
  }
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety jobs", "jobs", "jobs-cache-realtime.md §1",
                  what + ", where the server keeps its own time", expected, observed);
  }

  // Open tasks of this poster whose deadline has passed; with triggers off, because so many calls take long.
  void plant(const Person& poster, model::Instant real) {
    client_.sql(fmt::format(
        "SET session_replication_role = replica;"
        " WITH made AS (INSERT INTO tasks (poster_id, title, description, category, price, created_at, "
        "deadline,"
        "   location_state, urgency) SELECT '{0}', 'Planted', 'Planted', 'errands', 5000, '{1}', '{2}', "
        "'WA', 'standard'"
        "   FROM generate_series(1, {3}) RETURNING id)"
        " INSERT INTO escrows (task_id, amount, created_at) SELECT id, 5000, '{1}' FROM made;"
        " SET session_replication_role = DEFAULT",
        poster.id, iso_text(real + -50 * model::kHour), iso_text(real + -2 * model::kHour), kOverdue));
  }

  void await(const std::string& what, const std::string& sql, const std::string& expected) {
    const auto limit = std::chrono::steady_clock::now() + kSoon;
    std::string observed = client_.sql(sql);
    while (observed != expected && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      observed = client_.sql(sql);
    }
    expect(what, expected, observed);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_jobs(const SafetyStage& stage) {
  JobsByThemselves(stage).run();
}

}  // namespace loadgen
