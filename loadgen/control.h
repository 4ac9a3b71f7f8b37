// The control interface and the client's side of the fake providers. One connection, one thread at a time.
// Every call throws std::runtime_error with one line when the providers answer nothing or something else.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/command.h"
#include "net/client.h"

namespace loadgen {

struct Envelope {  // a webhook as the processor would send it
  std::string body;
  std::optional<std::string> signature;
};

struct StoreObject {
  std::string key, content_type, bytes;
};

class Control {
 public:
  explicit Control(const std::string& providers);

  void deliver_manually();
  void deliver_by_itself();  // each event right away, without faults
  std::vector<std::string> tokens(const std::vector<std::string>& uids, std::string_view flavour);
  std::vector<std::string> accounts(std::size_t count);

  // nullopt: the processor has no such event (yet).
  std::optional<std::string> payment_event(const std::string& intent, model::EventType type);
  std::optional<std::string> transfer_event(const std::string& escrow);
  std::string synthetic_event();
  Envelope envelope(const std::string& event, model::EventFlavour flavour);

  // The object store: objects without a client, an upload as a client makes it (its status; 0: no answer),
  // and the SHA-256 of what is stored (nullopt: nothing there).
  void put_objects(const std::vector<StoreObject>& objects);
  // `once`: with the header that makes the store refuse a second object.
  int upload(const std::string& url, const std::string& content_type, const std::string& bytes,
             bool once = true);
  std::vector<std::optional<std::string>> digests(const std::vector<std::string>& keys);
  // What the next `times` requests of a method meet, by its name in docs/providers.md; the store's clock.
  void store_trouble(std::string_view kind, std::string_view method, int times);
  void store_ahead(std::chrono::seconds ahead);

  // What the payer's client or the processor itself does; false: refused because of the intent's state.
  bool confirm(const std::string& intent);
  bool cancel(const std::string& intent);
  bool decline(const std::string& intent);  // the payer's card is refused; the intent may still be paid
  // The money of the escrow's living transfer comes back: its event's id; nullopt: there is no such transfer.
  std::optional<std::string> fail_transfer(const std::string& escrow);

 private:
  struct Reply;
  Reply send(std::string_view method, const std::string& target, std::string body,
             std::string_view content_type);
  net::Connection connection_;
  std::string base_;
};

}  // namespace loadgen
