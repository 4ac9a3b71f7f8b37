#include "loadgen/bench/node_peer.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "loadgen/environment/error.h"

namespace loadgen::bench {
namespace {

using namespace std::chrono_literals;

const std::string kFolder = HUSTLE_SOURCE_DIR "/tests/peers/node";

void run_shell(const std::string& command, const std::string& log_file, std::chrono::milliseconds timeout) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", command};
  options.log_file = log_file;
  run_to_end(std::move(options), timeout);
}

// The first lines of npm's own complaint, as one line; without its stack trace.
std::string npm_reason(const std::string& log_file) {
  constexpr std::string_view kLead = "npm error ";
  constexpr int kLines = 5;
  std::ifstream log(log_file);
  std::string reason;
  int lines = 0;
  for (std::string line; lines < kLines && std::getline(log, line);) {
    if (!line.starts_with(kLead)) continue;
    const std::string_view words = std::string_view(line).substr(kLead.size());
    if (words.empty() || words.starts_with(' ') || words.starts_with('}')) continue;
    reason += (lines++ == 0 ? "" : "; ") + std::string(words);
  }
  return reason;
}

}  // namespace

std::string why_no_node(const std::string& log_file) {
  try {
    run_shell("node -e 'process.exit(Number(process.versions.node.split(\".\")[0]) >= 20 ? 0 : 1)'", log_file,
              20s);
  } catch (const EnvironmentError&) {
    return "Node 20 or later is not installed";
  }
  if (std::filesystem::exists(kFolder + "/node_modules/fastify")) return {};
  try {
    run_shell("cd '" + kFolder + "' && npm ci --no-audit --no-fund", log_file, 180s);
  } catch (const EnvironmentError& error) {
    const std::string reason = npm_reason(log_file);
    return "npm ci failed in tests/peers/node: " + (reason.empty() ? std::string(error.what()) : reason);
  }
  return {};
}

NodePeer start_node(const NodeOptions& options) {
  ChildOptions child;
  child.command = {"/usr/bin/env", "node", kFolder + "/server.mjs"};
  child.environment = {{"DATABASE_URL", options.database},
                       {"STRIPE_URL", options.processor},
                       {"CERTS_URL", options.certs_url},
                       {"WEBHOOK_SECRET", options.webhook_secret},
                       {"WORKERS", std::to_string(options.workers)},
                       {"NODE_ENV", "production"}};
  child.log_file = options.log_file;
  Child process(std::move(child));
  const auto line = process.read_line(30s);
  const auto ready = line ? nlohmann::json::parse(*line, nullptr, false) : nlohmann::json();
  if (!ready.is_object() || !ready.contains("target")) {
    throw EnvironmentError(3, "the Node peer did not start: " + process.log_tail(2));
  }
  return {std::move(process), ready["target"].get<std::string>()};
}

}  // namespace loadgen::bench
