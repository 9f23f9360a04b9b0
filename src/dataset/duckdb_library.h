// DuckDB's C interface, found at run time: parquet is read and written through it, and nobody else needs its 70 megabytes. The declarations
// are the stable part of the interface (DuckDB 1.2 and later), reduced to what dataset/parquet.cpp calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/error.h"

namespace assay {

extern "C" {
struct DuckDbResult {  // duckdb_result: passed by value
  std::uint64_t columns, rows, changed;
  void* column_data;
  char* error;
  void* internal;
};
}

/// Handles are pointers behind which DuckDB keeps its own; a state is 0 when all went well.
struct DuckDbFunctions {
  const char* (*duckdb_library_version)();
  int (*duckdb_create_config)(void** config);
  int (*duckdb_set_config)(void* config, const char* name, const char* value);
  void (*duckdb_destroy_config)(void** config);
  int (*duckdb_open_ext)(const char* path, void** database, void* config, char** error);
  void (*duckdb_close)(void** database);
  int (*duckdb_connect)(void* database, void** connection);
  void (*duckdb_disconnect)(void** connection);
  int (*duckdb_query)(void* connection, const char* sql, DuckDbResult* result);
  const char* (*duckdb_result_error)(DuckDbResult* result);
  void (*duckdb_destroy_result)(DuckDbResult* result);
  void* (*duckdb_fetch_chunk)(DuckDbResult result);
  void (*duckdb_destroy_data_chunk)(void** chunk);
  std::uint64_t (*duckdb_data_chunk_get_size)(void* chunk);
  void* (*duckdb_data_chunk_get_vector)(void* chunk, std::uint64_t column);
  void* (*duckdb_vector_get_data)(void* vector);
  std::uint64_t* (*duckdb_vector_get_validity)(void* vector);
  void (*duckdb_free)(void* memory);
};

/// Where the library may be, before the system's own places: files, in order; those that do not exist are passed over. For the whole process and meant
/// for the program's beginning. Threads: any.
void set_duckdb_places(std::vector<std::filesystem::path> places);

/// Opened at the first call and never closed. `unsupported` where there is none, with what to do. Threads: any.
Result<const DuckDbFunctions*> duckdb_library();

}  // namespace assay
