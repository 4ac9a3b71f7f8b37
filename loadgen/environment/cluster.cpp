#include "loadgen/environment/cluster.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "loadgen/environment/error.h"
#include "loadgen/environment/postgres.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* programs_directory = "/usr/lib/postgresql/15/bin";
constexpr std::size_t clusters_kept = 6;  // about 50 MB each

struct OpenFile {
  int number = -1;
  OpenFile(const std::string& path, int flags) : number(open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (number < 0) throw EnvironmentError(3, "cannot open " + path);
  }
  ~OpenFile() { close(number); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
};

bool usable(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  return !failed && access(directory.c_str(), W_OK | X_OK) == 0;
}

void delete_old_clusters() {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(cache_directory(), ignored)) {
    if (entry.path().extension() == ".tar")
      found.emplace_back(fs::last_write_time(entry, ignored), entry.path());
  }
  std::ranges::sort(found, std::greater<>{});
  for (std::size_t index = clusters_kept; index < found.size(); ++index)
    fs::remove(found[index].second, ignored);
}

// PostgreSQL's programs, run as its account in a directory that it may read.
ChildOptions as_postgres(const PostgresPrograms& programs, std::vector<std::string> command,
                         const std::string& directory) {
  ChildOptions options;
  options.command = std::move(command);
  options.environment = {{"LC_ALL", "C.UTF-8"}, {"PGOPTIONS", ""}, {"TZ", "UTC"}};
  options.log_file = directory + "/prepare.log";
  options.account = programs.account;
  return options;
}

}  // namespace

std::string cache_directory() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path wanted;
  if (xdg != nullptr && *xdg == '/') {
    wanted = fs::path(xdg) / "hustle";
  } else if (home != nullptr && *home == '/') {
    wanted = fs::path(home) / ".cache" / "hustle";
  }
  if (!wanted.empty() && usable(wanted)) return wanted.string();
  const fs::path fallback = "/tmp/hustle-cache-" + std::to_string(geteuid());
  if (!usable(fallback)) throw EnvironmentError(3, "no writable cache directory: set XDG_CACHE_HOME");
  return fallback.string();
}

std::string fingerprint(const std::vector<std::string>& parts) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const std::string& part : parts) {
    for (const char c : std::to_string(part.size()) + ":" + part) mix(static_cast<unsigned char>(c));
  }
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(hash >> shift) & 15];
  return digits;
}

PostgresPrograms find_postgres() {
  const std::string bin = programs_directory;
  PostgresPrograms programs{bin + "/postgres", bin + "/initdb", std::nullopt};
  if (access(programs.postgres.c_str(), X_OK) != 0) {
    throw EnvironmentError(3, programs.postgres + " not found: apt-get install postgresql-15");
  }
  if (geteuid() == 0) {
    programs.account = find_account("postgres");
    if (!programs.account)
      throw EnvironmentError(3, "no account `postgres` to run PostgreSQL as: root may not");
  }
  return programs;
}

std::string base_key(const PostgresPrograms& programs) {
  struct stat info{};
  if (stat(programs.postgres.c_str(), &info) != 0)
    throw EnvironmentError(3, programs.postgres + " not found");
  return "base-" + fingerprint({std::to_string(info.st_size), std::to_string(info.st_mtime)});
}

std::string cached_path(const std::string& key) {
  return cache_directory() + "/" + key + ".tar";
}

std::string ensure_cached(const std::string& key, const std::function<void(const std::string& tar)>& make) {
  const std::string path = cached_path(key);
  if (access(path.c_str(), R_OK) == 0) return path;
  // One lock per key: making a migrated cluster makes the base cluster on its way.
  const OpenFile lock(path + ".lock", O_RDWR | O_CREAT);
  if (flock(lock.number, LOCK_EX) != 0) throw EnvironmentError(3, "cannot lock " + path + ".lock");
  if (access(path.c_str(), R_OK) == 0) return path;
  const std::string half = path + "." + std::to_string(getpid()) + ".half";
  try {
    make(half);
  } catch (...) {
    std::error_code ignored;
    fs::remove(half, ignored);
    throw;
  }
  fs::rename(half, path);
  delete_old_clusters();
  return path;
}

void make_base(const PostgresPrograms& programs, const std::string& tar) {
  const TempDirectory work("/tmp", programs.account);
  const std::string data = work.path() + "/data";
  run_to_end(as_postgres(programs,
                         {programs.initdb, "-D", data, "-U", "hustle", "-A", "trust", "-E", "UTF8",
                          "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                         work.path()),
             120s);
  const std::string statement = work.path() + "/create.sql";
  {
    const OpenFile file(statement, O_WRONLY | O_CREAT);
    constexpr std::string_view sql = "CREATE DATABASE hustle\n";
    if (write(file.number, sql.data(), sql.size()) < 0)
      throw EnvironmentError(3, "cannot write " + statement);
  }
  const OpenFile input(statement, O_RDONLY);
  ChildOptions single =
      as_postgres(programs, {programs.postgres, "--single", "-D", data, "postgres"}, work.path());
  single.input = input.number;
  run_to_end(std::move(single), 60s);
  pack_cluster(programs, data, tar);
}

void pack_cluster(const PostgresPrograms& programs, const std::string& data, const std::string& tar) {
  const fs::path directory = data;
  const OpenFile output(tar, O_WRONLY | O_CREAT | O_TRUNC);
  ChildOptions options = as_postgres(
      programs,
      {"/bin/tar", "--create", "--file=-", "--directory=" + directory.parent_path().string(), "data"},
      directory.parent_path().string());
  options.output = output.number;
  run_to_end(std::move(options), 60s);
}

void unpack_cluster(const PostgresPrograms& programs, const std::string& tar, const std::string& into) {
  const OpenFile input(tar, O_RDONLY);
  futimens(input.number, nullptr);  // used just now: the last to be deleted
  ChildOptions options =
      as_postgres(programs, {"/bin/tar", "--extract", "--file=-", "--directory=" + into}, into);
  options.input = input.number;
  try {
    run_to_end(std::move(options), 60s);
  } catch (const EnvironmentError&) {
    // A damaged cache file, say after a full disk: the next start makes it anew.
    std::error_code ignored;
    fs::remove(tar, ignored);
    throw;
  }
}

}  // namespace loadgen
