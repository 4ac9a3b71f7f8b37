// What `hustle-server` was told on the command line or through HUSTLE_<NAME> variables. Flags win over
// variables.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server {

struct Config {
  enum class Command : std::uint8_t { serve, migrate, help };
  Command command = Command::serve;
  bool production = false;  // no standards for secrets, no test keys, no doors for tests (operations.md §1)
  std::string listen_address = "127.0.0.1";
  std::uint16_t listen_port = 0;  // 0: any free port
  std::string database;           // postgresql://user@host:port/name
  std::string stripe_url;         // http://host:port, without /v1
  std::string stripe_key = "sk_test_hustle";
  std::string webhook_secret = "whsec_hustle";
  std::string auth_certs_url;  // X.509 map or JWKS, told apart by its content (protocols.md §4.2)
  std::string auth_project = "demo-hustle";
  std::string auth_issuer_prefix = "https://securetoken.google.com/";
  int auth_clock_skew_s = 5;     // 0..60
  bool test_clock = false;       // honours x-hustle-now and /test/...; never in production
  bool rate_limits = true;       // safety-and-abuse.md §4
  bool method_override = false;  // queries may come as POST (protocols.md §1.5)
  int trusted_proxies = 0;  // of ours, in front of this server: how many X-Forwarded-For entries to believe
  std::string store_url{};  // object store, path style; empty: none, and no proof can be submitted
  std::string store_bucket = "hustlexp-proof-photos";
  std::string store_access_key = "HUSTLEACCESS";
  std::string store_secret_key = "hustle-secret";
  std::string store_region = "auto";
  std::string biometrics_url{};    // provider of biometric scores; empty: nobody is asked
  bool proof_gps_required = true;  // decision 15: while the beta is Seattle's alone
  int pool = 20;                   // database connections for requests
  std::string sql_dir;
  std::string migrations_dir;
  std::string log_level = "info";
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `arguments` without the program's name. The error is one line that names the flag and what was expected.
std::expected<Config, std::string> read_config(const std::vector<std::string>& arguments,
                                               const Environment& env);

std::string config_help();

}  // namespace server
