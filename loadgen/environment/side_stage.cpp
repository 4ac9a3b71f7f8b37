#include "loadgen/environment/side_stage.h"

#include <pqxx/pqxx>

#include "loadgen/environment/error.h"
#include "loadgen/environment/other_server.h"
#include "net/sign.h"

namespace loadgen {
namespace {

constexpr std::chrono::seconds kMigrationTime{60};

void run_sql(const std::string& url, const std::string& statement) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(statement);
  } catch (const pqxx::failure& trouble) {
    const std::string text = trouble.what();
    throw EnvironmentError(3, "the side stage's database: " + text.substr(0, text.find('\n')));
  }
}

}  // namespace

SideStage::SideStage(Environment& environment)
    : environment_(environment), name_("side_" + net::random_hex(4)) {
  const std::string& original = environment.database();
  const auto options = original.find('?');
  const auto slash = original.rfind('/', options);
  database_ = original.substr(0, slash + 1) + name_ +
              (options == std::string::npos ? std::string() : original.substr(options));
  ChildOptions fakes;
  fakes.command = {
      environment.options().harness,       "providers", "--listen", "127.0.0.1:0", "--webhook-secret",
      environment.options().webhook_secret};
  fakes.log_file = environment.log_directory() + "/" + name_ + "-providers.log";
  fakes_ = std::make_unique<Child>(std::move(fakes));
  if (const std::string& pristine = environment.pristine(); !pristine.empty()) {
    run_sql(original, "CREATE DATABASE " + name_ + " TEMPLATE " + pristine);
  } else {
    run_sql(original, "CREATE DATABASE " + name_);
    ChildOptions migration;
    migration.command = {environment.options().server, "migrate", "--database", database_};
    migration.log_file = environment.log_directory() + "/" + name_ + "-migrate.log";
    run_to_end(std::move(migration), kMigrationTime);
  }
  providers_ = ready_line(*fakes_, "providers", environment.options());
}

SideStage::~SideStage() {
  servers_.clear();
  try {
    run_sql(environment_.database(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const EnvironmentError&) {
    return;  // it ends with its cluster
  }
}

std::string SideStage::start_server(const std::vector<std::string>& flags, Clock clock) {
  OtherServer server =
      start_other_server(environment_,
                         {.database = database_,
                          .providers = providers_,
                          .log_file = environment_.log_directory() + "/" + name_ + "-server.log",
                          .test_clock = clock == Clock::of_calls},
                         flags);
  servers_.push_back(std::move(server.child));
  return server.url;
}

std::vector<std::string> SideStage::logs() const {
  std::vector<std::string> paths;
  for (const auto& server : servers_) {
    if (!server->options().log_file.empty()) paths.push_back(server->options().log_file);
  }
  return paths;
}

}  // namespace loadgen
