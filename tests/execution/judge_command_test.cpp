// `hustle judge` over tests/histories and over the example of docs/histories.md.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

namespace {

const std::string kRoot = HUSTLE_SOURCE_DIR;

struct Said {
  int code = -1;
  std::string text;  // both streams
};

Said judge(const std::string& arguments) {
  Said said;
  std::FILE* pipe = popen((HUSTLE_BINARY " judge " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return said;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) said.text.append(buffer, n);
  const int status = pclose(pipe);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return said;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct TempFile {
  explicit TempFile(const std::string& text) : path("/tmp/hustle-judge-XXXXXX") {
    close(mkstemp(path.data()));
    std::ofstream(path) << text;
  }
  ~TempFile() { std::remove(path.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  std::string path;
};

TEST(JudgeCommand, SaysOkForEachHistoryOfAFile) {
  const Said said = judge(kRoot + "/tests/histories/good.jsonl");
  EXPECT_EQ(said.code, 0);
  EXPECT_NE(said.text.find("history 1 (case 1, 8 operations): ok"), std::string::npos) << said.text;
  EXPECT_NE(said.text.find("history 2 (case 2, 9 operations): ok"), std::string::npos) << said.text;
}

TEST(JudgeCommand, TellsWhyNothingFits) {
  const Said said = judge(kRoot + "/tests/histories/bad.jsonl");
  EXPECT_EQ(said.code, 1);
  for (const std::string part :
       {"violation", "longest legal prefix (8 of the 9", "fits nowhere", "its escrow RELEASED",
        "escrow.refund(escrow 0) began at 1.210 s", "expected: HX002", "observed: 200 escrow REFUNDED"}) {
    EXPECT_NE(said.text.find(part), std::string::npos) << part << "\n" << said.text;
  }
}

TEST(JudgeCommand, NeverSaysOkBecauseTheBudgetEnded) {
  const Said said = judge(kRoot + "/tests/histories/unknown.jsonl --states 5000");
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.text.find("unknown"), std::string::npos) << said.text;
  EXPECT_EQ(judge(kRoot + "/tests/histories/unknown.jsonl --time 20ms").code, 4);
}

TEST(JudgeCommand, JudgesTheExampleOfTheDocument) {
  std::istringstream page(content(kRoot + "/docs/histories.md"));
  std::string example;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      inside = line == "```json";
    } else if (inside) {
      example += line + "\n";
    }
  }
  const Said said = judge(TempFile(example).path);
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_NE(said.text.find("4 operations): ok"), std::string::npos) << said.text;
}

TEST(JudgeCommand, NamesLineAndFieldOfABadFile) {
  const std::string good = content(kRoot + "/tests/histories/bad.jsonl");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, std::string> kCases[]{
      {"", "line 1: expected the header of a history"},
      {"hello\n", "line 1: expected a JSON object"},
      {with("\"hustle_history\": 1", "\"hustle_history\": 7"), "line 1: hustle_history"},
      {with("\"tasks\": 2", "\"tasks\": -2"), "line 1: slots.tasks"},
      {with("\"lane\": 2", "\"lane\": \"two\""), "line 4: lane"},
      {with("\"task.accept\"", "\"task.grab\""), "line 6: action"},
      {with("\"action\": \"proof.submit\"", "\"action\": \"proof.submit\", \"photo\": 3"),
       "line 7: command.photo: unknown field"},
      {with("\"returned_us\": 1213000", "\"returned_us\": 3"), "line 10: returned_us"},
      {with("{\"escrow\": \"REFUNDED\"}", "{\"escrow\": \"GONE\"}"), "line 10: escrow"}};
  for (const auto& [text, complaint] : kCases) {
    const TempFile file(text);
    const Said said = judge(file.path);
    EXPECT_EQ(said.code, 2) << complaint;
    EXPECT_NE(said.text.find(complaint), std::string::npos) << complaint << "\n" << said.text;
    EXPECT_EQ(std::count(said.text.begin(), said.text.end(), '\n'), 1) << said.text;
  }
  EXPECT_EQ(judge("/nowhere/history.jsonl").code, 2);
}

}  // namespace
