// One PostgreSQL connection in pipeline mode: sends bundles of prepared statements, each bundle one
// transaction, and hands back what came of them, in order and after their commit. Blocks for connecting only.
// One thread. Helper of pipeline.h.
#pragma once

#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reference_server/database.h"
#include "reference_server/pipeline.h"

namespace server {

struct Query {
  Statement statement;
  std::vector<std::string> arguments;
  Pipeline::Answered answered;
  bool reads = false;
  bool alone = false;  // not to be bundled
  int attempt = 1;
  std::chrono::steady_clock::time_point first_failure{};
};

struct Finished {
  Query query;
  std::expected<std::string, DatabaseTrouble> text;
  bool undone = false;  // its bundle failed because of another statement: nothing has happened
};

struct LinkOptions {
  std::string url;
  std::chrono::milliseconds statement_timeout;
};

class Link {
 public:
  // Events of the socket carry this object's address. `made` is called, in another thread, when there may be
  // something for finish_connecting().
  Link(LinkOptions options, int epoll, std::function<void()> made);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool lost() const;  // noticed while sending: receive() tells
  bool ready();       // connected, as far as can be told without asking
  void connect();     // begins, in a thread of its own
  bool connecting() const { return attempt_ != nullptr; }
  // True once for every connect(), when it has ended: either it is ready() now, or `trouble` says why not.
  bool finish_connecting(std::string& trouble);
  std::size_t under_way() const { return bundles_.size(); }  // bundles
  void send(std::vector<Query> bundle);
  // Whatever is complete by now; all of it, as unknown outcomes, when the connection is gone. Call after
  // send() and whenever the socket has something.
  std::vector<Finished> receive();
  void close_if_idle(std::chrono::steady_clock::time_point now, std::chrono::milliseconds idle);

 private:
  struct Impl;
  struct Attempt;
  struct Sent {
    Finished finished;
    bool prepares = false;  // its preparation was sent before it and is not answered yet
    bool answered = false;
  };
  struct Bundle {
    std::vector<Sent> sent;
    std::size_t next = 0;  // whose answer comes next
    bool failed = false;
  };
  void take_result(void* result, std::vector<Finished>& out);
  void finish_bundle(std::vector<Finished>& out);
  void give_up(std::vector<Finished>& out);
  void flush();
  void close();
  LinkOptions options_;
  int epoll_;
  std::function<void()> made_;
  std::unique_ptr<Impl> impl_;  // null: not connected
  std::unique_ptr<Attempt> attempt_;
  std::set<std::string_view> prepared_;
  std::deque<Bundle> bundles_;
  std::chrono::steady_clock::time_point used_{};
  bool wants_to_write_ = false;
};

}  // namespace server
