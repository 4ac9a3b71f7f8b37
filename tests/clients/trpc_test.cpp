// The real @trpc/client, typescript and stripe packages against the reference server and the fakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"
#include "loadgen/environment/temp_directory.h"
#include "net/client.h"

namespace {

using testing::HasSubstr;

const std::string kFolder = HUSTLE_SOURCE_DIR "/tests/clients/trpc";

struct Ran {
  int code = -1;
  std::string output;
};

Ran shell(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.output.append(buffer.data(), n);
  }
  ran.code = WEXITSTATUS(::pclose(pipe));
  return ran;
}

// The package lock decides what is installed; tests run in parallel, so one installs and the others wait.
void install_packages(const std::string& folder = kFolder) {
  const std::string done = "node_modules/.installed";
  const Ran ran = shell("cd " + folder + " && flock package-lock.json sh -c '[ -e " + done +
                        " ] || { npm ci --no-audit --no-fund && touch " + done + "; }'");
  ASSERT_EQ(ran.code, 0) << ran.output;
}

// A module that imports packages must lie beside them, so the folder is mirrored around the printed router.
class Compiled {
 public:
  Compiled() {
    for (const char* name :
         {"typed.ts", "untyped.ts", "refused.ts", "tsconfig.json", "tsconfig.refused.json", "package.json"}) {
      std::filesystem::copy(kFolder + "/" + name, directory_.path() + "/" + name);
    }
    std::filesystem::create_directory_symlink(kFolder + "/node_modules", directory_.path() + "/node_modules");
    const Ran printed = shell(std::string(HUSTLE_BINARY) + " contract --typescript");
    EXPECT_EQ(printed.code, 0) << printed.output;
    std::ofstream(directory_.path() + "/router.ts") << printed.output;
  }
  Ran compile(const std::string& project) const {
    return shell("cd " + directory_.path() + " && node node_modules/typescript/bin/tsc -p " + project);
  }

 private:
  loadgen::TempDirectory directory_{std::filesystem::temp_directory_path().string()};
};

TEST(TypedClient, CompilesAgainstThePrintedRouter) {
  install_packages();
  const Ran ran = Compiled().compile("tsconfig.json");
  EXPECT_EQ(ran.code, 0) << ran.output;
}

TEST(TypedClient, WrongCallIsRefusedByTheCompiler) {
  install_packages();
  const Ran ran = Compiled().compile("tsconfig.refused.json");
  EXPECT_EQ(ran.code, 2) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("refused.ts(6"));
  EXPECT_THAT(ran.output, HasSubstr("Type 'number' is not assignable to type 'string'"));
}

nlohmann::json control(const std::string& providers, const std::string& path, const std::string& method,
                       const nlohmann::json& body) {
  net::Connection connection(net::parse_url(providers).value());
  net::Request request{.method = method, .target = "/control/" + path, .headers = {}, .body = body.dump()};
  request.headers.add("content-type", "application/json");
  const auto answer = connection.exchange(request, std::chrono::seconds(10));
  EXPECT_TRUE(answer.has_value() && answer->status < 300) << path;
  return answer ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json();
}

class TrpcScenes : public testing::Test {
 protected:
  void SetUp() override {
    install_packages();
    loadgen::EnvironmentOptions options;
    options.harness = HUSTLE_BINARY;
    options.server = HUSTLE_SERVER_BINARY;
    options.test_clock = false;
    options.server_flags = flags_;
    environment_ = std::make_unique<loadgen::Environment>(loadgen::boot(options));
    control(environment_->providers(), "webhook_endpoint", "PUT",
            {{"url", environment_->target() + "/webhooks/stripe"}, {"secret", "whsec_hustle"}});
    control(environment_->providers(), "delivery", "PUT", {{"mode", "auto"}});
    const auto accounts = control(environment_->providers(), "accounts", "POST", {{"count", 1}});
    pqxx::connection database(environment_->database());
    pqxx::work work(database);
    work.exec_params(
        "INSERT INTO users (firebase_uid, email, full_name, stripe_connect_id) "
        "VALUES ('client-worker', 'worker@example.invalid', 'Worker', $1)",
        accounts["accounts"][0].get<std::string>());
    work.exec(
        "WITH u AS (INSERT INTO users (firebase_uid, email, full_name) "
        "VALUES ('client-admin', 'admin@example.invalid', 'Admin') RETURNING id) "
        "INSERT INTO admin_roles (user_id, role, can_resolve_disputes) SELECT id, 'admin', true FROM u");
    work.exec("INSERT INTO capability_claims (user_id, role, work_state) SELECT id, 'both', 'WA' FROM users");
    work.exec("UPDATE users SET onboarding_completed_at = now()");
    work.exec("SELECT recompute_capability(id) FROM users");
    work.commit();
  }

  Ran play(const std::string& scene, const std::string& folder = kFolder) const {
    return shell("cd " + folder + " && HUSTLE_TARGET=" + environment_->target() + " HUSTLE_PROVIDERS=" +
                 environment_->providers() + " HUSTLE_WORKER=client-worker HUSTLE_ADMIN=client-admin " +
                 "HUSTLE_WEBHOOK_SECRET=whsec_hustle node run.mjs " + scene);
  }

  std::vector<std::string> flags_;  // more for the server

 private:
  std::unique_ptr<loadgen::Environment> environment_;
};

TEST_F(TrpcScenes, LifecycleAndDisputesThroughEveryLink) {
  const Ran ran = play("lifecycle");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("checks hold"));
}

TEST_F(TrpcScenes, EveryFailureRowThatAClientSees) {
  const Ran ran = play("failures");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("checks hold"));
}

// protocols.md §1.8.
TEST_F(TrpcScenes, ClientsOfVersion10WorkUnchanged) {
  const std::string folder = kFolder + "10";
  install_packages(folder);
  const Ran ran = play("", folder);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("checks hold"));
}

class TrpcOverride : public TrpcScenes {
 protected:
  TrpcOverride() { flags_ = {"--method-override", "on"}; }
};

TEST_F(TrpcOverride, QueriesComeAsPost) {
  const Ran ran = play("override");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("checks hold"));
}

}  // namespace
