#include "loadgen/campaign/config_check.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "loadgen/campaign/fresh_database.h"
#include "loadgen/environment/children.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {
namespace {

constexpr std::chrono::seconds kPatience{20};

// A complete configuration for production, beside the URLs of this run's environment.
using Settings = std::vector<std::pair<std::string, std::string>>;  // flag or variable -> value

Settings production(const Environment& environment, const std::string& database) {
  return {{"--listen", "127.0.0.1:0"},
          {"--mode", "production"},
          {"--database", database},
          {"--stripe-url", environment.providers()},
          {"--stripe-key", "sk_live_51HustleSeattle"},
          {"--webhook-secret", "whsec_of_this_deployment"},
          {"--auth-certs-url", environment.providers()},
          {"--auth-project", "hustlexp-seattle"},
          {"--store-url", environment.providers()},
          {"--store-secret-key", "secret-of-this-deployment"},
          {"HUSTLE_TEST_CLOCK", "false"}};  // FM-272: a text that says no is no yes
}

struct Slip {
  std::string_view what;
  std::string_view flag;        // that the refusal must name
  const char* value = nullptr;  // nullptr: the setting is missing
};
constexpr std::array kSlips{Slip{"no database", "--database"},
                            Slip{"no payment processor", "--stripe-url"},
                            Slip{"no secret key of the processor", "--stripe-key"},
                            Slip{"no signing secret of webhooks", "--webhook-secret"},
                            Slip{"no keys of the identity provider", "--auth-certs-url"},
                            Slip{"no project of the identity provider", "--auth-project"},
                            Slip{"no object store", "--store-url"},
                            Slip{"no secret of the object store", "--store-secret-key"},
                            Slip{"a test key", "--stripe-key", "sk_test_51HustleSeattle"},
                            Slip{"a demonstration project", "--auth-project", "demo-hustle"},
                            Slip{"the clock of tests", "--test-clock", "true"},
                            Slip{"a switch that is neither on nor off", "HUSTLE_TEST_CLOCK", "yes"},
                            Slip{"no limits on calls", "--rate-limits", "off"},
                            Slip{"an empty secret", "--webhook-secret", ""},
                            Slip{"a mode that does not exist", "--mode", "staging"},
                            Slip{"an address without a port", "--listen", "127.0.0.1"},
                            Slip{"a database of another kind", "--database", "mysql://root@localhost/hustle"},
                            Slip{"a processor without a scheme", "--stripe-url", "localhost:8000"},
                            Slip{"too few connections", "--pool", "2"},
                            Slip{"a pool that is no number", "--pool", "many"},
                            Slip{"a clock skew above a minute", "--auth-clock-skew", "61"},
                            Slip{"more proxies than anybody has", "--trusted-proxies", "11"},
                            Slip{"a level of logs that does not exist", "--log-level", "loud"},
                            Slip{"a flag that does not exist", "--stripe-secret", "x"}};

Settings with(Settings settings, const Slip& slip) {
  const auto same = [&](const auto& setting) { return setting.first == slip.flag; };
  const auto found = std::ranges::find_if(settings, same);
  if (slip.value == nullptr) {
    std::erase_if(settings, same);
  } else if (found != settings.end()) {
    found->second = slip.value;
  } else {
    settings.emplace_back(slip.flag, slip.value);
  }
  return settings;
}

struct Start {
  bool ready = false;
  Exit exit;
  std::string said;  // its last line of standard error
};

Start start(const std::string& server, const Settings& settings, const std::string& log) {
  ChildOptions options;
  options.command = {server, "serve"};
  for (const auto& [flag, value] : settings) {
    if (!flag.starts_with("--")) {
      options.environment.emplace_back(flag, value);
    } else {
      options.command.push_back(fmt::format("{}={}", flag, value));
    }
  }
  options.log_file = log;
  Child child(std::move(options));
  Start result;
  result.ready = child.read_line(kPatience).has_value();
  result.exit =
      result.ready ? child.terminate(kPatience) : child.wait(std::chrono::seconds(1)).value_or(Exit{});
  result.said = child.log_tail(1);
  return result;
}

void report(CaseJudge& judge, std::string headline, std::string expected, std::string observed) {
  model::Finding finding;
  finding.rule = "OPS-CONFIG";
  finding.spec = "operations.md §1, §10 item 22";
  finding.judge = "configuration";
  finding.headline = std::move(headline);
  finding.expected = std::move(expected);
  finding.observed = std::move(observed);
  judge.add(std::move(finding));
}

void check_all(const StaticContext& context) {
  const TempDirectory files("/tmp");
  const std::string& server = context.environment.options().server;
  // A server without the clock of tests runs its jobs at once: not on the database that is driven.
  const FreshDatabase fresh(context.environment.database(), "configured");
  const Settings good = production(context.environment, fresh.url());
  std::size_t number = 0;
  const auto next_log = [&] { return fmt::format("{}/{}.log", files.path(), ++number); };
  const auto refuses = [&](const Settings& settings, std::string_view what, std::string_view flag) {
    const Start tried = start(server, settings, next_log());
    const std::string expected = fmt::format("no start, and a line that names {}", flag);
    if (tried.ready || tried.exit.ok()) {
      report(context.judge, fmt::format("the server starts in production with {}", what), expected,
             tried.ready ? "it started" : "it ended with exit code 0");
    } else if (tried.exit.signal != 0 || !tried.said.contains(flag)) {
      report(context.judge, fmt::format("the refusal of {} does not tell what is wrong", what), expected,
             fmt::format("{}: {}", tried.exit.text(), tried.said));
    }
    context.judge.count("configuration refused");
  };
  refuses(good, "a database without its schema", "--database");
  ChildOptions migrate;
  migrate.command = {server, "migrate", "--database", fresh.url()};
  migrate.log_file = next_log();
  run_to_end(std::move(migrate), std::chrono::minutes(1));
  if (const Start whole = start(server, good, next_log()); !whole.ready) {
    report(context.judge, "a complete configuration for production was refused", "the server starts",
           whole.said);
    return;
  }
  context.judge.count("configuration accepted");
  for (const Slip& slip : kSlips) {
    if (context.events.interrupted()) return;
    refuses(with(good, slip), slip.what, slip.flag);
  }
}

}  // namespace

void check_configuration(const StaticContext& context, Impossible& impossible) {
  std::string reason = "the flags of this backend are not known";
  if (context.environment.owns_server()) {
    try {
      return check_all(context);
    } catch (const std::exception& trouble) {
      reason = std::string(trouble.what()).substr(0, std::string(trouble.what()).find('\n'));
    }
  }
  impossible["configuration refused"] = impossible["configuration accepted"] = reason;
}

}  // namespace loadgen
