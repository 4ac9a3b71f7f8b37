// The payment processor's API as far as the money core calls it (protocols.md §3.1). Every call carries an
// idempotency key, so repeating one is harmless.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/client.h"

namespace server {

struct ProcessorAnswer {
  bool done = false;
  std::string id;             // of the object made, when done
  std::string client_secret;  // payment intents only
  std::string code;           // error code of the processor, or "unreachable"
  std::string message;
  bool again = false;  // worth another try: unreachable, rate limited, 5xx, key in use
  bool burnt = false;  // this key will only ever answer this error (a stored failure, other parameters)
};

struct Parties {  // travels as metadata
  std::string escrow_id;
  std::string task_id;
  std::string user_id;  // poster of a payment, worker of a transfer, empty otherwise
};

class Processor {  // one connection, one thread at a time
 public:
  Processor(const net::Url& base, std::string key);

  ProcessorAnswer create_intent(const Parties& parties, std::int64_t cents, const std::string& key);
  ProcessorAnswer transfer(const Parties& parties, std::int64_t cents, const std::string& account,
                           const std::string& key);
  ProcessorAnswer refund(const Parties& parties, std::int64_t cents, const std::string& intent,
                         const std::string& key);
  // An intent that is already cancelled or paid counts as done: a late capture is the webhook's business.
  ProcessorAnswer cancel_intent(const std::string& intent, const std::string& key);

 private:
  using Form = std::vector<std::pair<std::string, std::string>>;
  // The processor keeps failures under their key for good. Such a key is burnt: unless `listing` (a path that
  // lists what exists for this escrow) shows that the object was made after all, the call goes on under
  // "<key>:2", and so on. Every process walks the same keys in the same order, so no two of them can move
  // money under different keys.
  ProcessorAnswer perform(const std::string& path, const Form& form, const std::string& key,
                          const std::string& listing, const std::string& escrow_id);
  // Up to three attempts with the same key and a short pause between them.
  ProcessorAnswer post(const std::string& path, const Form& form, const std::string& key);
  ProcessorAnswer send(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& key);
  ProcessorAnswer find(const std::string& listing, const std::string& escrow_id);
  net::Connection connection_;
  std::string base_path_;
  std::string key_;
};

// Lends connections to the worker threads.
class Processors {
 public:
  Processors(net::Url base, std::string key) : base_(std::move(base)), key_(std::move(key)) {}
  ProcessorAnswer with(const std::function<ProcessorAnswer(Processor&)>& call);
  std::unique_ptr<Processor> make() const { return std::make_unique<Processor>(base_, key_); }

 private:
  net::Url base_;
  std::string key_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Processor>> free_;
};

}  // namespace server
