// Everything that a campaign needs to run against: a target, its database, the fake providers. What is not
// given as a URL is started as a child (Postgres -> migrations -> `hustle providers` -> `hustle-server`) and
// ends with us.
//
//   loadgen::Environment environment = loadgen::boot({});
//   ... environment.target(), environment.database(), environment.providers() ...
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/environment/children.h"
#include "loadgen/environment/postgres.h"
#include "loadgen/environment/preflight.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {

struct EnvironmentOptions {
  // Given: used as it is, after the checks of preflight.h. A target needs both others, since it was told them
  // by somebody else; a database alone is migrated and gets a server of ours.
  std::optional<std::string> target{}, database{}, providers{};
  std::string pristine{};  // given database: one of its cluster that is migrated and that nobody uses
  bool providers_optional = false;  // a target without providers is let through; providers() is empty then
  bool object_store = true;  // our server checks proof photos and fixes; false: keys are kept unchecked
  bool test_clock = true;    // our server honours x-hustle-now and /test/jobs
  bool durable = false;      // Postgres on disk with fsync
  std::string listen = "127.0.0.1:0";  // of our server
  std::string webhook_secret = "whsec_hustle";
  std::uint64_t seed = 1;                   // of the fake providers' ids
  std::vector<std::string> server_flags{};  // more for hustle-server, such as {"--pool", "8"}
  std::string harness{}, server{};      // executables; empty: /proc/self/exe and its sibling hustle-server
  bool logs_to_stderr = false;          // the children's logs; otherwise files in log_directory()
  std::function<bool()> interrupted{};  // asked while waiting: true ends boot with EnvironmentError 4
};

class Environment {
 public:
  const std::string& target() const { return target_; }        // http://host:port
  const std::string& database() const { return database_; }    // postgresql://...
  const std::string& providers() const { return providers_; }  // http://host:port
  // A database of the same cluster with the schema and nothing else, for whoever wants another one like it;
  // "" where there is none.
  const std::string& pristine() const { return options_.pristine; }
  const TargetFacts& facts() const { return facts_; }
  const EnvironmentOptions& options() const { return options_; }

  bool owns_server() const { return server_ != nullptr; }
  bool owns_database() const { return postgres_ != nullptr; }
  // Our server only. The port and so target() stay the same; restart waits until it is ready again.
  void kill_server();     // SIGKILL, as a power cut would end it
  void restart_server();  // kill_server() if it runs
  Child& server() { return *server_; }
  // How our server is started; what another one beside it starts from.
  std::vector<std::string> server_command(const std::string& listen) const;
  Postgres& postgres() { return *postgres_; }

  // One line on a child of ours that has ended although nobody asked it to: "hustle-server: killed by signal
  // 9: ...".
  std::optional<std::string> crashed() const;

  std::chrono::milliseconds boot_time() const { return boot_time_; }
  const std::string& log_directory() const { return directory_->path(); }

 private:
  friend Environment boot(const EnvironmentOptions& options);
  Environment() = default;
  void start_server(const std::string& listen);

  // In the order of starting; destroyed, and so ended, in reverse.
  EnvironmentOptions options_;
  std::unique_ptr<TempDirectory> directory_;
  std::unique_ptr<Postgres> postgres_;
  std::unique_ptr<Child> fakes_;
  std::unique_ptr<Child> server_;
  bool server_killed_ = false;
  std::string target_, database_, providers_;
  TargetFacts facts_;
  std::chrono::milliseconds boot_time_{0};
};

// Throws EnvironmentError: 2 malformed or contradicting URLs, 3 something cannot be reached or started, 4
// interrupted.
Environment boot(const EnvironmentOptions& options);

// The member `name` of the one JSON line that an executable of ours prints when it is ready. Throws
// EnvironmentError.
std::string ready_line(Child& child, const std::string& name, const EnvironmentOptions& options);

inline constexpr const char* kPristine = "hustle_pristine";

// Applies all migrations to an empty database of this cluster by `server`, and keeps a copy, kPristine.
void prepare_database(const std::string& server, const std::string& url, const std::string& log_file);

// The cluster that boot() starts: with all migrations applied by `server` (path of hustle-server), copied
// from the cache when neither the SQL files nor the executable changed.
Postgres start_migrated_postgres(const std::string& server, PostgresOptions options = {});

}  // namespace loadgen
