#include "loadgen/fixture.h"

#include <fmt/format.h>
#include <chrono>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include "loadgen/control.h"
#include "model/rules/risk.h"
#include "net/sign.h"
#include "sim/people.h"

namespace loadgen {

using model::User;

namespace {

constexpr std::string_view kHasCapabilities = "SELECT to_regproc('recompute_capability') IS NOT NULL";
constexpr std::string_view kHasUid =
    "SELECT count(*) FROM information_schema.columns WHERE table_name = 'users' AND column_name = "
    "'firebase_uid'";

constexpr std::chrono::seconds kTimeout{10}, kPatience{30};
constexpr std::chrono::milliseconds kPause{100};

std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

// The id of a user whose row the target creates on this first call (api.md §1.4).
std::string id_by_first_call(net::Connection& target, const std::string& token) {
  net::Request request{
      .method = "GET", .target = target.url().path + "/trpc/user.getProfile", .headers = {}, .body = {}};
  request.headers.add("authorization", "Bearer " + token);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  net::ClientResult answer = target.exchange(request, kTimeout);
  while (!answer && std::chrono::steady_clock::now() < deadline) {  // it may just be starting again
    std::this_thread::sleep_for(kPause);
    answer = target.exchange(request, kTimeout);
  }
  if (!answer) throw std::runtime_error("target: user.getProfile: " + answer.error().message);
  const nlohmann::json body = nlohmann::json::parse(answer->body, nullptr, false);
  const nlohmann::json::json_pointer id("/result/data/id");
  if (!body.is_object() || !body.contains(id)) {
    throw std::runtime_error("target: user.getProfile did not create a user for a new valid token");
  }
  return body[id].get<std::string>();
}

bool is_ordinary(const User& user) {
  return user.status == model::AccountStatus::active && !user.is_admin && !user.is_verified &&
         user.live == model::LiveState::off;
}

}  // namespace

struct Fixture::Impl {
  explicit Impl(const Endpoints& endpoints)
      : control(endpoints.providers),
        database(endpoints.database),
        target_url(endpoints.target),
        tag(net::random_hex(4)) {
    pqxx::nontransaction work(database);
    has_uid = work.exec1(std::string(kHasUid))[0].as<int>() > 0;
    has_capabilities = work.exec1(std::string(kHasCapabilities))[0].as<bool>();
  }

  void insert(const std::vector<std::pair<const User*, Person*>>& people,
              const std::vector<std::string>& accounts);

  Control control;
  pqxx::connection database;
  std::string target_url;
  std::string tag;  // tells the uids of two runs on one database apart
  bool has_uid = true;
  bool has_capabilities = true;  // profiles are derived; without them every worker is a newcomer
  std::uint64_t next = 0;
};

namespace {

// Values that need no escaping but for names; quoted all the same.
std::string user_row(pqxx::connection& database, const User& user, const Person& person,
                     const std::string& account, std::uint64_t number) {
  return fmt::format("('{}','{}@example.invalid',{},'{}',{},{},{},'{}','{}','{}')", person.id, person.uid,
                     database.quote(sim::full_name(number)), person.uid,
                     account.empty() ? "NULL" : database.quote(account), user.is_verified,
                     user.is_verified ? "now()" : "NULL", name(user.status), name(user.live),
                     account.empty() ? "poster" : "worker");
}

std::string admin_row(const User& user, const Person& person) {
  return fmt::format("('{}','admin',{},{})", person.id, user.can_resolve_disputes, user.can_override_escrow);
}

bool is_onboarded(const User& user) {
  return (user.onboarding & model::onboarding_done) != 0;
}

std::string claim_row(const User& user, const Person& person) {
  const unsigned willing = user.onboarding >> model::kWillingnessShift;
  nlohmann::json flags;
  for (std::size_t i = 0; i < model::kWillingnessNames.size(); ++i)
    flags[std::string(model::kWillingnessNames[i])] = (willing >> i & 1U) != 0;
  return fmt::format("('{}','both','{}','{}')", person.id, model::kUsStateNames.at(user.home), flags.dump());
}

// ELG-16: open scores of those who have one.
std::string risk_statements(const std::vector<std::pair<const User*, Person*>>& people) {
  std::string rows;
  for (const auto& [user, person] : people) {
    if (user->risk_hundredths == 0) continue;
    rows += fmt::format("{}('user','{}',{:.2f},'{}')", rows.empty() ? "" : ",", person->id,
                        static_cast<double>(user->risk_hundredths) / 100,
                        model::rules::level_name(user->risk_hundredths));
  }
  if (rows.empty()) return "";
  return "; INSERT INTO fraud_risk_scores (entity_type, entity_id, risk_score, risk_level) VALUES " + rows;
}

// Tiers one step at a time, each with its row of the trust ledger; then claims, and the profiles derived from
// them.
std::string capability_statements(const std::vector<std::pair<const User*, Person*>>& people) {
  std::string sql;
  for (int tier = 2; tier <= 4; ++tier) {
    std::string ids;
    for (const auto& [user, person] : people) {
      if (user->tier >= tier) ids += (ids.empty() ? "'" : ",'") + person->id + "'";
    }
    if (!ids.empty()) sql += fmt::format("; UPDATE users SET trust_tier = {} WHERE id IN ({})", tier, ids);
  }
  std::string claims;
  std::string ids;
  for (const auto& [user, person] : people) {
    if (!is_onboarded(*user)) continue;
    claims += (claims.empty() ? "" : ",") + claim_row(*user, *person);
    ids += (ids.empty() ? "" : ",") + person->id;
  }
  if (claims.empty()) return sql;
  return sql + "; INSERT INTO capability_claims (user_id, role, work_state, risk_preferences) VALUES " +
         claims +
         fmt::format("; UPDATE users SET onboarding_completed_at = now() WHERE id = ANY ('{{{}}}'::uuid[])",
                     ids) +
         fmt::format("; SELECT count(recompute_capability(id)) FROM unnest('{{{}}}'::uuid[]) id", ids);
}

}  // namespace

// One round trip: both statements travel together and are one transaction.
void Fixture::Impl::insert(const std::vector<std::pair<const User*, Person*>>& people,
                           const std::vector<std::string>& accounts) {
  std::string users =
      "INSERT INTO users (id,email,full_name,firebase_uid,stripe_connect_id,is_verified,verified_at,"
      "account_status,live_mode_state,default_mode) VALUES ";
  std::string admins =
      "; INSERT INTO admin_roles (user_id,role,can_resolve_disputes,can_override_escrow) VALUES ";
  std::size_t account = 0;
  bool any_admin = false;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const auto& [user, person] = people[i];
    if (i > 0) users += ',';
    users +=
        user_row(database, *user, *person, user->has_payout_account ? accounts.at(account++) : "", next - i);
    if (!user->is_admin) continue;
    if (any_admin) admins += ',';
    admins += admin_row(*user, *person);
    any_admin = true;
  }
  std::string sql = any_admin ? users + admins : users;
  if (has_capabilities) sql += capability_statements(people);
  sql += risk_statements(people);
  pqxx::nontransaction(database).exec(sql);
}

Fixture::Fixture(const Endpoints& endpoints) {
  try {
    impl_ = std::make_unique<Impl>(endpoints);
  } catch (const pqxx::failure& error) {
    throw std::runtime_error("database: " + first_line(error));
  }
}

Fixture::~Fixture() = default;

std::vector<std::vector<Person>> Fixture::prepare(std::span<const model::World* const> worlds) {
  std::vector<std::vector<Person>> all;
  std::vector<std::pair<const User*, Person*>> all_people, inserted, by_first_call;
  std::vector<std::string> uids;
  std::size_t accounts = 0;
  for (const model::World* world : worlds) {
    all.emplace_back(world->users.size());
    for (std::size_t i = 0; i < world->users.size(); ++i) {
      Person& person = all.back()[i];
      person.id = net::random_uuid();
      person.uid = fmt::format("h{}-{}", impl_->tag, impl_->next++);
      uids.push_back(person.uid);
      all_people.emplace_back(&world->users[i], &person);
      (impl_->has_uid ? inserted : by_first_call).emplace_back(&world->users[i], &person);
      accounts += world->users[i].has_payout_account ? 1 : 0;
      if (!impl_->has_uid && !is_ordinary(world->users[i])) {
        throw std::runtime_error(
            "database: users.firebase_uid is missing, so only ordinary users can be prepared");
      }
    }
  }
  if (all_people.empty()) return all;
  const std::vector<std::string> tokens = impl_->control.tokens(uids, "valid");
  for (std::size_t i = 0; i < all_people.size(); ++i) all_people[i].second->token = tokens[i];
  if (!by_first_call.empty()) {
    net::Connection target(net::parse_url(impl_->target_url).value());
    for (const auto& [user, person] : by_first_call) person->id = id_by_first_call(target, person->token);
  }
  if (inserted.empty()) return all;
  try {
    impl_->insert(inserted, accounts > 0 ? impl_->control.accounts(accounts) : std::vector<std::string>{});
  } catch (const pqxx::failure& error) {
    throw std::runtime_error("database: " + first_line(error));
  }
  return all;
}

}  // namespace loadgen
