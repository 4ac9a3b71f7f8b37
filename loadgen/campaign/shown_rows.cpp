#include "loadgen/campaign/shown_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "loadgen/attack/session.h"
#include "loadgen/instant_text.h"

namespace loadgen {
namespace {

using nlohmann::json;

// Objects of an answer, and the table of their rows.
struct Place {
  std::string_view procedure;
  const char* path;  // member names; lists on the way are walked through
  std::string_view table;
  bool of_caller = false;  // the caller's own row; otherwise the one with the object's id
  const char* key = "id";  // column
  bool fades = false;      // what is past its end is shown as null or false
};
constexpr std::array kPlaces{
    Place{"task.getById", "", "tasks"},
    Place{"task.getById", "poster", "users"},
    Place{"task.getById", "worker", "users"},
    Place{"task.getById", "escrow", "escrows"},
    Place{"task.getById", "proof", "proofs"},
    Place{"escrow.getByTaskId", "", "escrows"},
    Place{"proof.getByTaskId", "", "proofs"},
    Place{"proof.getByTaskId", "photos", "proof_photos"},
    Place{"dispute.getByTaskId", "", "disputes"},
    Place{"dispute.getByTaskId", "evidence", "evidence"},
    Place{"user.getProfile", "", "users"},
    Place{"user.getXP", "", "users", true},
    Place{"user.getXP", "recent_entries", "xp_ledger"},
    Place{"user.getBadges", "earned_badges", "badges"},
    Place{"user.getTrustTier", "", "users", true},
    Place{"eligibility.getProfile", "", "capability_profiles", true, "user_id", true},
    Place{"verification.getStatus", "licenses", "license_verifications"},
    Place{"verification.getStatus", "insurance", "insurance_verifications"},
    Place{"verification.getStatus", "background_check", "background_checks"},
    Place{"task.list", "tasks", "tasks"},
    Place{"task.list", "tasks/poster", "users"},
    Place{"feed.get", "tasks", "tasks"},
    Place{"feed.get", "tasks/poster", "users"},
    Place{"admin.getModerationQueue", "items", "content_moderation_queue"}};

// Members whose column has another name.
struct Renamed {
  std::string_view table, member, column;
};
constexpr std::array kRenamed{Renamed{"disputes", "opened_by", "initiated_by"},
                              Renamed{"evidence", "submitted_by", "uploader_user_id"},
                              Renamed{"xp_ledger", "amount", "base_xp"},
                              Renamed{"xp_ledger", "effective_amount", "effective_xp"},
                              Renamed{"xp_ledger", "balance_after", "user_xp_after"},
                              Renamed{"xp_ledger", "created_at", "awarded_at"},
                              Renamed{"users", "total_xp", "xp_total"},
                              Renamed{"users", "current_tier", "trust_tier"}};

// Members that may rightly differ from the column: derived from the clock, or hidden from this caller.
struct Derived {
  std::string_view procedure, member;
};
constexpr std::array kDerived{Derived{"verification.getStatus", "status"},
                              Derived{"task.list", "location"},
                              Derived{"task.list", "location_lat"},
                              Derived{"task.list", "location_lng"},
                              Derived{"feed.get", "location"},
                              Derived{"feed.get", "location_lat"},
                              Derived{"feed.get", "location_lng"}};

constexpr int kMostTasks = 20'000;        // the newest: somebody else's database may hold many
constexpr std::size_t kMostCallers = 16;  // who read what is their own

std::string column_of(std::string_view table, const std::string& member) {
  const auto found = std::ranges::find_if(
      kRenamed, [&](const Renamed& renamed) { return renamed.table == table && renamed.member == member; });
  return found == kRenamed.end() ? member : std::string(found->column);
}

bool is_derived(std::string_view procedure, std::string_view member) {
  return std::ranges::any_of(kDerived, [&](const Derived& derived) {
    return derived.procedure == procedure && derived.member == member;
  });
}

bool same(const json& shown, const json& held) {
  if (shown == held) return true;
  if (held.is_null()) return shown.is_boolean() && !shown.get<bool>();  // a switch that nobody has touched
  if (shown.is_number() && held.is_number())
    return std::abs(shown.get<double>() - held.get<double>()) <= 1e-6 * std::abs(held.get<double>());
  return shown.is_string() && held.is_string() &&
         same_instant(shown.get_ref<const std::string&>(), held.get_ref<const std::string&>(), 1);
}

void collect(const json& part, std::string_view path, std::vector<const json*>& objects) {
  if (part.is_array()) {
    for (const json& each : part) collect(each, path, objects);
  } else if (part.is_object()) {
    if (path.empty()) return objects.push_back(&part);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const auto found = part.find(path.substr(0, slash));
    if (found != part.end()) collect(*found, path.substr(std::min(slash + 1, path.size())), objects);
  }
}

struct Caller {
  std::string id, token;
};

struct Task {
  std::string id, poster, worker;  // users.firebase_uid
};

class Comparison {
 public:
  explicit Comparison(SideClient& client) : client_(client) {}

  ShownRows run() {
    if (client_.sql("SELECT count(*) FROM information_schema.columns WHERE table_name = 'users' "
                    "AND column_name = 'firebase_uid'") == "0") {
      result_.impossible = "the database does not say who is who (users.firebase_uid)";
      return std::move(result_);
    }
    tables_ =
        json::parse(client_.sql("SELECT coalesce(jsonb_agg(table_name), '[]') FROM information_schema.tables "
                                "WHERE table_schema = 'public'"));
    const std::vector<Task> tasks = sample();
    callers_of(tasks);
    for (const Task& task : tasks) read_task(task);
    const std::size_t step = callers_.size() / kMostCallers + 1;
    std::size_t number = 0;
    for (const auto& [uid, caller] : callers_) {
      if (number++ % step == 0) read_own(caller);
    }
    read_queue();
    return std::move(result_);
  }

 private:
  std::vector<Task> sample() {
    const json rows = json::parse(client_.sql(fmt::format(
        "SELECT coalesce(jsonb_agg(jsonb_build_array(id, poster, worker)), '[]') FROM ("
        "SELECT t.id, p.firebase_uid AS poster, w.firebase_uid AS worker, "
        "row_number() OVER (PARTITION BY t.state, e.state, "
        "(SELECT f.state FROM proofs f WHERE f.task_id = t.id ORDER BY f.created_at DESC LIMIT 1), "
        "(SELECT d.state::text || coalesce(d.resolution::text, '') FROM disputes d WHERE d.task_id = t.id "
        "ORDER BY d.created_at DESC LIMIT 1) ORDER BY t.created_at DESC, t.id) AS place "
        "FROM (SELECT * FROM tasks ORDER BY created_at DESC LIMIT {}) t JOIN users p ON p.id = t.poster_id "
        "LEFT JOIN users w ON w.id = t.worker_id "
        "LEFT JOIN escrows e ON e.task_id = t.id WHERE p.firebase_uid IS NOT NULL) s WHERE place = 1",
        kMostTasks)));
    std::vector<Task> tasks;
    tasks.reserve(rows.size());
    for (const json& row : rows) {
      const bool nobody = row[2].is_null();
      tasks.push_back({row[0], row[1], nobody ? std::string() : row[2].get<std::string>()});
    }
    return tasks;
  }

  void callers_of(const std::vector<Task>& tasks) {
    std::set<std::string> uids;
    for (const Task& task : tasks) {
      uids.insert(task.poster);
      if (!task.worker.empty()) uids.insert(task.worker);
    }
    for (const char* table : {"license_verifications", "insurance_verifications", "background_checks"}) {
      if (!known(table)) continue;
      const json verified = json::parse(client_.sql(fmt::format(
          "SELECT coalesce(jsonb_agg(uid), '[]') FROM (SELECT DISTINCT ON (v.status) u.firebase_uid AS uid "
          "FROM {} v JOIN users u ON u.id = v.user_id WHERE u.firebase_uid IS NOT NULL "
          "ORDER BY v.status, v.created_at DESC) s",
          table)));
      for (const json& uid : verified) uids.insert(uid.get<std::string>());
    }
    add_callers({uids.begin(), uids.end()});
  }

  void add_callers(const std::vector<std::string>& uids) {
    const std::vector<std::string> tokens = client_.tokens(uids, "valid");
    for (std::size_t i = 0; i < uids.size(); ++i) {
      const std::string id =
          client_.sql("SELECT id FROM users WHERE firebase_uid = " + attack::sql_quoted(uids[i]));
      callers_[uids[i]] = {id, tokens.at(i)};
    }
  }

  void read_task(const Task& task) {
    const Caller& poster = callers_.at(task.poster);
    const std::string input = json{{"task_id", task.id}}.dump();
    for (const char* procedure :
         {"task.getById", "escrow.getByTaskId", "proof.getByTaskId", "dispute.getByTaskId"})
      read(procedure, input, poster);
  }

  void read_own(const Caller& caller) {
    for (const char* procedure : {"user.getProfile", "user.getXP", "user.getBadges", "user.getTrustTier",
                                  "verification.getStatus", "eligibility.getProfile", "feed.get"})
      read(procedure, "", caller);
    read("task.list", R"({"pagination":{"limit":20}})", caller);
  }

  void read_queue() {
    if (!known("admin_roles")) return;
    const std::string uid = client_.sql(
        "SELECT u.firebase_uid FROM admin_roles r JOIN users u ON u.id = r.user_id "
        "WHERE r.can_ban_users AND u.firebase_uid IS NOT NULL LIMIT 1");
    if (uid.empty()) return;
    add_callers({uid});
    read("admin.getModerationQueue", "{}", callers_.at(uid));
  }

  bool known(std::string_view table) const {
    return std::ranges::any_of(tables_, [&](const json& name) { return name == table; });
  }

  struct Difference {
    std::string table, member, shown, held, row;
  };

  // Twice, because a server works on by itself: only what differs both times is told.
  void read(const char* procedure, const std::string& input, const Caller& caller) {
    std::vector<Difference> first = look(procedure, input, caller);
    if (first.empty()) return;
    const std::vector<Difference> second = look(procedure, input, caller);
    for (const Difference& each : first) {
      const bool again = std::ranges::any_of(second, [&](const Difference& other) {
        return other.table == each.table && other.member == each.member && other.row == each.row;
      });
      if (again) tell(procedure, input, each);
    }
  }

  std::vector<Difference> look(const char* procedure, const std::string& input, const Caller& caller) {
    const Reply reply = client_.call(procedure, input, caller.token);
    if (!reply.ok()) return {};  // whether it may be read is judged elsewhere
    const json answer = json::parse(reply.body, nullptr, false);
    const json::json_pointer where("/result/data");
    if (!answer.is_object() || !answer.contains(where)) return {};
    std::vector<Difference> differences;
    for (const Place& place : kPlaces) {
      if (place.procedure != procedure || !known(place.table)) continue;
      std::vector<const json*> objects;
      collect(answer[where], place.path, objects);
      compare(place, objects, caller, differences);
    }
    return differences;
  }

  void compare(const Place& place, const std::vector<const json*>& objects, const Caller& caller,
               std::vector<Difference>& differences) {
    std::string ids;
    const auto id_of = [&](const json& object) {
      return place.of_caller                          ? caller.id
             : object.value("id", json()).is_string() ? object["id"].get<std::string>()
                                                      : "";
    };
    for (const json* object : objects) {
      if (const std::string id = id_of(*object); !id.empty())
        ids += (ids.empty() ? "" : ", ") + attack::sql_quoted(id);
    }
    if (ids.empty()) return;
    const json rows = json::parse(
        client_.sql(fmt::format("SELECT coalesce(jsonb_object_agg(t.{0}, to_jsonb(t)), '{{}}') FROM {1} t "
                                "WHERE t.{0}::text IN ({2})",
                                place.key, place.table, ids)));
    for (const json* object : objects) {
      const std::string id = id_of(*object);
      if (id.empty()) continue;
      const auto row = rows.find(id);
      if (row == rows.end()) {
        differences.push_back({std::string(place.table), "id", id, "no such row", id});
        continue;
      }
      for (const auto& [member, shown] : object->items()) {
        const auto held = row->find(column_of(place.table, member));
        const bool faded = place.fades && (shown.is_null() || shown == false);
        if (held == row->end() || held->is_structured() != shown.is_structured() || faded ||
            is_derived(place.procedure, member))
          continue;
        ++result_.compared;
        if (!same(shown, *held))
          differences.push_back({std::string(place.table), member, shown.dump(), held->dump(), id});
      }
    }
  }

  void tell(const char* procedure, const std::string& input, const Difference& difference) {
    if (!told_.insert(fmt::format("{} {} {}", procedure, difference.table, difference.member)).second) return;
    const std::string column =
        fmt::format("{}.{}", difference.table, column_of(difference.table, difference.member));
    model::Finding finding;
    finding.rule = "read as written";
    finding.spec = "api.md §1, schema.md";
    finding.judge = "readback";
    finding.headline = fmt::format("{} shows another {} than {} holds", procedure, difference.member, column);
    finding.expected = fmt::format("{}: {}", column, difference.held);
    finding.observed = fmt::format("{}: {}", difference.member, difference.shown);
    finding.entities = {fmt::format("{} {}", difference.table, difference.row)};
    finding.evidence = {
        {"call", fmt::format("{} {}", procedure, input)},
        {"row", fmt::format("SELECT * FROM {} WHERE id = '{}';", difference.table, difference.row)}};
    result_.findings.push_back(std::move(finding));
  }

  SideClient& client_;
  ShownRows result_;
  json tables_;
  std::map<std::string, Caller> callers_;  // by users.firebase_uid
  std::set<std::string> told_;
};

}  // namespace

ShownRows compare_shown_rows(SideClient& client) {
  return Comparison(client).run();
}

std::string check_shown_rows(const Endpoints& endpoints, model::Instant now, CaseJudge& judge) {
  SideLog log;
  SideClient client(endpoints.target, endpoints.database, endpoints.providers, log);
  if (endpoints.test_clock) client.now = now;
  ShownRows shown = compare_shown_rows(client);
  judge.count(std::string(kShownRowsCounter), shown.compared);
  for (model::Finding& finding : shown.findings) judge.add(std::move(finding));
  return shown.impossible;
}

}  // namespace loadgen
