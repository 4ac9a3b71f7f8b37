// What only a server started with --test-clock serves: POST /test/jobs/<name> and POST /test/outbox/drain.
#pragma once

#include "net/server.h"
#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/outbox.h"

namespace server {

struct TestParts {
  Database& database;
  Outbox& outbox;
  Log& log;
};

// /test/jobs/task_expiry|review_timeout|transfer_retry: body {"task_ids":[uuid,…]}, answer {"changed":n}.
// /test/outbox/drain: answer {"pending":n}, the rows that could not be carried out yet.
void handle_test_request(const TestParts& parts, const net::Request& request, net::Reply reply);

}  // namespace server
