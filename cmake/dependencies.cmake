# CLI11, fmt, nlohmann/json and doctest: from the system, else downloaded at a fixed version.
include(FetchContent)

function(antsrun_need package version url hash)
  find_package(${package} ${version} QUIET)
  if(NOT ${package}_FOUND)
    message(STATUS "${package}: no system package, downloading")
    FetchContent_Declare(${package} URL ${url} URL_HASH SHA256=${hash})
    FetchContent_MakeAvailable(${package})
  endif()
endfunction()
