// Sockets of a server by their addresses.
#pragma once

#include <cstdint>
#include <string>

namespace net {

// A listening, non-blocking socket. Throws std::system_error that names address and port.
int open_listener(const std::string& address, std::uint16_t port);
std::uint16_t port_of(int socket);
std::string peer_text(int socket);  // the address at the other end, "" when it has gone

}  // namespace net
