// Two calls about one task at the same moment (state-machines.md §5): who may meet whom, at which stage of a
// task's life, and what is left of a meeting. Facts; who holds them apart and judges is collision_check.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/control.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/signed_events.h"

namespace loadgen {

// Of the last three, `unreleased` and `unreturned` are what a backend leaves behind that stopped half way.
enum class Scenery : std::uint8_t {
  created,
  asked,
  funded,
  licensed,
  accepted,
  rejected,
  submitted,
  reviewed,
  disputed,
  paid,
  unreleased,
  unreturned
};
enum class By : std::uint8_t {
  poster,
  worker,
  rival,
  clerk,
  resolver,
  overrider,
  founder,
  banner,
  processor,
  clock
};

struct Act {
  Scenery at;
  std::string_view name;
  By by;
  std::string_view what;   // procedure; job of the clock; nothing for the processor's news
  std::string_view input;  // with $task, $escrow, … (Scene)
  model::Millis later = 0;
  // A caller's standing is that of the beginning of his call: somebody else may change it meanwhile.
  bool changes_standing = false;
  bool timely = false;  // too late when the clock has run as far as jobs need

  bool turns_a_switch() const { return what == "admin.setFreeze"; }
  bool about_all() const { return changes_standing || turns_a_switch(); }  // nothing to do with this task
};
std::span<const Act> all_acts();   // the main ones come first
std::span<const Act> main_acts();  // one for each thing that may happen

struct Scene {
  SideTask task;
  Person poster, worker, rival;
  std::string license;  // of the worker
  std::string photo;    // the key of a picture in the store
  std::string taken;    // its instant, as a caller says it
  std::string key;      // of an admin who moves money
  std::string news;     // what the processor has to tell; the body of its event
};

// `text` with the scene's ids in the place of $task, $escrow, $proof, $dispute, $poster, $rival, $license,
// $photo, $taken and $key.
std::string filled(std::string_view text, const Scene& scene);

// A picture of the task's worker in the store: its key.
std::string stored_photo(SideClient& client, Control& control, const Person& worker, const std::string& task,
                         const std::string& bytes);

class Scenes {
 public:
  explicit Scenes(const SafetyStage& stage);

  // Throws std::runtime_error with one line when a step on the way is refused.
  Scene make(Scenery scenery);
  // What is answered, so much later than the scene was made; safe to be called by two threads with clients of
  // their own.
  std::string perform(const Act& act, model::Millis later, const Scene& scene, SideClient& client) const;
  // The rows of the case, told in one line, without instants.
  std::string rows(const Scene& scene);
  // Undoes what reaches beyond the case, carries out what is owed, and tells rows and books.
  std::string settled(const Scene& scene, const Act& first, const Act& second);

 private:
  const Person& person(By by, const Scene& scene) const;
  SideTask licensed_task(const Scene& scene);
  void give_license(Scene& scene);
  void give_photo(Scene& scene);

  SideClient client_;
  Control control_;
  SafetyPeople people_;
  SignedEvents events_;
  std::size_t made_ = 0;
};

}  // namespace loadgen
