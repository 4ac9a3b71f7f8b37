// Helpers to watch processes die.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace test {

bool alive(pid_t pid);                              // exists and is no zombie
bool soon(const std::function<bool()>& condition);  // asked every 5 ms, for at most 10 s
std::vector<pid_t> children_of(pid_t parent);       // running ones
std::vector<std::string> arguments_of(pid_t pid);   // its command line; empty when it is gone

// A process of ours, forked: runs `body`, which may tell one line. Killed at the end.
class Parent {
 public:
  explicit Parent(const std::function<void(const std::function<void(const std::string&)>& tell)>& body);
  ~Parent();
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  const std::string& told() const { return told_; }
  void kill_hard() const;

 private:
  pid_t pid_ = -1;
  std::string told_;
};

}  // namespace test
