# SPDX-License-Identifier: GPL-3.0-or-later
# edgeseal-open: the owner's program, the only one that links what opens.
find_package(Git QUIET)
set(_open_commit "unknown")
if(GIT_FOUND)
  execute_process(
    COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE _open_commit
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE _open_failed)
  if(NOT _open_failed EQUAL 0)
    set(_open_commit "unknown")
  endif()
endif()
add_executable(edgeseal-open ${CMAKE_CURRENT_LIST_DIR}/command_line.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/edgeseal_open.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/edgeseal_open_arguments.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/edgeseal_open_aws.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/edgeseal_open_report.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/terminal.cpp)
set_property(SOURCE ${CMAKE_CURRENT_LIST_DIR}/edgeseal_open_arguments.cpp
             APPEND PROPERTY COMPILE_DEFINITIONS EDGESEAL_VERSION="${PROJECT_VERSION}" EDGESEAL_COMMIT="${_open_commit}")
target_link_libraries(edgeseal-open PRIVATE edgeseal_agent_owner CLI11::CLI11)
install(TARGETS edgeseal-open RUNTIME)
