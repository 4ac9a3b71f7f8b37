// The page's files as CMake embedded them (embed.cmake), so that the binary needs no source folder.
#pragma once

#include <string_view>

namespace reports {

extern const std::string_view kPageHtml;  // with @STYLE@, @SCRIPT@, @TITLE@ and @DATA@ once each
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;  // of a gate's run
extern const std::string_view kLoadScript;  // of a load run

}  // namespace reports
