#include "loadgen/books.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include <fmt/format.h>

#include "model/judge/liveness.h"
#include "net/client.h"

namespace loadgen {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds kPatience{15'000};

json ask(const std::string& base, std::string_view method, const std::string& path) {
  const auto url = net::parse_url(base);
  if (!url) throw std::runtime_error(url.error());
  net::Connection connection(*url);
  net::Request request;
  request.method = method;
  request.target = url->path + path;
  const net::ClientResult result = connection.exchange(request, kPatience);
  if (!result) throw std::runtime_error(fmt::format("{}{}: {}", base, path, result.error().message));
  if (result->status != 200)
    throw std::runtime_error(fmt::format("{}{} answered {}", base, path, result->status));
  return json::parse(result->body);
}

model::ProcessorAccount account_of(const json& line) {
  model::ProcessorAccount account;
  account.captured = line.value("captured", model::Cents{0});
  account.transferred = line.value("transferred", model::Cents{0});
  account.refunded = line.value("refunded", model::Cents{0});
  account.intents = line.value("intents", 0);
  account.transfers = line.value("transfers", 0);
  account.refunds = line.value("refunds", 0);
  return account;
}

// One escrow with its task, as far as money and progress are concerned.
constexpr std::string_view kMoneyRows =
    "SELECT e.id, e.state, e.amount, e.release_amount, e.refund_amount, e.funded_at IS NOT NULL, t.id, "
    "t.state,"
    " w.stripe_connect_id IS NOT NULL, EXISTS (SELECT 1 FROM xp_ledger x WHERE x.escrow_id = e.id),"
    " e.stripe_payment_intent_id FROM escrows e JOIN tasks t ON t.id = e.task_id LEFT JOIN users w ON w.id = "
    "t.worker_id";

struct MoneyRow {
  std::string escrow, task, intent;
  model::EscrowAccount account;
  model::Progress progress;
  std::string told;  // the row for the report
};

model::Cents cents(const std::optional<std::string>& text) {
  return text ? std::stoll(*text) : 0;
}
bool yes(const std::optional<std::string>& text) {
  return text == "t";
}

std::optional<MoneyRow> money_row(const Row& row) {
  const auto escrow = model::value_of<model::EscrowState>(model::kEscrowStateNames, row[1].value_or(""));
  const auto task = model::value_of<model::TaskState>(model::kTaskStateNames, row[7].value_or(""));
  if (!escrow || !task) return std::nullopt;  // a state outside the vocabulary is Q07's business
  MoneyRow m;
  m.escrow = row[0].value_or("");
  m.task = row[6].value_or("");
  m.intent = row[10].value_or("");
  m.account.state = *escrow;
  m.account.amount = cents(row[2]);
  if (row[3]) m.account.release_amount = cents(row[3]);
  if (row[4]) m.account.refund_amount = cents(row[4]);
  m.account.was_funded = yes(row[5]);
  m.account.worker_can_be_paid = yes(row[8]);
  m.progress.task = *task;
  m.progress.escrow = *escrow;
  m.progress.has_xp = yes(row[9]);
  m.progress.transfer_expected = yes(row[8]) && (*escrow == model::EscrowState::released ||
                                                 *escrow == model::EscrowState::refund_partial);
  m.told = fmt::format("escrow {} {} of {} cents, release {}, refund {}, funded {}; task {} {}", m.escrow,
                       name(*escrow), m.account.amount, row[3].value_or("-"), row[4].value_or("-"),
                       m.account.was_funded ? "yes" : "no", m.task, name(*task));
  return m;
}

std::string told(const model::ProcessorAccount& a) {
  return fmt::format("captured {}, transferred {} in {}, refunded {} in {}, {} payment intents", a.captured,
                     a.transferred, a.transfers, a.refunded, a.refunds, a.intents);
}

model::Finding money_finding(const model::MoneyBreach& breach, const std::string& escrow) {
  model::Finding finding;
  finding.rule = breach.rule;
  finding.spec = "money.md §3";
  finding.judge = "books";
  finding.headline = breach.sentence;
  finding.expected = breach.expected;
  finding.observed = breach.observed;
  finding.entities = {"escrow " + escrow};
  return finding;
}

// Was the server told of this capture? Its event is among the processed ones.
bool told_of_capture(Database& database, const std::string& providers, const std::string& escrow) {
  const json events =
      ask(providers, "GET", "/control/events?escrow=" + escrow + "&type=payment_intent.succeeded");
  for (const json& event : events.value("events", json::array())) {
    const auto found =
        database.query("SELECT 1 FROM processed_stripe_events WHERE event_id = $1", {event.value("id", "")});
    if (!found.empty()) return true;
  }
  return false;
}

void judge_row(const MoneyRow& row, const model::ProcessorAccount& books, BookAudit& audit) {
  for (const model::MoneyBreach& breach : model::judge_conservation(row.account, books)) {
    model::Finding finding = money_finding(breach, row.escrow);
    finding.entities.push_back("task " + row.task);
    finding.evidence.emplace_back("database", row.told);
    finding.evidence.emplace_back("processor's books", told(books));
    audit.findings.push_back(std::move(finding));
  }
  for (const model::Stuck& stuck : model::judge_liveness(row.progress)) {
    if (stuck.rule != "PAYOUT") continue;  // the others are Q07, Q12 and Q29, asked in SQL
    model::Finding finding;
    finding.rule = stuck.rule;
    finding.spec = "state-machines.md §5";
    finding.judge = "liveness";
    finding.headline = stuck.sentence;
    finding.expected = "one transfer";
    finding.observed = told(books);
    finding.entities = {"escrow " + row.escrow, "task " + row.task};
    finding.evidence.emplace_back("database", row.told);
    audit.findings.push_back(std::move(finding));
  }
}

void count(const MoneyRow& row, BookAudit& audit) {
  ++audit.compared;
  if (row.account.state == model::EscrowState::released) ++audit.released;
  if (row.account.state == model::EscrowState::refunded && row.account.was_funded) ++audit.refunded;
  if (row.account.state == model::EscrowState::refund_partial) ++audit.refunded;
}

}  // namespace

Books fetch_books(const std::string& providers) {
  const json body = ask(providers, "GET", "/control/books");
  Books books;
  books.balanced = body.value("balanced", true);
  for (const json& line : body.value("escrows", json::array())) {
    books.lines.push_back({line.value("escrow", ""), account_of(line)});
  }
  return books;
}

bool wait_until_quiet(const std::string& target, const std::string& providers, int seconds_limit) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_limit);
  const auto sums = [&] {
    model::Cents total = 0;
    for (const BookLine& line : fetch_books(providers).lines)
      total += line.account.transferred + line.account.refunded;
    return total;
  };
  bool has_drain = true;
  model::Cents before = -1;
  while (std::chrono::steady_clock::now() < end) {
    if (has_drain) {
      try {
        if (ask(target, "POST", "/test/outbox/drain").value("pending", 0) == 0) return true;
      } catch (const std::runtime_error&) {
        has_drain = false;  // a server of somebody else: watch the books instead
      }
    } else if (const model::Cents now = sums(); now == before) {
      return true;
    } else {
      before = now;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(has_drain ? 200 : 3000));
  }
  return false;
}

BookAudit audit_books(Database& database, const std::string& providers) {
  const Books books = fetch_books(providers);
  std::unordered_map<std::string, model::ProcessorAccount> accounts;
  for (const BookLine& line : books.lines) accounts[line.escrow] = line.account;
  BookAudit audit;
  if (!books.balanced) {
    audit.findings.push_back(money_finding(
        {"CONSERVATION", "the processor's own books do not balance", "balanced", "not balanced"}, "(all)"));
  }
  for (const Row& raw : database.query(std::string(kMoneyRows))) {
    std::optional<MoneyRow> row = money_row(raw);
    if (!row) continue;
    const auto found = accounts.find(row->escrow);
    const model::ProcessorAccount account =
        found == accounts.end() ? model::ProcessorAccount{} : found->second;
    if (found == accounts.end() && !row->account.was_funded && row->intent.empty())
      continue;  // no money anywhere
    if (!row->account.was_funded && account.captured > 0) {
      row->account.told_of_capture = told_of_capture(database, providers, row->escrow);
    }
    row->progress.transfer_made = account.transfers > 0;
    count(*row, audit);
    judge_row(*row, account, audit);
    if (found != accounts.end()) accounts.erase(found);
  }
  for (const auto& [escrow, account] : accounts) {
    if (account.captured + account.transferred + account.refunded == 0) continue;
    audit.findings.push_back(money_finding(
        {"CONSERVATION",
         "the processor moved money for an escrow that the database does not have: " + told(account),
         "an escrow row", "none"},
        escrow));
  }
  return audit;
}

std::vector<model::Finding> audit_books_now(const std::string& providers) {
  std::vector<model::Finding> findings;
  for (const BookLine& line : fetch_books(providers).lines) {
    for (const model::MoneyBreach& breach : model::judge_books(line.account)) {
      model::Finding finding = money_finding(breach, line.escrow);
      finding.evidence.emplace_back("processor's books", told(line.account));
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace loadgen
