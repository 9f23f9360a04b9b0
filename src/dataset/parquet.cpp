#include "dataset/parquet.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <cctype>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "dataset/duckdb_library.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// Text between quotes of the kind that SQL wants: '…' for values, "…" for names.
std::string sql_text(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out += quote;
}

class FileHandle {
 public:
  explicit FileHandle(const fs::path& file) : handle_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() {
    if (handle_ >= 0) ::close(handle_);
  }
  int get() const { return handle_; }

 private:
  int handle_;
};

// A database in memory that may touch the named files and nothing else.
class Database {
 public:
  Database(const DuckDbFunctions& api, std::size_t memory) : api_(api) {
    void* config = nullptr;
    if (api_.duckdb_create_config(&config) != 0) return;
    const std::string bytes = std::to_string(memory >> 20) + "MiB";
    const std::pair<const char*, const char*> settings[] = {{"threads", "1"},
                                                            {"memory_limit", bytes.c_str()},
                                                            {"temp_directory", ""},
                                                            {"autoinstall_known_extensions", "false"},
                                                            {"autoload_known_extensions", "false"},
                                                            {"allow_community_extensions", "false"}};
    for (const auto& [name, value] : settings) {
      if (api_.duckdb_set_config(config, name, value) != 0) error_ = std::string("no setting ") + name;
    }
    char* error = nullptr;
    if (api_.duckdb_open_ext(":memory:", &database_, config, &error) != 0 || api_.duckdb_connect(database_, &connection_) != 0)
      error_ = error ? error : "the database cannot be opened";
    if (error) api_.duckdb_free(error);
    api_.duckdb_destroy_config(&config);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (connection_) api_.duckdb_disconnect(&connection_);
    if (database_) api_.duckdb_close(&database_);
  }

  // Texts of the result's only column, one after another; SQL NULL is an empty text.
  Result<void> query(const std::string& sql, const std::string& where, const std::function<Result<void>(std::string_view)>& text = {}) {
    if (!connection_ || !error_.empty()) return fail(ErrorKind::unsupported, "DuckDB cannot be started: " + error_);
    DuckDbResult result{};
    Result<void> done;
    if (api_.duckdb_query(connection_, sql.c_str(), &result) != 0) {
      const char* why = api_.duckdb_result_error(&result);
      done = fail(ErrorKind::data, "DuckDB says: " + clipped(valid_utf8(why ? why : "no reason given"), 400), where);
    } else if (text) {
      done = each(result, text);
    }
    api_.duckdb_destroy_result(&result);
    return done;
  }

 private:
  static std::string clipped(std::string text, std::size_t most) {
    if (text.size() > most) text.resize(most);
    return valid_utf8(text);
  }

  Result<void> each(const DuckDbResult& result, const std::function<Result<void>(std::string_view)>& text) const {
    Result<void> done;
    while (void* chunk = done ? api_.duckdb_fetch_chunk(result) : nullptr) {
      const std::uint64_t count = api_.duckdb_data_chunk_get_size(chunk);
      void* vector = api_.duckdb_data_chunk_get_vector(chunk, 0);
      const char* data = static_cast<const char*>(api_.duckdb_vector_get_data(vector));
      const std::uint64_t* valid = api_.duckdb_vector_get_validity(vector);
      for (std::uint64_t i = 0; done && i < count; ++i) {
        const char* cell = data + i * kCell;
        std::uint32_t length = 0;
        std::memcpy(&length, cell, sizeof length);
        const char* bytes = cell + sizeof length;
        if (length > kInline) std::memcpy(static_cast<void*>(&bytes), cell + 8, sizeof bytes);
        const bool here = !valid || (valid[i / 64] >> (i % 64) & 1) != 0;
        done = text(here ? std::string_view(bytes, length) : std::string_view());
      }
      api_.duckdb_destroy_data_chunk(&chunk);
    }
    return done;
  }

  // duckdb_string_t: four bytes of length, then twelve bytes of text, or four and a pointer.
  static constexpr std::size_t kCell = 16, kInline = 12;

  const DuckDbFunctions& api_;
  void *database_ = nullptr, *connection_ = nullptr;
  std::string error_;
};

Result<void> allow_only(Database& database, std::span<const std::string> files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : ", ") + sql_text(file, '\'');
  if (auto done = database.query("SET allowed_paths = [" + list + "]", files.front()); !done) return done;
  if (auto done = database.query("SET enable_external_access = false", files.front()); !done) return done;
  return database.query("SET lock_configuration = true", files.front());
}

// The type of a column, or of what is within one, from all values seen. DuckDB's own inference would take texts for times and numbers.
struct ColumnType {
  enum class Kind { unknown, boolean, whole, real, text, list, record, mixed } kind = Kind::unknown;
  std::vector<std::string> names;  // of a record's members; one for all items of a list
  std::vector<ColumnType> types;   // of those (a pair of both would need the whole type here)

  ColumnType& member(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return types[i];
    }
    names.emplace_back(name);
    return types.emplace_back();
  }
  void become(Kind other) {
    if (kind == other) return;
    const bool numbers = (kind == Kind::whole || kind == Kind::real) && (other == Kind::whole || other == Kind::real);
    kind = kind == Kind::unknown ? other : numbers ? Kind::real : Kind::mixed;
  }
  void see(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        return;
      case json::kind::bool_:
        return become(Kind::boolean);
      case json::kind::int64:
        return become(Kind::whole);
      case json::kind::uint64:
      case json::kind::double_:
        return become(Kind::real);
      case json::kind::string:
        return become(Kind::text);
      case json::kind::array:
        become(Kind::list);
        for (const json::value& item : value.get_array()) member("").see(item);
        return;
      case json::kind::object:
        become(Kind::record);
        for (const auto& item : value.get_object()) member(item.key()).see(item.value());
    }
  }
  std::string sql() const {
    switch (kind) {
      case Kind::boolean:
        return "BOOLEAN";
      case Kind::whole:
        return "BIGINT";
      case Kind::real:
        return "DOUBLE";
      case Kind::list:
        return (types.empty() ? "VARCHAR" : types.front().sql()) + "[]";
      case Kind::record: {
        if (types.empty()) return "VARCHAR";
        std::string fields;
        for (std::size_t i = 0; i < names.size(); ++i) fields += (i ? ", " : "") + sql_text(names[i], '"') + " " + types[i].sql();
        return "STRUCT(" + fields + ")";
      }
      default:
        return "VARCHAR";
    }
  }
};

// DuckDB writes NaN and infinities as words, which JSON lacks: null in their place.
std::string without_nan(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (inside || c == '"') {
      if (c == '"') inside = !inside;
      const std::size_t take = inside && c == '\\' ? 2 : 1;
      out += text.substr(i, take);
      i += take;
      continue;
    }
    const std::size_t begin = c == '-' ? i + 1 : i;
    std::size_t end = begin;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
    const std::string word = lower(text.substr(begin, end - begin));
    if (word == "nan" || word == "inf" || word == "infinity") {
      out += "null";
      i = end;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

}  // namespace

bool is_parquet(std::string_view bytes) {
  return bytes.starts_with("PAR1");
}

Result<void> read_parquet(const fs::path& file, const ParquetOptions& options, const ParquetRow& row) {
  const FileHandle handle(file);
  if (handle.get() < 0) return fail(ErrorKind::not_found, "the file cannot be opened", file.string());
  char magic[4] = {};
  if (::pread(handle.get(), magic, sizeof magic, 0) != sizeof magic || !is_parquet({magic, sizeof magic}))
    return fail(ErrorKind::data, "this is no parquet file", file.string());
  auto api = duckdb_library();
  if (!api) return fail(api.error());
  Database database(**api, options.memory);
  // By its handle: characters of the file's own name would be taken for a pattern.
  const std::string path = "/proc/self/fd/" + std::to_string(handle.get());
  if (auto done = allow_only(database, {&path, 1}); !done) return done;
  std::string columns;
  for (const std::string& column : options.columns) columns += (columns.empty() ? "" : ", ") + sql_text(column, '"');
  if (columns.empty()) columns = "*";
  std::size_t at = options.first;
  auto take = [&](std::string_view text) -> Result<void> {
    const std::string where = file.string() + ": row " + std::to_string(++at);
    auto value = parse_json(text, where);
    if (!value) value = parse_json(without_nan(text), where);
    if (!value) return fail(value.error());
    if (!value->is_object()) return fail(ErrorKind::data, "row " + std::to_string(at) + " is no record", file.string());
    return row(std::move(value->as_object()));
  };
  return database.query("SELECT CAST(to_json(r) AS VARCHAR) FROM (SELECT " + columns + " FROM read_parquet(" + sql_text(path, '\'') + ") LIMIT " +
                            std::to_string(options.limit) + " OFFSET " + std::to_string(options.first) + ") AS r",
                        file.string(), take);
}

Result<std::vector<json::object>> read_parquet(const fs::path& file, const ParquetOptions& options) {
  std::vector<json::object> rows;
  auto done = read_parquet(file, options, [&](json::object row) -> Result<void> {
    rows.push_back(std::move(row));
    return {};
  });
  if (!done) return fail(done.error());
  return rows;
}

Result<void> write_parquet(const fs::path& file, std::span<const json::object> rows, const ParquetOptions& options) {
  if (rows.empty()) return fail(ErrorKind::data, "a parquet file needs rows: its columns are theirs", file.string());
  auto api = duckdb_library();
  if (!api) return fail(api.error());
  const std::string lines = file.string() + ".rows.jsonl", fresh = file.string() + ".new";
  std::string text, columns;
  ColumnType table;
  for (const json::object& row : rows) {
    text += write_json(row) + '\n';
    for (const auto& cell : row) table.member(cell.key()).see(cell.value());
  }
  for (std::size_t i = 0; i < table.names.size(); ++i)
    columns += (i ? ", " : "") + sql_text(table.names[i], '\'') + ": " + sql_text(table.types[i].sql(), '\'');
  if (auto done = write_file(lines, text); !done) return done;
  const FileHandle handle(lines);
  Database database(**api, options.memory);
  const std::string files[] = {"/proc/self/fd/" + std::to_string(handle.get()), fresh};
  auto done = allow_only(database, files);
  if (done)
    done = database.query("COPY (SELECT * FROM read_json(" + sql_text(files[0], '\'') +
                              ", format = 'newline_delimited', maximum_object_size = 268435456, columns = {" + columns + "})) TO " +
                              sql_text(fresh, '\'') + " (FORMAT parquet, COMPRESSION zstd)",
                          file.string());
  std::error_code code;
  fs::remove(lines, code);
  if (!done) {
    fs::remove(fresh, code);
    return done;
  }
  fs::rename(fresh, file, code);
  if (code) return fail(ErrorKind::io, "the file cannot be written: " + code.message(), file.string());
  return {};
}

}  // namespace assay
