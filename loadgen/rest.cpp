#include "loadgen/rest.h"

#include <fmt/format.h>
#include <chrono>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <set>
#include <stdexcept>
#include <thread>

#include "loadgen/books.h"
#include "loadgen/control.h"
#include "net/client.h"

namespace loadgen {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{15'000};
constexpr double kStuckAfter = 5;  // seconds
constexpr std::size_t kTasksPerCall = 1000;
constexpr std::int64_t kDayAndMore =
    25 * 3'600'000;  // ms: past the longest pause between two attempts (C-M10)

net::Response post(const std::string& target, const std::string& path, const std::string& body,
                   std::int64_t now_ms) {
  const auto url = net::parse_url(target);
  if (!url) throw std::runtime_error(url.error());
  net::Connection connection(*url);
  net::Request request{.method = "POST", .target = url->path + path, .headers = {}, .body = body};
  request.headers.add("content-type", "application/json");
  if (now_ms > 0) request.headers.add("x-hustle-now", std::to_string(now_ms));
  net::ClientResult result = connection.exchange(request, kPatience);
  if (!result) throw std::runtime_error(fmt::format("{}{}: {}", target, path, result.error().message));
  return *result;
}

model::Cents moved(const std::string& providers) {
  model::Cents total = 0;
  for (const BookLine& line : fetch_books(providers).lines)
    total += line.account.transferred + line.account.refunded;
  return total;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Waiting {
  std::string task, worker;
  bool has_account = false;
  std::int64_t due_ms = 0;
};

std::vector<Waiting> waiting_payouts(pqxx::connection& database, const std::vector<std::string>& tasks) {
  std::string sql =
      "SELECT q.task_id, q.worker_id, u.stripe_connect_id IS NOT NULL, coalesce(extract(epoch FROM "
      "q.next_retry_at) * 1000, 0)::bigint FROM transfer_retry_queue q JOIN users u ON u.id = q.worker_id"
      " WHERE q.status = 'PENDING' AND q.attempt_count < q.max_attempts";
  pqxx::nontransaction work(database);
  if (work.exec1("SELECT to_regclass('transfer_retry_queue') IS NULL")[0].as<bool>()) return {};
  if (!tasks.empty())
    sql += " AND q.task_id = ANY(" + work.quote(fmt::format("{{{}}}", fmt::join(tasks, ","))) + "::uuid[])";
  std::vector<Waiting> found;
  for (const auto& row : work.exec(sql + " ORDER BY q.worker_id, q.task_id")) {
    found.push_back(
        {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<bool>(), row[3].as<std::int64_t>()});
  }
  return found;
}

// Every other worker without one gets an account.
void open_accounts(pqxx::connection& database, const std::string& providers, std::vector<Waiting>& payouts) {
  std::vector<std::string> workers;
  for (const Waiting& each : payouts) {
    if (!each.has_account && (workers.empty() || workers.back() != each.worker))
      workers.push_back(each.worker);
  }
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < workers.size(); i += 2) chosen.push_back(workers[i]);
  if (chosen.empty()) return;
  const std::vector<std::string> accounts = Control(providers).accounts(chosen.size());
  pqxx::work work(database);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    work.exec(
        fmt::format("UPDATE users SET stripe_connect_id = {} WHERE id = {} AND stripe_connect_id IS NULL",
                    work.quote(accounts[i]), work.quote(chosen[i])));
  }
  work.commit();
  const std::set<std::string> paid(chosen.begin(), chosen.end());
  for (Waiting& each : payouts) each.has_account = each.has_account || paid.contains(each.worker);
}

void run_job(const std::string& target, const std::vector<Waiting>& payouts, std::int64_t now_ms) {
  for (std::size_t from = 0; from < payouts.size(); from += kTasksPerCall) {
    json ids = json::array();
    for (std::size_t i = from; i < std::min(payouts.size(), from + kTasksPerCall); ++i)
      ids.push_back(payouts[i].task);
    const net::Response answer =
        post(target, "/test/jobs/transfer_retry", json{{"task_ids", ids}}.dump(), now_ms);
    if (answer.status != 200)
      throw std::runtime_error(fmt::format("/test/jobs/transfer_retry answered {}", answer.status));
  }
}

// The oldest of them; none where the table does not exist.
std::vector<Row> open_orders(Database& database) {
  if (database.query("SELECT to_regclass('outbox_events') IS NULL")[0][0] == "t") return {};
  return database.query(
      "SELECT aggregate_id, event_name, status, attempts, coalesce(last_error, '-') FROM outbox_events"
      " WHERE status IN ('pending', 'enqueued') AND created_at < now() - interval '5 seconds'"
      " ORDER BY created_at LIMIT 20");
}

}  // namespace

Rest come_to_rest(const std::string& target, const std::string& providers, int seconds_limit,
                  const std::function<bool()>& stop) {
  const Clock::time_point begin = Clock::now();
  Clock::time_point changed = begin;
  bool has_drain = !target.empty();
  std::int64_t fewest = -1;
  model::Cents before = -1;
  Rest rest;
  while (seconds_since(begin) < seconds_limit) {
    if (has_drain) {
      const net::Response answer = post(target, "/test/outbox/drain", "", 0);
      const json body = json::parse(answer.body, nullptr, false);
      has_drain = answer.status == 200 && body.is_object();  // a server of somebody else: watch the books
      if (!has_drain) continue;
      rest.waiting = body.value("pending", std::int64_t{0});
      if (rest.waiting == 0) return {.quiet = true};
      if (fewest < 0 || rest.waiting < fewest) {
        fewest = rest.waiting;
        changed = Clock::now();
      }
    } else if (providers.empty()) {
      return rest;
    } else if (const model::Cents now = moved(providers); now == before) {
      return {.quiet = true};
    } else {
      before = now;
    }
    for (int tenths = 0; tenths < (has_drain ? 2 : 30); ++tenths) {
      if (stop()) return rest;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  if (has_drain) rest.without_change = seconds_since(changed);
  return rest;
}

std::vector<model::Finding> stuck_orders(Database& database, const Rest& rest) {
  const std::vector<Row> open = open_orders(database);
  if (rest.quiet ? open.empty() : rest.waiting == 0 || rest.without_change < kStuckAfter) return {};
  model::Finding finding;
  finding.rule = "OUTBOX-REST";
  finding.spec = "money.md §2";
  finding.judge = "liveness";
  finding.headline = "the server never finishes what it has ordered of the payment processor";
  finding.expected = "every order is carried out once and closed";
  finding.observed =
      rest.quiet ? "orders are open although the target says that it rests"
                 : fmt::format("{} orders still wait, not one less for {:.0f} s although nothing is asked",
                               rest.waiting, rest.without_change);
  std::string rows;
  for (const Row& row : open) {
    finding.entities.push_back("escrow " + row[0].value_or(""));
    rows += fmt::format("escrow {}: {} is {} after {} attempts, {}\n", row[0].value_or(""),
                        row[1].value_or(""), row[2].value_or(""), row[3].value_or(""), row[4].value_or(""));
  }
  if (!rows.empty()) finding.evidence.emplace_back("rows", rows);
  return {finding};
}

std::size_t pay_late(const Endpoints& endpoints, const std::vector<std::string>& tasks, int seconds_limit) {
  if (!endpoints.test_clock) return 0;
  try {
    pqxx::connection database(endpoints.database);
    std::vector<Waiting> payouts = waiting_payouts(database, tasks);
    if (payouts.empty()) return 0;
    open_accounts(database, endpoints.providers, payouts);
    std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
    for (const Waiting& each : payouts) now = std::max(now, each.due_ms);
    const std::size_t payable =
        static_cast<std::size_t>(std::ranges::count_if(payouts, &Waiting::has_account));
    // One run of the job may take no more than so many: again, as long as fewer are left each time.
    for (std::size_t before = payouts.size() + 1; !payouts.empty() && payouts.size() < before;) {
      run_job(endpoints.target, payouts, now + kDayAndMore);
      come_to_rest(endpoints.target, endpoints.providers, seconds_limit);
      before = payouts.size();
      payouts = waiting_payouts(database, tasks);
      std::erase_if(payouts,
                    [&](const Waiting& w) { return !w.has_account || w.due_ms > now + kDayAndMore; });
    }
    return payable;
  } catch (const pqxx::failure& trouble) {
    const std::string text = trouble.what();
    throw std::runtime_error("database: " + text.substr(0, text.find('\n')));
  }
}

}  // namespace loadgen
