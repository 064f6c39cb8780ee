# The three kinds of target that this repository has. Nothing here is global but ccache and the sanitizers.

find_program(BELLWETHER_CCACHE ccache)
if(BELLWETHER_CCACHE)
  # Base directory: objects compiled in one checkout serve every other checkout of the same sources.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${BELLWETHER_CCACHE})
endif()

if(BELLWETHER_SANITIZE)
  add_compile_options(-fsanitize=${BELLWETHER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BELLWETHER_SANITIZE})
  if(BELLWETHER_SANITIZE MATCHES undefined)
    # AddressSanitizer sees what most of these would, and checking each access to a member makes a large test twice as long to compile.
    add_compile_options(-fno-sanitize=null,alignment,vptr,object-size,nonnull-attribute,returns-nonnull-attribute)
  endif()
endif()

# One build serves ASan's tests and the fuzzers: these need coverage of the libraries, without which a fuzzer is blind.
if(BELLWETHER_SANITIZE MATCHES address)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options(-Wthread-safety)  # What is guarded by a mutex is touched under it (core/mutex.h).
endif()

function(bellwether_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror)
endfunction()

# What nearly all sources include is read once, for libraries and for tests. Only by clang: gcc takes longer with it.
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options(-pthread)  # As gRPC's libraries ask for: headers are read with the options of all who use them.
  foreach(kind library test)
    add_library(bellwether_${kind}_headers OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
    target_compile_options(bellwether_${kind}_headers PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # So that ccache knows it again.
    target_precompile_headers(bellwether_${kind}_headers PRIVATE <algorithm> <functional> <map> <memory> <optional> <string>
      <string_view> <utility> <variant> <vector> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h>
      <google/protobuf/message.h>)
  endforeach()
  target_precompile_headers(bellwether_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  target_link_libraries(bellwether_test_headers PRIVATE GTest::gmock)
  target_compile_options(bellwether_test_headers PRIVATE -O0)
endif()
function(bellwether_precompiled target kind)
  if(TARGET bellwether_${kind}_headers)
    target_precompile_headers(${target} REUSE_FROM bellwether_${kind}_headers)
  endif()
endfunction()

# bellwether_cc_library(NAME status SRCS a.cc b.cc DEPS bellwether::core absl::status [PRIVATE_DEPS ...])
# Public headers: include/ beside the CMakeLists.txt, where there is one; the folder itself otherwise ("services/...").
function(bellwether_cc_library)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(bellwether_${ARG_NAME} STATIC ${ARG_SRCS})
  add_library(bellwether::${ARG_NAME} ALIAS bellwether_${ARG_NAME})
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_include_directories(bellwether_${ARG_NAME} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
  endif()
  target_include_directories(bellwether_${ARG_NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(bellwether_${ARG_NAME} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  bellwether_warnings(bellwether_${ARG_NAME})
  bellwether_precompiled(bellwether_${ARG_NAME} library)
endfunction()

# bellwether_cc_binary(NAME bellwether-query SRCS main.cc DEPS bellwether::service_query)
function(bellwether_cc_binary)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_include_directories(${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS})
  if(NOT BELLWETHER_SANITIZE)  # Sanitizers have an allocator of their own.
    target_link_libraries(${ARG_NAME} PRIVATE PkgConfig::TCMALLOC)
  endif()
  bellwether_warnings(${ARG_NAME})
  bellwether_precompiled(${ARG_NAME} library)
endfunction()

# bellwether_cc_test(NAME status_test SRCS src/status_test.cc DEPS bellwether::rating [LABELS unit] [THREADS])
# One CTest entry an executable: a start of a process for each case would cost more than the cases. THREADS: it runs several
# threads of ours, and so under ThreadSanitizer too (./dev test --all).
add_custom_target(thread_tests)
function(bellwether_cc_test)
  cmake_parse_arguments(ARG "THREADS" "NAME;TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(ARG_THREADS)
    list(APPEND ARG_LABELS threads)
    add_dependencies(thread_tests ${ARG_NAME})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_include_directories(${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock_main)
  bellwether_warnings(${ARG_NAME})
  target_compile_options(${ARG_NAME} PRIVATE -O0)  # Long to compile, short to run.
  bellwether_precompiled(${ARG_NAME} test)
  set_target_properties(${ARG_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(BELLWETHER_SANITIZE STREQUAL thread)
    set_tests_properties(${ARG_NAME} PROPERTIES ENVIRONMENT
      "TSAN_OPTIONS=ignore_noninstrumented_modules=1 suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp")
  endif()
endfunction()

# bellwether_proto_library(NAME proto PROTOS bellwether/v1/a.proto ... [GRPC_PROTOS bellwether/v1/s.proto ...])
# Paths are relative to proto/. Headers are SYSTEM: our warnings are for our own code.
function(bellwether_proto_library)
  cmake_parse_arguments(ARG "" "NAME" "PROTOS;GRPC_PROTOS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  set(generated "")
  foreach(proto IN LISTS ARG_PROTOS ARG_GRPC_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(flags --cpp_out=${out})
    if(proto IN_LIST ARG_GRPC_PROTOS)
      list(APPEND outputs ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      list(APPEND flags --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc ${flags} -I${CMAKE_SOURCE_DIR}/proto ${CMAKE_SOURCE_DIR}/proto/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto} VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(bellwether_${ARG_NAME} STATIC ${generated})
  add_library(bellwether::${ARG_NAME} ALIAS bellwether_${ARG_NAME})
  target_include_directories(bellwether_${ARG_NAME} SYSTEM PUBLIC ${out})
  target_link_libraries(bellwether_${ARG_NAME} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
endfunction()
