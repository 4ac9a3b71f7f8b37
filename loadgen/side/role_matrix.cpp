// Every procedure of the contract table by everybody, about an own, a foreign and a missing object, and
// without a good credential (safety-and-abuse.md §8). Generated from the table: a new row is covered as it
// stands.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/contract.h"

namespace loadgen {
namespace {

namespace access = model::access;
using model::Kind;
using model::Procedure;

constexpr std::string_view kRule = "ROLE";
constexpr std::string_view kSpec = "safety-and-abuse.md §8";
constexpr std::array<std::string_view, 8> kBadCredentials{
    "expired",     "wrong_audience", "wrong_issuer",     "unsigned",
    "unknown_key", "bad_signature",  "issued_in_future", "garbage"};

// What no refused call may change.
constexpr std::array<std::string_view, 11> kTables{
    "users",           "tasks",         "escrows",           "proofs",       "disputes",    "admin_roles",
    "freeze_switches", "feature_flags", "marketplace_rules", "user_strikes", "beta_invites"};

struct Caller {
  std::string name;
  std::string token;
  access::Roles role = access::stranger;
  bool good_standing = true;
};

bool names_an_object(const Procedure& procedure) {
  return std::ranges::any_of(procedure.input, [](const model::Field& field) {
    return field.required && field.type == model::FieldType::uuid;
  });
}

class Matrix {
 public:
  explicit Matrix(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(4, 2)) {
    const Person& poster = people_.posters[0];
    const Person& worker = people_.workers[0];
    suspend(people_.posters[2], "SUSPENDED");
    suspend(people_.posters[3], "PAUSED");
    callers_ = {{"poster", poster.token, access::poster},
                {"worker", worker.token, access::worker},
                {"stranger", people_.posters[1].token, access::stranger},
                {"claimed admin", claiming(people_.posters[1].uid), access::stranger},
                {"clerk", people_.clerk.token, access::clerk},
                {"resolver", people_.resolver.token, access::resolver},
                {"overrider", people_.overrider.token, access::overrider},
                {"truster", people_.truster.token, access::truster},
                {"banner", people_.banner.token, access::banner},
                {"financier", people_.financier.token, access::financier},
                {"suspended", people_.posters[2].token, access::stranger, false},
                {"paused", people_.posters[3].token, access::stranger, false}};
    for (const Stop stop : {Stop::submitted, Stop::disputed}) {
      const SideTask task = drive_task(client_, poster, worker, stop);
      Bindings ids;
      ids.users = {people_.workers[1].id};
      ids.tasks = {task.id};
      ids.escrows = {task.escrow};
      ids.proofs = {task.proof};
      ids.disputes = {task.dispute};
      scenes_.push_back(std::move(ids));
    }
  }

  void run() {
    const std::string before = digest();
    for (const Procedure& procedure : model::all_procedures()) {
      try_credentials(procedure);
      for (const Caller& caller : callers_) {
        for (const Bindings& scene : scenes_) try_forbidden(procedure, caller, scene);
        if (names_an_object(procedure)) try_missing(procedure, caller);
      }
    }
    if (digest() != before)
      stage_.broken(kRule, kSpec, "a refused call changed a row", "every table as before", "another digest");
    for (const Procedure& procedure : model::all_procedures()) {
      for (const Caller& caller : callers_) {
        for (const Bindings& scene : scenes_) try_allowed(procedure, caller, scene);
      }
    }
  }

 private:
  void suspend(const Person& person, std::string_view status) {
    client_.sql(fmt::format("UPDATE users SET account_status = '{}' WHERE id = '{}'", status, person.id));
  }
  // SAF-5: what a token claims about its bearer's role counts for nothing.
  std::string claiming(const std::string& uid) {
    return client_.tokens_claiming(uid,
                                   R"({"admin":true,"role":"founder","roles":["admin"],"trust_tier":4})");
  }

  std::string digest() {
    std::string all;
    for (const std::string_view table : kTables)
      all += client_.sql(fmt::format(
          "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t", table));
    return all;
  }

  std::string input(const Procedure& procedure, const Bindings& ids) {
    return plain_input(procedure.action, ids, client_.now, ++number_);
  }

  void cell(const Procedure& procedure, const std::string& who, const std::string& object, bool good,
            const std::string& expected, const Reply& reply) {
    stage_.judge.count("safety roles");
    if (good) return;
    stage_.broken(kRule, kSpec, fmt::format("{} by {} about {}", procedure.name, who, object), expected,
                  told(reply), {{"body", reply.body.substr(0, 1000)}});
  }

  void try_credentials(const Procedure& procedure) {
    const std::string text = input(procedure, scenes_[0]);
    const Reply none = client_.call(procedure.name, text, "");
    cell(procedure, "nobody", "a task", none.status == 401 && none.hx == "HX501", "401 HX501", none);
    if (bad_tokens_.empty()) {
      for (const std::string_view flavour : kBadCredentials)
        bad_tokens_.push_back(client_.tokens({people_.posters[0].uid}, flavour).front());
    }
    for (std::size_t i = 0; i < bad_tokens_.size(); ++i) {
      const Reply bad = client_.call(procedure.name, text, bad_tokens_[i]);
      cell(procedure, fmt::format("a bearer of a bad token ({})", kBadCredentials[i]), "a task",
           bad.status == 401 && bad.hx == "HX502", "401 HX502", bad);
    }
  }

  static bool allowed(const Procedure& procedure, const Caller& caller) {
    return (procedure.who & caller.role) != 0;
  }

  // A role that may not: 403; a read of a private object may say 404 instead (decision 10).
  void try_forbidden(const Procedure& procedure, const Caller& caller, const Bindings& scene) {
    const bool mutation = procedure.kind == Kind::mutation;
    const bool by_standing = mutation && !caller.good_standing;
    if (procedure.who == access::unspecified || (allowed(procedure, caller) && !by_standing)) return;
    const bool about_a_dispute = std::ranges::find(procedure.input, std::string_view("dispute_id"),
                                                   &model::Field::name) != procedure.input.end();
    if (about_a_dispute && scene.disputes.front().empty()) return;
    const std::string text = input(procedure, scene);
    const auto refused = [&](const Reply& reply) {
      // Content and invitations that nobody has are unknown before anything else is asked.
      const bool hidden = reply.status == 404;
      return reply.status == 403 || (hidden && (!mutation || !has_scene_object(procedure)));
    };
    const Reply reply = client_.call(procedure.name, text, caller.token);
    cell(procedure, caller.name, "a foreign object", refused(reply), "403", reply);
    if (caller.role != access::stranger) return;
    const Reply alias = client_.call("v1." + std::string(procedure.name), text, caller.token);
    cell(procedure, caller.name + " by its alias v1.", "a foreign object", refused(alias), "403", alias);
    if (!mutation) return;
    const Reply batch = client_.post(fmt::format("/trpc/{},{}?batch=1", procedure.name, procedure.name),
                                     fmt::format(R"({{"0":{},"1":{}}})", text, text),
                                     {{"authorization", "Bearer " + caller.token}});
    cell(procedure, caller.name + " in a batch", "a foreign object",
         batch.body.find("\"result\"") == std::string::npos, "no result", batch);
  }

  static bool has_scene_object(const Procedure& procedure) {
    return std::ranges::any_of(procedure.input, [](const model::Field& field) {
      return field.required &&
             (field.name == "task_id" || field.name == "escrow_id" || field.name == "proof_id" ||
              field.name == "dispute_id" || field.name == "user_id");
    });
  }

  // An object that nobody has: 404 for everybody, or 403 for who may not call it at all. Reads may answer
  // nothing.
  void try_missing(const Procedure& procedure, const Caller& caller) {
    const Reply reply = client_.call(procedure.name, input(procedure, {}), caller.token);
    const bool refused = reply.status == 404 || reply.status == 403;
    cell(procedure, caller.name, "a missing object", refused, "404", reply);
  }

  // A role that may: whatever the state says, not that the role is wrong.
  void try_allowed(const Procedure& procedure, const Caller& caller, const Bindings& scene) {
    if (!allowed(procedure, caller)) return;
    if (!caller.good_standing && procedure.kind == Kind::mutation) return;
    const Reply reply = client_.call(procedure.name, input(procedure, scene), caller.token);
    const bool let_in = reply.status != 0 && reply.status != 401 && reply.status < 500 && reply.hx != "HX503";
    cell(procedure, caller.name, "an own object", let_in, "anything but 401, 403 HX503 and 5xx", reply);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::vector<Caller> callers_;
  std::vector<Bindings> scenes_;
  std::vector<std::string> bad_tokens_;
  std::uint64_t number_ = 5000;
};

}  // namespace

void check_role_matrix(const SafetyStage& stage) {
  Matrix(stage).run();
}

}  // namespace loadgen
