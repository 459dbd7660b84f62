# cmake -DDIST=<folder> -DOUT=<folder> -P EmbedScreen.cmake
#
# Turns the files that Vite built into OUT/screen_assets.S (their gzip bytes) and
# OUT/screen_assets_table.cc (names, types and hashes). Runs at build time, since the names hold
# hashes that are not known before.

cmake_minimum_required(VERSION 3.25)

set(types_html "text/html; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_svg "image/svg+xml")
set(types_json "application/json")
set(types_txt "text/plain; charset=utf-8")
set(types_png "image/png")
set(types_ico "image/x-icon")
set(types_woff2 "font/woff2")

file(GLOB_RECURSE files RELATIVE "${DIST}" "${DIST}/*")
list(SORT files)
if(NOT "index.html" IN_LIST files)
  message(FATAL_ERROR "${DIST} holds no index.html: `npm run build` in web/ made no page")
endif()

set(bytes "  .section .rodata\n")
set(externs "")
set(entries "")
set(index 0)
foreach(file IN LISTS files)
  get_filename_component(extension "${file}" LAST_EXT)
  string(REPLACE "." "" extension "${extension}")
  if(NOT DEFINED types_${extension})
    message(FATAL_ERROR "${file}: no content type for .${extension} in EmbedScreen.cmake")
  endif()
  set(packed "${OUT}/screen_${index}.gz")
  execute_process(COMMAND gzip -9 -n -c "${DIST}/${file}" OUTPUT_FILE "${packed}"
    COMMAND_ERROR_IS_FATAL ANY)
  file(SHA256 "${packed}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)
  string(APPEND bytes "  .global screen_${index}_begin, screen_${index}_end\n"
    "screen_${index}_begin:\n  .incbin \"${packed}\"\nscreen_${index}_end:\n  .byte 0\n")
  string(APPEND externs "extern const char screen_${index}_begin[];\n"
    "extern const char screen_${index}_end[];\n")
  string(APPEND entries "    {\"/${file}\", \"${types_${extension}}\", \"${hash}\",\n"
    "     {screen_${index}_begin, screen_${index}_end}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND bytes "  .section .note.GNU-stack, \"\", %progbits\n")

file(WRITE "${OUT}/screen_assets.S" "${bytes}")
file(WRITE "${OUT}/screen_assets_table.cc"
"#include <array>

#include \"api/screen.h\"

extern \"C\" {
${externs}}

namespace clairscore::api {

std::span<const ScreenAsset> screen_assets() {
  static const std::array<ScreenAsset, ${index}> kAssets = {{
${entries}  }};
  return kAssets;
}

}  // namespace clairscore::api
")
