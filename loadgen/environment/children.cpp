#include "loadgen/environment/children.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>

#include "loadgen/environment/error.h"

extern char** environ;

namespace loadgen {

using Milliseconds = std::chrono::milliseconds;

std::optional<Account> find_account(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return Account{found->pw_uid, found->pw_gid};
}

std::string Exit::text() const {
  return signal == 0 ? "exit code " + std::to_string(code) : "killed by signal " + std::to_string(signal);
}

struct Child::State {
  explicit State(ChildOptions given) : options(std::move(given)) {}
  ~State() {
    if (keeper.joinable()) keeper.join();
    if (output >= 0) close(output);
  }

  ChildOptions options;
  pid_t pid = -1;
  int output = -1;     // read end of its stdout
  std::string unread;  // of its stdout, after the last whole line
  std::thread keeper;
  mutable std::mutex mutex;
  std::condition_variable ended;
  std::optional<Exit> exit;  // set before the pid is reaped, so a signal never hits a recycled pid
};

namespace {

// Everything the new process needs between fork and exec, made before the fork: after it only
// async-signal-safe calls are allowed, since other threads' locks may be held for ever.
struct Launch {
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  int input = -1, output = -1, log = -1;
  int report = -1;  // write end of the pipe that tells why exec failed
  pid_t parent = 0;
  std::optional<Account> account;
  int parent_death_signal = 0;
};

[[noreturn]] void become(const Launch& launch) {
  const auto fail = [&] {
    const int reason = errno;
    if (write(launch.report, &reason, sizeof reason) < 0) _exit(126);
    _exit(127);
  };
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(number, SIG_DFL);
  if (dup2(launch.input, 0) < 0 || dup2(launch.output, 1) < 0) fail();
  if (launch.log >= 0 && dup2(launch.log, 2) < 0) fail();
  if (launch.account) {
    const Account& account = *launch.account;
    // Our working directory may be closed to it.
    if (chdir("/") != 0 || setgroups(1, &account.group) != 0 || setgid(account.group) != 0 ||
        setuid(account.user) != 0)
      fail();
  }
  // After setuid, which clears it; kept across exec. The parent may have died before: then nobody would tell
  // us.
  if (launch.parent_death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, launch.parent_death_signal);
    if (getppid() != launch.parent) _exit(125);
  }
  // Everything of ours that was opened without O_CLOEXEC (by a library, say) ends here; the report pipe ends
  // by exec.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execve(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  fail();
  _exit(127);
}

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw EnvironmentError(3, "no file descriptor left for a pipe");
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    if (read >= 0) close(read);
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_write() {
    if (write >= 0) close(write);
    write = -1;
  }
};

struct File {
  int number = -1;
  ~File() {
    if (number >= 0) close(number);
  }
};

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : added) replaced = replaced || key == name;
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [key, value] : added) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Child::Child(ChildOptions options) : state_(std::make_unique<State>(std::move(options))) {
  State& state = *state_;
  const ChildOptions& wanted = state.options;
  Launch launch;
  std::vector<std::string> arguments = wanted.command;
  launch.arguments = pointers(arguments);
  launch.environment_text = merged_environment(wanted.environment);
  launch.environment = pointers(launch.environment_text);
  launch.account = wanted.account;
  launch.parent_death_signal = wanted.parent_death_signal;
  launch.parent = getpid();

  const File nothing{open("/dev/null", O_RDWR | O_CLOEXEC)};
  File log;
  if (!wanted.log_file.empty()) {
    log.number = open(wanted.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log.number < 0) throw EnvironmentError(3, "cannot write the log " + wanted.log_file);
  }
  Pipe output;
  Pipe report;
  launch.input = wanted.input >= 0 ? wanted.input : nothing.number;
  launch.output = wanted.output >= 0 ? wanted.output : output.write;
  launch.log = log.number;
  launch.report = report.write;

  std::condition_variable forked;
  bool done = false;
  state.keeper = std::thread([&launch, &forked, &done, &state] {
    const pid_t pid = fork();
    if (pid == 0) become(launch);
    {
      const std::lock_guard lock(state.mutex);
      state.pid = pid;
      done = true;
      forked.notify_one();  // under the lock: the waiter owns `forked` and may leave right after it
    }
    if (pid < 0) return;
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    const std::lock_guard lock(state.mutex);
    const bool by_itself = info.si_code == CLD_EXITED;
    state.exit = Exit{by_itself ? info.si_status : 0, by_itself ? 0 : info.si_status};
    waitpid(pid, nullptr, 0);
    state.ended.notify_all();
  });
  {
    std::unique_lock lock(state.mutex);
    forked.wait(lock, [&] { return done; });
  }
  if (state.pid < 0) throw EnvironmentError(3, "no process left to start " + wanted.command[0]);

  output.close_write();
  report.close_write();
  int reason = 0;
  ssize_t got = 0;
  while ((got = read(report.read, &reason, sizeof reason)) < 0 && errno == EINTR) {
  }
  if (got == sizeof reason) {
    throw EnvironmentError(3, "cannot start " + wanted.command[0] + ": " + std::strerror(reason));
  }
  state.output = output.read;
  output.read = -1;
}

Child::~Child() {
  if (state_) terminate(Milliseconds{2000});
}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    if (state_) terminate(Milliseconds{2000});
    state_ = std::move(other.state_);
  }
  return *this;
}

pid_t Child::pid() const {
  return state_->pid;
}
const ChildOptions& Child::options() const {
  return state_->options;
}

std::optional<std::string> Child::read_line(Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (const auto end = state_->unread.find('\n'); end != std::string::npos) {
      std::string line = state_->unread.substr(0, end);
      state_->unread.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd waiting{state_->output, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char buffer[4096];
    const ssize_t got = read(state_->output, buffer, sizeof buffer);
    if (got <= 0) return std::nullopt;
    state_->unread.append(buffer, static_cast<std::size_t>(got));
  }
}

std::optional<Exit> Child::exited() const {
  const std::lock_guard lock(state_->mutex);
  return state_->exit;
}

std::optional<Exit> Child::wait(Milliseconds timeout) {
  std::unique_lock lock(state_->mutex);
  state_->ended.wait_for(lock, timeout, [&] { return state_->exit.has_value(); });
  return state_->exit;
}

void Child::signal(int number) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->exit) kill(state_->pid, number);
}

Exit Child::terminate(Milliseconds grace, int number) {
  signal(number);
  if (const auto exit = wait(grace)) return *exit;
  return kill_hard();
}

Exit Child::kill_hard() {
  signal(SIGKILL);
  std::unique_lock lock(state_->mutex);
  state_->ended.wait(lock, [&] { return state_->exit.has_value(); });
  return *state_->exit;
}

void Child::restart() {
  kill_hard();
  ChildOptions same = state_->options;
  *this = Child(std::move(same));
}

std::string Child::log_tail(int lines) const {
  std::ifstream file(state_->options.log_file);
  std::deque<std::string> last;
  for (std::string line; std::getline(file, line);) {
    last.push_back(line);
    if (last.size() > static_cast<std::size_t>(lines)) last.pop_front();
  }
  std::string text;
  for (const std::string& line : last) text += (text.empty() ? "" : "\n") + line;
  return text;
}

void run_to_end(ChildOptions options, Milliseconds timeout) {
  Child child(std::move(options));
  const auto exit = child.wait(timeout);
  if (exit && exit->ok()) return;
  const std::string why = exit ? exit->text() : "not finished in " + std::to_string(timeout.count()) + " ms";
  const std::string tail = child.log_tail();
  throw EnvironmentError(3, child.options().command[0] + ": " + why + (tail.empty() ? "" : ": " + tail));
}

}  // namespace loadgen
