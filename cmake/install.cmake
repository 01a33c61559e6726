# The program, the library for find_package(ants) and for pkg-config, and the manual pages.
include(CMakePackageConfigHelpers)

if(TARGET antsrun)
  install(TARGETS antsrun RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(CODE "file(CREATE_LINK antsrun
    \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/antsrun-xargs SYMBOLIC)")
  # Shells look for completions in these places below share.
  foreach(shell_and_file IN ITEMS bash:bash-completion/completions/antsrun
                                  zsh:zsh/site-functions/_antsrun
                                  fish:fish/vendor_completions.d/antsrun.fish)
    string(REPLACE ":" ";" shell_and_file ${shell_and_file})
    list(GET shell_and_file 0 shell)
    list(GET shell_and_file 1 file)
    set(script ${CMAKE_CURRENT_BINARY_DIR}/completions/${shell})
    add_custom_command(TARGET antsrun POST_BUILD
                       COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/completions
                       COMMAND antsrun --completion ${shell} > ${script})
    cmake_path(GET file PARENT_PATH directory)
    cmake_path(GET file FILENAME name)
    install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${directory} RENAME ${name})
  endforeach()
endif()

install(FILES man/antsrun.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/antsrun-report.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES man/ants.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
install(FILES schema/antsrun.report-1.json DESTINATION ${CMAKE_INSTALL_DATADIR}/antsrun)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(TARGETS ants EXPORT ants_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ants DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")

set(ANTS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ants)
install(EXPORT ants_targets NAMESPACE ants:: FILE ants-targets.cmake DESTINATION ${ANTS_CMAKE_DIR})
configure_package_config_file(cmake/ants-config.cmake.in ants-config.cmake
                              INSTALL_DESTINATION ${ANTS_CMAKE_DIR})
write_basic_package_version_file(ants-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ants-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/ants-config-version.cmake
        DESTINATION ${ANTS_CMAKE_DIR})

file(RELATIVE_PATH ANTS_PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/ants.pc.in ants.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ants.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
