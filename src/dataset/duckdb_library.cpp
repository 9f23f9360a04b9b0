#include "dataset/duckdb_library.h"

#include <dlfcn.h>

#include <mutex>
#include <string>

namespace assay {
namespace {

constexpr const char* kName = "libduckdb.so";
constexpr const char* kCure =
    "tools/fetch-duckdb fetches it (70 MB); or put libduckdb.so of DuckDB 1.2 or later into DATA/lib, or name it in $ASSAY_DUCKDB; or export "
    "the file as JSON lines (duckdb: COPY (FROM 'x.parquet') TO 'x.jsonl' (FORMAT json))";

struct Shared {
  std::mutex mutex;
  std::vector<std::filesystem::path> places;
  DuckDbFunctions functions{};
  bool is_open = false;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

Result<DuckDbFunctions> functions_of(void* library, const std::string& where) {
  DuckDbFunctions functions{};
  std::string missing;
#define ASSAY_DUCKDB_FIND(name)                                                           \
  functions.name = reinterpret_cast<decltype(functions.name)>(dlsym(library, #name)); \
  if (!functions.name && missing.empty()) missing = #name
  ASSAY_DUCKDB_FIND(duckdb_library_version);
  ASSAY_DUCKDB_FIND(duckdb_create_config);
  ASSAY_DUCKDB_FIND(duckdb_set_config);
  ASSAY_DUCKDB_FIND(duckdb_destroy_config);
  ASSAY_DUCKDB_FIND(duckdb_open_ext);
  ASSAY_DUCKDB_FIND(duckdb_close);
  ASSAY_DUCKDB_FIND(duckdb_connect);
  ASSAY_DUCKDB_FIND(duckdb_disconnect);
  ASSAY_DUCKDB_FIND(duckdb_query);
  ASSAY_DUCKDB_FIND(duckdb_result_error);
  ASSAY_DUCKDB_FIND(duckdb_destroy_result);
  ASSAY_DUCKDB_FIND(duckdb_fetch_chunk);
  ASSAY_DUCKDB_FIND(duckdb_destroy_data_chunk);
  ASSAY_DUCKDB_FIND(duckdb_data_chunk_get_size);
  ASSAY_DUCKDB_FIND(duckdb_data_chunk_get_vector);
  ASSAY_DUCKDB_FIND(duckdb_vector_get_data);
  ASSAY_DUCKDB_FIND(duckdb_vector_get_validity);
  ASSAY_DUCKDB_FIND(duckdb_free);
#undef ASSAY_DUCKDB_FIND
  if (!missing.empty()) return fail(ErrorKind::unsupported, "this library of DuckDB has no function " + missing, where, kCure);
  return functions;
}

}  // namespace

void set_duckdb_places(std::vector<std::filesystem::path> places) {
  Shared& own = shared();
  const std::scoped_lock lock(own.mutex);
  own.places = std::move(places);
}

Result<const DuckDbFunctions*> duckdb_library() {
  Shared& own = shared();
  const std::scoped_lock lock(own.mutex);
  if (own.is_open) return &own.functions;
  std::error_code code;
  void* library = nullptr;
  std::string where = kName;
  for (const std::filesystem::path& place : own.places) {
    if (!std::filesystem::exists(place, code)) continue;
    where = place.string();
    library = dlopen(where.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library) break;
    const char* why = dlerror();
    return fail(ErrorKind::unsupported, std::string("the library of DuckDB cannot be opened: ") + (why ? why : "no reason given"), where, kCure);
  }
  if (!library) library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail(ErrorKind::unsupported, "parquet needs the library of DuckDB, which is not here", kName, kCure);
  auto functions = functions_of(library, where);
  if (!functions) {
    dlclose(library);
    return fail(functions.error());
  }
  own.functions = *functions;
  own.is_open = true;
  return &own.functions;
}

}  // namespace assay
