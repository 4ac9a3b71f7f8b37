// A private PostgreSQL 15 server: its own data directory, Unix socket and free loopback port, gone when we
// are gone.
//
//   loadgen::Postgres postgres = loadgen::Postgres::start();
//   pqxx::connection database(postgres.url());
//
// Starting copies a prepared cluster (an uncompressed tar in the cache directory, made once per PostgreSQL
// build, safe with parallel starters) into shared memory: 0.1 s instead of initdb's 0.5 s. Started by root,
// everything of PostgreSQL runs as the account `postgres`. No pg_ctl: its polling alone costs 0.1 s.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "loadgen/environment/children.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {

struct PostgresOptions {
  bool durable = false;  // true: on disk, with fsync, synchronous_commit and full_page_writes on
  // Prepares the database once; the result is cached under `template_key` (say, a hash of all migrations) and
  // later starts with the same key copy it. Called with a running cluster's url(); both empty: an empty
  // database.
  std::string template_key = {};
  std::function<void(const std::string& url)> prepare = {};
  std::vector<std::string> settings = {};  // more of postgres' -c, "work_mem=64MB"
};

class Postgres {
 public:
  // Ready for connections. Throws EnvironmentError 3.
  static Postgres start(const PostgresOptions& options = {});
  ~Postgres();  // stop(), then removes the data directory
  Postgres(Postgres&&) noexcept = default;
  Postgres& operator=(Postgres&&) = delete;

  // User and database `hustle`, no password; by TCP, for everyone.
  std::string url() const;
  // The same by Unix socket: a few microseconds faster, for processes of this user (or root).
  std::string socket_url() const;
  std::uint16_t port() const { return port_; }
  const std::string& directory() const { return directory_.path(); }

  void stop();         // fast shutdown (SIGINT): running transactions are rolled back, data kept
  void crash();        // SIGQUIT: no checkpoint, so the next start recovers from the log
  void start_again();  // after stop() or crash(): same data, same port
  std::optional<Exit> exited() const { return server_ ? server_->exited() : std::optional<Exit>(Exit{}); }
  std::string log_tail() const;

 private:
  Postgres(TempDirectory directory, PostgresOptions options);
  void launch();  // on port_; throws EnvironmentError when it does not get ready

  TempDirectory directory_;
  PostgresOptions options_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> server_;  // null when stopped, and when moved from
};

// Where prepared clusters are kept: $XDG_CACHE_HOME/hustle or ~/.cache/hustle; /tmp/hustle-cache-UID when not
// writable.
std::string cache_directory();

// FNV-1a over all parts (with their lengths), as 16 hexadecimal digits: for template_key.
std::string fingerprint(const std::vector<std::string>& parts);

// A TCP port of the loopback that nobody uses at this moment. Another process may take it: retry.
std::uint16_t free_loopback_port();

}  // namespace loadgen
