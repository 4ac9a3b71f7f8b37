#include "reference_server/functions.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "net/sign.h"
#include "reference_server/migration_files.h"

namespace server {
namespace {

constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(4850720101);\n";
constexpr Statement kInstalled{
    "api_comment", "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'api'"};

std::string read_all(const std::filesystem::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string read_functions(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code trouble;
  for (const auto& entry : std::filesystem::directory_iterator(directory, trouble)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  if (files.empty()) throw MigrationError(2, "--sql: no .sql file in " + directory);
  std::ranges::sort(files);
  std::string all;
  for (const auto& file : files) all += read_all(file) + "\n";
  return all;
}

}  // namespace

void install_functions(Session& session, const std::string& directory) {
  const std::string functions = read_functions(directory);
  const std::string mark = "functions " + net::hex(net::sha256(functions));
  if (session.call(kInstalled, {}) == mark) return;
  session.run_script(std::string(kLock) +
                     "SET LOCAL check_function_bodies = off;\nCREATE SCHEMA IF NOT EXISTS api;\n" +
                     functions + "COMMENT ON SCHEMA api IS '" + mark + "';");
}

}  // namespace server
