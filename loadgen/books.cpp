#include "loadgen/books.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "model/judge/liveness.h"
#include "net/client.h"

namespace loadgen {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds kPatience{15'000};
constexpr std::chrono::seconds kTimeToGiveUp{3};
constexpr std::size_t kAskedSingly = 20;  // escrows; more of them are picked out of the whole books

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

BookLine line_of(const json& line, const std::string& escrow) {
  return {escrow, account_of(line), line.value("destinations", std::vector<std::string>{}),
          line.value("open_intents", 0)};
}

// One escrow with its task, as far as money and progress are concerned.
constexpr std::string_view kMoneyRows =
    "SELECT e.id, e.state, e.amount, e.release_amount, e.refund_amount, e.funded_at IS NOT NULL, t.id, "
    "t.state,"
    " w.stripe_connect_id IS NOT NULL, EXISTS (SELECT 1 FROM xp_ledger x WHERE x.escrow_id = e.id),"
    " e.stripe_payment_intent_id, w.stripe_connect_id, e.stripe_transfer_id, e.stripe_refund_id FROM escrows "
    "e JOIN tasks t ON t.id = e.task_id LEFT "
    "JOIN users w ON w.id = "
    "t.worker_id";

std::vector<Row> money_rows(Database& database, const std::vector<std::string>& escrows) {
  if (escrows.empty()) return database.query(std::string(kMoneyRows));
  return database.query(std::string(kMoneyRows) + " WHERE e.id = ANY($1::uuid[])",
                        {fmt::format("{{{}}}", fmt::join(escrows, ","))});
}

struct MoneyRow {
  std::string escrow, task, intent, payout_account, transfer_id, refund_id;
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
  m.payout_account = row[11].value_or("");
  m.transfer_id = row[12].value_or("");
  m.refund_id = row[13].value_or("");
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

void blame(const MoneyRow& row, const BookLine& line, const model::MoneyBreach& breach, std::string_view spec,
           BookAudit& audit) {
  model::Finding finding = money_finding(breach, row.escrow);
  finding.spec = spec;
  finding.entities.push_back("task " + row.task);
  finding.evidence.emplace_back("database", row.told);
  finding.evidence.emplace_back("processor's books", told(line.account));
  audit.findings.push_back(std::move(finding));
}

void judge_destinations(const MoneyRow& row, const BookLine& line, BookAudit& audit) {
  for (const std::string& destination : line.destinations) {
    if (destination == row.payout_account) continue;
    blame(row, line,
          {"MONEY-PAYOUT", "a payout went to an account that is not the worker's",
           "a transfer to " + (row.payout_account.empty() ? "nobody" : row.payout_account),
           "a transfer to " + destination},
          "money.md §2", audit);
  }
}

// money.md §2: the processor's id is stored after the call, with the escrow that the call was for.
void judge_ids(const MoneyRow& row, const BookLine& line, BookAudit& audit) {
  const auto compare = [&](int moved, const std::string& id, const std::string& subject) {
    if ((moved > 0) == !id.empty()) return;
    const std::string none = "no " + subject, some = "the id of a " + subject;
    blame(row, line,
          {"MONEY-ID",
           moved > 0 ? "the processor made a " + subject + " whose id the database does not know"
                     : "the database has the id of a " + subject + " that was never made for this escrow",
           moved > 0 ? some : none, moved > 0 ? none : some},
          "money.md §2", audit);
  };
  compare(line.account.transfers, row.transfer_id, "transfer");
  compare(line.account.refunds, row.refund_id, "refund");
}

// E2: an escrow that ended unpaid leaves no intent behind that could still be paid.
bool left_open(const MoneyRow& row, const BookLine& line) {
  return row.account.state == model::EscrowState::refunded && !row.account.was_funded &&
         !row.intent.empty() && line.account.captured == 0 && line.open_intents > 0;
}

// Those which are still open a little later: the server may just be giving them up.
void judge_open_intents(const std::vector<MoneyRow>& suspects, const std::string& providers,
                        BookAudit& audit) {
  if (suspects.empty()) return;
  std::this_thread::sleep_for(kTimeToGiveUp);
  std::unordered_map<std::string, BookLine> lines;
  for (BookLine& line : fetch_books(providers).lines) lines[line.escrow] = std::move(line);
  for (const MoneyRow& row : suspects) {
    const BookLine& line = lines[row.escrow];
    if (!left_open(row, line)) continue;
    blame(row, line,
          {"E2", "an escrow ended REFUNDED without a payment, and its intent can still be paid",
           "no open payment intent", fmt::format("{} open payment intents", line.open_intents)},
          "state-machines.md §2", audit);
  }
}

// Decision 5: a payout without an account waits in the retry queue or in the outbox. Asked only where these
// tables exist.
void judge_waiting(Database& database, const std::vector<MoneyRow>& payouts, BookAudit& audit) {
  if (payouts.empty()) return;
  const std::vector<Row> tables = database.query(
      "SELECT to_regclass('transfer_retry_queue') IS NOT NULL, to_regclass('outbox_events') IS NOT NULL");
  std::string waiting;
  if (yes(tables[0][0])) {
    waiting = "SELECT escrow_id FROM transfer_retry_queue WHERE status IN ('PENDING', 'PROCESSING')";
  }
  if (yes(tables[0][1])) {
    if (!waiting.empty()) waiting += " UNION ";
    waiting += "SELECT aggregate_id FROM outbox_events WHERE status IN ('pending', 'enqueued')";
  }
  if (waiting.empty()) return;
  std::unordered_set<std::string> found;
  for (const Row& row : database.query(waiting)) found.insert(row[0].value_or(""));
  for (const MoneyRow& row : payouts) {
    if (found.contains(row.escrow)) continue;
    blame(row, {},
          {"PAYOUT", "the payout of a worker without an account waits nowhere",
           "a waiting row in transfer_retry_queue or outbox_events", "none"},
          "decision 5", audit);
  }
}

// C-M10: after its fifth failure a payout is for a human, and nothing is owed to the books. What has failed
// is told by the row's history, not by its counter.
std::unordered_set<std::string> given_up(Database& database) {
  std::unordered_set<std::string> escrows;
  if (!yes(database.query("SELECT to_regclass('transfer_retry_queue') IS NOT NULL")[0][0])) return escrows;
  for (const Row& row : database.query("SELECT escrow_id FROM transfer_retry_queue"
                                       " GROUP BY escrow_id HAVING bool_or(status = 'FAILED_PERMANENT')"
                                       " AND sum(jsonb_array_length(coalesce(error_history, '[]'))) >= 5"))
    escrows.insert(row[0].value_or(""));
  return escrows;
}

bool must_wait(const MoneyRow& row) {
  if (row.account.worker_can_be_paid) return false;
  if (row.account.state == model::EscrowState::released) return model::payout(row.account.amount) > 0;
  return row.account.state == model::EscrowState::refund_partial &&
         model::payout(row.account.release_amount.value_or(0)) > 0;
}

void count(const MoneyRow& row, BookAudit& audit) {
  ++audit.compared;
  if (row.account.state == model::EscrowState::released) ++audit.released;
  if (row.account.state == model::EscrowState::refunded && row.account.was_funded) ++audit.refunded;
  if (row.account.state == model::EscrowState::refund_partial) ++audit.refunded;
}

}  // namespace

Books fetch_books(const std::string& providers, const std::vector<std::string>& escrows) {
  Books books;
  if (!escrows.empty() && escrows.size() <= kAskedSingly) {
    for (const std::string& escrow : escrows)
      books.lines.push_back(line_of(ask(providers, "GET", "/control/books?escrow=" + escrow), escrow));
    return books;
  }
  const json body = ask(providers, "GET", "/control/books");
  books.balanced = body.value("balanced", true);
  const std::unordered_set<std::string> wanted(escrows.begin(), escrows.end());
  for (const json& line : body.value("escrows", json::array())) {
    std::string escrow = line.value("escrow", "");
    if (wanted.empty() || wanted.contains(escrow)) books.lines.push_back(line_of(line, escrow));
  }
  return books;
}

BookAudit audit_books(Database& database, const std::string& providers,
                      const std::vector<std::string>& escrows) {
  const Books books = fetch_books(providers, escrows);
  std::unordered_map<std::string, BookLine> lines;
  for (const BookLine& line : books.lines) lines[line.escrow] = line;
  BookAudit audit;
  std::vector<MoneyRow> unpaid, waiting;
  if (!books.balanced) {
    audit.findings.push_back(money_finding(
        {"CONSERVATION", "the processor's own books do not balance", "balanced", "not balanced"}, "(all)"));
  }
  const std::unordered_set<std::string> hopeless = given_up(database);
  for (const Row& raw : money_rows(database, escrows)) {
    std::optional<MoneyRow> row = money_row(raw);
    if (!row) continue;
    const auto found = lines.find(row->escrow);
    const BookLine line = found == lines.end() ? BookLine{} : found->second;
    const model::ProcessorAccount& account = line.account;
    if (found == lines.end() && !row->account.was_funded && row->intent.empty() && row->transfer_id.empty() &&
        row->refund_id.empty())
      continue;  // no money anywhere
    const bool gave_up = account.transferred == 0 && hopeless.contains(row->escrow);
    if (gave_up) row->account.worker_can_be_paid = row->progress.transfer_expected = false;
    if (!row->account.was_funded && account.captured > 0) {
      row->account.told_of_capture = told_of_capture(database, providers, row->escrow);
    }
    row->progress.transfer_made = account.transfers > 0;
    count(*row, audit);
    judge_row(*row, account, audit);
    judge_destinations(*row, line, audit);
    judge_ids(*row, line, audit);
    if (left_open(*row, line)) unpaid.push_back(*row);
    if (!gave_up && must_wait(*row)) waiting.push_back(*row);
    if (found != lines.end()) lines.erase(found);
  }
  judge_open_intents(unpaid, providers, audit);
  judge_waiting(database, waiting, audit);
  for (const auto& [escrow, line] : lines) {
    const model::ProcessorAccount& account = line.account;
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
