#include "loadgen/campaign/prove_schema.h"

#include <chrono>

#include <fmt/format.h>

#include "loadgen/attack/concurrent.h"
#include "loadgen/attack/serial.h"
#include "loadgen/attack/session.h"
#include "loadgen/environment/clone.h"

namespace loadgen {
namespace {

// A copy with one damage; made from the template in a fraction of a dump's time.
class Damaged {
 public:
  Damaged(const std::string& origin, const std::string& admin)
      : session_(admin), url_(with_database(origin, kName)) {
    session_.run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", kName));
    const std::string from = attack::Session(origin).value("SELECT current_database()");
    const attack::Answer made =
        session_.run(fmt::format("CREATE DATABASE {} TEMPLATE {}", kName, attack::identifier(from)));
    if (!made.ok) throw std::runtime_error("database: cannot be copied: " + made.message);
  }
  ~Damaged() { session_.run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", kName)); }
  Damaged(const Damaged&) = delete;
  Damaged& operator=(const Damaged&) = delete;

  const std::string& url() const { return url_; }

 private:
  static constexpr const char* kName = "hustle_damaged";
  attack::Session session_;
  std::string url_;
};

void attack_damaged(const std::string& url, const DamageOptions& options, DamageRun& run) {
  AttackOptions attack;
  attack.all_levels = attack.all_orders = false;  // as the gate attacks
  attack.broken = [&](const AttackResult& result) {
    if (!run.rule.empty()) return;
    run.rule = result.rule;
    run.attempt = result.attempt;
  };
  attack.stop = [&] { return !run.rule.empty() || options.interrupted(); };
  attack::attack_serially(url, attack);
  if (options.concurrent && !attack.stop()) attack::attack_concurrently(url, attack);
}

}  // namespace

void prove_schema(const std::string& database_url, const DamageOptions& options) {
  // The template must have nobody connected: the copy is copied.
  const DatabaseClone origin(database_url);
  for (const SchemaDamage& damage :
       draw_damages(origin.url(), options.count, options.seed, options.kind, options.only)) {
    if (options.interrupted()) return;
    const Damaged damaged(origin.url(), database_url);
    DamageRun run;
    run.damage = damage;
    const attack::Answer made = attack::Session(damaged.url()).run(damage.sql);
    if (!made.ok) {
      run.error = made.sqlstate + " " + made.message;
    } else {
      const auto begin = std::chrono::steady_clock::now();
      attack_damaged(damaged.url(), options, run);
      run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    if (!options.interrupted()) options.done(run);
  }
}

}  // namespace loadgen
