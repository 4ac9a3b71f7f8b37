# cmake -DPAGE=reports -DOUT=page_parts.cpp -P embed.cmake: the page's files as C++ strings.
file(READ ${PAGE}/page.html html)
file(READ ${PAGE}/page.css style)
set(script "")
foreach(part page_base page_findings page_items page_coverage page_latency page)
  file(READ ${PAGE}/${part}.js text)
  string(APPEND script "${text}")
endforeach()
set(load "")
foreach(part page_base page_latency page_load page_load_time page_load_tables page_load_run)
  file(READ ${PAGE}/${part}.js text)
  string(APPEND load "${text}")
endforeach()
file(READ ${PAGE}/page_load.css load_style)
file(WRITE ${OUT} "#include \"reports/page_parts.h\"
namespace reports {
const std::string_view kPageHtml = R\"page_part(${html})page_part\";
const std::string_view kPageStyle = R\"page_part(${style})page_part\" R\"page_part(${load_style})page_part\";
const std::string_view kPageScript = R\"page_part(${script})page_part\";
const std::string_view kLoadScript = R\"page_part(${load})page_part\";
}
")
