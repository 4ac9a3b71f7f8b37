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
            (Lines{" WHERE s IN ('OPEN', 'ACCEPTED');", " WHERE s IN ('ACCEPTED') FOR UPDATE;",
                   " WHERE s IN ('ACCEPTED', 'ACCEPTED') FOR UPDATE;",
                   " WHERE s IN ('OPEN', 'PROOF_SUBMITTED') FOR UPDATE;"}));
  EXPECT_EQ(lines_after(" WHERE a AND b ORDER BY c DESC LIMIT n);"),
            (Lines{" WHERE a OR b ORDER BY c DESC LIMIT n);", " WHERE a ORDER BY c DESC LIMIT n);",
                   " WHERE a AND b LIMIT n);", " WHERE a AND b ORDER BY c LIMIT n);"}));
  EXPECT_EQ(lines_after("UPDATE t SET a = b, c = d WHERE e;"),
            (Lines{"UPDATE t SET a = b WHERE e;", "NULL;"}));
  EXPECT_EQ(lines_after(" f(a, b.c, d), coalesce(x, y)"),
            (Lines{" f(b.c, a, d), coalesce(x, y)", " f(a, b.c, d), coalesce(y, x)", " f(a, b.c, d), (x)"}));
  EXPECT_EQ(lines_after(" RETURN true;"), (Lines{" RETURN false;"}));
  EXPECT_EQ(lines_after("    PERFORM api.log();"), (Lines{"    NULL;"}));
  EXPECT_EQ(lines_after("-- a <= 5"), Lines{});
  EXPECT_EQ(lines_after("    name VARCHAR(50),"), Lines{});
  EXPECT_EQ(lines_after(" x := j->>'a' || b"), Lines{});
  EXPECT_EQ(lines_after(" x BETWEEN y AND z"), Lines{});
}

std::vector<std::string> source_after(std::string_view line) {
  std::vector<std::string> lines;
  for (const loadgen::LineEdit& edit : loadgen::edits_of_source_line(line)) lines.push_back(edit.line);
  return lines;
}

TEST(Generated, EditsOfCppAreSmall) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(source_after("  if (a < 5) return true;"),
            (Lines{"  if (a <= 5) return true;", "  if (a < 5) return false;", "  if (a < 6) return true;",
                   "  if (false && (a < 5)) return true;", "  if (!(a < 5)) return true;"}));
  EXPECT_EQ(source_after("  outbox.wake();"), (Lines{"  ;"}));
  EXPECT_EQ(source_after("  x = y ? a : b;"), (Lines{"  ;", "  x = y ? b : a;"}));
  EXPECT_EQ(source_after("  call(a, b.c);"), (Lines{"  ;", "  call(b.c, a);"}));
  EXPECT_EQ(source_after("  // a < 5"), Lines{});
  EXPECT_EQ(source_after("#include <map>"), Lines{});
  EXPECT_EQ(source_after("  return \"a < 5\";"), Lines{});
}

TEST(Generated, AnswersAreToldAsAnotherValueOfTheirType) {
  const auto edits = loadgen::edits_of_answers(
      "  jsonb_build_object('id', t.id, 'name', CASE WHEN a THEN f(b, c) END, 'kind', 'x')");
  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0].what, "another answer: id");
  EXPECT_TRUE(edits[0].line.starts_with("  jsonb_build_object('id', (SELECT CASE")) << edits[0].line;
  EXPECT_TRUE(edits[0].line.contains("to_jsonb(t.id) AS told")) << edits[0].line;
  EXPECT_TRUE(edits[1].line.contains("to_jsonb(CASE WHEN a THEN f(b, c) END) AS told")) << edits[1].line;
  EXPECT_TRUE(edits[1].line.ends_with(" AS answered), 'kind', 'x')")) << edits[1].line;
  EXPECT_TRUE(loadgen::edits_of_answers("-- 'id', t.id)").empty());
  EXPECT_TRUE(loadgen::edits_of_answers("  'description', t.description").empty());  // ends who knows where
  EXPECT_GT(loadgen::generate_mutants(root + "/reference_server", 1000, 7, loadgen::Drawn::answers).size(),
            200U);
}

TEST(Generated, SourcesAreDrawnOnlyWhenAskedFor) {
  const std::string folder = root + "/reference_server";
  const auto sources = loadgen::generate_mutants(folder, 30, 7, loadgen::Drawn::source);
  ASSERT_EQ(sources.size(), 30U);
  for (const Mutant& mutant : sources) EXPECT_EQ(mutant.kind, loadgen::MutantKind::source) << mutant.id;
  for (const Mutant& mutant : loadgen::generate_mutants(folder, 80, 7))
    EXPECT_NE(mutant.kind, loadgen::MutantKind::source) << mutant.id;
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
