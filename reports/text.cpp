#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace reports {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The next code point; malformed, overlong and surrogate sequences cost one byte and give kReplacement.
char32_t next(std::string_view in, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
  const unsigned char lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
  if (more == 0 || lead >= 0xf5 || at + static_cast<std::size_t>(more) > in.size()) return kReplacement;
  char32_t code = lead & (0x3f >> more);
  for (int i = 0; i < more; ++i) {
    const unsigned char c = byte(at + static_cast<std::size_t>(i));
    if ((c & 0xc0) != 0x80) return kReplacement;
    code = code << 6 | (c & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return kReplacement;
  at += static_cast<std::size_t>(more);
  return code;
}

void append(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
            static_cast<char>(0x80 | (code & 0x3f))};
  } else {
    out += {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3f)),
            static_cast<char>(0x80 | (code >> 6 & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
  }
}

template <class Visit>
std::string rewrite(std::string_view bytes, Visit visit) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) visit(out, next(bytes, at));
  return out;
}

bool legal_in_xml(char32_t c) {
  return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

void append_xml(std::string& out, char32_t c, bool attribute) {
  if (!legal_in_xml(c)) return;
  if (c == '&')
    out += "&amp;";
  else if (c == '<')
    out += "&lt;";
  else if (c == '>')
    out += "&gt;";  // also keeps "]]>" out of text
  else if (c == '"')
    out += "&quot;";
  else if (c == '\r' || (attribute && c < 0x20))
    out += fmt::format("&#{};", static_cast<unsigned>(c));
  else
    append(out, c);
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t bytes_of(std::string_view utf8, std::size_t characters) {
  std::size_t at = 0;
  for (; at < utf8.size(); ++at) {
    if (!continues(utf8[at]) && characters-- == 0) break;
  }
  return at;
}

}  // namespace

std::string clean_utf8(std::string_view bytes) {
  return rewrite(bytes, append);
}

std::string xml_text(std::string_view bytes) {
  return rewrite(bytes, [](std::string& out, char32_t c) { append_xml(out, c, false); });
}

std::string xml_attribute(std::string_view bytes) {
  return rewrite(bytes, [](std::string& out, char32_t c) { append_xml(out, c, true); });
}

std::string markdown_text(std::string_view bytes) {
  return rewrite(plain_line(bytes), [](std::string& out, char32_t c) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '@')
      out += "&#64;";  // mentions nobody
    else if (c < 0x80 &&
             std::string_view("\\`*_{}[]|#~!").find(static_cast<char>(c)) != std::string_view::npos) {
      out += {'\\', static_cast<char>(c)};
    } else
      append(out, c);
  });
}

std::string plain_line(std::string_view bytes) {
  return rewrite(bytes, [](std::string& out, char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
                         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    append(out, control ? U' ' : c);
  });
}

std::size_t width(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return !continues(c); }));
}

std::string cut(std::string_view utf8, std::size_t characters) {
  if (width(utf8) <= characters) return std::string(utf8);
  if (characters == 0) return "";
  return std::string(utf8.substr(0, bytes_of(utf8, characters - 1))) + "…";
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t characters) {
  characters = std::max<std::size_t>(characters, 8);
  std::vector<std::string> lines;
  while (width(utf8) > characters) {
    const std::size_t end = bytes_of(utf8, characters);
    const std::size_t space = utf8.rfind(' ', end);
    const bool at_space = space != std::string_view::npos && space >= end / 2;
    lines.emplace_back(utf8.substr(0, at_space ? space : end));
    utf8.remove_prefix(at_space ? space + 1 : end);
  }
  lines.emplace_back(utf8);
  return lines;
}

std::string pad(std::string_view utf8, std::size_t characters) {
  const std::size_t have = width(utf8);
  return std::string(utf8) + std::string(have < characters ? characters - have : 0, ' ');
}

std::string without_passwords(std::string_view text) {
  std::string out;
  for (std::size_t scheme = 0; (scheme = text.find("://")) != std::string_view::npos;) {
    const std::string_view rest = text.substr(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/ \t\n\"'"));
    const std::size_t at = authority.rfind('@'), colon = authority.find(':');
    out += text.substr(0, scheme + 3);
    if (at == std::string_view::npos || colon >= at) {
      out += authority;
    } else {
      out += fmt::format("{}:…{}", authority.substr(0, colon), authority.substr(at));
    }
    text = rest.substr(authority.size());
  }
  return out += text;
}

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string duration_text(std::int64_t micros) {
  const auto us = static_cast<double>(micros);
  if (micros < 1000) return fmt::format("{} µs", micros);
  if (micros < 1'000'000)
    return fmt::format("{:.{}f} ms", us / 1e3, micros < 10'000 ? 2 : micros < 100'000 ? 1 : 0);
  if (micros < 600'000'000) return fmt::format("{:.2f} s", us / 1e6);
  if (micros < 7'200'000'000) return fmt::format("{:.1f} min", us / 60e6);
  return fmt::format("{:.1f} h", us / 3600e6);
}

std::string plural(std::uint64_t n, std::string_view singular) {
  return fmt::format("{} {}{}", grouped(n), singular, n == 1 ? "" : "s");
}

}  // namespace reports
