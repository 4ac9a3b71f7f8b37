#include "loadgen/environment/environment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <sstream>

#include "loadgen/environment/clone.h"
#include "loadgen/environment/error.h"
#include "net/client.h"

namespace loadgen {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto ready_timeout = 30s;

std::string own_executable() {
  std::error_code failed;
  const fs::path path = fs::read_symlink("/proc/self/exe", failed);
  if (failed) throw EnvironmentError(3, "/proc/self/exe is not readable: " + failed.message());
  return path.string();
}

// Size and time of a file: enough to notice a new build.
std::string stamp(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0)
    throw EnvironmentError(3, path + " not found: build it (./hustle does)");
  return path + " " + std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + " " +
         std::to_string(info.st_mtim.tv_nsec);
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string migrated_key(const std::string& server) {
  std::vector<std::string> parts = {stamp(server), kPristine};
  const fs::path root = fs::path(HUSTLE_SOURCE_DIR) / "reference_server";
  for (const char* folder : {"migrations", "sql"}) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder, ignored)) {
      if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) parts.insert(parts.end(), {file.string(), contents(file)});
  }
  return "migrated-" + fingerprint(parts);
}

void migrate(const std::string& server, const std::string& database, const std::string& log_file) {
  ChildOptions options;
  options.command = {server, "migrate", "--database", database};
  options.log_file = log_file;
  run_to_end(std::move(options), 120s);
}

void tell_webhook_endpoint(const std::string& providers, const std::string& target,
                           const std::string& secret) {
  net::Connection connection(*net::parse_url(providers));
  net::Request request;
  request.method = "PUT";
  request.target = connection.url().path + "/control/webhook_endpoint";
  request.headers.add("content-type", "application/json");
  request.body = json{{"url", target + "/webhooks/stripe"}, {"secret", secret}}.dump();
  const net::ClientResult result = connection.exchange(request, 5s);
  const std::string where = "providers " + providers + ": PUT /control/webhook_endpoint: ";
  if (!result) throw EnvironmentError(3, where + result.error().message);
  if (result->status != 200) throw EnvironmentError(3, where + "answered " + std::to_string(result->status));
}

// Everything that can be said about the given URLs before anything is started.
void check_given(EnvironmentOptions& options) {
  if (options.database) check_database_url(*options.database);
  if (options.target) options.target = checked_http_url("--target", *options.target);
  if (options.providers) options.providers = checked_http_url("--providers", *options.providers);
  if (options.target && !options.database) {
    throw EnvironmentError(2, "--target needs --database URL: the judges read the target's database");
  }
  if (options.target && !options.providers && !options.providers_optional) {
    throw EnvironmentError(2, "--target needs --providers URL: the fakes that the target was started with");
  }
  if (!options.target) check_listen(options.listen);
  if (options.providers) check_providers(*options.providers);
}

ChildOptions logged(const EnvironmentOptions& options, std::vector<std::string> command,
                    const std::string& log_file) {
  ChildOptions child;
  child.command = std::move(command);
  if (!options.logs_to_stderr) child.log_file = log_file;
  return child;
}

}  // namespace

std::string ready_line(Child& child, const std::string& name, const EnvironmentOptions& options) {
  const auto deadline = Clock::now() + ready_timeout;
  const std::string program = fs::path(child.options().command[0]).filename().string();
  while (Clock::now() < deadline) {
    if (options.interrupted && options.interrupted()) throw EnvironmentError(4, "interrupted while starting");
    if (const auto line = child.read_line(50ms)) {
      const json ready = json::parse(*line, nullptr, false);
      if (ready.is_object() && ready.contains(name) && ready[name].is_string()) return ready[name];
      throw EnvironmentError(3, program + ": expected one JSON line with \"" + name + "\", got: " + *line);
    }
    if (const auto exit = child.exited()) {
      const std::string tail = child.log_tail(1);
      throw EnvironmentError(3,
                             program + " did not start: " + exit->text() + (tail.empty() ? "" : ": " + tail));
    }
  }
  throw EnvironmentError(3, program + " was not ready within 30 s");
}

Postgres start_migrated_postgres(const std::string& server, PostgresOptions options) {
  const TempDirectory scratch("/tmp");
  options.template_key = migrated_key(server);
  options.prepare = [&](const std::string& url) {
    prepare_database(server, url, scratch.path() + "/migrate.log");
  };
  return Postgres::start(options);
}

void prepare_database(const std::string& server, const std::string& url, const std::string& log_file) {
  migrate(server, url, log_file);
  try {
    pqxx::connection connection(with_database(url, "postgres"));
    const std::string name = url.substr(url.rfind('/') + 1);
    pqxx::nontransaction(connection)
        .exec(std::string("CREATE DATABASE ") + kPristine + " TEMPLATE " + connection.quote_name(name));
  } catch (const pqxx::failure& trouble) {
    const std::string text = trouble.what();
    throw EnvironmentError(3, "a copy of the database: " + text.substr(0, text.find('\n')));
  }
}

std::vector<std::string> Environment::server_command(const std::string& listen) const {
  std::vector<std::string> command = {
      options_.server,    "serve",
      "--listen",         listen,
      "--database",       database_,
      "--stripe-url",     providers_,
      "--webhook-secret", options_.webhook_secret,
      "--auth-certs-url", providers_ + "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"};
  if (options_.test_clock) command.emplace_back("--test-clock");
  if (options_.object_store) {
    command.insert(command.end(), {"--store-url", providers_});
  } else {
    command.insert(command.end(), {"--proof-gps", "optional"});
  }
  command.insert(command.end(), {"--rate-limits", "off"});  // a later flag wins
  command.insert(command.end(), options_.server_flags.begin(), options_.server_flags.end());
  return command;
}

void Environment::start_server(const std::string& listen) {
  server_ = std::make_unique<Child>(
      logged(options_, server_command(listen), log_directory() + "/hustle-server.log"));
  target_ = ready_line(*server_, "target", options_);
  facts_ = check_target(target_, 10s);
  server_killed_ = false;
}

void Environment::kill_server() {
  server_killed_ = true;
  server_->kill_hard();
}

void Environment::restart_server() {
  kill_server();
  const auto url = net::parse_url(target_);
  start_server(url->host + ":" + std::to_string(url->port));
}

std::optional<std::string> Environment::crashed() const {
  const auto ended = [](const char* name, const std::optional<Exit>& exit, const std::string& tail) {
    return std::string(name) + ": " + exit->text() + (tail.empty() ? "" : ": " + tail);
  };
  if (postgres_ && postgres_->exited())
    return ended("PostgreSQL", postgres_->exited(), postgres_->log_tail());
  if (fakes_ && fakes_->exited()) return ended("hustle providers", fakes_->exited(), fakes_->log_tail(1));
  if (server_ && !server_killed_ && server_->exited()) {
    return ended("hustle-server", server_->exited(), server_->log_tail(1));
  }
  return std::nullopt;
}

Environment boot(const EnvironmentOptions& given) {
  const auto begin = Clock::now();
  Environment environment;
  environment.options_ = given;
  EnvironmentOptions& options = environment.options_;
  check_given(options);
  if (options.harness.empty()) options.harness = own_executable();
  if (options.server.empty())
    options.server = fs::path(options.harness).replace_filename("hustle-server").string();
  environment.directory_ = std::make_unique<TempDirectory>("/tmp");
  const std::string logs = environment.log_directory();

  // The fakes start while Postgres does.
  const bool without_providers = options.target && !options.providers;
  if (!options.providers && !without_providers) {
    environment.fakes_ = std::make_unique<Child>(
        logged(options,
               {options.harness, "providers", "--listen", "127.0.0.1:0", "--seed",
                std::to_string(options.seed), "--webhook-secret", options.webhook_secret},
               logs + "/providers.log"));
  }
  if (options.database) {
    environment.database_ = *options.database;
    if (!options.target) migrate(options.server, environment.database_, logs + "/migrate.log");
    check_database(environment.database_);
  } else {
    PostgresOptions wanted;
    wanted.durable = options.durable;
    environment.postgres_ = std::make_unique<Postgres>(start_migrated_postgres(options.server, wanted));
    environment.database_ = environment.postgres_->url();
    options.pristine = kPristine;
  }
  if (!without_providers) {
    environment.providers_ =
        options.providers ? *options.providers : ready_line(*environment.fakes_, "providers", options);
  }
  if (options.target) {
    environment.target_ = *options.target;
    environment.facts_ = check_target(environment.target_);
  } else {
    environment.start_server(options.listen);
  }
  if (!without_providers) {
    tell_webhook_endpoint(environment.providers_, environment.target_, options.webhook_secret);
  }
  environment.boot_time_ = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return environment;
}

}  // namespace loadgen
