// operations.md §1: health tells the state of now, of the database and of its schema, and a database that
// lets nobody in for a moment costs answers and nothing else.
#include "loadgen/side/side_checks.h"

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "loadgen/decode.h"

namespace loadgen {
namespace {

constexpr std::chrono::seconds kUntilNoticed{12};  // whoever probes does so every 10 s
constexpr std::chrono::milliseconds kLook{50};

// Nobody may connect to the stage's database, and whoever was connected is thrown out, as long as it lives.
class Outage {
 public:
  explicit Outage(SideClient& client) : client_(client) {
    client_.sql("UPDATE pg_database SET datallowconn = false WHERE datname = current_database()");
    client_.sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }
  ~Outage() {
    try {
      client_.sql("UPDATE pg_database SET datallowconn = true WHERE datname = current_database()");
    } catch (const std::runtime_error&) {
      return;  // the cluster is gone
    }
  }
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;

 private:
  SideClient& client_;
};

class Health {
 public:
  explicit Health(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    expect("liveness", "200", status_of("/health/liveness"));
    expect("readiness", "200", status_of("/health/readiness"));
    schema();
    outage();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety troubles", "HEALTH", "operations.md §1, OPS-1 to OPS-3", what, expected, observed);
  }

  Reply get(const std::string& path) {
    return client_.send({.method = "GET", .target = path, .headers = {}, .body = {}});
  }
  std::string status_of(const std::string& path) { return std::to_string(get(path).status); }

  // The last thing that is seen, or what was wanted as soon as it is seen.
  static std::string in_time(const std::string& wanted, const std::function<std::string()>& look) {
    const auto limit = std::chrono::steady_clock::now() + kUntilNoticed;
    std::string seen = look();
    while (seen != wanted && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(kLook);
      seen = look();
    }
    return seen;
  }

  // OPS-3: the latest migration that is applied, also when it came while the server was running (OPS-9).
  void schema() {
    const auto told = [&](const std::string& name) {
      const std::string said = get("/health").text("/schema_version");
      return !said.empty() && name.starts_with(said) ? name : said.empty() ? "nothing" : said;
    };
    const std::string before = client_.sql("SELECT name FROM pgmigrations ORDER BY id DESC LIMIT 1");
    if (before.empty()) return;  // migrated by other means, which name themselves elsewhere
    expect("the schema's version", before, told(before));
    const std::string next = "9000000000000_of_tomorrow";
    client_.sql(fmt::format("INSERT INTO pgmigrations (name, run_on) VALUES ('{}', now())", next));
    expect("the schema's version when a migration was added", next,
           in_time(next, [&] { return told(next); }));
    client_.sql(fmt::format("DELETE FROM pgmigrations WHERE name = '{}'", next));
    expect("the schema's version when it was taken back", before,
           in_time(before, [&] { return told(before); }));
  }

  std::string answer(const Reply& reply) {
    if (const auto leaked = leaked_text(reply.body)) return "the words \"" + *leaked + "\"";
    return reply.status >= 500 ? "5xx" : std::to_string(reply.status);
  }
  Reply read() { return client_.call("user.getProfile", "", people_.posters[0].token); }
  Reply write() {
    return client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})", people_.posters[0].token);
  }

  void outage() {
    {
      const Outage away(client_);
      expect("health while the database lets nobody in", "503",
             in_time("503", [&] { return status_of("/health"); }));
      expect("liveness while the database lets nobody in", "200", status_of("/health/liveness"));
      expect("a read while the database lets nobody in", "5xx", answer(read()));
      expect("a write while the database lets nobody in", "5xx", answer(write()));
    }
    expect("health when the database is back", "200", in_time("200", [&] { return status_of("/health"); }));
    expect("a read when the database is back", "ok", in_time("ok", [&] { return told(read()); }));
    expect("a write when the database is back", "ok", in_time("ok", [&] { return told(write()); }));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_health(const SafetyStage& stage) {
  Health(stage).run();
}

}  // namespace loadgen
