// The Node peer (tests/peers/node): started like hustle-server, on the same database.
#pragma once

#include <string>

#include "loadgen/environment/children.h"

namespace loadgen::bench {

struct NodePeer {
  Child process;
  std::string target;
};

struct NodeOptions {
  std::string database, processor, certs_url, webhook_secret, log_file;
  int workers = 1;  // processes; the pool of 20 connections is divided between them
};

// Empty when the peer can be started: Node 20 is here and its packages are, or could be, installed (`npm ci`,
// once). Otherwise why not, one line.
std::string why_no_node(const std::string& log_file);

// Throws EnvironmentError 3 when it does not get ready.
NodePeer start_node(const NodeOptions& options);

}  // namespace loadgen::bench
