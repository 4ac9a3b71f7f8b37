// Two calls at the same moment about one person, one key, one cap or the table of roles: who may meet whom,
// and what is left of a meeting. Facts; who holds them apart and judges is meetings_check.cpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "loadgen/side/safety_stage.h"

namespace loadgen {

using Call = std::function<std::string(SideClient&)>;  // answers what it was told

struct Asked {
  Call first, second;
  std::function<std::string()> look;  // the rows that are left, told in one line, without instants
  std::function<void()> undo = {};    // what reaches beyond the people of this meeting
};
struct Meeting {
  std::string name;
  std::function<Asked()> prepare;  // with new people of the same past every time
  bool alike = false;              // both do the same: one way round is as good as the other
};

// Who there is. The clock of `client` is that of the calls.
class Cast {
 public:
  explicit Cast(const SafetyStage& stage);
  const Person& next();  // nobody knows him

  const SafetyStage& stage;
  SideClient client;
  const model::Instant start;
  const SafetyPeople people;

 private:
  std::vector<std::vector<Person>> fresh_;  // stay where they are
  std::size_t used_ = 0;
};

Call asks(std::string_view procedure, const nlohmann::json& input, const Person& by);
// A call on the way, as `asks`; throws std::runtime_error when it is refused. Answers the member of its data.
std::string must_ask(Cast& cast, std::string_view procedure, const nlohmann::json& input, const Person& by,
                     const char* member = "/result/data/id");

std::vector<Meeting> meetings_of_people(Cast& cast);
std::vector<Meeting> meetings_of_records(Cast& cast);
std::vector<Meeting> meetings_of_proofs(Cast& cast);
std::vector<Meeting> meetings_of_the_marketplace(Cast& cast);

}  // namespace loadgen
