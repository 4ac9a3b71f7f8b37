#include "loadgen/bench/stage.h"

#include <unistd.h>
#include <algorithm>
#include <csignal>

#include <fstream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <thread>

#include <fmt/format.h>

#include "loadgen/bench/drive.h"
#include "loadgen/bench/pgbench.h"
#include "loadgen/bench/processes.h"
#include "loadgen/environment/error.h"

namespace loadgen::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSecret = "whsec_hustle";
constexpr const char* kOurs = "hustle-server";
constexpr auto kPayoutPatience = 20s;

// Everybody but one sleeps: an outbox that looks for work must not take the payouts of the one that is
// measured. The servers lead process groups of their own.
class Awake {
 public:
  explicit Awake(pid_t group) : group_(group) { ::kill(-group_, SIGCONT); }
  ~Awake() { ::kill(-group_, SIGSTOP); }
  Awake(const Awake&) = delete;
  Awake& operator=(const Awake&) = delete;

 private:
  pid_t group_;
};

std::vector<std::string> tokens_of(const std::string& providers, const std::string& prefix) {
  nlohmann::json uids = nlohmann::json::array();
  for (int i = 1; i <= kPeople; ++i) uids.push_back(prefix + std::to_string(i));
  net::Connection connection(*net::parse_url(providers));
  net::Request request{.method = "POST",
                       .target = "/control/tokens",
                       .headers = {},
                       .body = nlohmann::json{{"uids", uids}, {"flavour", "valid"}}.dump()};
  request.headers.add("content-type", "application/json");
  const auto answer = connection.exchange(request, 30s);
  if (!answer || answer->status != 200)
    throw EnvironmentError(3, "the fake identity provider gave no tokens");
  return nlohmann::json::parse(answer->body)["tokens"].get<std::vector<std::string>>();
}

std::string one_value(const std::string& database, const std::string& query) {
  pqxx::connection connection(database);
  pqxx::nontransaction transaction(connection);
  return transaction.exec1(query)[0].c_str();
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

double per(double total, double count) {
  return count > 0 ? total / count : 0;
}

}  // namespace

Stage::Stage(const BenchOptions& options) : options_(options) {
  EnvironmentOptions wanted;
  wanted.durable = true;
  wanted.test_clock = false;
  wanted.object_store = false;
  wanted.webhook_secret = kSecret;
  wanted.harness = options.harness;
  wanted.server = options.server;
  wanted.server_flags = {"--log-level", "warn", "--stripe-url", processor_.url()};
  if (options.interrupted != nullptr) wanted.interrupted = [&options] { return options.interrupted->load(); };
  environment_ = std::make_unique<Environment>(boot(wanted));
  check_durable();
  add_people();
  servers_.push_back({kOurs, environment_->target(), environment_->server().pid()});
  if (std::ranges::find(options.works, Work::ping) != options.works.end()) {
    bare_ = std::make_unique<BareTarget>();
    servers_.push_back({kBareLoop, bare_->url().text(), bare_->pid()});
  }
  if (options.node) start_node_peers();
  for (const Server& server : servers_) ::kill(-server.pid, SIGSTOP);
}

Stage::~Stage() {
  for (const Server& server : servers_) ::kill(-server.pid, SIGCONT);
}

void Stage::check_durable() {
  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes"}) {
    if (one_value(environment_->database(), std::string("SHOW ") + setting) != "on")
      throw EnvironmentError(3, std::string("PostgreSQL's ") + setting + " is off: figures would lie");
  }
}

void Stage::add_people() {
  people_ = {tokens_of(environment_->providers(), "bench-poster-"),
             tokens_of(environment_->providers(), "bench-worker-"), kSecret};
  pqxx::connection connection(environment_->database());
  pqxx::work work(connection);
  for (const char* who : {"poster", "worker"}) {
    work.exec(
        fmt::format("INSERT INTO users (firebase_uid, email, full_name, stripe_connect_id) "
                    "SELECT 'bench-{0}-' || i, 'bench-{0}-' || i || '@example.invalid', 'Bench', "
                    "'acct_bench_{0}_' || i FROM generate_series(1, {1}) i",
                    who, kPeople));
  }
  work.exec(
      "INSERT INTO capability_claims (user_id, role, work_state) SELECT id, 'both', 'WA' FROM users "
      "WHERE firebase_uid LIKE 'bench-%'");
  work.exec("UPDATE users SET onboarding_completed_at = now() WHERE firebase_uid LIKE 'bench-%'");
  work.exec("SELECT count(recompute_capability(id)) FROM users WHERE firebase_uid LIKE 'bench-%'");
  work.commit();
}

void Stage::start_node_peers() {
  const std::string log = environment_->log_directory() + "/node.log";
  without_node_ = why_no_node(log);
  if (!without_node_.empty()) {
    if (options_.node_required) throw EnvironmentError(3, "--peers node: " + without_node_);
    return;
  }
  NodeOptions node{.database = environment_->database(),
                   .processor = processor_.url(),
                   .certs_url = environment_->providers() +
                                "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com",
                   .webhook_secret = kSecret,
                   .log_file = log};
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (const unsigned workers : cores > 1 ? std::vector<unsigned>{1, cores} : std::vector<unsigned>{1}) {
    node.workers = static_cast<int>(workers);
    nodes_.push_back(start_node(node));
    servers_.push_back({workers == 1 ? "Node, 1 process" : fmt::format("Node, {} processes", workers),
                        nodes_.back().target, nodes_.back().process.pid()});
  }
}

std::vector<std::string> Stage::contenders(Work work) const {
  std::vector<std::string> names{kOurs};
  if (options_.pgbench && work != Work::ping) names.emplace_back("pgbench");
  for (const Server& server : servers_) {
    if (server.name != kOurs && (server.name != kBareLoop || work == Work::ping))
      names.push_back(server.name);
  }
  return names;
}

Figure Stage::measure(const std::string& contender, Work work, double seconds, std::uint64_t seed,
                      std::string& first_failure) {
  for (const Server& server : servers_) {
    if (server.name == contender) return measure_server(server, work, seconds, seed, first_failure);
  }
  return measure_pgbench(work, seconds);
}

Figure Stage::measure_server(const Server& server, Work work, double seconds, std::uint64_t seed,
                             std::string& first_failure) {
  const Awake awake(server.pid);
  const DriveOptions asked{.target = *net::parse_url(server.target),
                           .work = work,
                           .connections = options_.connections,
                           .seconds = seconds,
                           .seed = seed,
                           .interrupted = options_.interrupted};
  const Usage before = usage_of(server.pid), postgres = usage_of(postmaster());
  const auto begun = std::chrono::steady_clock::now();
  const Driven driven = drive(asked, people_);
  double elapsed = driven.seconds;
  if (work == Work::lifecycle) {  // a lifecycle ends with its payout
    wait_for_payouts();
    elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  }
  const Usage after = usage_of(server.pid), then = usage_of(postmaster());
  if (first_failure.empty()) first_failure = driven.first_failure;
  const auto count = static_cast<double>(driven.journeys);
  return {.per_second = count / elapsed,
          .server_cpu_us = per((after.cpu_s - before.cpu_s) * 1e6, count),
          .postgres_cpu_us = per((then.cpu_s - postgres.cpu_s) * 1e6, count),
          .client_cpu_us = per(driven.cpu_s * 1e6, count),
          .p50_us = driven.latency.at_percentile(50),
          .p99_us = driven.latency.at_percentile(99),
          .memory_mib = static_cast<double>(after.memory_kib) / 1024,
          .failures = driven.failures};
}

Figure Stage::measure_pgbench(Work work, double seconds) {
  const Usage before = usage_of(postmaster());
  const PgbenchRun run =
      run_pgbench(work, environment_->database(), seconds, environment_->log_directory() + "/pgbench.log");
  const Usage after = usage_of(postmaster());
  const double count = run.per_second * run.seconds;
  return {.per_second = run.per_second,
          .postgres_cpu_us = per((after.cpu_s - before.cpu_s) * 1e6, count),
          .client_cpu_us = per(run.cpu_s * 1e6, count)};
}

void Stage::wait_for_payouts() {
  const auto deadline = std::chrono::steady_clock::now() + kPayoutPatience;
  pqxx::connection connection(environment_->database());
  pqxx::nontransaction transaction(connection);
  const std::string query = "SELECT count(*) FROM outbox_events WHERE status IN ('pending', 'enqueued')";
  while (transaction.exec1(query)[0].as<std::int64_t>() > 0) {
    if (options_.interrupted != nullptr && *options_.interrupted) return;
    if (std::chrono::steady_clock::now() > deadline)
      throw EnvironmentError(3, "payouts stay behind: the outbox was not empty after 20 s");
    std::this_thread::sleep_for(2ms);
  }
}

pid_t Stage::postmaster() {
  std::ifstream file(environment_->postgres().directory() + "/data/postmaster.pid");
  pid_t pid = 0;
  file >> pid;
  return pid;
}

std::vector<std::pair<std::string, std::string>> Stage::facts() const {
  const auto memory =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {{"processor", processor_name()},
          {"cores", std::to_string(std::thread::hardware_concurrency())},
          {"memory", fmt::format("{:.1f} GiB", memory / (1 << 30))},
          {"PostgreSQL", one_value(environment_->database(), "SHOW server_version")},
          {"durability", "fsync, synchronous_commit and full_page_writes on"},
          {"connections", std::to_string(options_.connections)},
          {"rounds",
           fmt::format("{} of {} s each, forward and backward in turn", options_.rounds, options_.slice_s)}};
}

}  // namespace loadgen::bench
