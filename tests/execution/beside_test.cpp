// Requests that no command of a plan names, pages behind a cursor and places for photos, are answered to the
// contract as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <pqxx/pqxx>

#include "loadgen/environment/environment.h"
#include "loadgen/executor.h"
#include "sim/interpret.h"

namespace loadgen {
namespace {

// Whether one of the scenario's first cases shows this breach of the wire contract.
bool shows(Executor& executor, const std::string& name, const std::string& breach) {
  const auto scenario = sim::load_scenario(name, std::string(HUSTLE_SOURCE_DIR) + "/scenarios");
  if (!scenario) throw std::runtime_error(scenario.error());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const model::Instant start{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  for (std::uint64_t number = 0; number < 30; ++number) {
    const CaseRecord record = executor.run_one(sim::plan_case(*scenario, 7, number, start));
    const auto tells = [&](const model::Finding& finding) {
      return finding.headline.find(breach) != std::string::npos;
    };
    if (std::ranges::any_of(record.breaches, tells)) return true;
  }
  return false;
}

TEST(Beside, AServersTroubleIsABreachThereToo) {
  const Environment environment = boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY});
  Executor executor(
      {.endpoints = {environment.target(), environment.database(), environment.providers(), true}});
  pqxx::connection connection(environment.database());
  const auto break_with = [&](const std::string& function) {
    pqxx::nontransaction work(connection);
    const std::string source =
        work.exec1("SELECT pg_get_functiondef('" + function + "'::regproc)")[0].c_str();
    const std::size_t at = source.find("BEGIN", source.find("AS $"));
    if (at == std::string::npos) throw std::runtime_error(function + " has no body that can be broken");
    work.exec(source.substr(0, at + 5) + " RAISE EXCEPTION 'planted';" + source.substr(at + 5));
  };
  EXPECT_FALSE(shows(executor, "unqualified_workers", "HTTP 5"));
  break_with("api.read_feed_cursor");
  EXPECT_TRUE(shows(executor, "unqualified_workers", "HTTP 500 to the cursor of a page"));
  break_with("api.proof_request_upload");
  EXPECT_TRUE(shows(executor, "happy_path", "HTTP 500 to /trpc/proof.requestUpload"));
}

}  // namespace
}  // namespace loadgen
