#include "reports/page_fill.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/page_parts.h"
#include "reports/text.h"

namespace reports {

std::string script_safe(const nlohmann::ordered_json& data) {
  std::string out;
  for (const char c : data.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string fill_page(const std::string& title, std::string_view script, std::string data) {
  const std::array<std::pair<std::string_view, std::string>, 4> parts{{{"@TITLE@", xml_text(title)},
                                                                       {"@STYLE@", std::string(kPageStyle)},
                                                                       {"@SCRIPT@", std::string(script)},
                                                                       {"@DATA@", std::move(data)}}};
  // From left to right through the template, so that nothing inside a part is taken for a mark.
  std::string out;
  std::string_view rest = kPageHtml;
  while (!rest.empty()) {
    std::size_t at = rest.size();
    const std::pair<std::string_view, std::string>* next = nullptr;
    for (const auto& part : parts) {
      const std::size_t found = rest.find(part.first);
      if (found < at) at = found, next = &part;
    }
    out += rest.substr(0, at);
    if (next == nullptr) break;
    out += next->second;
    rest.remove_prefix(at + next->first.size());
  }
  return out;
}

}  // namespace reports
