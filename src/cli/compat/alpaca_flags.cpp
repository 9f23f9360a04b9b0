#include "cli/compat/alpaca_flags.h"

#include <algorithm>

#include "base/text.h"

namespace assay::compat {
namespace {

using Kind = PythonValue::Kind;

/// The members of a keyword-argument flag (`--metric_kwargs "{'glm_name': ...}"`), each taken once.
class Kwargs {
 public:
  Kwargs(const FireValues& values, std::string name) : name_(std::move(name)), dict_(values.get(name_)) {}
  Result<void> check() const {
    if (dict_ && dict_->kind != Kind::none && dict_->kind != Kind::dict)
      return fail(ErrorKind::usage, "--" + name_ + " takes a dictionary, e.g. \"{'key': value}\"");
    return {};
  }
  const PythonValue* take(std::string_view key) {
    known_.emplace_back(key);
    return dict_ && dict_->kind == Kind::dict ? dict_->find(key) : nullptr;
  }
  Result<void> end() const {
    if (!dict_ || dict_->kind != Kind::dict) return {};
    for (std::size_t i = 0; i + 1 < dict_->items.size(); i += 2) {
      const std::string& key = dict_->items[i].text;
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      std::vector<std::string> near = did_you_mean(key, known_);
      return fail(ErrorKind::usage, "--" + name_ + " has no \"" + shorten(key, 60) + "\"", "", near.empty() ? "there are: " + join(known_, ", ") : "did you mean " + near.front() + "?");
    }
    return {};
  }

 private:
  std::string name_;
  const PythonValue* dict_;
  std::vector<std::string> known_;
};

/// A path, "auto", or nothing for None.
Result<std::optional<std::string>> path_of(const FireValues& values, std::string_view name, std::string standard) {
  if (!values.has(name)) return std::optional(std::move(standard));
  return values.text_or_none(name);
}

PythonValue value_or(const FireValues& values, std::string_view name, const PythonValue& standard) {
  const PythonValue* value = values.get(name);
  return value ? *value : standard;
}

template <class T>
Result<void> into(Result<T> from, auto& to) {
  if (!from) return std::unexpected(from.error());
  to = std::move(*from);
  return {};
}

}  // namespace

Result<AlpacaVersion> alpaca_version(const std::optional<std::string>& variable) {
  if (!variable || strip(*variable).empty()) return AlpacaVersion{};
  PythonValue value = fire_value(strip(*variable));
  if (!value.is_real()) return fail(ErrorKind::usage, "IS_ALPACA_EVAL_2 is True or False, not \"" + shorten(valid_utf8(*variable), 40) + "\"");
  return AlpacaVersion{value.kind == Kind::floating ? value.real != 0 : value.integer != 0};
}

const std::vector<std::string>& evaluate_flags() {
  static const std::vector<std::string> flags{"model_outputs", "reference_outputs", "annotators_config", "name", "output_path", "precomputed_leaderboard",
                                              "is_overwrite_leaderboard", "leaderboard_mode_to_print", "current_leaderboard_mode", "is_return_instead_of_print",
                                              "fn_metric", "metric_kwargs", "is_recompute_metrics_only", "sort_by", "is_cache_leaderboard", "max_instances",
                                              "annotation_kwargs", "Annotator"};
  return flags;
}

const std::vector<std::string>& from_model_flags() {
  static const std::vector<std::string> flags{"model_configs", "reference_model_configs", "evaluation_dataset", "annotators_config", "output_path", "max_instances",
                                              "is_strip_output", "is_load_outputs", "chunksize"};
  return flags;
}

const std::vector<std::string>& make_leaderboard_flags() {
  static const std::vector<std::string> flags{"leaderboard_path", "annotators_config", "all_model_outputs", "reference_outputs", "fn_add_to_leaderboard", "leaderboard_mode",
                                              "is_return_instead_of_print"};
  return flags;
}

const std::vector<std::string>& analyze_evaluators_flags() {
  static const std::vector<std::string> flags{"annotators_config", "Annotator", "analyzer_kwargs", "precomputed_leaderboard", "is_save_leaderboard", "is_return_instead_of_print",
                                              "is_overwrite_leaderboard", "max_instances", "is_single_annotator", "leaderboard_mode_to_print", "current_leaderboard_mode", "output_path"};
  return flags;
}

const std::vector<std::string>& annotator_flags() {
  static const std::vector<std::string> flags = [] {
    std::vector<std::string> out{"seed", "is_avoid_reannotations", "is_store_missing_annotations", "is_reapply_parsing", "caching_path", "base_dir", "p_label_flip",
                                 "input_keys", "output_keys", "other_output_keys_to_keep", "other_input_keys_to_keep", "is_raise_if_missing_primary_keys"};
    for (const std::string& key : alpaca_eval::annotator_keys())
      if (key != "seed" && key != "pretty_name" && key != "link") out.push_back(key);
    return out;
  }();
  return flags;
}

Result<void> only_flags(const FireValues& values, const std::vector<const std::vector<std::string>*>& known, std::string_view command) {
  std::vector<std::string> all;
  for (const auto* list : known) all.insert(all.end(), list->begin(), list->end());
  for (const auto& [name, value] : values.all()) {
    if (std::find(all.begin(), all.end(), name) != all.end()) continue;
    std::vector<std::string> near = did_you_mean(name, all);
    return fail(ErrorKind::usage, std::string(command) + " has no flag --" + name, "", near.empty() ? "see assay alpaca-eval --help" : "did you mean --" + near.front() + "?");
  }
  return {};
}

Result<AnnotatorFlags> read_annotator_flags(const FireValues& values) {
  AnnotatorFlags out;
  auto& s = out.settings;
  Result<void> read;
  if (read = into(values.whole("seed", 0), s.seed); !read) return std::unexpected(read.error());
  if (s.seed < 0 || s.seed > 4'294'967'295) return fail(ErrorKind::usage, "--seed takes a whole number from 0 to 4294967295");
  if (read = into(values.flag("is_avoid_reannotations", true), s.avoid_reannotations); !read) return std::unexpected(read.error());
  if (read = into(values.flag("is_store_missing_annotations", true), s.store_missing); !read) return std::unexpected(read.error());
  if (read = into(values.flag("is_reapply_parsing", false), s.reapply_parsing); !read) return std::unexpected(read.error());
  if (read = into(values.number("p_label_flip", 0), s.p_label_flip); !read) return std::unexpected(read.error());
  if (s.p_label_flip < 0 || s.p_label_flip > 0.5) return fail(ErrorKind::usage, "--p_label_flip takes a number from 0 to 0.5");
  if (read = into(values.texts("input_keys", {"instruction"}), s.input_keys); !read) return std::unexpected(read.error());
  if (read = into(values.texts("other_input_keys_to_keep", {}), s.other_input_keys_to_keep); !read) return std::unexpected(read.error());
  if (read = into(values.texts("other_output_keys_to_keep", s.other_output_keys_to_keep), s.other_output_keys_to_keep); !read) return std::unexpected(read.error());
  for (std::vector<std::string>* keys : {&s.other_output_keys_to_keep, &s.other_input_keys_to_keep})
    for (std::string& key : *keys) key = replace_all(key, "{annotation_key}", "preference");
  auto outputs = values.texts("output_keys", {"output_1", "output_2"});
  if (!outputs) return std::unexpected(outputs.error());
  if (*outputs != std::vector<std::string>{"output_1", "output_2"}) return fail(ErrorKind::usage, "--output_keys can only be ['output_1', 'output_2']");
  if (read = into(path_of(values, "caching_path", "auto"), out.caching_path); !read) return std::unexpected(read.error());
  if (read = into(values.text_or_none("base_dir"), out.base_dir); !read) return std::unexpected(read.error());
  if (auto raise = values.flag("is_raise_if_missing_primary_keys", true); !raise) return std::unexpected(raise.error());
  out.overrides.kind = Kind::dict;
  for (const std::string& key : alpaca_eval::annotator_keys()) {
    if (key == "seed") continue;
    if (const PythonValue* value = values.get(key)) {
      out.overrides.items.push_back(PythonValue::of(key));
      out.overrides.items.push_back(*value);
    }
  }
  return out;
}

Result<EvaluateFlags> read_evaluate_flags(const FireValues& values, const AlpacaVersion& version) {
  EvaluateFlags out;
  auto annotator = read_annotator_flags(values);
  if (!annotator) return std::unexpected(annotator.error());
  out.annotator = std::move(*annotator);
  out.model_outputs = value_or(values, "model_outputs", {});
  out.reference_outputs = value_or(values, "reference_outputs", {});
  out.precomputed_leaderboard = value_or(values, "precomputed_leaderboard", PythonValue::of("auto"));
  out.mode_to_print = value_or(values, "leaderboard_mode_to_print", PythonValue::of("minimal"));
  Result<void> read;
  if (read = into(values.text("annotators_config", version.annotator()), out.annotators_config); !read) return std::unexpected(read.error());
  if (read = into(values.text_or_none("name"), out.name); !read) return std::unexpected(read.error());
  if (read = into(path_of(values, "output_path", "auto"), out.output_path); !read) return std::unexpected(read.error());
  if (read = into(values.flag("is_overwrite_leaderboard", false), out.overwrite); !read) return std::unexpected(read.error());
  if (read = into(values.flag("is_recompute_metrics_only", false), out.recompute_only); !read) return std::unexpected(read.error());
  if (read = into(values.flag("is_return_instead_of_print", false), out.quiet); !read) return std::unexpected(read.error());
  if (read = into(values.text("current_leaderboard_mode", "community"), out.current_mode); !read) return std::unexpected(read.error());
  static const std::vector<std::string> modes{"minimal", "verified", "community", "dev"};
  if (std::find(modes.begin(), modes.end(), out.current_mode) == modes.end())
    return fail(ErrorKind::usage, "current_leaderboard_mode should be one of ['minimal', 'verified', 'community', 'dev']");
  std::string metric;
  if (read = into(values.text("fn_metric", version.metric()), metric); !read) return std::unexpected(read.error());
  static const std::vector<std::string> metrics{"get_winrate", "get_length_controlled_winrate", "pairwise_to_winrate"};
  if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) {
    std::vector<std::string> near = did_you_mean(metric, metrics);
    return fail(ErrorKind::usage, "--fn_metric knows no \"" + shorten(metric, 60) + "\"", "", near.empty() ? "there are: " + join(metrics, ", ") : "did you mean " + near.front() + "?");
  }
  out.metric = metric == "get_length_controlled_winrate" ? WinMetric::length_controlled : WinMetric::plain;
  Kwargs metric_kwargs(values, "metric_kwargs");
  if (read = metric_kwargs.check(); !read) return std::unexpected(read.error());
  FireValues inner;
  for (const char* key : {"glm_name", "save_weights_dir", "baseline", "is_add_glm_preference_inplace", "is_warn_extreme_changes"})
    if (const PythonValue* value = metric_kwargs.take(key)) inner.set(key, *value);
  if (const PythonValue* info = metric_kwargs.take("glm_info"); info && info->kind != Kind::none)
    return fail(ErrorKind::unsupported, "glm_info in --metric_kwargs: regressions cannot be written on the command line", "", "choose one with 'glm_name'");
  if (read = metric_kwargs.end(); !read) return std::unexpected(read.error());
  if (read = into(inner.text("glm_name", "length_controlled_v1"), out.glm_name); !read) return std::unexpected(read.error());
  if (read = into(path_of(inner, "save_weights_dir", "auto"), out.save_weights_dir); !read) return std::unexpected(read.error());
  if (read = into(inner.text_or_none("baseline"), out.baseline); !read) return std::unexpected(read.error());
  if (read = into(inner.flag("is_add_glm_preference_inplace", true), out.add_glm_preference); !read) return std::unexpected(read.error());
  if (read = into(inner.flag("is_warn_extreme_changes", true), out.warn_extreme); !read) return std::unexpected(read.error());

  if (read = into(values.text("sort_by", version.sort_by()), out.sort_by); !read) return std::unexpected(read.error());
  if (const PythonValue* cache = values.get("is_cache_leaderboard"); cache && cache->kind != Kind::none) {
    auto flag = values.flag("is_cache_leaderboard", true);
    if (!flag) return std::unexpected(flag.error());
    out.cache_leaderboard = *flag;
  }
  auto most = values.whole_or_none("max_instances");
  if (!most) return std::unexpected(most.error());
  if (*most) {
    if (**most < 1) return fail(ErrorKind::usage, "--max_instances takes a whole number from 1");
    out.max_instances = static_cast<std::size_t>(**most);
  }
  Kwargs annotation(values, "annotation_kwargs");
  if (read = annotation.check(); !read) return std::unexpected(read.error());
  FireValues inside;
  for (const char* key : {"keys_to_merge", "is_ordered", "chunksize"})
    if (const PythonValue* value = annotation.take(key)) inside.set(key, *value);
  if (read = annotation.end(); !read) return std::unexpected(read.error());
  if (read = into(inside.texts("keys_to_merge", out.annotator.settings.input_keys), out.keys_to_merge); !read) return std::unexpected(read.error());
  if (read = into(inside.flag("is_ordered", false), out.ordered); !read) return std::unexpected(read.error());
  auto chunk = inside.whole_or_none("chunksize");
  if (!chunk) return std::unexpected(chunk.error());
  if (inside.has("chunksize")) {
    if (*chunk && **chunk < 1) return fail(ErrorKind::usage, "chunksize in --annotation_kwargs takes a whole number from 1, or None");
    out.annotator.settings.chunk_size = *chunk ? static_cast<std::size_t>(**chunk) : 0;
  }
  if (const PythonValue* annotator_class = values.get("Annotator"); annotator_class && !(annotator_class->kind == Kind::text && annotator_class->text == "PairwiseAnnotator"))
    return fail(ErrorKind::unsupported, "--Annotator can only be PairwiseAnnotator");
  return out;
}

}  // namespace assay::compat
