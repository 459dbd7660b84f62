# clairscore_embed(<library> <symbol> <file>)
#
# Puts the bytes of a file into the library, read-only, between the symbols <symbol>_begin and
# <symbol>_end. In C++: extern "C" const char <symbol>_begin[], <symbol>_end[];
function(clairscore_embed library symbol file)
  get_filename_component(path "${file}" ABSOLUTE)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [[
  .section .rodata
  .balign 16
  .global @symbol@_begin, @symbol@_end
@symbol@_begin:
  .incbin "@path@"
@symbol@_end:
  .byte 0
  .section .note.GNU-stack, "", %progbits
]])
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${path}")
  target_sources(${library} PRIVATE "${source}")
endfunction()
