// Child processes that never outlive us: each dies when this process dies, on SIGKILL too.
//
// The kernel ties "parent died" (PR_SET_PDEATHSIG) to the *thread* that forked. So every child has a keeper
// thread of its own, which forks, then waits for the child's end; a child may be started from any thread,
// short-lived or not.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loadgen {

// A Unix account to drop to before exec; only root may.
struct Account {
  uid_t user = 0;
  gid_t group = 0;
};
std::optional<Account> find_account(const std::string& name);

struct ChildOptions {
  std::vector<std::string> command;  // argv; command[0] is the path of the program
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string log_file;               // stderr is appended to it; empty: stderr is inherited
  int input = -1;                     // stdin; -1: /dev/null. Stays the caller's to close
  int output = -1;                    // stdout; -1: a pipe for read_line()
  std::optional<Account> account;     // run as
  int parent_death_signal = SIGKILL;  // sent by the kernel when we die; 0: it survives us
};

struct Exit {
  int code = 0;    // valid when signal is 0
  int signal = 0;  // 0: it exited by itself
  bool ok() const { return code == 0 && signal == 0; }
  std::string text() const;  // "exit code 3" or "killed by signal 9"
};

class Child {
 public:
  // Starts it in a session of its own (Ctrl-C in our terminal does not reach it: we end it in our order),
  // with no open file of ours but stdin, stdout and stderr. Throws EnvironmentError 3 when the program cannot
  // be executed.
  explicit Child(ChildOptions options);
  ~Child();  // terminate() with a grace of 2 s
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;

  pid_t pid() const;
  const ChildOptions& options() const;

  // The next line of its stdout; nullopt when it ended or the time is over before a whole line came.
  std::optional<std::string> read_line(std::chrono::milliseconds timeout);

  std::optional<Exit> exited() const;  // nullopt while it runs
  std::optional<Exit> wait(std::chrono::milliseconds timeout);
  void signal(int number);  // nothing happens once it has ended
  // Asks, then kills after the grace. Both return how it ended and may be called when it has ended already.
  Exit terminate(std::chrono::milliseconds grace, int number = SIGTERM);
  Exit kill_hard();
  void restart();  // kill_hard(), then the same command again

  std::string log_tail(int lines = 5) const;  // the last lines of log_file, "" without one

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs a command to its end. Throws EnvironmentError 3 when it does not end with 0 in time; the message has
// the last lines of its log_file.
void run_to_end(ChildOptions options, std::chrono::milliseconds timeout);

}  // namespace loadgen
