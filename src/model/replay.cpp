#include "model/replay.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 10'000;
constexpr std::size_t kMaxListed = 20;

// Which answer: an upstream file knows sample and iteration only, so the rest may be empty and then fits anything.
struct Place {
  std::string benchmark, task, sample, role;
  int iteration = 1;
  auto operator<=>(const Place&) const = default;
};

struct Recorded {
  int ask = 0;
  std::size_t run = 0;  // index into Recording::runs
  Result<Response> response;
};

// Everything the files hold. Answers of one place in the order of their asks.
struct Recording {
  std::vector<std::string> runs;  // the index of each recorded run
  std::vector<std::string> labels;
  std::map<Place, std::vector<Recorded>> answers;
  std::vector<std::string> hashes;  // of the files
  // Iterations that the original program finished. It keeps accepted answers alone: what is not there came without a usable text.
  std::set<int> finished;

  std::size_t run(const std::string& index, const std::string& label) {
    auto known = std::find(runs.begin(), runs.end(), index);
    if (known != runs.end()) return static_cast<std::size_t>(known - runs.begin());
    runs.push_back(index);
    labels.push_back(label);
    return runs.size() - 1;
  }
};

std::string at_line(const fs::path& path, std::size_t line) { return path.string() + ":" + std::to_string(line); }

// ---- upstream's EQ-Bench results -----------------------------------------------------------------------------------

// {"1": {"raw_inference": {"17": "text", ...}}, ...}
Result<void> read_iterations(Recording& recording, const json::value& iterations, const std::string& index, const std::string& label,
                             const std::string& where, bool finished) {
  if (!iterations.is_object()) return fail(ErrorKind::data, "the iterations of run \"" + shorten(index, 120) + "\" are not an object", where);
  std::size_t run = recording.run(index, label);
  for (const auto& member : iterations.get_object()) {
    int iteration = 0;
    std::string_view number = member.key();
    auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), iteration);
    if (code != std::errc() || end != number.data() + number.size() || iteration < 1)
      return fail(ErrorKind::data, "\"" + shorten(number, 40) + "\" is not the number of an iteration", where);
    const json::value* texts = find(member.value(), "raw_inference");
    if (!texts || !texts->is_object()) continue;  // an iteration that recorded no answers
    if (finished || find(member.value(), "benchmark_results") || find(member.value(), "benchmark_results_fullscale"))
      recording.finished.insert(iteration);
    for (const auto& answer : texts->get_object()) {
      const json::string* text = answer.value().if_string();
      if (!text) return fail(ErrorKind::data, "raw_inference of question \"" + shorten(answer.key(), 40) + "\" is not a string", where);
      Response response;
      response.text.assign(text->data(), text->size());
      recording.answers[{"", "", std::string(answer.key()), "", iteration}].push_back({0, run, std::move(response)});
    }
  }
  return {};
}

std::string model_path(const json::value& metadata) {
  std::string path = get_string(metadata, "model_path").value_or("");
  return path;
}

Result<void> read_upstream(Recording& recording, const json::value& document, const std::string& where) {
  const json::object* object = document.if_object();
  if (!object) return fail(ErrorKind::data, "the document is not an object", where);
  if (const json::value* results = object->if_contains("raw_results")) {  // one published run
    std::string index = get_string(document, "index_string").value_or(fs::path(where).stem().string());
    return read_iterations(recording, *results, index, model_path(document), where, get_bool(document, "benchmark_success").value_or(false));
  }
  bool any = false;
  for (const auto& member : *object) {  // raw_results.json: {index: {"run_metadata":..., "iterations":...}}
    const json::value* iterations = find(member.value(), "iterations");
    if (!iterations) continue;
    any = true;
    const json::value* metadata = find(member.value(), "run_metadata");
    auto read = read_iterations(recording, *iterations, std::string(member.key()), metadata ? model_path(*metadata) : "", where, false);
    if (!read) return read;
  }
  if (!any) return fail(ErrorKind::data, "no recorded run: neither \"raw_results\" nor any \"iterations\"", where, "give an upstream result file, raw_results.json, or an export of the journal");
  return {};
}

// ---- our journal's export ------------------------------------------------------------------------------------------

// What people call the model behind an identity: its own name where it has one.
std::string identity_label(const std::string& identity) {
  Result<json::value> facts = parse_json(identity);
  if (!facts) return "";
  for (const char* key : {"model", "name", "file"})
    if (auto name = get_string(*facts, key)) return *name;
  return "";
}

// Failures are repeated as failures of that sample; one that once ended a model must not end this run.
Error recorded_failure(const json::value& value) {
  Error error = error_from_json(value);
  if (fatal_for_model(error.kind) || retryable(error.kind)) {
    error.message = "recorded failure (" + std::string(name(error.kind)) + "): " + error.message;
    error.kind = ErrorKind::bad_request;
  }
  return error;
}

Result<void> read_export(Recording& recording, std::string_view text, const fs::path& path) {
  std::size_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    if (strip(line).empty()) continue;
    std::string where = at_line(path, number);
    Result<json::value> value = parse_json(line, where);
    if (!value) return std::unexpected(value.error());
    const json::value* origin_value = find(*value, "origin");
    const json::value* response_value = find(*value, "response");
    auto status = get_string(*value, "status");
    if (!origin_value || !response_value || !status)
      return fail(ErrorKind::data, "not a line of a journal export: \"origin\", \"status\" or \"response\" is missing", where);
    Origin origin = origin_from_json(*origin_value);
    std::string identity = get_string(*value, "identity").value_or("");
    Recorded recorded{origin.ask, recording.run(identity, identity_label(identity)), Response{}};
    if (*status == "failed") {
      recorded.response = std::unexpected(recorded_failure(*response_value));
    } else {
      Result<Response> response = response_from_json(*response_value);
      if (!response) {
        Error error = response.error();
        error.where = where;
        return std::unexpected(std::move(error));
      }
      response->raw.clear();  // the body as it came is in the journal already
      response->raw.shrink_to_fit();
      recorded.response = std::move(response);
    }
    recording.answers[{origin.benchmark, origin.task, origin.sample, origin.role, origin.iteration}].push_back(std::move(recorded));
  }
  return {};
}

Result<void> read_one(Recording& recording, const fs::path& path) {
  Result<std::string> text = read_file(path);
  if (!text) return std::unexpected(text.error());
  recording.hashes.push_back(sha256_hex(*text));
  // An export has one object a line, so its first line is a document of its own; an upstream file is one document as a whole.
  std::string_view start = strip(*text);
  std::string_view first_line = start.substr(0, start.find('\n'));
  Result<json::value> first = parse_json(first_line);
  bool is_export = first ? find(*first, "origin") != nullptr : path.extension() == ".jsonl";
  if (is_export) return read_export(recording, *text, path);
  if (path.extension() == ".jsonl") return fail(ErrorKind::data, "not a journal export: the first line has no \"origin\"", at_line(path, 1));
  Result<json::value> document = parse_json(*text, path.string());
  if (!document) return std::unexpected(document.error());
  return read_upstream(recording, *document, path.string());
}

Result<std::vector<fs::path>> files_of(const fs::path& path) {
  std::error_code code;
  fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) return fail(ErrorKind::not_found, "there is no such file or folder to replay", path.string());
  if (!fs::is_directory(status)) return std::vector<fs::path>{path};
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
    std::string extension = it->path().extension().string();
    if ((extension == ".json" || extension == ".jsonl") && it->is_regular_file(code)) files.push_back(it->path());
    if (files.size() > kMaxFiles) return fail(ErrorKind::data, "more than " + std::to_string(kMaxFiles) + " files to replay", path.string());
  }
  if (code) return fail(ErrorKind::io, "cannot read the folder: " + code.message(), path.string());
  if (files.empty()) return fail(ErrorKind::data, "the folder has no .json or .jsonl files to replay", path.string());
  std::sort(files.begin(), files.end());
  return files;
}

// ---- choosing a run ------------------------------------------------------------------------------------------------

std::string listed(const std::vector<std::string>& runs) {
  std::string out;
  for (std::size_t i = 0; i < runs.size() && i < kMaxListed; ++i) out += "\n    " + std::to_string(i + 1) + "  " + shorten(runs[i], 160);
  if (runs.size() > kMaxListed) out += "\n    ... and " + std::to_string(runs.size() - kMaxListed) + " more";
  return out;
}

Result<std::size_t> choose_run(const Recording& recording, const std::string& wanted, const std::string& where) {
  auto exact = std::find(recording.runs.begin(), recording.runs.end(), wanted);
  if (exact != recording.runs.end()) return static_cast<std::size_t>(exact - recording.runs.begin());
  std::size_t number = 0;
  auto [end, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (code == std::errc() && end == wanted.data() + wanted.size() && number >= 1 && number <= recording.runs.size()) return number - 1;
  return fail(ErrorKind::usage, "there is no recorded run \"" + shorten(wanted, 120) + "\"", where, "recorded runs (index or number):" + listed(recording.runs));
}

// Orders the answers and drops those of other runs. Two runs that answer the same question are a choice for the user.
Result<void> settle(Recording& recording, std::optional<std::size_t> run, const std::string& where) {
  for (auto it = recording.answers.begin(); it != recording.answers.end();) {
    std::vector<Recorded>& asks = it->second;
    if (run) std::erase_if(asks, [&](const Recorded& recorded) { return recorded.run != *run; });
    std::stable_sort(asks.begin(), asks.end(), [](const Recorded& a, const Recorded& b) { return a.ask < b.ask; });
    for (std::size_t i = 1; i < asks.size();) {
      if (asks[i].ask != asks[i - 1].ask) {
        ++i;
        continue;
      }
      if (asks[i].run != asks[i - 1].run)
        return fail(ErrorKind::usage, "several recorded runs answer the same questions", where, "pick one with ?run=INDEX or its number:" + listed(recording.runs));
      asks[i - 1].response = std::move(asks[i].response);  // asked again later: the later answer counts
      asks.erase(asks.begin() + static_cast<std::ptrdiff_t>(i));
    }
    it = asks.empty() ? recording.answers.erase(it) : std::next(it);
  }
  if (recording.answers.empty()) return fail(ErrorKind::data, "no recorded answers", where);
  return {};
}

class Replay final : public Model {
 public:
  Replay(Recording recording, ModelIdentity identity) : recording_(std::move(recording)), identity_(std::move(identity)) {}

  Async<ModelIdentity> identify() override { co_return identity_; }

  Async<Response> answer(Query query) override {
    const Recorded* recorded = find_recorded(query.origin);
    if (!recorded && recording_.finished.contains(query.origin.iteration)) co_return Response{};
    if (!recorded)
      co_return fail(ErrorKind::bad_request, "no recorded answer",
                     "sample " + query.origin.sample + ", iteration " + std::to_string(query.origin.iteration) + (query.origin.role.empty() ? "" : ", role " + query.origin.role));
    co_return recorded->response;
  }

  Capabilities capabilities() const override {
    Capabilities out;
    out.chat = out.completion = out.loglikelihood = out.rolling = out.logprobs = true;
    out.recorded_by_origin = true;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    Rendering out;
    out.text = request.prompt;
    for (const Message& message : request.messages) out.text += (out.text.empty() ? "" : "\n\n") + message.content;
    out.renderer = "none: recorded answers";
    return out;
  }

 private:
  const Recorded* find_recorded(const Origin& origin) const {
    // What a recording does not know fits anything: an upstream file has no benchmark, task or role.
    const Place places[] = {{origin.benchmark, origin.task, origin.sample, origin.role, origin.iteration}, {"", "", origin.sample, "", origin.iteration}};
    for (const Place& place : places) {
      auto found = recording_.answers.find(place);
      if (found == recording_.answers.end()) continue;
      const std::vector<Recorded>& asks = found->second;
      auto after = std::upper_bound(asks.begin(), asks.end(), origin.ask, [](int ask, const Recorded& recorded) { return ask < recorded.ask; });
      return after == asks.begin() ? &asks.front() : &*std::prev(after);
    }
    return nullptr;
  }

  Recording recording_;
  ModelIdentity identity_;
};

}  // namespace

Result<std::unique_ptr<Model>> open_replay(const ModelSpec& spec) {
  Result<std::vector<fs::path>> files = files_of(spec.name);
  if (!files) return std::unexpected(files.error());
  Recording recording;
  for (const fs::path& file : *files)
    if (auto read = read_one(recording, file); !read) return std::unexpected(read.error());

  std::optional<std::size_t> run;
  if (auto wanted = spec.settings.find("run"); wanted != spec.settings.end()) {
    Result<std::size_t> chosen = choose_run(recording, wanted->second, spec.name);
    if (!chosen) return std::unexpected(chosen.error());
    run = *chosen;
  }
  if (auto settled = settle(recording, run, spec.name); !settled) return std::unexpected(settled.error());

  json::object facts{{"backend", "replay"}, {"sha256", recording.hashes.size() == 1 ? recording.hashes[0] : sha256_hex(join(recording.hashes, "\n"))}};
  if (run && recording.runs.size() > 1) facts["run"] = recording.runs[*run];
  std::string label;
  if (run) label = recording.labels[*run];
  if (!run && recording.labels.size() == 1) label = recording.labels[0];
  ModelIdentity identity = make_identity(std::move(facts), label.empty() ? spec.label() : label);
  return std::make_unique<Replay>(std::move(recording), std::move(identity));
}

}  // namespace assay
