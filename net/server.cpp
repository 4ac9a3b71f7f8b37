#include "net/server.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "net/listener.h"
#include "net/server_loop.h"

namespace net {

struct Server::Impl {
  ServerCore core;
  std::vector<std::unique_ptr<ServerLoop>> loops;
  std::vector<std::thread> threads;
  std::size_t next = 0;  // the first loop's: who gets the next connection
  std::uint16_t port = 0;
};

Server::Server(const ServerOptions& options, Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->core.options = options;
  impl_->core.handler = std::move(handler);
  auto& loops = impl_->loops;
  for (int i = 0; i < std::max(1, options.threads); ++i)
    loops.push_back(std::make_unique<ServerLoop>(impl_->core));
  const int listener = open_listener(options.address, options.port);
  impl_->port = port_of(listener);
  loops.front()->listen_on(listener, [&impl = *impl_](int socket) {
    impl.loops[impl.next]->adopt(socket);
    impl.next = (impl.next + 1) % impl.loops.size();
  });
  for (std::size_t i = 0; i < options.watches.size(); ++i)
    loops[i % loops.size()]->watch(impl_->core.options.watches[i]);
  for (auto& loop : loops) impl_->threads.emplace_back([&loop = *loop] { loop.run(); });
}

Server::~Server() {
  for (auto& loop : impl_->loops) loop->stop();
  for (auto& thread : impl_->threads) thread.join();
}

std::uint16_t Server::port() const {
  return impl_->port;
}

bool Server::drain(std::chrono::milliseconds limit) {
  ServerCore& core = impl_->core;
  core.draining = true;
  for (auto& loop : impl_->loops) loop->nudge();
  std::unique_lock lock(core.mutex);
  return core.finished.wait_for(lock, limit, [&core] { return core.live == 0; });
}

}  // namespace net
