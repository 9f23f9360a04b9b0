#include "dataset/pack.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxDescription = std::size_t{4} << 20;
constexpr std::size_t kMaxFiles = 20'000;
constexpr std::size_t kMaxImportPaths = 16;
constexpr std::size_t kMaxText = 2'000;
constexpr std::int64_t kMaxSize = std::int64_t{1} << 40;

bool is_hex(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_pack_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_plain_text(std::string_view text) {
  if (text.size() > kMaxText || !is_valid_utf8(text)) return false;
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_https(std::string_view url) {
  return url.starts_with("https://") && url.size() > 8 && url.find_first_of(" \"<>\\^`{|}") == std::string_view::npos;
}

/// A path as it stands in an address: everything but unreserved characters and '/' escaped.
std::string url_path(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                 c == '~' || c == '/';
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

/// A commit of a repository from which files are taken.
struct Source {
  std::string repository, commit, raw, licence;
};

/// Reads the members of one object, remembers the first complaint, and at the end complains about keys nobody asked for.
class Members {
 public:
  Members(const json::value& value, std::string where) : where_(std::move(where)) {
    object_ = value.if_object();
    if (!object_) complain("an object was expected");
  }

  std::string text(std::string_view key, bool needed = true) {
    const json::value* value = take(key, needed);
    if (!value) return {};
    if (!value->is_string()) return complain(key, "must be a string"), std::string();
    std::string out(value->get_string());
    if (!is_plain_text(out)) return complain(key, "must be one line of valid UTF-8 of at most 2,000 bytes"), std::string();
    if (needed && out.empty()) complain(key, "must not be empty");
    return out;
  }
  bool flag(std::string_view key) {
    const json::value* value = take(key, false);
    if (!value) return false;
    if (!value->is_bool()) return complain(key, "must be true or false"), false;
    return value->get_bool();
  }
  std::uint64_t size(std::string_view key) {
    const json::value* value = take(key, false);
    if (!value) return 0;
    if (!value->is_int64() || value->get_int64() < 1 || value->get_int64() > kMaxSize)
      return complain(key, "must be a number of bytes"), std::uint64_t{0};
    return static_cast<std::uint64_t>(value->get_int64());
  }
  std::string sum(std::string_view key) {
    std::string out = text(key);
    if (!out.empty() && !is_hex(out, 64)) complain(key, "must be 64 lower-case hex digits");
    return out;
  }
  std::string path(std::string_view key, bool needed = true) {
    std::string out = text(key, needed);
    if (!out.empty() && !is_safe_path(out)) complain(key, "must be a relative path without \"..\"");
    return out;
  }
  const json::array* array(std::string_view key, bool needed) {
    const json::value* value = take(key, needed);
    if (!value) return nullptr;
    if (!value->is_array()) return complain(key, "must be an array"), nullptr;
    if (value->get_array().size() > kMaxFiles) return complain(key, "has too many entries"), nullptr;
    return &value->get_array();
  }
  const json::object* object(std::string_view key) {
    const json::value* value = take(key, false);
    if (!value) return nullptr;
    if (!value->is_object()) return complain(key, "must be an object"), nullptr;
    return &value->get_object();
  }
  void complain(std::string_view key, std::string_view what) { complain(std::string(key) + " " + std::string(what)); }
  void complain(std::string what) {
    if (!error_) error_ = Error{ErrorKind::data, "bad pack description: " + std::move(what), where_, ""};
  }
  /// The first complaint, if any.
  std::optional<Error> finish() {
    if (object_ && !error_)
      for (const auto& member : *object_)
        if (std::string_view key = member.key(); !asked_.contains(key))
          complain("unknown key \"" + shorten(valid_utf8(key), 40) + "\"");
    return error_;
  }

 private:
  const json::value* take(std::string_view key, bool needed) {
    asked_.insert(key);
    const json::value* value = object_ ? object_->if_contains(key) : nullptr;
    if (!value && needed) complain(key, "is missing");
    return value;
  }

  const json::object* object_ = nullptr;
  std::string where_;
  std::optional<Error> error_;
  std::set<std::string_view> asked_;  // the literals of the callers
};

Result<std::map<std::string, Source>> read_sources(const json::object& object, const std::string& where) {
  std::map<std::string, Source> out;
  for (const auto& member : object) {
    std::string at = where + ": sources." + shorten(valid_utf8(std::string_view(member.key())), 40);
    Members in(member.value(), at);
    Source source{
        .repository = in.text("repository"), .commit = in.text("commit"), .raw = in.text("raw"), .licence = in.text("licence")};
    if (!is_https(source.repository)) in.complain("repository", "must be an https address");
    if (!is_hex(source.commit, 40)) in.complain("commit", "must be 40 lower-case hex digits");
    if (!is_https(source.raw) || !source.raw.ends_with('/')) in.complain("raw", "must be an https address that ends with /");
    if (!contains(source.raw, source.commit)) in.complain("raw", "must hold the commit: an address that moves is no source");
    if (auto error = in.finish()) return fail(*error);
    out.emplace(std::string(std::string_view(member.key())), std::move(source));
  }
  return out;
}

Result<PackFile> read_file_entry(const json::value& value, const std::map<std::string, Source>& sources, const Pack& pack,
                                 const std::string& where) {
  Members in(value, where);
  PackFile file;
  file.name = in.path("name");
  file.path = in.path("path");
  file.sha256 = in.sum("sha256");
  file.size = in.size("size");
  file.benchmark = in.text("benchmark", false);
  if (file.benchmark.empty()) file.benchmark = pack.name;
  file.optional = in.flag("optional");
  file.needed_for = in.text("needed_for", false);
  file.url = in.text("url", false);
  file.origin = in.text("origin", false);
  file.licence = in.text("licence", false);
  file.extract = in.text("extract", false);
  file.with_custom = in.flag("with_custom");
  if (!file.extract.empty() && file.extract != "judge-prompt" && file.extract != "text") in.complain("extract", "must be \"judge-prompt\" or \"text\"");
  std::string source_path = in.path("source_path", false);
  if (std::string name = in.text("source", false); !name.empty()) {
    auto source = sources.find(name);
    if (source == sources.end()) {
      in.complain("source", "names no entry of \"sources\"");
    } else {
      const Source& from = source->second;
      if (file.url.empty()) file.url = from.raw + url_path(source_path.empty() ? file.path : source_path);
      if (file.origin.empty()) file.origin = from.repository + " @ " + from.commit;
      if (file.licence.empty()) file.licence = from.licence;
    }
  }
  if (file.licence.empty()) file.licence = pack.licence;
  if (!is_https(file.url)) in.complain("needs a \"source\", or a \"url\" that is an https address");
  if (const json::array* paths = in.array("import_from", false)) {
    if (paths->empty() || paths->size() > kMaxImportPaths) in.complain("import_from", "must have 1 to 16 paths");
    for (const json::value& path : *paths) {
      if (!path.is_string() || !is_safe_path(std::string_view(path.get_string()))) {
        in.complain("import_from", "must hold relative paths without \"..\"");
        break;
      }
      file.import_from.emplace_back(path.get_string());
    }
  } else {
    file.import_from.push_back(file.path);
    std::string bare = std::filesystem::path(file.path).filename().string();
    if (bare != file.path) file.import_from.push_back(bare);
  }
  if (auto error = in.finish()) return fail(*error);
  return file;
}

Result<OwnFile> read_own_entry(const json::value& value, const std::string& edition, std::span<const EmbeddedFile> embedded,
                               const std::string& where) {
  Members in(value, where);
  OwnFile file{.edition = edition, .name = in.path("name"), .sha256 = in.sum("sha256"), .content = {}};
  std::string path = in.path("path");
  if (auto error = in.finish()) return fail(*error);
  auto found = std::find_if(embedded.begin(), embedded.end(), [&](const EmbeddedFile& e) { return e.name == path; });
  if (found == embedded.end())
    return fail(ErrorKind::data, "bad pack description: the file is not part of the program: " + path, where);
  file.content = found->content;
  if (std::string sum = sha256_hex(file.content); sum != file.sha256)
    return fail(ErrorKind::data, "bad pack description: " + path + " has sha256 " + sum + ", not " + file.sha256, where);
  return file;
}

}  // namespace

const PackFile* Pack::file(std::string_view name) const {
  auto it = std::find_if(files.begin(), files.end(), [&](const PackFile& f) { return f.name == name; });
  return it == files.end() ? nullptr : &*it;
}

const OwnFile* Pack::own_file(std::string_view edition, std::string_view name) const {
  auto it = std::find_if(own.begin(), own.end(), [&](const OwnFile& f) { return f.edition == edition && f.name == name; });
  return it == own.end() ? nullptr : &*it;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > 300 || !is_plain_text(path) || path.find('\\') != std::string_view::npos) return false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

Result<Pack> parse_pack(std::string_view description, std::span<const EmbeddedFile> own, std::string_view where) {
  std::string at(where);
  if (description.size() > kMaxDescription) return fail(ErrorKind::data, "bad pack description: larger than 4 MiB", at);
  auto document = parse_json(description, where);
  if (!document) return fail(document.error());

  Members in(*document, at);
  Pack pack;
  if (in.text("format") != "assay-pack/1") in.complain("format", "must be \"assay-pack/1\" (another program version wrote this)");
  pack.name = in.text("name");
  pack.title = in.text("title");
  pack.licence = in.text("licence");
  pack.homepage = in.text("homepage");
  if (!is_pack_name(pack.name)) in.complain("name", "must be lower-case letters, digits and hyphens");
  if (!is_https(pack.homepage)) in.complain("homepage", "must be an https address");
  const json::object* source_list = in.object("sources");
  const json::array* files = in.array("files", true);
  const json::object* editions = in.object("own");
  if (auto error = in.finish()) return fail(*error);

  std::map<std::string, Source> sources;
  if (source_list) {
    auto read = read_sources(*source_list, at);
    if (!read) return fail(read.error());
    sources = std::move(*read);
  }
  std::set<std::string> names, paths;
  for (std::size_t i = 0; i < files->size(); ++i) {
    std::string here = at + ": files[" + std::to_string(i) + "]";
    auto file = read_file_entry((*files)[i], sources, pack, here);
    if (!file) return fail(file.error());
    if (!names.insert(file->name).second)
      return fail(ErrorKind::data, "bad pack description: the name is used twice: " + file->name, here);
    if (!paths.insert(file->path).second)
      return fail(ErrorKind::data, "bad pack description: the path is used twice: " + file->path, here);
    pack.files.push_back(std::move(*file));
  }
  if (!editions) return pack;
  for (const auto& member : *editions) {
    std::string edition(std::string_view(member.key()));
    std::string here = at + ": own." + shorten(valid_utf8(edition), 40);
    if (edition != "sample" && edition != "stand-in")
      return fail(ErrorKind::data, "bad pack description: an edition is \"sample\" or \"stand-in\"", here);
    const json::array* entries = member.value().if_array();
    if (!entries) return fail(ErrorKind::data, "bad pack description: an array was expected", here);
    for (std::size_t i = 0; i < entries->size(); ++i) {
      std::string place = here + "[" + std::to_string(i) + "]";
      auto file = read_own_entry((*entries)[i], edition, own, place);
      if (!file) return fail(file.error());
      if (pack.own_file(edition, file->name))
        return fail(ErrorKind::data, "bad pack description: the name is used twice: " + file->name, place);
      pack.own.push_back(std::move(*file));
    }
  }
  return pack;
}

struct PackStore::Shelf {
  std::span<const EmbeddedFile> table;
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<const Pack>, std::less<>> single;  // those that were asked for by name
  std::optional<std::vector<Pack>> all;                                   // in the table's order
};

namespace {

Result<std::vector<Pack>> read_packs(std::span<const EmbeddedFile> table) {
  std::vector<Pack> packs;
  for (const EmbeddedFile& entry : table) {
    if (entry.name != "pack.json") continue;
    std::vector<EmbeddedFile> own;
    std::copy_if(table.begin(), table.end(), std::back_inserter(own),
                 [&](const EmbeddedFile& e) { return e.pack == entry.pack; });
    std::string where = "packs/" + std::string(entry.pack) + "/pack.json";
    auto pack = parse_pack(entry.content, own, where);
    if (!pack) return fail(pack.error());
    if (pack->name != entry.pack)
      return fail(ErrorKind::data, "bad pack description: it calls itself \"" + pack->name + "\", not what its folder is called",
                  where);
    if (std::any_of(packs.begin(), packs.end(), [&](const Pack& other) { return other.name == pack->name; }))
      return fail(ErrorKind::data, "bad pack description: there are two of that name", where);
    packs.push_back(std::move(*pack));
  }
  return packs;
}

}  // namespace

PackStore PackStore::on_demand(std::span<const EmbeddedFile> table) {
  auto shelf = std::make_shared<Shelf>();
  shelf->table = table;
  return PackStore(std::move(shelf));
}

Result<PackStore> PackStore::load(std::span<const EmbeddedFile> table) {
  auto packs = read_packs(table);
  if (!packs) return fail(packs.error());
  PackStore store = on_demand(table);
  store.shelf_->all = std::move(*packs);
  return store;
}

const std::vector<Pack>& PackStore::packs() const {
  std::lock_guard lock(shelf_->mutex);
  if (!shelf_->all) shelf_->all = read_packs(shelf_->table).value();
  return *shelf_->all;
}

Result<const Pack*> PackStore::find(std::string_view name) const {
  std::lock_guard lock(shelf_->mutex);
  std::vector<std::string> names;
  if (shelf_->all) {
    for (const Pack& pack : *shelf_->all) {
      if (pack.name == name) return &pack;
      names.push_back(pack.name);
    }
  } else {
    if (auto it = shelf_->single.find(name); it != shelf_->single.end()) return it->second.get();
    std::vector<EmbeddedFile> files;
    for (const EmbeddedFile& entry : shelf_->table) {
      if (entry.pack == name) files.push_back(entry);
      if (entry.name == "pack.json") names.emplace_back(entry.pack);
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      auto pack = std::make_unique<const Pack>(std::move(read_packs(files).value().front()));
      return shelf_->single.emplace(name, std::move(pack)).first->second.get();
    }
  }
  std::vector<std::string> near = did_you_mean(name, names);
  return fail(ErrorKind::usage, "there is no pack \"" + shorten(valid_utf8(name), 60) + "\"", "",
              near.empty() ? "packs: " + join(names, ", ") : "did you mean " + join(near, ", ") + "?");
}

}  // namespace assay
