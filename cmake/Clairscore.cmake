# The two ways to add code here: a library per folder of src/, and its tests beside it.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# std::stable_sort of libstdc++ 12 uses what it declares deprecated, which clang says wherever it is used.
add_compile_options($<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)

add_library(clairscore_flags INTERFACE)
target_compile_options(clairscore_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror
  # The same bits from every build: no fused multiply-add unless it is written out.
  -ffp-contract=off)
target_include_directories(clairscore_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(CLAIRSCORE_SANITIZE)
  add_compile_options(-fsanitize=${CLAIRSCORE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CLAIRSCORE_SANITIZE})
  # What a sanitizer adds makes g++ 12 see uninitialised and overlapping memory where there is none;
  # the release build keeps these warnings.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  # Tests are not optimised (below), and simdjson's classes would differ between them and the rest.
  add_compile_definitions(SIMDJSON_DEVELOPMENT_CHECKS=0)
  if(CLAIRSCORE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

# clairscore_library(<name> SOURCES <files...> [DEPENDS <libraries...>] [PRIVATE_DEPENDS <libraries...>])
# One static library per folder. DEPENDS names what its headers use, PRIVATE_DEPENDS what only its sources use.
function(clairscore_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE clairscore_flags ${ARG_PRIVATE_DEPENDS})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
endfunction()

# clairscore_test(<name> [WHOLE] SOURCES <foo_test.cc...> [DEPENDS <libraries...>])
# One GoogleTest binary per folder; ctest lists each test by itself. Tests find fixtures through
# CLAIRSCORE_SOURCE_DIR, the root of the checkout.
function(clairscore_test name)
  if(NOT CLAIRSCORE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "WHOLE" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE clairscore_flags ${ARG_DEPENDS} clairscore_test_main GTest::gmock
    rapidcheck)
  target_compile_definitions(${name} PRIVATE CLAIRSCORE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(CLAIRSCORE_SANITIZE)
    # Half the time to compile: what is tested is in the libraries, which keep their optimisation.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  if(ARG_WHOLE)
    # Thousands of small tests: one process for all of them, and not one each.
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()

if(CLAIRSCORE_TESTS)
  enable_testing()
  include(GoogleTest)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  add_library(clairscore_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/main.cc)
  target_link_libraries(clairscore_test_main PRIVATE clairscore_flags GTest::gmock)
endif()
