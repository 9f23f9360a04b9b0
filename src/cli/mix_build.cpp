#include "cli/mix_build.h"

#include <unistd.h>

#include <chrono>

#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/mixeval/mixture_report.h"
#include "benchmark/mixeval/query_filter.h"
#include "benchmark/mixeval/version_overlap.h"
#include "cli/benchmarks.h"
#include "cli/mix_options.h"
#include "cli/models.h"
#include "cli/session.h"
#include "model/embedding.h"
#include "run/display.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using namespace mixeval;

/// One line rewritten in place on a terminal, a line every ten seconds elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(const Invocation& invocation) : invocation_(invocation) {}
  ~ProgressLine() {
    if (shown_ && invocation_.terminal.err) invocation_.err("\r\x1b[K");
  }
  void show(std::string_view stage, std::size_t done, std::size_t total) {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = invocation_.terminal.err ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
    if (now - last_ < pause) return;
    last_ = now;
    const std::string line = std::string(stage) + "  " + display_count(done) + " of " + display_count(total);
    if (invocation_.terminal.err) {
      invocation_.err("\r\x1b[K" + line);
      shown_ = true;
    } else {
      invocation_.err(line + "\n");
    }
  }

 private:
  const Invocation& invocation_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

struct Material {
  Pool pool;
  std::vector<std::string> queries;
  std::string query_sum;
  json::array pool_sums;
};

Result<std::string> sample_text(const char* name) {
  auto pack = pack_store().find("mixeval");
  if (!pack) return std::unexpected(pack.error());
  const OwnFile* file = (*pack)->own_file("sample", name);
  if (!file) return fail(ErrorKind::data, "the program has no sample of that: " + std::string(name));
  return std::string(file->content);
}

Result<Material> read_material(const MixPlan& plan) {
  Material out;
  PoolReader reader;
  auto add = [&](const std::string& text, const std::string& file) -> Result<void> {
    out.pool_sums.push_back({{"file", file}, {"sha256", sha256_hex(text)}});
    return reader.add(text, file);
  };
  for (const std::string& file : plan.pool) {
    if (file == "sample" || file.starts_with("sample:")) {
      for (const char* part : {"free-form", "multiple-choice"}) {
        const std::string own = std::string("sample:") + part;
        if (file != "sample" && file != own) continue;
        auto text = sample_text((std::string("2024-08-11/mixeval/") + part).c_str());
        if (!text) return std::unexpected(text.error());
        if (auto added = add(*text, own); !added) return std::unexpected(added.error());
      }
      continue;
    }
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    if (auto added = add(*text, file); !added) return std::unexpected(added.error());
  }
  out.pool = std::move(reader.pool());
  if (out.pool.entries.empty()) return fail(ErrorKind::usage, "the pool is empty", "", "--pool takes files of entries, or sample");
  auto text = plan.queries == "sample" ? sample_text("queries") : read_file(plan.queries);
  if (!text) return std::unexpected(text.error());
  out.query_sum = sha256_hex(*text);
  auto queries = read_queries(*text, plan.queries);
  if (!queries) return std::unexpected(queries.error());
  out.queries = std::move(*queries);
  return out;
}

/// An update has the pool of the version before, byte for byte.
Result<void> check_pool(const MixPlan& plan, const Material& material) {
  if (!plan.pool_before) return {};
  std::vector<std::string> now;
  for (const json::value& one : material.pool_sums) now.push_back(get_string(one, "sha256").value_or(""));
  if (*plan.pool_before == now) return {};
  return fail(ErrorKind::data, "the pool is not that of the version before: its files have other sums", plan.earlier.front() + "/mixture.json", "an update takes the same files in the same order; build a version of its own without --update");
}

/// A model that is asked for vectors: settings of writing mean nothing to it.
Result<void> check_embedding_spec(const ModelSpec& spec) {
  for (const char* backend : {"openai", "azure", "mistral", "launch", "gguf"})
    if (spec.backend == backend) {
      for (const char* setting : {"temperature", "top_p", "min_p", "top_k", "max_tokens", "seed", "stop", "system", "template", "reasoning"})
        if (spec.settings.contains(setting)) return fail(ErrorKind::usage, std::string(setting) + " is no setting of a model that makes vectors", spec.text);
      return {};
    }
  return fail(ErrorKind::usage, spec.backend + " has no embeddings here", spec.text, "write --embedding openai:NAME, http://HOST/v1#NAME, gguf:FILE, file:VECTORS, or lexical");
}

struct Work {
  const MixPlan& plan;
  Session& session;
  ProgressLine& line;
};

ModelOptions model_options(const Work& work) {
  ModelOptions out;
  const Arguments& arguments = work.session.invocation().arguments;
  out.model_id = arguments.get("model-id").value_or("");
  return out;
}

BuildProgress progress_of(const Work& work) {
  if (work.session.invocation().quiet()) return {};
  return [&line = work.line](std::string_view stage, std::size_t done, std::size_t total) { line.show(stage, done, total); };
}

Async<FilterResult> filtered(Work work, const std::vector<std::string>& queries) {
  ModelOptions options = model_options(work);
  options.model_id.clear();
  auto model = co_await build_model(work.session, work.plan.filter, std::move(options));
  if (!model) co_return std::unexpected(model.error());
  FilterOptions wish;
  if (const std::size_t most = model->top().capabilities().max_in_flight) wish.window = most;
  wish.stopping = [&session = work.session] { return session.stop().level() > 0; };
  co_return co_await filter_queries(model->top(), queries, std::move(wish), progress_of(work));
}

Async<Embedded> embedded(Work work, const Pool& pool, const std::vector<std::string>& queries) {
  const std::string& spec_text = work.plan.embedding;
  BuiltModel model;
  std::unique_ptr<Embedder> embedder;
  DenseOptions table;
  table.folder = work.plan.folder;
  if (spec_text == "lexical") {
    embedder = make_lexical_embedder();
  } else if (spec_text.starts_with("file:")) {
    auto text = read_file(spec_text.substr(5), std::size_t{8} << 30);
    if (!text) co_return std::unexpected(text.error());
    auto read = read_vector_file(*text, spec_text.substr(5), table);
    if (!read) co_return std::unexpected(read.error());
    embedder = std::move(*read);
  } else {
    auto spec = parse_model_spec(spec_text);
    if (!spec) co_return std::unexpected(spec.error());
    if (auto fits = check_embedding_spec(*spec); !fits) co_return std::unexpected(fits.error());
    ModelOptions options = model_options(work);
    options.embedding_batches = BatchOptions{.texts = work.plan.batch};
    auto built = co_await build_model(work.session, spec_text, std::move(options));
    if (!built) co_return std::unexpected(built.error());
    model = std::move(*built);
    ModelEmbedderOptions own;
    own.label = model.role.label;
    own.identity = model.role.identity;
    own.most_characters = work.plan.most_characters;
    own.table = table;
    // More than the server gets at once would only wait, and Ctrl-C would wait for it.
    std::size_t requests = 16;
    if (auto most = spec->settings.find("concurrency"); most != spec->settings.end()) requests = std::min<std::size_t>(std::stoul(most->second), 256);
    own.window = model.batches ? std::min<std::size_t>(work.plan.batch * requests, 8192) : std::max<std::size_t>(model.top().capabilities().max_in_flight, 4);
    own.stopping = [&session = work.session] { return session.stop().level() > 0; };
    if (EmbeddingBatches* batches = model.batches) {
      own.on_dimension = [batches](std::size_t dimension) { batches->expect_dimension(dimension); };
      own.recorded = [&journal = work.session.journal(), identity = model.role.identity.text](const Request& request) -> std::optional<std::string> {
        auto found = journal.find(request_key(identity, request, Draw{}));
        if (!found || !*found || (*found)->status != AnswerStatus::answered) return std::nullopt;
        auto value = parse_json((*found)->response);
        return value ? get_string(*value, "text") : std::nullopt;
      };
    }
    embedder = make_model_embedder(model.top(), std::move(own));
  }
  co_return co_await embed_material(pool, queries, work.plan.wish.match_text, *embedder, progress_of(work));
}

/// Nobody's version is replaced by another mixture.
Result<void> check_place(const MixPlan& plan, const Mixture& mixture) {
  std::error_code code;
  for (const auto& [name, content] : {std::pair("mixeval/free-form.json", &mixture.free_form), {"mixeval/multiple-choice.json", &mixture.multiple_choice}}) {
    if (!fs::exists(plan.folder / name, code)) continue;
    auto there = read_file(plan.folder / name);
    if (!there) return std::unexpected(there.error());
    if (*there != *content)
      return fail(ErrorKind::usage, "the version " + plan.version + " is there already, and it is another mixture", plan.folder.string(), "give the new one another --version, or remove the old one");
  }
  return {};
}

json::object overlap_json(const Overlap& overlap) {
  return {{"distinct_a", overlap.distinct_a}, {"distinct_b", overlap.distinct_b}, {"common", overlap.common}, {"unique_ratio", overlap.unique_ratio()}};
}

std::string percent(double share) { return fixed(100 * share, 2) + " %"; }

}  // namespace

int mix_build(Invocation& invocation) {
  auto plan = mix_plan(invocation);
  if (!plan) return invocation.report(plan.error());
  auto material = read_material(*plan);
  if (!material) return invocation.report(material.error());
  if (auto same = check_pool(*plan, *material); !same) return invocation.report(same.error());
  Pool& pool = material->pool;
  MixtureWish& wish = plan->wish;
  auto judged = read_judged_models(plan->judged);
  if (!judged) return invocation.report(judged.error());
  wish.judged = std::move(*judged);
  json::object clusters_file;
  if (!plan->clusters.empty()) {
    auto text = read_file(plan->clusters);
    if (!text) return invocation.report(text.error());
    auto given = read_given_clusters(*text, plan->clusters);
    if (!given) return invocation.report(given.error());
    wish.given = std::move(*given);
    clusters_file = {{"file", plan->clusters}, {"sha256", sha256_hex(*text)}};
  }
  std::vector<VersionFolder> earlier;
  KnownEntries known;
  for (const std::string& folder : plan->earlier) {
    auto version = read_version(folder);
    if (!version) return invocation.report(version.error());
    for (Split split : {Split::free_form, Split::multiple_choice})
      for (const Entry& entry : version->entries(false, split)) known.add(split, entry);
    earlier.push_back(std::move(*version));
  }
  for (const std::string& file : plan->corpora) {
    auto text = read_file(file, std::size_t{4} << 30);
    if (!text) return invocation.report(text.error());
    const std::string valid = valid_utf8(*text);
    for (std::string_view line : split_lines(valid)) known.add_text(line);
  }
  if (plan->exclude_earlier) {
    wish.excluded.assign(pool.entries.size(), 0);
    for (std::size_t i = 0; i < pool.entries.size(); ++i) wish.excluded[i] = known.of(pool.splits[i], pool.entries[i]) == Kinship::none ? 0 : 1;
  }
  std::error_code code;
  fs::create_directories(plan->folder, code);
  if (code) return invocation.report(Error{ErrorKind::io, "the folder cannot be made: " + code.message(), plan->folder.string()});

  const bool asks = !plan->filter.empty() || (plan->embedding != "lexical" && !plan->embedding.starts_with("file:"));
  std::unique_ptr<Session> session;
  if (asks) {
    auto opened = Session::open(invocation);
    if (!opened) return invocation.report(opened.error());
    session = std::move(*opened);
  } else {
    session = Session::without_journal(invocation);
  }
  // The second Ctrl-C drops what is in flight.
  session->stop().on_request = [&session, asks](int level) {
    if (level < 2) return;
    if (asks) (void)session->journal().flush();
    _exit(kInterrupted);
  };
  const std::size_t read = material->queries.size();
  std::optional<FilterResult> filter;
  std::optional<Result<Mixture>> built;
  {
    ProgressLine line(invocation);
    const Work work{*plan, *session, line};
    std::optional<Error> failed;
    if (!plan->filter.empty()) {
      auto verdicts = session->complete(filtered(work, material->queries));
      if (verdicts) {
        material->queries = std::move(verdicts->kept);
        filter = std::move(*verdicts);
      } else {
        failed = verdicts.error();
      }
    }
    wish.sources = {{"pool", std::move(material->pool_sums)}, {"queries", {{"file", plan->queries}, {"sha256", material->query_sum}}}, {"embedding", plan->embedding}};
    if (!plan->filter.empty()) wish.sources["filter"] = plan->filter;
    if (!clusters_file.empty()) wish.sources["clusters"] = clusters_file;
    if (plan->most_characters) wish.sources["most_characters"] = plan->most_characters;
    if (plan->pool_before) wish.sources["updates"] = earlier.front().name;
    if (failed)
      built = fail(*failed);
    else if (material->queries.empty())
      built = fail(ErrorKind::data, "the filter kept none of the queries", plan->queries);
    else if (auto vectors = session->complete(embedded(work, pool, material->queries)); !vectors)
      built = std::unexpected(vectors.error());
    else  // outside the loop: what only computes may be ended by Ctrl-C at once
      built = build_mixture(pool, material->queries, wish, std::move(*vectors), progress_of(work));
    if (asks)
      if (auto flushed = session->journal().flush(); !flushed && *built) built = std::unexpected(flushed.error());
  }
  if (!*built) {
    fs::remove(plan->folder, code);  // where it is empty
    return invocation.report(built->error());
  }
  const Mixture& mixture = **built;
  if (auto free = check_place(*plan, mixture); !free) return invocation.report(free.error());
  std::vector<std::pair<fs::path, const std::string*>> files{{"mixeval/free-form.json", &mixture.free_form}, {"mixeval/multiple-choice.json", &mixture.multiple_choice}};
  if (mixture.hard)
    for (std::size_t s = 0; s < 2; ++s) files.emplace_back(s ? "mixeval-hard/multiple-choice.json" : "mixeval-hard/free-form.json", &(*mixture.hard)[s].file);
  files.emplace_back("mixture.json", &mixture.record);
  for (const auto& [name, content] : files)
    if (auto wrote = write_file(plan->folder / name, *content); !wrote) return invocation.report(wrote.error());

  MixturePage page{plan->version, ASSAY_VERSION, {}};
  if (!earlier.empty()) {
    auto own = read_version(plan->folder);
    if (!own) return invocation.report(own.error());
    for (const VersionFolder& one : earlier) {
      KnownEntries of;
      for (Split split : {Split::free_form, Split::multiple_choice})
        for (const Entry& entry : one.entries(false, split)) of.add(split, entry);
      page.earlier.push_back({one.name, split_overlap(one, *own, false, Split::free_form), split_overlap(one, *own, false, Split::multiple_choice), version_overlap(one, *own, false),
                              query_overlap(one, *own), count_kin(*own, of)});
    }
  }
  std::optional<KinshipCounts> in_corpora;
  if (!plan->corpora.empty()) {
    auto own = read_version(plan->folder);
    if (own) in_corpora = count_kin(*own, known);
  }
  if (auto wrote = write_file(plan->folder / "mixture.html", mixture_page(pool, material->queries, wish, mixture, page, {})); !wrote) return invocation.report(wrote.error());

  const std::size_t ff = mixture.filled.free_form.size(), mc = mixture.filled.multiple_choice.size();
  std::size_t excluded = 0;
  for (char one : wish.excluded) excluded += one != 0;
  if (invocation.json()) {
    json::object out{{"folder", plan->folder.string()}, {"free_form", ff}, {"multiple_choice", mc}, {"seed", wish.seed}, {"queries", material->queries.size()}, {"dropped", mixture.dropped},
                     {"pool", pool.entries.size()}, {"merged", pool.merged}, {"excluded", excluded}};
    if (filter) out["filter"] = json::object{{"read", read}, {"kept", material->queries.size()}, {"no_request", filter->no_request}, {"not_text", filter->not_text}, {"unclear", filter->unclear}};
    if (mixture.hard) {
      json::object& hard = out["hard"].emplace_object();
      for (std::size_t s = 0; s < 2; ++s) {
        const HardSubset& subset = (*mixture.hard)[s].subset;
        hard[s ? "multiple_choice" : "free_form"] = json::object{{"n", subset.entries.size()}, {"accepted", subset.accepted}, {"distance", subset.shift}, {"tries", subset.tries}};
      }
    }
    json::array& list = out["earlier"].emplace_array();
    for (const EarlierVersion& one : page.earlier) {
      json::object item{{"version", one.name}, {"free_form", overlap_json(one.free_form)}, {"multiple_choice", overlap_json(one.multiple_choice)}, {"both", overlap_json(one.both)},
                        {"seen", {{"identical", one.kin.identical}, {"same_text", one.kin.same_text}, {"long_run", one.kin.long_run}}}};
      if (one.queries) item["queries"] = overlap_json(*one.queries);
      list.push_back(std::move(item));
    }
    if (in_corpora) out["in_corpora"] = json::object{{"distinct", in_corpora->distinct}, {"long_run", in_corpora->identical + in_corpora->same_text + in_corpora->long_run}};
    invocation.out(write_json(out, JsonStyle::pretty) + "\n");
  } else {
    std::string out = display_count(ff) + " free-form and " + display_count(mc) + " multiple-choice entries from " + display_count(pool.entries.size()) + " of the pool (" + display_count(pool.merged) +
                      " copies merged" + (excluded ? ", " + display_count(excluded) + " excluded" : "") + ") and " + display_count(material->queries.size()) + " queries (" + display_count(mixture.dropped) +
                      " without a match)\n";
    if (filter)
      out += "filter: " + display_count(read) + " texts, " + display_count(filter->no_request) + " are no requests, " + display_count(filter->not_text) + " need more than text, " + display_count(filter->unclear) + " unclear\n";
    if (mixture.hard)
      for (std::size_t s = 0; s < 2; ++s) {
        const HardSubset& subset = (*mixture.hard)[s].subset;
        out += std::string("hard, ") + (s ? "multiple-choice: " : "free-form: ") + display_count(subset.entries.size()) + " entries, distance " + fixed(subset.shift, 4) + " after " + display_count(subset.tries) +
               (subset.accepted ? " draws\n" : " draws: none was within --max-shift, this is the best\n");
      }
    for (const EarlierVersion& one : page.earlier) {
      out += "against " + one.name + ": " + percent(one.both.unique_ratio()) + " unique entries (" + display_count(one.both.common) + " common)";
      if (one.queries) out += ", " + percent(one.queries->unique_ratio()) + " unique queries";
      out += "; seen before: " + display_count(one.kin.identical) + " identical, " + display_count(one.kin.same_text) + " with the same words, " + display_count(one.kin.long_run) + " with a long run in common\n";
    }
    if (in_corpora) out += "in the corpora: " + display_count(in_corpora->identical + in_corpora->same_text + in_corpora->long_run) + " of " + display_count(in_corpora->distinct) + " distinct entries share a long run\n";
    out += "pictures: " + (plan->folder / "mixture.html").string() + "\nrun it: assay run mixeval --edition " + plan->folder.string() + " --model SPEC --judge SPEC (by rule, without a judge: --option parser=rule)\n";
    invocation.out(out);
  }
  if (ff < wish.free_form || mc < wish.multiple_choice) invocation.err("assay: fewer entries than wished for: the queries' matches gave no more\n");
  return kDone;
}

}  // namespace assay::cli
