#include "reference_server/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <arpa/inet.h>
#include <libpq-fe.h>

#include "net/client.h"

namespace server {
namespace {

using Trouble = std::optional<std::string>;

struct Flag {
  std::string_view name;   // without the dashes
  std::string_view value;  // what it takes, empty for a switch
  std::string_view help;
  Trouble (*set)(Config&, const std::string&);
};

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Trouble set_listen(Config& config, const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : number(text.substr(colon + 1));
  std::string address = text.substr(0, colon);
  const bool brackets = address.starts_with('[') && address.ends_with(']');
  if (brackets) address = address.substr(1, address.size() - 2);
  std::array<char, sizeof(in6_addr)> ignored{};
  const bool numeric = inet_pton(brackets ? AF_INET6 : AF_INET, address.c_str(), ignored.data()) == 1;
  if (!port || *port < 0 || *port > 65535 || !numeric) {
    return "expected ADDRESS:PORT, as in 127.0.0.1:3000 or [::1]:3000";
  }
  config.listen_address = address;
  config.listen_port = static_cast<std::uint16_t>(*port);
  return {};
}

Trouble set_database(Config& config, const std::string& text) {
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) {
    return "expected a URL as in postgresql://user@host:5432/name";
  }
  char* reason = nullptr;
  PQconninfoOption* const parts = PQconninfoParse(text.c_str(), &reason);
  const std::string words = reason == nullptr ? "" : reason;
  PQfreemem(reason);
  PQconninfoFree(parts);
  if (parts == nullptr)
    return "expected a URL as in postgresql://user@host:5432/name: " + words.substr(0, words.find('\n'));
  config.database = text;
  return {};
}

Trouble set_url(std::string& target, const std::string& text) {
  if (const auto url = net::parse_url(text); !url) return url.error();
  target = text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
  return {};
}

Trouble set_text(std::string& target, const std::string& text) {
  if (text.empty()) return "expected a text that is not empty";
  target = text;
  return {};
}

Trouble set_range(int& target, const std::string& text, int low, int high) {
  const auto value = number(text);
  if (!value || *value < low || *value > high) {
    return "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  }
  target = *value;
  return {};
}

Trouble set_switch(bool& target, const std::string& text) {
  if (text == "true" || text == "1") {
    target = true;
  } else if (text == "false" || text == "0" || text.empty()) {
    target = false;
  } else {
    return "expected true or false";
  }
  return {};
}

Trouble set_on_off(bool& target, const std::string& text) {
  if (text != "on" && text != "off") return "expected on or off";
  target = text == "on";
  return {};
}

Trouble set_level(Config& config, const std::string& text) {
  constexpr std::array<std::string_view, 5> kLevels{"debug", "info", "warn", "error", "off"};
  if (std::ranges::find(kLevels, text) == kLevels.end()) return "expected debug, info, warn, error or off";
  config.log_level = text;
  return {};
}

constexpr std::array<Flag, 25> kFlags{{
    {"listen", "ADDRESS:PORT", "where to listen; port 0 picks a free one (default 127.0.0.1:0)", set_listen},
    {"mode", "development|production",
     "production refuses to start without its own secrets, or with anything for tests (default development)",
     [](Config& c, const std::string& t) -> Trouble {
       if (t != "development" && t != "production") return "expected development or production";
       c.production = t == "production";
       return {};
     }},
    {"database", "URL", "postgresql://user@host:port/name", set_database},
    {"stripe-url", "URL", "base URL of the payment processor, without /v1",
     [](Config& c, const std::string& t) { return set_url(c.stripe_url, t); }},
    {"stripe-key", "KEY", "secret key for the payment processor (default sk_test_hustle)",
     [](Config& c, const std::string& t) { return set_text(c.stripe_key, t); }},
    {"webhook-secret", "SECRET", "signing secret of POST /webhooks/stripe (default whsec_hustle)",
     [](Config& c, const std::string& t) { return set_text(c.webhook_secret, t); }},
    {"auth-certs-url", "URL", "keys of the identity provider, X.509 map or JWKS",
     [](Config& c, const std::string& t) { return set_url(c.auth_certs_url, t); }},
    {"auth-project", "ID", "project id, the audience of every token (default demo-hustle)",
     [](Config& c, const std::string& t) { return set_text(c.auth_project, t); }},
    {"auth-issuer-prefix", "URL", "issuer before the project id (default https://securetoken.google.com/)",
     [](Config& c, const std::string& t) { return set_text(c.auth_issuer_prefix, t); }},
    {"auth-clock-skew", "SECONDS", "tolerated clock difference, 0 to 60 (default 5)",
     [](Config& c, const std::string& t) { return set_range(c.auth_clock_skew_s, t, 0, 60); }},
    {"store-url", "URL",
     "object store for proof photos (S3 or R2, path style); without one, keys of photos are kept unchecked",
     [](Config& c, const std::string& t) { return set_url(c.store_url, t); }},
    {"store-bucket", "NAME", "its private bucket (default hustlexp-proof-photos)",
     [](Config& c, const std::string& t) { return set_text(c.store_bucket, t); }},
    {"store-access-key", "ID", "access key id (default HUSTLEACCESS)",
     [](Config& c, const std::string& t) { return set_text(c.store_access_key, t); }},
    {"store-secret-key", "SECRET", "its secret (default hustle-secret)",
     [](Config& c, const std::string& t) { return set_text(c.store_secret_key, t); }},
    {"store-region", "NAME", "region of the signatures (default auto)",
     [](Config& c, const std::string& t) { return set_text(c.store_region, t); }},
    {"biometrics-url", "URL",
     "provider of biometric scores for photos of workers who consented (default: none)",
     [](Config& c, const std::string& t) { return set_url(c.biometrics_url, t); }},
    {"proof-gps", "required|optional", "whether a proof needs a fix (default required)",
     [](Config& c, const std::string& t) -> Trouble {
       if (t != "required" && t != "optional") return "expected required or optional";
       c.proof_gps_required = t == "required";
       return {};
     }},
    {"test-clock", "", "honour x-hustle-now and serve /test/...; for tests only",
     [](Config& c, const std::string& t) { return set_switch(c.test_clock, t); }},
    {"rate-limits", "on|off", "whether calls are counted and refused past their limits (default on)",
     [](Config& c, const std::string& t) { return set_on_off(c.rate_limits, t); }},
    {"method-override", "on|off",
     "whether queries may also come as POST, the input in the body (default off)",
     [](Config& c, const std::string& t) { return set_on_off(c.method_override, t); }},
    {"trusted-proxies", "N", "proxies of ours that append to X-Forwarded-For, 0 to 10 (default 0)",
     [](Config& c, const std::string& t) { return set_range(c.trusted_proxies, t, 0, 10); }},
    {"pool", "N", "database connections for requests, 3 to 200 (default 20)",
     [](Config& c, const std::string& t) { return set_range(c.pool, t, 3, 200); }},
    {"sql", "DIR", "folder of the SQL functions",
     [](Config& c, const std::string& t) { return set_text(c.sql_dir, t); }},
    {"migrations", "DIR", "folder of the migrations",
     [](Config& c, const std::string& t) { return set_text(c.migrations_dir, t); }},
    {"log-level", "LEVEL", "debug, info, warn, error or off (default info)", set_level},
}};

std::string variable_of(const Flag& flag) {
  std::string name = "HUSTLE_";
  for (const char c : flag.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Trouble read_environment(Config& config, const Environment& env) {
  for (const Flag& flag : kFlags) {
    const auto value = env(variable_of(flag));
    if (!value) continue;
    if (auto trouble = flag.set(config, *value)) return variable_of(flag) + ": " + *trouble;
  }
  return {};
}

Trouble read_flags(Config& config, const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto flag =
        std::ranges::find_if(kFlags, [&](const Flag& f) { return name == "--" + std::string(f.name); });
    if (flag == kFlags.end()) return argument + ": unknown argument; see hustle-server --help";
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (flag->value.empty()) {
      value = "true";
    } else if (++i < arguments.size()) {
      value = arguments[i];
    } else {
      return name + ": expected a value (" + std::string(flag->value) + ")";
    }
    if (auto trouble = flag->set(config, value)) return name + ": " + *trouble;
  }
  return {};
}

Trouble missing(const Config& config) {
  if (config.database.empty()) return "--database: missing; expected postgresql://user@host:5432/name";
  if (config.command != Config::Command::serve) return {};
  if (config.stripe_url.empty()) return "--stripe-url: missing; expected the payment processor's base URL";
  if (config.auth_certs_url.empty())
    return "--auth-certs-url: missing; expected the URL of the identity keys";
  return {};
}

// What is good enough to try things out, and must not meet real money (operations.md §1).
Trouble unfit_for_production(const Config& config) {
  const Config standard;
  if (config.stripe_key == standard.stripe_key || config.stripe_key.starts_with("sk_test_") ||
      config.stripe_key.starts_with("rk_test_"))
    return "--stripe-key: missing or a test key; expected the secret key of the live account";
  if (config.webhook_secret == standard.webhook_secret)
    return "--webhook-secret: missing; expected the signing secret of this deployment's webhook";
  if (config.auth_project.starts_with("demo-"))
    return "--auth-project: missing or a demonstration project; expected the project id of production";
  if (config.store_url.empty()) return "--store-url: missing; expected the object store of the proof photos";
  if (config.store_secret_key == standard.store_secret_key)
    return "--store-secret-key: missing; expected the secret of the object store";
  if (config.test_clock) return "--test-clock: is for tests, expected none in production";
  if (!config.rate_limits) return "--rate-limits: off is for tests, expected on in production";
  return {};
}

}  // namespace

std::expected<Config, std::string> read_config(const std::vector<std::string>& arguments,
                                               const Environment& env) {
  Config config;
  config.sql_dir = HUSTLE_SOURCE_DIR "/reference_server/sql";
  config.migrations_dir = HUSTLE_SOURCE_DIR "/reference_server/migrations";
  std::vector<std::string> flags = arguments;
  std::ranges::replace(flags, "-h", "--help");
  if (!flags.empty() && !flags.front().starts_with("--")) {
    if (flags.front() == "migrate") {
      config.command = Config::Command::migrate;
    } else if (flags.front() != "serve") {
      return std::unexpected(flags.front() + ": unknown command; expected serve or migrate");
    }
    flags.erase(flags.begin());
  }
  if (std::ranges::find(flags, "--help") != flags.end()) {
    config.command = Config::Command::help;
    return config;
  }
  if (auto trouble = read_environment(config, env)) return std::unexpected(*trouble);
  if (auto trouble = read_flags(config, flags)) return std::unexpected(*trouble);
  if (auto trouble = missing(config)) return std::unexpected(*trouble);
  if (config.production && config.command == Config::Command::serve) {
    if (auto trouble = unfit_for_production(config)) return std::unexpected(*trouble);
  }
  return config;
}

std::string config_help() {
  std::string text =
      "hustle-server [serve|migrate] FLAGS\n"
      "  serve    (default) prints one JSON line with its address when it is ready; SIGTERM drains and ends\n"
      "  migrate  applies migrations and SQL functions, then ends\n"
      "Every flag may also come from a variable: --stripe-url from HUSTLE_STRIPE_URL.\n";
  for (const Flag& flag : kFlags) {
    std::string left = "  --" + std::string(flag.name) + " " + std::string(flag.value);
    left.resize(std::max<std::size_t>(left.size() + 1, 30), ' ');
    text += left + std::string(flag.help) + "\n";
  }
  return text;
}

}  // namespace server
