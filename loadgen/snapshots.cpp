#include "loadgen/snapshots.h"

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <span>
#include <string_view>
#include <unordered_map>

namespace loadgen {
namespace {

using Edge = std::pair<std::string_view, std::string_view>;

// state-machines.md §1-§4. Two states may be observed one after the other if a path leads from the first to
// the second: a poll sees only where a row has come to rest.
constexpr std::array kTaskEdges{Edge{"OPEN", "ACCEPTED"},
                                Edge{"ACCEPTED", "PROOF_SUBMITTED"},
                                Edge{"PROOF_SUBMITTED", "ACCEPTED"},
                                Edge{"PROOF_SUBMITTED", "COMPLETED"},
                                Edge{"PROOF_SUBMITTED", "DISPUTED"},
                                Edge{"ACCEPTED", "DISPUTED"},
                                Edge{"DISPUTED", "COMPLETED"},
                                Edge{"DISPUTED", "CANCELLED"},
                                Edge{"OPEN", "CANCELLED"},
                                Edge{"ACCEPTED", "CANCELLED"},
                                Edge{"OPEN", "EXPIRED"},
                                Edge{"ACCEPTED", "EXPIRED"}};
constexpr std::array kEscrowEdges{
    Edge{"PENDING", "FUNDED"},          Edge{"PENDING", "REFUNDED"},
    Edge{"FUNDED", "RELEASED"},         Edge{"FUNDED", "REFUNDED"},
    Edge{"FUNDED", "LOCKED_DISPUTE"},   Edge{"LOCKED_DISPUTE", "RELEASED"},
    Edge{"LOCKED_DISPUTE", "REFUNDED"}, Edge{"LOCKED_DISPUTE", "REFUND_PARTIAL"}};
constexpr std::array kProofEdges{Edge{"PENDING", "SUBMITTED"}, Edge{"PENDING", "EXPIRED"},
                                 Edge{"SUBMITTED", "ACCEPTED"}, Edge{"SUBMITTED", "REJECTED"},
                                 Edge{"REJECTED", "ACCEPTED"}};
constexpr std::array kDisputeEdges{
    Edge{"OPEN", "EVIDENCE_REQUESTED"}, Edge{"EVIDENCE_REQUESTED", "OPEN"},
    Edge{"OPEN", "ESCALATED"},          Edge{"EVIDENCE_REQUESTED", "ESCALATED"},
    Edge{"OPEN", "RESOLVED"},           Edge{"EVIDENCE_REQUESTED", "RESOLVED"},
    Edge{"ESCALATED", "RESOLVED"}};

// One table under watch. `fixed` may never change, `last` not once the row has reached a final state.
struct Watched {
  std::string_view table, entity, sql;
  std::string_view fixed_check, fixed_rule, fixed_what;
  std::string_view last_check, last_rule;
  std::string_view gone_check, gone_rule;
  std::span<const Edge> edges;
};

// Columns: id, state (null for ledgers), digest of what is fixed, digest of the final row (null while not
// final).
const std::array<Watched, 11> kWatched{{
    {"xp_ledger",
     "xp",
     "SELECT id::text, NULL, hashtextextended(x::text, 0), NULL FROM xp_ledger x",
     "P1",
     "LEDGER-XP",
     "an append-only row",
     "",
     "",
     "P1",
     "LEDGER-XP",
     {}},
    {"badges",
     "badge",
     "SELECT id::text, NULL, hashtextextended((to_jsonb(b) - 'animation_shown_at')::text, 0), NULL FROM "
     "badges b",
     "P1",
     "INV-BADGE-2",
     "an append-only row",
     "",
     "",
     "P1",
     "INV-BADGE-2",
     {}},
    {"trust_ledger",
     "trust row",
     "SELECT id::text, NULL, hashtextextended(l::text, 0), NULL FROM trust_ledger l",
     "P1",
     "INV-TRUST-3",
     "an append-only row",
     "",
     "",
     "P1",
     "INV-TRUST-3",
     {}},
    {"admin_actions",
     "admin action",
     "SELECT id::text, NULL, hashtextextended(a::text, 0), NULL FROM admin_actions a",
     "P1",
     "AUDIT-5",
     "an append-only row",
     "",
     "",
     "P1",
     "AUDIT-5",
     {}},
    {"photo_bindings",
     "binding",
     "SELECT checksum_sha256::text, NULL, hashtextextended(r::text, 0), NULL FROM photo_bindings r",
     "P1",
     "PRF-13",
     "an append-only row",
     "",
     "",
     "P1",
     "PRF-13",
     {}},
    {"proof_locations",
     "fix of proof",
     "SELECT proof_id::text, NULL, hashtextextended(r::text, 0), NULL FROM proof_locations r",
     "P1",
     "GPS evidence",
     "an append-only row",
     "",
     "",
     "P1",
     "GPS evidence",
     {}},
    {"fraud_events",
     "signal",
     "SELECT id::text, NULL, hashtextextended(r::text, 0), NULL FROM fraud_events r",
     "P1",
     "fraud signal",
     "an append-only row",
     "",
     "",
     "P1",
     "fraud signal",
     {}},
    {"escrows", "escrow",
     "SELECT id::text, state, hashtextextended(amount || ' ' || task_id, 0), CASE WHEN state IN"
     " ('RELEASED','REFUNDED','REFUND_PARTIAL') THEN hashtextextended(concat_ws(' ', task_id, state, amount,"
     " coalesce(refund_amount, -1), coalesce(release_amount, -1), coalesce(funded_at::text, '-'),"
     " coalesce(released_at::text, '-'), coalesce(refunded_at::text, '-')), 0) END FROM escrows",
     "P2", "INV-4", "amount or task_id", "P3", "TERM-ESCROW", "P2", "TERM-ESCROW", kEscrowEdges},
    {"tasks", "task",
     "SELECT id::text, state, hashtextextended(concat_ws(' ', mode, price, requires_proof,"
     " coalesce(required_trust_tier, -1), coalesce(required_trade, '-')), 0), CASE WHEN state IN"
     " ('COMPLETED','CANCELLED','EXPIRED') THEN hashtextextended((to_jsonb(t) - 'updated_at')::text, 0) END "
     "FROM tasks t",
     "P5", "MODE-FIX", "mode, price, requires_proof, required_trust_tier or required_trade", "P4",
     "TERM-TASK", "P4", "TERM-TASK", kTaskEdges},
    {"proofs", "proof",
     "SELECT id::text, state, hashtextextended(task_id || ' ' || submitter_id, 0), NULL FROM proofs", "P6",
     "TERM-PROOF", "task_id or submitter_id", "", "", "P6", "TERM-PROOF", kProofEdges},
    {"disputes", "dispute",
     "SELECT id::text, state, hashtextextended(task_id || ' ' || escrow_id, 0), CASE WHEN state = 'RESOLVED' "
     "THEN"
     " hashtextextended(concat_ws(' ', resolution, outcome_escrow_action, resolved_by, resolved_at), 0) END"
     " FROM disputes",
     "P7", "TERM-DISPUTE", "task_id or escrow_id", "P7", "TERM-DISPUTE", "P7", "TERM-DISPUTE", kDisputeEdges},
}};

bool reachable(std::span<const Edge> edges, std::string_view from, std::string_view to) {
  std::array<std::string_view, 16> seen{from};
  std::size_t count = 1;
  for (std::size_t i = 0; i < count; ++i) {
    for (const Edge& edge : edges) {
      if (edge.first != seen[i]) continue;
      if (edge.second == to) return true;
      bool known = false;
      for (std::size_t k = 0; k < count; ++k) known = known || seen[k] == edge.second;
      if (!known && count < seen.size()) seen[count++] = edge.second;
    }
  }
  return false;
}

struct Remembered {
  std::int64_t fixed = 0;
  std::int64_t last = 0;
  std::uint64_t seen_in = 0;  // number of the poll
  bool is_final = false;
  std::uint8_t state = 0;  // index into the watcher's list of state names
};

struct Watcher {
  std::unordered_map<std::string, Remembered> rows;
  std::vector<std::string> states;
  std::uint8_t number_of(std::string_view state) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] == state) return static_cast<std::uint8_t>(i);
    }
    states.emplace_back(state);
    return static_cast<std::uint8_t>(states.size() - 1);
  }
};

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

struct Snapshots::Impl {
  explicit Impl(const std::string& url) : connection(url) {}
  void compare(const Watched& what, Watcher& watcher, const pqxx::result& rows,
               std::vector<SnapshotBreach>& found);
  void missing(const Watched& what, Watcher& watcher, std::vector<SnapshotBreach>& found) const;

  pqxx::connection connection;
  std::array<Watcher, kWatched.size()> watchers;
  std::uint64_t polls = 0;
};

void Snapshots::Impl::compare(const Watched& what, Watcher& watcher, const pqxx::result& rows,
                              std::vector<SnapshotBreach>& found) {
  for (const auto& row : rows) {
    const std::string id = row[0].c_str();
    Remembered now;
    now.fixed = row[2].is_null() ? 0 : row[2].as<std::int64_t>();
    now.is_final = !row[3].is_null();
    now.last = now.is_final ? row[3].as<std::int64_t>() : 0;
    now.seen_in = polls;
    now.state = row[1].is_null() ? std::uint8_t{0} : watcher.number_of(row[1].c_str());
    const auto [at, fresh] = watcher.rows.try_emplace(id, now);
    if (fresh) continue;
    const Remembered before = at->second;
    at->second = now;
    const auto report = [&](std::string_view check, std::string_view rule, const std::string& sentence) {
      found.push_back({std::string(check), std::string(rule), std::string(what.entity) + " " + id, sentence});
    };
    if (before.fixed != now.fixed) {
      report(what.fixed_check, what.fixed_rule,
             std::string(what.fixed_what) + " changed in " + std::string(what.table));
    }
    if (before.state != now.state &&
        !reachable(what.edges, watcher.states[before.state], watcher.states[now.state])) {
      report("P6", before.is_final ? what.last_rule : what.gone_rule,
             std::string(what.entity) + " went from " + watcher.states[before.state] + " to " +
                 watcher.states[now.state] + ", which no edge allows");
    } else if (before.is_final && (!now.is_final || before.last != now.last)) {
      report(what.last_check, what.last_rule, "a final row changed in " + std::string(what.table));
    }
  }
}

void Snapshots::Impl::missing(const Watched& what, Watcher& watcher,
                              std::vector<SnapshotBreach>& found) const {
  std::erase_if(watcher.rows, [&](const auto& entry) {
    if (entry.second.seen_in == polls) return false;
    found.push_back({std::string(what.gone_check), std::string(what.gone_rule),
                     std::string(what.entity) + " " + entry.first,
                     "a row was deleted from " + std::string(what.table)});
    return true;
  });
}

Snapshots::Snapshots(const std::string& url) {
  try {
    impl_ = std::make_unique<Impl>(url);
  } catch (const pqxx::failure& e) {
    throw std::runtime_error("database: " + first_line(e.what()));
  }
}
Snapshots::~Snapshots() = default;

std::vector<SnapshotBreach> Snapshots::poll() {
  std::vector<SnapshotBreach> found;
  try {
    pqxx::transaction<pqxx::repeatable_read> work(impl_->connection);
    work.exec("SET TRANSACTION READ ONLY");
    ++impl_->polls;
    for (std::size_t i = 0; i < kWatched.size(); ++i) {
      const Watched& what = kWatched[i];
      Watcher& watcher = impl_->watchers[i];
      if (work.exec_params1("SELECT to_regclass($1) IS NULL", std::string(what.table))[0].as<bool>())
        continue;
      impl_->compare(what, watcher, work.exec(std::string(what.sql)), found);
      impl_->missing(what, watcher, found);
    }
  } catch (const pqxx::failure& e) {
    throw std::runtime_error("database: " + first_line(e.what()));
  }
  return found;
}

std::uint64_t Snapshots::polls() const {
  return impl_->polls;
}
std::uint64_t Snapshots::rows() const {
  std::uint64_t count = 0;
  for (const Watcher& watcher : impl_->watchers) count += watcher.rows.size();
  return count;
}

}  // namespace loadgen
