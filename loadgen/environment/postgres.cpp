#include "loadgen/environment/postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "loadgen/environment/cluster.h"
#include "loadgen/environment/error.h"

namespace loadgen {
namespace {

using namespace std::chrono_literals;

// A cluster starts at about 50 MB and grows by 16 MB log segments up to max_wal_size: below this, use the
// disk.
constexpr std::uint64_t shared_memory_min = std::uint64_t{3} << 30;

std::string parent_directory(bool durable) {
  if (!durable && free_bytes("/dev/shm") >= shared_memory_min) return "/dev/shm";
  return "/tmp";
}

// What a test environment wants; names and meanings: PostgreSQL 15 manual, chapter 20.
std::vector<std::string> settings(bool durable) {
  std::vector<std::string> list = {
      "max_connections=200",
      "shared_buffers=256MB",
      "max_wal_size=1GB",
      "checkpoint_timeout=30min",
      "wal_level=minimal",
      "max_wal_senders=0",
      "jit=off",
      "timezone=UTC",
      "log_timezone=UTC",
      "log_min_messages=log",             // a refused statement is what tests provoke: not worth a line each
      "dynamic_shared_memory_type=mmap",  // inside the data directory, so that nothing outlives it
  };
  if (!durable) {
    list.insert(list.end(), {"fsync=off", "synchronous_commit=off", "full_page_writes=off"});
  }
  return list;
}

// The server writes its state as the eighth line of postmaster.pid: "ready" once it takes connections.
bool says_ready(const std::string& data) {
  std::ifstream file(data + "/postmaster.pid");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number == 8) return line.starts_with("ready");
  }
  return false;
}

}  // namespace

std::uint16_t free_loopback_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = probe >= 0 && bind(probe, generic, size) == 0 && getsockname(probe, generic, &size) == 0;
  if (probe >= 0) close(probe);
  if (!bound) throw EnvironmentError(3, "no free loopback port");
  return ntohs(address.sin_port);
}

Postgres::Postgres(TempDirectory directory, PostgresOptions options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

Postgres Postgres::start(const PostgresOptions& options) {
  const PostgresPrograms programs = find_postgres();
  const std::string tar =
      options.template_key.empty()
          ? ensure_cached(base_key(programs), [&](const std::string& path) { make_base(programs, path); })
          : ensure_cached(options.template_key, [&](const std::string& path) {
              PostgresOptions plain = options;
              plain.template_key.clear();
              Postgres model = start(plain);
              plain.prepare(model.url());
              model.stop();
              pack_cluster(programs, model.directory() + "/data", path);
            });
  Postgres postgres(TempDirectory(parent_directory(options.durable), programs.account), options);
  unpack_cluster(programs, tar, postgres.directory());
  for (int attempt = 1;; ++attempt) {
    postgres.port_ = free_loopback_port();
    try {
      postgres.launch();
      return postgres;
    } catch (const EnvironmentError& error) {
      // Another process was faster to take the port.
      if (attempt == 5 || std::string(error.what()).find("could not bind") == std::string::npos) throw;
      std::ofstream(postgres.directory() + "/postgres.log", std::ios::trunc);
    }
  }
}

Postgres::~Postgres() {
  if (server_) stop();
}

void Postgres::launch() {
  const PostgresPrograms programs = find_postgres();
  const std::string data = directory() + "/data";
  ChildOptions options;
  options.command = {programs.postgres,           "-D", data,        "-p",
                     std::to_string(port_),       "-k", directory(), "-c",
                     "listen_addresses=127.0.0.1"};
  for (const auto& list : {settings(options_.durable), options_.settings}) {
    for (const std::string& setting : list) options.command.insert(options.command.end(), {"-c", setting});
  }
  options.log_file = directory() + "/postgres.log";
  options.account = programs.account;
  options.parent_death_signal = SIGQUIT;  // lets it end its backends and give back its System V segment
  server_ = std::make_unique<Child>(std::move(options));
  // Crash recovery may take its time; everything else is ready in 40 ms.
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!says_ready(data)) {
    if (server_->wait(1ms) || std::chrono::steady_clock::now() > deadline) {
      const std::string tail = server_->log_tail(4);
      server_.reset();
      throw EnvironmentError(3, "PostgreSQL did not start: " + tail);
    }
  }
}

std::string Postgres::url() const {
  return "postgresql://hustle@127.0.0.1:" + std::to_string(port_) + "/hustle";
}

std::string Postgres::socket_url() const {
  std::string host;
  for (const char c : directory()) host += c == '/' ? std::string("%2F") : std::string(1, c);
  return "postgresql://hustle@" + host + ":" + std::to_string(port_) + "/hustle";
}

void Postgres::stop() {
  if (!server_) return;
  if (!(server_->signal(SIGINT), server_->wait(10s))) server_->terminate(5s, SIGQUIT);
  server_.reset();
}

void Postgres::crash() {
  if (!server_) return;
  server_->terminate(10s, SIGQUIT);
  server_.reset();
}

void Postgres::start_again() {
  stop();
  launch();
}

std::string Postgres::log_tail() const {
  return server_ ? server_->log_tail() : "";
}

}  // namespace loadgen
