// One running environment and the people on it: what every test of the reference server over HTTP needs.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"
#include "net/client.h"

namespace server_tests {

using Json = nlohmann::json;

struct Reply {
  int status = 0;
  net::Headers headers;
  Json body;

  Json data() const;       // of a success; fails the test for a refusal
  std::string hx() const;  // error.data.hx, "" for a success
  std::string field() const;
};

struct Task {
  std::string id, escrow, intent, proof;
};

class Stage {
 public:
  explicit Stage(bool test_clock = true, std::vector<std::string> server_flags = {});

  loadgen::Environment& environment() { return environment_; }
  std::string token(const std::string& uid, const std::string& flavour = "valid");
  std::string sql(const std::string& query);  // first column of the first row, "" for none
  Json control(const std::string& method, const std::string& path, const Json& body = nullptr);

  // GET or POST as the contract says. `extra` are header names and values; an empty uid sends no credential.
  Reply call(const std::string& procedure, const Json& input, const std::string& uid,
             const std::vector<std::pair<std::string, std::string>>& extra = {});
  Reply send(const net::Request& request);  // to the server, on a connection of its own
  net::Request request_of(const std::string& procedure, const Json& input, const std::string& uid,
                          const std::vector<std::pair<std::string, std::string>>& extra = {});

  // Delivers this type of event for the task's escrow; the status of the answer.
  int deliver(const Task& task, const std::string& type, const std::string& flavour = "genuine");
  int confirm(const Task& task, const std::string& card);  // at the processor; the status of its answer
  Json books(const Task& task);
  Json drain_outbox();  // {"pending":n}

  // A task of `poster` in the named state, driven there through the API.
  Task open(const std::string& poster, int price = 5000, Json more = Json::object());
  Task paid_intent(const std::string& poster,
                   int price = 5000);  // confirmed at the processor, event not delivered
  Task funded(const std::string& poster, int price = 5000, Json more = Json::object());
  Task accepted(const std::string& poster, const std::string& worker, int price = 5000);
  Task submitted(const std::string& poster, const std::string& worker, int price = 5000);
  Task reviewed(const std::string& poster, const std::string& worker, int price = 5000);
  Task completed(const std::string& poster, const std::string& worker, int price = 5000);
  // Uploads `count` photos (kinds as moving asks for them: before first, after last; captured just now) and
  // gives the input of task.submitProof with a fix at the default place.
  Json submission(const Task& task, const std::string& worker, int count = 2);
  std::string disputed(Task& task, const std::string& worker);  // id of the dispute; `task` is submitted

  std::string person(const std::string& role);  // a fresh uid with its row; "worker" has a payout account,
                                                // "admin" may resolve disputes and override escrows

 private:
  void pay(Task& task, const std::string& poster);
  loadgen::Environment environment_;
  int people_ = 0;
};

// One environment for all tests of this executable that do not ask for their own.
Stage& shared_stage();

std::string iso_in(std::chrono::seconds from_now);
std::int64_t now_ms();

}  // namespace server_tests
