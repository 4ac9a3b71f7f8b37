// Looks at the photos of stored proofs (proof-and-gps.md §8 step 10), on a thread of its own and outside any
// transaction: fetches the objects, decodes them, stores the copies that people are shown, and tells what it
// saw to api.inspection_store. Claim, look, store: a crash anywhere leaves a row that is due again after its
// lease.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "reference_server/biometrics.h"
#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/object_store.h"

namespace server {

struct InspectorOptions {
  std::string database_url;
  int proofs_per_claim = 8;
  std::chrono::milliseconds lease{30'000};
  std::chrono::milliseconds poll{1000};   // how often to look without being woken
  std::chrono::milliseconds pause{1000};  // before photos that could not be read are tried again
  std::optional<net::Url> biometrics{};   // absent: nobody is asked about faces
};

class Inspector {
 public:
  Inspector(InspectorOptions options, ObjectStore& store, Log& log);
  ~Inspector();  // finishes the proof at hand; others are due again after their lease
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  void wake();  // after a proof was stored

 private:
  void run();
  bool stopping();
  std::size_t pass(Session& session);             // proofs taken
  std::string scores_of(const std::string& key);  // of a photo, as JSON
  InspectorOptions options_;
  ObjectStore& store_;
  std::optional<Biometrics> biometrics_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
