#include "cli/providers.h"

#include <charconv>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/arguments.h"
#include "cli/signals.h"
#include "net/client.h"
#include "sim/providers/front.h"

namespace cli {
namespace {

// "ADDRESS:PORT" into the options.
void read_listen(const std::string& text, sim::providers::ProvidersOptions& options) {
  const std::size_t colon = text.rfind(':');
  const char* end = text.data() + text.size();
  const bool has_port = colon != std::string::npos && colon + 1 < text.size();
  const auto parsed = has_port ? std::from_chars(text.data() + colon + 1, end, options.port)
                               : std::from_chars_result{text.data(), std::errc::invalid_argument};
  if (parsed.ec != std::errc{} || parsed.ptr != end || colon == 0)
    throw UserMistake("--listen: expected ADDRESS:PORT such as 127.0.0.1:0, got '" + text + "'");
  options.address = text.substr(0, colon);
}

}  // namespace

int run_providers(const std::vector<std::string>& arguments) {
  CLI::App app("The fake payment processor and identity provider, until Ctrl-C", "hustle providers");
  sim::providers::ProvidersOptions options;
  std::string listen = "127.0.0.1:0";
  app.add_option("--listen", listen, "ADDRESS:PORT; port 0 takes any free one")->capture_default_str();
  app.add_option("--seed", options.seed, "ids and delivery faults follow from it")->capture_default_str();
  app.add_option("--webhook-url", options.webhook_url, "where events are delivered");
  app.add_option("--webhook-secret", options.webhook_secret, "signs the events")->capture_default_str();
  app.add_option("--project", options.project, "audience of the identity tokens")->capture_default_str();
  if (const auto done = parse_arguments(app, arguments)) return *done;
  read_listen(listen, options);
  if (!options.webhook_url.empty())
    if (const auto url = net::parse_url(options.webhook_url); !url)
      throw UserMistake("--webhook-url: " + url.error());

  const StopSignals signals;
  const sim::providers::ProvidersServer server(options);
  std::printf("{\"providers\":\"%s\"}\n", server.url().c_str());
  std::fflush(stdout);
  while (!signals.wait(std::chrono::hours(1))) {
  }
  return 0;
}

}  // namespace cli
