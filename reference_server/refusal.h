// A refusal: the value that a request gets instead of an answer. Trouble with machines is an exception
// instead.
#pragma once

#include <string>
#include <utility>

#include "model/vocabulary/codes.h"

namespace server {

struct Refusal {
  model::Code code = model::Code::internal_error;
  std::string field;    // first bad input field, empty when the refusal is not about one
  std::string message;  // empty: the sentence of codes.h

  std::string text() const { return message.empty() ? std::string(model::facts(code).sentence) : message; }
};

inline Refusal refuse(model::Code code, std::string field = {}, std::string message = {}) {
  return {code, std::move(field), std::move(message)};
}

}  // namespace server
