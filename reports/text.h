// Text that a stranger's server may have written, made fit for a terminal, XML, Markdown and JSON.
// All functions take any bytes; what is not UTF-8 becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reports {

std::string clean_utf8(std::string_view bytes);

// Valid inside an element or a double-quoted attribute; characters that XML 1.0 does not know are left out,
// so that no reader refuses the file (protocols.md §8.2). Line breaks become &#10; in an attribute.
std::string xml_text(std::string_view bytes);
std::string xml_attribute(std::string_view bytes);

std::string markdown_text(std::string_view bytes);  // one line, nothing in it is markup, fits a table cell

// One line for a terminal: control characters, escape sequences included, become spaces.
std::string plain_line(std::string_view bytes);
std::size_t width(std::string_view utf8);                        // characters; nothing here is double wide
std::string cut(std::string_view utf8, std::size_t characters);  // ends with "…" when something was cut
std::vector<std::string> wrap(std::string_view utf8, std::size_t characters);  // at spaces where possible
std::string pad(std::string_view utf8, std::size_t characters);                // with spaces on the right

std::string without_passwords(std::string_view text);  // "postgresql://me:…@host": reports are shared

std::string grouped(std::uint64_t number);                       // 41,237
std::string duration_text(std::int64_t micros);                  // "870 µs", "12.4 ms", "1.25 s", "48.0 h"
std::string plural(std::uint64_t n, std::string_view singular);  // "1 rule", "2 rules"

}  // namespace reports
