// hustle: reads the command's name, runs it, turns what it throws into one line and an exit code.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/attack.h"
#include "cli/audit.h"
#include "cli/bench.h"
#include "cli/compare.h"
#include "cli/contract.h"
#include "cli/gate.h"
#include "cli/judge.h"
#include "cli/load.h"
#include "cli/prove.h"
#include "cli/providers.h"
#include "cli/replay.h"
#include "cli/scenarios.h"
#include "cli/serve.h"
#include "loadgen/environment/error.h"
#include "reports/text.h"

namespace {

struct Command {
  std::string_view name;
  std::string_view about;
  int (*run)(const std::vector<std::string>& arguments);
};

// In the order in which a newcomer meets them.
constexpr std::array commands = {
    Command{"gate", "drives, attacks and audits a backend, then says READY or NOT READY", cli::run_gate},
    Command{"load", "open-loop load with honest latencies: a freeze of the target is charged to the target",
            cli::run_load},
    Command{"compare", "two load runs side by side: better, worse, or no evidence", cli::run_compare},
    Command{"bench", "the server against pgbench and a Node peer in one run, and the inner loops",
            cli::run_bench},
    Command{"replay", "runs the case of a finding again and says whether it still fails", cli::run_replay},
    Command{"judge", "recorded histories: is there a legal order, and if not, which call fits nowhere",
            cli::run_judge},
    Command{"audit", "the auditor's questions to a live database, read only", cli::run_audit},
    Command{"attack", "the database alone: tries to break its guards through SQL, serial and concurrent",
            cli::run_attack},
    Command{"prove",
            "the gate itself: seeded faults that it must find, harmless changes that must stay green",
            cli::run_prove},
    Command{"contract", "the procedures as a table, as JSON, or as TypeScript types", cli::run_contract},
    Command{"serve", "the private environment alone, until Ctrl-C; prints its URLs as one JSON line",
            cli::run_serve},
    Command{"providers", "the fake payment processor and identity service, as a server of their own",
            cli::run_providers},
    Command{"scenarios", "what can be played: list, explain, validate", cli::run_scenarios},
};

void print_usage(std::FILE* stream) {
  std::fputs("usage: hustle COMMAND [FLAGS]     (hustle COMMAND --help lists the flags)\n\n", stream);
  for (const Command& command : commands) {
    std::fprintf(stream, "  %-10s %s\n", std::string(command.name).c_str(),
                 std::string(command.about).c_str());
  }
  std::fputs(
      "\nexit codes: 0 passed, 1 a rule is broken, 2 your mistake, 3 could not run, 4 incomplete, 5 invalid "
      "measurement\n",
      stream);
}

int run(const Command& command, const std::vector<std::string>& arguments) {
  const auto say = [&](const char* what) {
    std::fprintf(stderr, "hustle %s: %s\n", std::string(command.name).c_str(),
                 reports::without_passwords(what).c_str());
  };
  try {
    return command.run(arguments);
  } catch (const cli::UserMistake& mistake) {
    say(mistake.what());
    return 2;
  } catch (const loadgen::EnvironmentError& error) {
    say(error.what());
    return error.exit_code;
  } catch (const std::exception& error) {
    say(error.what());
    return 3;
  }
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_usage(stdout);
    return 0;
  }
  for (const Command& command : commands) {
    if (command.name == words[0]) return run(command, {words.begin() + 1, words.end()});
  }
  std::fprintf(stderr, "hustle: unknown command '%s' (hustle --help lists them)\n", words[0].c_str());
  return 2;
}
