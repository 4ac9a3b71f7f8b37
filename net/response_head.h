// The status line and headers of a server's answer as bytes.
#pragma once

#include <string>
#include <string_view>

#include "net/request.h"

namespace net {

std::string_view reason_phrase(int status);  // "" for a status without a registered phrase
bool has_no_body(int status);                // 204 and 304: neither body nor Content-Length

// Appends it, with the empty line. `old_version`: the client speaks HTTP/1.0 and must be told that the
// connection stays. A status outside 200..599 becomes 500; line breaks inside a value become spaces, so that
// data cannot forge headers.
void append_head(std::string& out, const Response& response, bool keep_alive, bool old_version);

}  // namespace net
