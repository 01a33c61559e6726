# How tests become ctest tests. Names are group.part; ANTSRUN_TEST_PREFIX goes before them, so that one
# ctest can run several builds (see scripts/test).
set(ANTSRUN_TEST_PREFIX "" CACHE STRING "Put before the name of each test: 'asan.'")

# The system's own Python, where the distribution's modules are.
find_program(ANTSRUN_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT ANTSRUN_PYTHON)
  find_program(ANTSRUN_PYTHON python3 REQUIRED)
endif()

# One executable of doctest cases, one ctest test per file of it.
#   add_unit_tests(name LINK targets... FILES files below tests/...)
function(add_unit_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK;FILES")
  list(TRANSFORM arg_FILES PREPEND tests/ OUTPUT_VARIABLE sources)
  add_executable(${name} tests/main.cpp ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LINK} doctest::doctest antsrun_flags)
  target_include_directories(${name} PRIVATE src tests)
  target_compile_definitions(${name} PRIVATE ANTSRUN_PROBE="$<TARGET_FILE:probe>")
  add_dependencies(${name} probe)
  foreach(file IN LISTS arg_FILES)
    # The thread sanitizer cannot follow a child that shares our memory, so run/spawn forks there,
    # which tells less of what went wrong.
    if(ANTSRUN_SANITIZE STREQUAL "thread" AND file MATCHES "^run/")
      continue()
    endif()
    string(REPLACE "/" "." test ${file})
    string(REPLACE "_test.cpp" "" test ${test})
    set(test ${ANTSRUN_TEST_PREFIX}unit.${test})
    add_test(NAME ${test} COMMAND ${name} --source-file=*/tests/${file})
    # A filter that matches nothing must not pass for success.
    set_tests_properties(${test} PROPERTIES TIMEOUT 300
                         FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  endforeach()
endfunction()

# The program in the head comment of a header: it is built as it stands there, and must succeed.
function(add_example_test name header library)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  file(READ ${header} text)
  string(REGEX MATCH "\n//     #include[^\n]*(\n//(     [^\n]*)?)+" example "${text}")
  string(REGEX REPLACE "\n//(     )?" "\n" example "${example}")
  string(REPLACE . _ target ${name})
  file(CONFIGURE OUTPUT ${target}.cpp CONTENT "${example}" @ONLY)
  add_executable(${target} ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  target_link_libraries(${target} PRIVATE ${library} antsrun_flags)
  add_test(NAME ${ANTSRUN_TEST_PREFIX}${name} COMMAND ${target})
  set_tests_properties(${ANTSRUN_TEST_PREFIX}${name} PROPERTIES TIMEOUT 60)
endfunction()

# A test that is a Python script below tests/; status 77 means it cannot run here.
function(add_script_test name script)
  add_test(NAME ${ANTSRUN_TEST_PREFIX}${name}
           COMMAND ${ANTSRUN_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/tests/${script} ${ARGN}
           WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${ANTSRUN_TEST_PREFIX}${name} PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
endfunction()

# The groups of tests/e2e, against the program and the probe of this build.
function(add_e2e_tests)
  if(ANTSRUN_SANITIZE)
    set(sanitized --sanitized)
  endif()
  foreach(group IN LISTS ARGN)
    add_script_test(e2e.${group} e2e/run.py ${sanitized} ${group})
    set_tests_properties(${ANTSRUN_TEST_PREFIX}e2e.${group} PROPERTIES ENVIRONMENT
                         "ANTSRUN=$<TARGET_FILE:antsrun>;PROBE=$<TARGET_FILE:probe>")
  endforeach()
endfunction()

add_custom_target(check
  COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR}
  COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${CMAKE_BINARY_DIR} --output-on-failure
  USES_TERMINAL VERBATIM)
