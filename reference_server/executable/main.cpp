// hustle-server: reads its configuration, migrates or serves, ends on SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>
#include <system_error>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "model/vocabulary/limits.h"
#include "reference_server/config.h"
#include "reference_server/database.h"
#include "reference_server/functions.h"
#include "reference_server/migrate.h"
#include "reference_server/service.h"

namespace {

constexpr int kUserMistake = 2;
constexpr int kCouldNotRun = 3;
constexpr int kUnfinished = 1;  // requests were cut off

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// One line: libpq and the server add hints and positions of their own.
int complain(int code, const std::string& what) {
  std::fprintf(stderr, "hustle-server: %s\n", what.substr(0, what.find('\n')).c_str());
  return code;
}

std::string listening(const server::Config& config, std::uint16_t port) {
  const bool brackets = config.listen_address.find(':') != std::string::npos;
  return "http://" + (brackets ? "[" + config.listen_address + "]" : config.listen_address) + ":" +
         std::to_string(port);
}

int migrate(const server::Config& config) {
  server::migrate(config.database, config.migrations_dir);
  server::Session session(config.database, std::chrono::milliseconds(30'000));
  server::install_functions(session, config.sql_dir);
  return 0;
}

int serve(const server::Config& config) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals,
                  nullptr);  // before any thread exists, so that only this one takes them
  std::signal(SIGPIPE, SIG_IGN);
  server::Service service(config);
  std::printf("{\"target\":\"%s\"}\n", listening(config, service.port()).c_str());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  std::thread([signals] {  // the second signal ends at once
    int again = 0;
    sigwait(&signals, &again);
    ::_exit(kUnfinished);
  })
      .detach();
  return service.drain() ? 0 : kUnfinished;
}

}  // namespace

int main(int count, char** words) {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  const auto config = server::read_config({words + 1, words + count}, variable);
  if (!config) return complain(kUserMistake, config.error());
  try {
    switch (config->command) {
      case server::Config::Command::help:
        std::fputs(server::config_help().c_str(), stdout);
        return 0;
      case server::Config::Command::migrate:
        return migrate(*config);
      case server::Config::Command::serve:
        return serve(*config);
    }
  } catch (const server::MigrationError& trouble) {
    return complain(trouble.exit_code, trouble.what());
  } catch (const server::DatabaseTrouble& trouble) {
    return complain(kCouldNotRun, std::string("--database: ") + trouble.what());
  } catch (const std::system_error& trouble) {
    return complain(kCouldNotRun, std::string("--listen: ") + trouble.what());
  } catch (const std::exception& trouble) {
    return complain(kCouldNotRun, trouble.what());
  }
  return kCouldNotRun;
}
