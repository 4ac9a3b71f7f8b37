// A story: calls written down one by one with everything that they carry, instead of drawn. It is what a
// finding becomes before it is made smaller: a call can be left out without shifting the meaning of the
// others.
//
// As choices (scenario "story"): the first blocks list the people, then every block is one call, its fields
// in the order of a table (story.cpp); 0 of a block's first value ends the story. Every sequence is legal
// here too.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "sim/plan.h"

namespace sim {

struct Stage;

inline constexpr std::string_view kStoryScenario = "story";

struct Call {
  model::Command command;
  model::Millis at = 0;   // after the story's first call; a call is never earlier than the one before it
  bool together = false;  // sent at the same moment as the call before it
  bool operator==(const Call&) const = default;
};

struct Story {
  std::vector<model::User> people;  // as they are at the start
  std::vector<Call> calls;
  bool operator==(const Story&) const = default;
};

// The plan's calls. Its start must not hold more than people without progress.
Story story_of(const Plan& plan);

std::vector<std::uint32_t> choices_of(const Story& story);
Story story_from(const std::vector<std::uint32_t>& choices);

// Whether story_of(plan), written as choices and interpreted again, gives the same calls: not so when a call
// carries something that the table does not know.
bool can_be_told(const Plan& plan);

// Interprets choices as a story; calls that would fill a slot twice are left out.
void play_story(Stage& stage);

// Only the calls with these positions, ascending. What was sent together stays together.
Story with_calls(const Story& story, const std::vector<std::size_t>& kept);

// By the rules, for each call in the order of the story: whether it changes anything.
std::vector<bool> effects_of(const Story& story);

}  // namespace sim
