// Calls by hand on a side stage: for checks that say themselves what must be answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/control.h"
#include "loadgen/fixture.h"
#include "loadgen/side/side_log.h"
#include "model/vocabulary/instant.h"
#include "net/client.h"

namespace loadgen {

struct Reply {
  int status = 0;  // 0: no answer
  std::string hx;  // of a refusal, else empty
  std::string message;
  std::string body;
  net::Headers headers;
  std::chrono::steady_clock::time_point sent, received;

  bool ok() const { return status == 200; }
  std::string text(
      const char* pointer) const;  // "/result/data/id"; numbers and booleans as JSON; "" when missing
};

// Thrown by a call when the run is over: the check that made it ends where it stands.
struct SideStopped {};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

// How a reply reads in a finding: "ok", "409 CONFLICT FROZEN", "no answer".
std::string told(const Reply& reply);
// Without the word that tells why: "409 CONFLICT".
std::string code_told(const Reply& reply);
// Of a step that a check builds on. Throws std::runtime_error with one line unless it succeeded.
Reply must(Reply reply, std::string_view what);

// One connection to a server and one to the providers; one thread at a time.
class SideClient {
 public:
  // `log` outlives the client. `stop` is asked before every call; true: SideStopped.
  SideClient(const std::string& target, const std::string& database, const std::string& providers,
             SideLog& log, std::function<bool()> stop = {});
  ~SideClient();
  SideClient(SideClient&&) noexcept;

  model::Instant now;  // sent with every call

  // `input`: JSON text, empty for none. `token` empty: no credential.
  Reply call(std::string_view procedure, const std::string& input, const std::string& token,
             const HeaderLines& more = {});
  Reply post(const std::string& path, const std::string& body, const HeaderLines& more = {});
  Reply send(const net::Request& request);

  std::string sql(const std::string& statement);  // first column of the first row, "" for none; may write
  std::vector<std::string> tokens(const std::vector<std::string>& uids, std::string_view flavour = "valid");
  std::string tokens_claiming(const std::string& uid,
                              const std::string& claims);  // valid, with more claims (JSON)
  bool pay(const std::string& intent);  // at the processor, and its event is delivered here
  Reply deliver_payment(const std::string& intent);
  std::string books_of(const std::string& escrow);  // the processor's, as JSON text
  std::int64_t book(const std::string& escrow,
                    const char* what);  // "transferred", "refunded", "transfers", …
  void drain();                         // the outbox, as far as it may be carried out

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A task of `poster`, driven as far as asked; ids empty beyond.
struct SideTask {
  std::string id, escrow, intent, proof, dispute;
};
enum class Stop : std::uint8_t { created, asked, funded, accepted, submitted, reviewed, disputed };
// Throws std::runtime_error with one line when a call on the way is refused.
SideTask drive_task(SideClient& client, const Person& poster, const Person& worker, Stop until,
                    int price = 5000, std::string_view category = "errands");

// What a worker is offered of a task, by his feed and by the check: "shown, eligible", "hidden, not
// eligible".
std::string offered(SideClient& client, const Person& worker, const std::string& task);

std::string task_input(model::Instant now, int price, const std::string& title,
                       const std::string& description, std::string_view category = "errands");

}  // namespace loadgen
