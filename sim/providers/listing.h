// Lists of the processor: newest first, `limit` 1..100 (10), `starting_after` an id of the same list.
#pragma once

#include <algorithm>
#include <expected>
#include <string>
#include <vector>

#include "sim/providers/errors.h"
#include "sim/providers/params.h"
#include "sim/providers/render.h"

namespace sim::providers {

// `newest_first`: pointers to the objects that pass the filters.
template <class Object>
std::expected<std::string, StripeError> list_page(std::string_view url, const Params& params,
                                                  const std::vector<const Object*>& newest_first) {
  std::size_t limit = 10;
  if (const std::string* text = params.find("limit")) {
    const auto value = parse_integer(*text);
    if (!value || *value < 1 || *value > 100)
      return std::unexpected(invalid_parameter("limit", "This value must be between 1 and 100."));
    limit = static_cast<std::size_t>(*value);
  }
  auto at = newest_first.begin();
  if (const std::string* after = params.find("starting_after")) {
    at = std::ranges::find(newest_first, *after, [](const Object* object) { return object->id; });
    if (at == newest_first.end())
      return std::unexpected(no_such_parameter_object("object", *after, "starting_after"));
    ++at;
  }
  std::vector<std::string> rows;
  for (; at != newest_first.end() && rows.size() < limit; ++at) rows.push_back(render(**at));
  return render_list(url, rows, at != newest_first.end());
}

}  // namespace sim::providers
