#include "loadgen/audits_schema.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace loadgen {
namespace {

// Bits of pg_trigger.tgtype.
constexpr int kBefore = 2, kInsert = 4, kDelete = 8, kUpdate = 16, kTruncate = 32;

struct Guarded {
  std::string_view table, verb;
  int bit;
};
// Decision 11: ledgers, badges and the log of administrators. Decision 27: what money hangs on. INV-STRIPE-1:
// an event that was forgotten would take effect again.
constexpr std::array kKept{Guarded{"xp_ledger", "UPDATE", kUpdate},
                           Guarded{"xp_ledger", "DELETE", kDelete},
                           Guarded{"xp_ledger", "TRUNCATE", kTruncate},
                           Guarded{"trust_ledger", "UPDATE", kUpdate},
                           Guarded{"trust_ledger", "DELETE", kDelete},
                           Guarded{"trust_ledger", "TRUNCATE", kTruncate},
                           Guarded{"admin_actions", "UPDATE", kUpdate},
                           Guarded{"admin_actions", "DELETE", kDelete},
                           Guarded{"admin_actions", "TRUNCATE", kTruncate},
                           Guarded{"badges", "UPDATE", kUpdate},
                           Guarded{"badges", "DELETE", kDelete},
                           Guarded{"badges", "TRUNCATE", kTruncate},
                           Guarded{"tasks", "DELETE", kDelete},
                           Guarded{"escrows", "DELETE", kDelete},
                           Guarded{"proofs", "DELETE", kDelete},
                           Guarded{"disputes", "DELETE", kDelete},
                           Guarded{"processed_stripe_events", "DELETE", kDelete}};
// Decision 26: nothing is born in a late state. schema.md §6, G6, G12, G13: no step that the machines lack.
constexpr std::array kStepped{Guarded{"tasks", "INSERT", kInsert},  Guarded{"escrows", "INSERT", kInsert},
                              Guarded{"proofs", "INSERT", kInsert}, Guarded{"disputes", "INSERT", kInsert},
                              Guarded{"tasks", "UPDATE", kUpdate},  Guarded{"escrows", "UPDATE", kUpdate},
                              Guarded{"proofs", "UPDATE", kUpdate}, Guarded{"disputes", "UPDATE", kUpdate}};

// A trigger whose function can refuse; one that only fills in a column guards nothing.
constexpr std::string_view kCanRefuse =
    " AND EXISTS (SELECT 1 FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.oid = g.tgfoid"
    " AND (l.lanname <> 'plpgsql' OR p.prosrc ~* '(raise|perform)'))";

template <class List>
std::string unguarded(const List& list) {
  std::string rows;
  for (const Guarded& each : list)
    rows += fmt::format("{}('{}', '{}', {})", rows.empty() ? "" : ", ", each.table, each.verb, each.bit);
  return fmt::format(
      "SELECT 'table ' || w.name, 'no trigger before ' || w.verb FROM (VALUES {}) w(name, verb, bit)"
      " WHERE to_regclass(w.name) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_trigger g"
      "   WHERE g.tgrelid = to_regclass(w.name) AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')"
      "     AND g.tgtype & {} <> 0 AND g.tgtype & w.bit <> 0 AND cardinality(g.tgattr::int2[]) = 0{})",
      rows, kBefore, kCanRefuse);
}

struct Key {
  std::string_view table, columns;  // in alphabetical order
  bool partial = false;             // of living rows only
};
// schema.md §1 and §6; state-machines.md: one open proof and one open dispute a task.
constexpr std::array kKeys{Key{"escrows", "task_id"},
                           Key{"xp_ledger", "escrow_id"},
                           Key{"badges", "badge_type,user_id"},
                           Key{"processed_stripe_events", "event_id"},
                           Key{"users", "email"},
                           Key{"users", "firebase_uid"},
                           Key{"proof_photos", "proof_id,sequence_number"},
                           Key{"disputes", "task_id", true},
                           Key{"proofs", "task_id", true}};

struct Check {
  std::string_view table, columns;  // in alphabetical order
};
// NO-SELF (G12, G14), the floor of a price, XP that is never less than nothing, parties of a dispute.
constexpr std::array kChecks{Check{"tasks", "poster_id,worker_id"},
                             Check{"tasks", "price"},
                             Check{"proofs", "reviewed_by,submitter_id"},
                             Check{"users", "xp_total"},
                             Check{"xp_ledger", "base_xp"},
                             Check{"disputes", "initiated_by,poster_id,worker_id"}};

// Names of columns by number, in alphabetical order.
std::string names(std::string_view relation, std::string_view numbers) {
  return fmt::format(
      "(SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = {} AND"
      " a.attnum = ANY({}))",
      relation, numbers);
}

// A column that a schema does not have cannot be part of a key there.
constexpr std::string_view kColumnsExist =
    " to_regclass(w.name) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unnest(string_to_array(w.columns, ','))"
    " c(name) WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = to_regclass(w.name) AND"
    " a.attname = c.name AND NOT a.attisdropped))";

std::string missing_keys() {
  std::string rows;
  for (const Key& key : kKeys)
    rows += fmt::format("{}('{}', '{}', {})", rows.empty() ? "" : ", ", key.table, key.columns, key.partial);
  return fmt::format(
      "SELECT 'table ' || w.name, 'no unique key over ' || w.columns FROM (VALUES {}) w(name, columns, part)"
      " WHERE{} AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = to_regclass(w.name)"
      "   AND i.indisunique AND i.indisvalid AND (w.part OR i.indpred IS NULL) AND {} = w.columns)",
      rows, kColumnsExist, names("i.indrelid", "i.indkey::int2[]"));
}

std::string missing_checks() {
  std::string rows;
  for (const Check& check : kChecks)
    rows += fmt::format("{}('{}', '{}')", rows.empty() ? "" : ", ", check.table, check.columns);
  return fmt::format(
      "SELECT 'table ' || w.name, 'no CHECK over ' || w.columns FROM (VALUES {}) w(name, columns)"
      " WHERE{} AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = to_regclass(w.name)"
      "   AND k.contype = 'c' AND k.convalidated AND {} = w.columns)",
      rows, kColumnsExist, names("k.conrelid", "k.conkey"));
}

}  // namespace

std::vector<Audit> schema_audits() {
  return {{"S01", "decision 11", "what must be kept has a trigger that says so", AuditTime::any,
           "xp_ledger,trust_ledger,badges,admin_actions", unguarded(kKept)},
          {"S02", "decision 26", "births and steps of tasks, escrows, proofs and disputes are looked at",
           AuditTime::any, "tasks,escrows,proofs,disputes", unguarded(kStepped)},
          {"S03", "schema.md §1", "what must be unique has a unique key", AuditTime::any, "escrows",
           missing_keys()},
          {"S04", "schema.md §1", "what two columns must not say together is a CHECK", AuditTime::any,
           "tasks", missing_checks()}};
}

}  // namespace loadgen
