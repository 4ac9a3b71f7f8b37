// People of a database that does not say who is who: their rows come into being by their first call.
#include "loadgen/fixture.h"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <set>

#include "loadgen/environment/environment.h"

namespace loadgen {
namespace {

std::string sibling(const std::string& url, const std::string& database) {
  return url.substr(0, url.rfind('/') + 1) + database;
}

class ForeignDatabase : public testing::Test {
 protected:
  ForeignDatabase() : environment_(boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY})) {
    pqxx::connection own(environment_.database());
    pqxx::nontransaction(own).exec("CREATE DATABASE foreign_users");
    pqxx::connection foreign(sibling(environment_.database(), "foreign_users"));
    pqxx::nontransaction(foreign).exec("CREATE TABLE users (id uuid PRIMARY KEY, email text)");
  }
  Endpoints endpoints() const {
    return {environment_.target(), sibling(environment_.database(), "foreign_users"),
            environment_.providers()};
  }
  Environment environment_;
};

TEST_F(ForeignDatabase, UsersComeIntoBeingByTheirFirstToken) {
  model::World world;
  world.users.resize(3);
  Fixture fixture(endpoints());
  const auto people = fixture.prepare(std::vector<const model::World*>{&world, &world});
  ASSERT_EQ(people.size(), 2U);
  std::set<std::string> ids;
  pqxx::connection own(environment_.database());
  pqxx::nontransaction work(own);
  for (const auto& group : people) {
    ASSERT_EQ(group.size(), 3U);
    for (const Person& person : group) {
      ids.insert(person.id);
      const auto rows = work.exec("SELECT id FROM users WHERE firebase_uid = " + work.quote(person.uid));
      ASSERT_EQ(rows.size(), 1U) << person.uid;
      EXPECT_EQ(rows[0][0].as<std::string>(), person.id);
    }
  }
  EXPECT_EQ(ids.size(), 6U);
}

// Standing, roles and live state can only be written where users are known by their uid.
TEST_F(ForeignDatabase, OnlyOrdinaryUsersCanBePrepared) {
  Fixture fixture(endpoints());
  for (const auto& change : {+[](model::User& user) { user.is_admin = true; },
                             +[](model::User& user) { user.status = model::AccountStatus::suspended; },
                             +[](model::User& user) { user.is_verified = true; },
                             +[](model::User& user) { user.live = model::LiveState::active; }}) {
    model::World world;
    world.users.resize(1);
    change(world.users[0]);
    EXPECT_THROW(fixture.prepare(std::vector<const model::World*>{&world}), std::runtime_error);
  }
}

}  // namespace
}  // namespace loadgen
