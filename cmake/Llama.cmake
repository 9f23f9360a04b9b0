# Provides assay::llama (libllama 0.5, C API) for the in-process GGUF engine. Nothing is downloaded here:
# tools/fetch-llama does that. Looked for, in this order: -DASSAY_LLAMA_ROOT=PREFIX, an installed package (>= 0.5),
# the prebuilt libraries and the source build that tools/fetch-llama leaves in the cache folder.
#
# Parameter structs are passed by value, so headers and library must be of one version: never mix prefixes.

set(ASSAY_LLAMA_ROOT "" CACHE PATH "Prefix of libllama; empty = installed package, else what tools/fetch-llama put into the cache")

if(DEFINED ENV{ASSAY_CACHE})
  set(_llama_cache $ENV{ASSAY_CACHE})
elseif(DEFINED ENV{HOME} AND IS_DIRECTORY "$ENV{HOME}")
  set(_llama_cache $ENV{HOME}/.cache/assay)
else()
  set(_llama_cache ${CMAKE_SOURCE_DIR}/.cache)
endif()

# A prefix made of prebuilt shared libraries: lib/libllama*.so and the headers, without a CMake package.
function(_assay_llama_prebuilt prefix)
  # The program finds its libraries beside itself (bin/../lib), in the build tree as after installation; links cost no space.
  set(lib ${CMAKE_BINARY_DIR}/lib)
  file(MAKE_DIRECTORY ${lib})
  file(GLOB files ${prefix}/lib/libllama.*so ${prefix}/lib/libggml*.so)
  foreach(file IN LISTS files)
    get_filename_component(base ${file} NAME)
    file(CREATE_LINK ${file} ${lib}/${base} SYMBOLIC)
  endforeach()
  # Opened when the first GGUF model is used (src/model/llama/llama_library.h), so nothing is linked: a start without it is faster.
  file(GLOB file ${prefix}/lib/libllama.v*.so ${prefix}/lib/libllama.so)
  list(GET file 0 file)
  get_filename_component(base ${file} NAME)
  add_library(assay_libllama_all INTERFACE)
  target_include_directories(assay_libllama_all SYSTEM INTERFACE ${prefix}/include ${prefix}/ggml/include)
  target_compile_definitions(assay_libllama_all INTERFACE LLAMA_SHARED GGML_SHARED GGML_BACKEND_SHARED ASSAY_LLAMA_LIBRARY="${base}")
  target_link_libraries(assay_libllama_all INTERFACE ${CMAKE_DL_LIBS})
  add_library(assay::llama ALIAS assay_libllama_all)
  install(FILES ${files} DESTINATION lib)
endfunction()

function(_assay_llama_package)
  add_library(assay_libllama_all INTERFACE)
  target_link_libraries(assay_libllama_all INTERFACE llama)
  if(LLAMA_SHARED_LIB)
    target_compile_definitions(assay_libllama_all INTERFACE ASSAY_LLAMA_DYNAMIC_BACKENDS)
  endif()
  add_library(assay::llama ALIAS assay_libllama_all)
endfunction()

# A package is taken only when it is new enough; an older one is passed over, not an error.
macro(_assay_llama_find)
  unset(Llama_DIR CACHE)
  find_package(Llama CONFIG QUIET ${ARGN})
  if(Llama_FOUND AND LLAMA_VERSION VERSION_LESS 0.5)
    message(STATUS "libllama ${LLAMA_VERSION} in ${Llama_DIR} is older than 0.5: not used")
    set(Llama_FOUND FALSE)
  endif()
endmacro()

set(Llama_FOUND FALSE)
set(_llama_from "")
if(ASSAY_LLAMA_ROOT)
  file(GLOB _llama_prebuilt ${ASSAY_LLAMA_ROOT}/lib/libllama.v*.so)
  if(_llama_prebuilt)
    set(_llama_from ${ASSAY_LLAMA_ROOT})
  else()
    _assay_llama_find(PATHS ${ASSAY_LLAMA_ROOT} NO_DEFAULT_PATH)
    if(NOT Llama_FOUND)
      message(FATAL_ERROR "ASSAY_LLAMA_ROOT=${ASSAY_LLAMA_ROOT} holds no libllama >= 0.5. Run tools/fetch-llama (it prints the prefix to use), "
        "or configure with -DASSAY_LLAMA=OFF to build without the in-process engine.")
    endif()
  endif()
else()
  _assay_llama_find()
  if(NOT Llama_FOUND AND EXISTS ${_llama_cache}/llama-0.5.0-prebuilt/.complete)
    set(_llama_from ${_llama_cache}/llama-0.5.0-prebuilt)
  elseif(NOT Llama_FOUND AND EXISTS ${_llama_cache}/llama-0.5.0-source/.complete)
    _assay_llama_find(PATHS ${_llama_cache}/llama-0.5.0-source NO_DEFAULT_PATH)
  endif()
endif()

# Build-tree programs carry $ORIGIN-relative run paths, so that the build folder can be moved and copied.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")
if(_llama_from)
  _assay_llama_prebuilt(${_llama_from})
  message(STATUS "libllama: prebuilt libraries in ${_llama_from}")
elseif(Llama_FOUND)
  _assay_llama_package()
  message(STATUS "libllama: ${LLAMA_VERSION} in ${Llama_DIR}")
else()
  message(FATAL_ERROR "libllama is not here. Run tools/fetch-llama (it takes seconds, the sums are pinned) and configure again, "
    "or configure with -DASSAY_LLAMA=OFF to build without the in-process engine.")
endif()
