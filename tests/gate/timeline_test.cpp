#include "loadgen/campaign/timeline.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace {

TEST(Timeline, NotesWhatRunsAtTheSameTimeAndWhatBreaksOff) {
  loadgen::Timeline line;
  EXPECT_THROW(line.during("broken off", [] { throw std::runtime_error("gone"); }), std::runtime_error);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&] { line.during("beside", [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }); });
    }
  }
  const std::vector<loadgen::Phase> phases = line.phases();
  ASSERT_EQ(phases.size(), 5U);
  EXPECT_EQ(phases[0].name, "broken off");
  for (std::size_t i = 1; i < phases.size(); ++i) {
    EXPECT_EQ(phases[i].name, "beside");
    EXPECT_GE(phases[i].from_s, phases[0].from_s);
    EXPECT_GE(phases[i].took_s, 0.005);
  }
}

}  // namespace
