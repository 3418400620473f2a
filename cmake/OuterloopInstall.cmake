# What a program outside of this repository is built on: the client library with its headers, the
# protos, and a package `outerloop` for find_package. See docs/client.md.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(outerloop_headers ${CMAKE_INSTALL_INCLUDEDIR}/outerloop)
set(outerloop_archives ${CMAKE_INSTALL_LIBDIR}/outerloop)
set(outerloop_package ${CMAKE_INSTALL_LIBDIR}/cmake/outerloop)

# Sets `out` to this project's targets among `roots` and all that they link.
function(_outerloop_closure out)
  set(found "")
  set(open ${ARGN})
  while(open)
    list(POP_FRONT open name)
    if(NOT TARGET ${name} OR name IN_LIST found)
      continue()
    endif()
    get_target_property(imported ${name} IMPORTED)
    if(imported)
      continue()
    endif()
    list(APPEND found ${name})
    get_target_property(links ${name} INTERFACE_LINK_LIBRARIES)
    if(links)
      list(APPEND open ${links})
    endif()
  endwhile()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# Installs the headers of `target` where its includes find them.
function(_outerloop_install_headers target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  list(FILTER sources INCLUDE REGEX "\\.h$")
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder})
    cmake_path(GET source PARENT_PATH place)
    cmake_path(RELATIVE_PATH place BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    install(FILES ${source} DESTINATION ${outerloop_headers}/${place})
  endforeach()
endfunction()

# outerloop_install(TARGET): installs the library `TARGET` as outerloop::client, and what it needs.
function(outerloop_install target)
  _outerloop_closure(targets ${target})
  foreach(name IN LISTS targets)
    _outerloop_install_headers(${name})
  endforeach()
  install(TARGETS ${targets} EXPORT outerloop ARCHIVE DESTINATION ${outerloop_archives}
    INCLUDES DESTINATION ${outerloop_headers})
  install(EXPORT outerloop NAMESPACE outerloop:: FILE outerloopTargets.cmake
    DESTINATION ${outerloop_package})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/outerloop DESTINATION
    ${CMAKE_INSTALL_DATADIR}/outerloop/proto FILES_MATCHING PATTERN *.proto)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/outerloop DESTINATION ${outerloop_headers}
    FILES_MATCHING PATTERN *.pb.h PATTERN *_mock.grpc.pb.h EXCLUDE)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/outerloopConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/outerloopConfig.cmake
    ${PROJECT_BINARY_DIR}/outerloopConfigVersion.cmake DESTINATION ${outerloop_package})
endfunction()
