# CLI11, fmt, nlohmann/json and doctest: from the system, else downloaded at a fixed version and
# checked against a fixed hash.
include(FetchContent)
if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW)
endif()

# What is downloaded is built in, never installed beside us.
set(CLI11_INSTALL OFF CACHE INTERNAL "")
set(DOCTEST_NO_INSTALL ON CACHE INTERNAL "")

function(antsrun_need package minimum target url hash)
  find_package(${package} ${minimum} QUIET)
  if(${package}_FOUND)
    return()
  endif()
  message(STATUS "${package}: no system package, downloading ${url}")
  FetchContent_Declare(${package} URL ${url} URL_HASH SHA256=${hash})
  FetchContent_MakeAvailable(${package})
  # Its headers are not ours to warn about.
  get_target_property(headers ${target} INTERFACE_INCLUDE_DIRECTORIES)
  set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${headers}")
endfunction()

antsrun_need(CLI11 2.1 CLI11
             https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
             26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb)
antsrun_need(fmt 8.1 fmt-header-only
             https://github.com/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz
             5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2)
antsrun_need(nlohmann_json 3.10 nlohmann_json
             https://github.com/nlohmann/json/archive/refs/tags/v3.11.2.tar.gz
             d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273)
if(ANTSRUN_TESTS)
  antsrun_need(doctest 2.4 doctest
               https://github.com/doctest/doctest/archive/refs/tags/v2.4.9.tar.gz
               19b2df757f2f3703a5e63cee553d85596875f06d91a3333acd80a969ef210856)
endif()
