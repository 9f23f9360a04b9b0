#include "model/llama/gguf_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/text.h"
#include "model/llama/gguf_writer.h"
#include "model/llama/llama_library.h"

namespace assay {
namespace {

constexpr std::uint64_t kMaxKeys = 1 << 20, kMaxTensors = 1 << 20, kMaxName = 1 << 16, kMaxString = 64 << 20;
enum ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64, type_count };
constexpr std::uint64_t kSizes[type_count] = {1, 1, 2,  2, 4, 4, 4,
                                              1, 8, 12, 8, 8, 8};  // of a string or array: the least it takes

// A forward reader that knows how much is left. The first failure sticks; what is read after it is zero.
class Reader {
 public:
  Reader(const std::filesystem::path& path, std::uint64_t size) : in_(path, std::ios::binary), size_(size) {}

  bool ok() const { return !error_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t left() const { return size_ - offset_; }
  const std::optional<std::string>& error() const { return error_; }
  void refuse(std::string message) {
    if (!error_) error_.emplace(std::move(message));
  }
  void ends_inside(const char* what) {
    std::string message = "the file ends inside ";
    message.append(what);
    refuse(std::move(message));
  }

  void bytes(void* out, std::uint64_t count, const char* what) {
    if (!ok() || count > left()) {
      ends_inside(what);
      std::memset(out, 0, count);
      return;
    }
    in_.read(static_cast<char*>(out), static_cast<std::streamsize>(count));
    if (!in_) ends_inside(what);
    offset_ += count;
  }
  template <class T>
  T get(const char* what) {
    T value{};
    bytes(&value, sizeof(T), what);
    return value;
  }
  void skip(std::uint64_t count, const char* what) {
    if (!ok() || count > left()) return ends_inside(what);
    in_.seekg(static_cast<std::streamoff>(count), std::ios::cur);
    offset_ += count;
  }
  std::string text(std::uint64_t limit, const char* what) {
    auto length = get<std::uint64_t>(what);
    if (length > left()) {
      ends_inside(what);
      return {};
    }
    if (length > limit) {
      refuse(std::string(what) + " is longer than " + std::to_string(limit) + " bytes");
      return {};
    }
    std::string value(length, '\0');
    if (length > 0) bytes(value.data(), length, what);
    return value;
  }

 private:
  std::ifstream in_;
  std::uint64_t size_, offset_ = 0;
  std::optional<std::string> error_;
};

GgufFile::Value scalar(Reader& in, std::uint32_t type) {
  const char* what = "a metadata value";
  switch (type) {
    case u8:
      return std::uint64_t{in.get<std::uint8_t>(what)};
    case i8:
      return std::int64_t{in.get<std::int8_t>(what)};
    case u16:
      return std::uint64_t{in.get<std::uint16_t>(what)};
    case i16:
      return std::int64_t{in.get<std::int16_t>(what)};
    case u32:
      return std::uint64_t{in.get<std::uint32_t>(what)};
    case i32:
      return std::int64_t{in.get<std::int32_t>(what)};
    case f32:
      return double{in.get<float>(what)};
    case boolean:
      return in.get<std::uint8_t>(what) != 0;
    case u64:
      return in.get<std::uint64_t>(what);
    case i64:
      return in.get<std::int64_t>(what);
    case f64:
      return in.get<double>(what);
    default:
      return valid_utf8(in.text(kMaxString, what));
  }
}

// The vocabulary's words must differ: libllama aborts the process when two are equal. Kept as pairs of hashes; that two different
// words agree in both is as unlikely as a broken disk.
class WordCheck {
 public:
  void add(const std::string& word) { seen_.emplace_back(std::hash<std::string>{}(word), fnv1a(word)); }
  bool repeated() {
    std::sort(seen_.begin(), seen_.end());
    return std::adjacent_find(seen_.begin(), seen_.end()) != seen_.end();
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen_;
};

GgufFile::Array read_array(Reader& in, const std::string& key) {
  GgufFile::Array result;
  result.type = in.get<std::uint32_t>("an array");
  result.length = in.get<std::uint64_t>("an array");
  if (!in.ok()) return {};
  if (result.type >= type_count || result.type == array) {
    in.refuse("the array '" + shorten(valid_utf8(key), 80) + "' has elements of the unknown type " + std::to_string(result.type));
    return {};
  }
  if (result.length > in.left() / kSizes[result.type]) {
    in.refuse("the array '" + shorten(valid_utf8(key), 80) + "' claims " + std::to_string(result.length) +
              " elements, more than the file can hold");
    return {};
  }
  if (result.type != string) {
    in.skip(result.length * kSizes[result.type], "an array");
    return result;
  }
  bool vocabulary = key == "tokenizer.ggml.tokens";
  WordCheck words;
  for (std::uint64_t i = 0; i < result.length && in.ok(); ++i) {
    if (vocabulary) {
      std::string word = in.text(kMaxName, "the vocabulary");
      if (!word.empty()) words.add(word);
    } else {
      in.skip(in.get<std::uint64_t>("an array of strings"), "an array of strings");
    }
  }
  if (in.ok() && vocabulary && words.repeated()) in.refuse("its vocabulary holds a word twice");
  return result;
}

// libllama reads scores and types of tokens without looking how many there are.
std::optional<std::string> vocabulary_error(const GgufFile& file) {
  auto tokens = file.arrays.find("tokenizer.ggml.tokens");
  if (tokens == file.arrays.end()) return std::nullopt;
  struct Companion {
    const char* key;
    std::uint32_t type;
    bool same_length;
  };
  for (const Companion& c :
       {Companion{"tokenizer.ggml.tokens", string, true}, Companion{"tokenizer.ggml.scores", f32, true},
        Companion{"tokenizer.ggml.token_type", i32, true}, Companion{"tokenizer.ggml.merges", string, false}}) {
    auto found = file.arrays.find(c.key);
    if (found == file.arrays.end()) continue;
    if (found->second.type != c.type) return std::string(c.key) + " has elements of the wrong type";
    if (c.same_length && found->second.length != tokens->second.length)
      return std::string(c.key) + " has " + std::to_string(found->second.length) + " elements for " +
             std::to_string(tokens->second.length) + " tokens";
  }
  return std::nullopt;
}

struct Tensor {
  std::string name;
  std::uint64_t offset = 0, bytes = 0, elements = 0;
};

Tensor tensor_info(Reader& in) {
  Tensor tensor;
  tensor.name = valid_utf8(in.text(kMaxName, "a tensor's description"));
  auto dims = in.get<std::uint32_t>("a tensor's description");
  std::string quoted = "tensor '" + shorten(tensor.name, 80) + "'";
  if (in.ok() && (dims == 0 || dims > GGML_MAX_DIMS)) in.refuse(quoted + " has " + std::to_string(dims) + " dimensions");
  std::uint64_t elements = 1, row = 1;
  for (std::uint32_t d = 0; d < dims && in.ok(); ++d) {
    auto length = in.get<std::uint64_t>("a tensor's description");
    if (d == 0) row = length;
    if (!in.ok()) break;
    if (length == 0 || length > (std::uint64_t{1} << 48) / elements)
      in.refuse(quoted + " has an impossible shape");
    else
      elements *= length;
  }
  auto type = in.get<std::uint32_t>("a tensor's description");
  tensor.offset = in.get<std::uint64_t>("a tensor's description");
  if (!in.ok()) return tensor;
  std::uint64_t block =
      type < GGML_TYPE_COUNT ? static_cast<std::uint64_t>(lib().ggml_blck_size(static_cast<ggml_type>(type))) : 0;
  if (block == 0) {
    in.refuse(quoted + " is of the number format " + std::to_string(type) + ", which this libllama does not know");
    return tensor;
  }
  if (row % block != 0)
    in.refuse(quoted + " has rows of " + std::to_string(row) + " numbers, not a multiple of its format's block of " +
              std::to_string(block));
  tensor.elements = elements;
  tensor.bytes = elements / block * lib().ggml_type_size(static_cast<ggml_type>(type));
  return tensor;
}

Result<GgufFile> parse(Reader& in, std::uint64_t size) {
  GgufFile file;
  file.size = size;
  char magic[4] = {};
  in.bytes(magic, 4, "the first four bytes");
  if (in.ok() && std::memcmp(magic, "GGUF", 4) != 0) in.refuse("it does not begin with 'GGUF'");
  file.version = in.get<std::uint32_t>("the head");
  if (in.ok() && (file.version < 2 || file.version > 3))
    in.refuse("GGUF version " + std::to_string(file.version) + " is not supported (2 and 3 are; big-endian files are not)");
  file.tensor_count = in.get<std::uint64_t>("the head");
  auto keys = in.get<std::uint64_t>("the head");
  if (in.ok() && (keys > kMaxKeys || file.tensor_count > kMaxTensors))
    in.refuse("it claims " + std::to_string(keys) + " metadata keys and " + std::to_string(file.tensor_count) + " tensors");
  for (std::uint64_t i = 0; i < keys && in.ok(); ++i) {
    std::string key = valid_utf8(in.text(kMaxName, "a metadata key"));
    auto type = in.get<std::uint32_t>("a metadata key");
    if (!in.ok()) break;
    if (type >= type_count) {
      in.refuse("the metadata key '" + shorten(key, 80) + "' has the unknown type " + std::to_string(type));
    } else if (type == array) {
      file.arrays[key] = read_array(in, key);
    } else {
      file.values.insert_or_assign(key, scalar(in, type));
    }
  }
  std::vector<Tensor> tensors;
  for (std::uint64_t i = 0; i < file.tensor_count && in.ok(); ++i) tensors.push_back(tensor_info(in));
  std::uint64_t alignment = file.number("general.alignment").value_or(32);
  if (in.ok() && (alignment == 0 || alignment > (1u << 20) || (alignment & (alignment - 1)) != 0))
    in.refuse("its alignment of " + std::to_string(alignment) + " is impossible");
  if (!in.ok()) return fail(ErrorKind::data, *in.error());
  std::uint64_t data = (in.offset() + alignment - 1) / alignment * alignment;
  for (const Tensor& tensor : tensors) {
    file.parameters += tensor.elements;
    if (tensor.offset % alignment != 0) return fail(ErrorKind::data, "tensor '" + shorten(tensor.name, 80) + "' is not aligned");
    if (data > size || tensor.offset > size - data || tensor.bytes > size - data - tensor.offset)
      return fail(ErrorKind::data, "the file is truncated: tensor '" + shorten(tensor.name, 80) + "' should end at byte " +
                                       std::to_string(data + tensor.offset + tensor.bytes) + ", the file has " +
                                       std::to_string(size));
  }
  if (auto error = vocabulary_error(file)) return fail(ErrorKind::data, *error);
  if (file.architecture().empty()) return fail(ErrorKind::data, "it names no architecture (general.architecture)");
  if (file.tensor_count == 0) return fail(ErrorKind::data, "it holds no tensors (a vocabulary or metadata file is not a model)");
  for (const char* key : {"block_count", "embedding_length", "attention.head_count"})
    if (auto value = file.hyper(key); value && *value == 0)
      return fail(ErrorKind::data, file.architecture() + "." + key + " is 0");
  return file;
}

}  // namespace

std::string GgufFile::text(std::string_view key) const {
  auto it = values.find(key);
  if (it == values.end()) return {};
  const auto* value = std::get_if<std::string>(&it->second);
  return value ? *value : std::string{};
}

std::optional<std::uint64_t> GgufFile::number(std::string_view key) const {
  auto it = values.find(key);
  if (it == values.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::uint64_t>(&it->second)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&it->second); value && *value >= 0) return static_cast<std::uint64_t>(*value);
  return std::nullopt;
}

std::uint64_t GgufFile::array_length(std::string_view key) const {
  auto it = arrays.find(key);
  return it == arrays.end() ? 0 : it->second.length;
}

std::optional<std::uint64_t> GgufFile::hyper(std::string_view key) const {
  return number(architecture() + "." + std::string(key));
}

Result<GgufFile> read_gguf(const std::filesystem::path& path) {
  const char* hint = "give the path of a GGUF model file, for example gguf:models/name.gguf";
  std::error_code code;
  auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) return fail(ErrorKind::not_found, "there is no model file", path.string(), hint);
  if (!std::filesystem::is_regular_file(status)) return fail(ErrorKind::data, "this is not a file", path.string(), hint);
  std::uint64_t size = std::filesystem::file_size(path, code);
  if (code) return fail(ErrorKind::io, "cannot read the model file: " + code.message(), path.string());
  if (!std::ifstream(path, std::ios::binary))
    return fail(ErrorKind::io, std::string("cannot read the model file: ") + std::strerror(errno), path.string());
  if (auto opened = open_llama_library(); !opened) return fail(opened.error());  // it knows the number formats
  Reader in(path, size);
  auto file = parse(in, size);
  if (file) return file;
  file.error().message = "this is not a usable GGUF model: " + file.error().message;
  file.error().where = path.string();
  file.error().hint = "download or convert the model again; its size here is " + std::to_string(size) + " bytes";
  return file;
}

}  // namespace assay
