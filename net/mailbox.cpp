#include "net/mailbox.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace net {

Mailbox::Mailbox() : bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (bell_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}
Mailbox::~Mailbox() {
  ::close(bell_);
}

void Mailbox::ring() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(bell_, &one, sizeof one);
}

void Mailbox::deliver(ConnectionKey to, Response response) {
  if (owner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    own_answers.push_back({to, std::move(response)});
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    answers_.push_back({to, std::move(response)});
    if (answers_.size() > 1) return;  // the bell has rung for the first one
  }
  ring();
}

void Mailbox::adopt(int socket) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      sockets_.push_back(socket);
      socket = -1;
    }
  }
  if (socket >= 0) ::close(socket);
  ring();
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void Mailbox::take(std::vector<Delivery>& answers, std::vector<int>& sockets) {
  std::uint64_t rung = 0;
  [[maybe_unused]] const auto read = ::read(bell_, &rung, sizeof rung);
  const std::lock_guard lock(mutex_);
  for (Delivery& each : answers_) answers.push_back(std::move(each));
  answers_.clear();
  sockets.swap(sockets_);
}

}  // namespace net
