// Generated mutants: one small edit each, drawn by seed, and every one of them applies.
#include "loadgen/campaign/generate_mutants.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

namespace {

using loadgen::Mutant;

const std::string root = HUSTLE_SOURCE_DIR;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_after(std::string_view line) {
  std::vector<std::string> lines;
  for (const loadgen::LineEdit& edit : loadgen::edits_of_line(line)) lines.push_back(edit.line);
  return lines;
}

TEST(Generated, EditsAreSmallAndOfRulesOnly) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines_after("    IF a <= 5 THEN"), (Lines{"    IF a < 5 THEN", "    IF false THEN",
                                                      "    IF NOT (a <= 5) THEN", "    IF a <= 6 THEN"}));
  EXPECT_EQ(lines_after(" x AND y -- 7"), (Lines{" x OR y -- 7"}));
  EXPECT_EQ(lines_after(" WHERE s IN ('OPEN', 'ACCEPTED') FOR UPDATE;"),
            (Lines{" WHERE s IN ('OPEN', 'ACCEPTED');", " WHERE s IN ('ACCEPTED') FOR UPDATE;"}));
  EXPECT_EQ(lines_after("    PERFORM api.log();"), (Lines{"    NULL;"}));
  EXPECT_EQ(lines_after("-- a <= 5"), Lines{});
  EXPECT_EQ(lines_after("    name VARCHAR(50),"), Lines{});
  EXPECT_EQ(lines_after(" x := j->>'a' || b"), Lines{});
  EXPECT_EQ(lines_after(" x BETWEEN y AND z"), Lines{});
}

TEST(Generated, FollowFromTheSeedAndApply) {
  const std::string folder = root + "/reference_server";
  const std::vector<Mutant> mutants = loadgen::generate_mutants(folder, 80, 7);
  ASSERT_EQ(mutants.size(), 80U);
  std::set<std::string> ids;
  std::map<std::string, int> files;
  for (const Mutant& mutant : mutants) {
    ids.insert(mutant.id);
    const loadgen::Edit& edit = mutant.edits.at(0);
    EXPECT_LE(++files[edit.file], 2) << edit.file;
    const std::string text = contents(folder + "/" + edit.file);
    EXPECT_NE(loadgen::edited(text, edit), text) << mutant.id;
  }
  EXPECT_EQ(ids.size(), mutants.size());
  EXPECT_EQ(loadgen::generate_mutants(folder, 80, 7).back().id, mutants.back().id);
  EXPECT_NE(loadgen::generate_mutants(folder, 80, 8).back().id, mutants.back().id);
  EXPECT_THROW(loadgen::generate_mutants("/nowhere", 1, 1), std::runtime_error);
}

}  // namespace
