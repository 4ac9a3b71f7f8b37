// What reads show is compared with their rows: silent on the reference server, and every member that is told
// otherwise is named, whichever it is.
#include "loadgen/campaign/shown_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"
#include "loadgen/fixture.h"

namespace loadgen {
namespace {

class ShownRowsOfAServer : public testing::Test {
 protected:
  ShownRowsOfAServer() {
    EnvironmentOptions boot_options;
    boot_options.harness = HUSTLE_BINARY;
    boot_options.server = HUSTLE_SERVER_BINARY;
    environment_ = std::make_unique<Environment>(boot(boot_options));
    Control(environment_->providers()).deliver_manually();
    client_ = std::make_unique<SideClient>(environment_->target(), environment_->database(),
                                           environment_->providers(), log_);
    client_->now = log_.began;
    model::World world;
    world.users.resize(2);
    world.users[1].has_payout_account = true;
    const model::World* const worlds[] = {&world};
    Fixture fixture({environment_->target(), environment_->database(), environment_->providers(), true});
    const std::vector<Person> people = fixture.prepare(worlds).front();
    for (const Stop stop : {Stop::created, Stop::funded, Stop::accepted, Stop::submitted, Stop::disputed})
      drive_task(*client_, people[0], people[1], stop);
    const SideTask paid = drive_task(*client_, people[0], people[1], Stop::reviewed);
    const std::string input = R"({"task_id":")" + paid.id + R"("})";
    EXPECT_TRUE(client_->call("task.complete", input, people[0].token).ok());
  }

  // The definition of a function of the server with one text for another.
  void edit(const std::string& function, const std::string& from, const std::string& to) {
    std::string text = client_->sql("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = '" +
                                    function + "' AND pronamespace = 'api'::regnamespace");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    client_->sql(text.replace(at, from.size(), to));
  }

  std::vector<std::string> headlines() {
    ShownRows shown = compare_shown_rows(*client_);
    compared_ = shown.compared;
    EXPECT_EQ(shown.impossible, "");
    std::vector<std::string> found;
    found.reserve(shown.findings.size());
    for (const model::Finding& finding : shown.findings) found.push_back(finding.headline);
    std::ranges::sort(found);
    return found;
  }

  std::unique_ptr<Environment> environment_;
  SideLog log_;
  std::unique_ptr<SideClient> client_;
  std::uint64_t compared_ = 0;
};

TEST_F(ShownRowsOfAServer, AreSilentUntilOneIsToldOtherwise) {
  EXPECT_EQ(headlines(), std::vector<std::string>{});
  EXPECT_GT(compared_, 300U);

  edit("escrow_get_by_task_id", "api.iso(e.funded_at)", "api.iso(e.created_at + interval '2 seconds')");
  edit("proof_get_by_task_id", "f.file_size_bytes", "f.file_size_bytes + 1");
  edit("user_get_xp", "x.effective_xp", "x.base_xp - 1");
  edit("task_get_by_id", "'state', p.state", "'state', 'PENDING'");
  edit("capability_profile", "'trust_tier', c.trust_tier", "'trust_tier', c.trust_tier % 4 + 1");
  edit("user_summary", "p_user.avatar_url", "'https://example.invalid/' || p_user.id");
  EXPECT_EQ(headlines(),
            (std::vector<std::string>{
                "eligibility.getProfile shows another trust_tier than capability_profiles.trust_tier holds",
                "escrow.getByTaskId shows another funded_at than escrows.funded_at holds",
                "feed.get shows another avatar_url than users.avatar_url holds",
                "proof.getByTaskId shows another file_size_bytes than proof_photos.file_size_bytes holds",
                "task.getById shows another avatar_url than users.avatar_url holds",
                "task.getById shows another state than proofs.state holds",
                "task.list shows another avatar_url than users.avatar_url holds",
                "user.getXP shows another effective_amount than xp_ledger.effective_xp holds"}));
}

}  // namespace
}  // namespace loadgen
