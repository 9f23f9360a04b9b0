// Report <-> JSON: the document of docs/formats/report.md, which other programs rely on.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "run/report.h"
#include "run/stored_report.h"

namespace assay {
namespace {

// Deeper nesting than any suite has; a hostile file must not exhaust the stack.
constexpr int kMaxPartDepth = 32;

json::value number_or_null(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

json::object counts_json(const Counts& counts) {
  json::object out;
  out["scored"] = counts.scored;
  out["unparseable"] = counts.unparseable;
  out["truncated"] = counts.truncated;
  out["failed"] = counts.failed;
  out["missing"] = counts.missing;
  out["scored_cut"] = counts.scored_cut;
  return out;
}

json::object metrics_json(const std::vector<Metric>& metrics) {
  json::object out;
  for (const Metric& metric : metrics) {
    json::object m;
    m["value"] = number_or_null(metric.value);
    // JSON has no NaN: what is not finite is null, and null always says why.
    if (m["value"].is_null()) m["why"] = metric.value ? std::string("not a finite number") : metric.why_null;
    if (metric.raw) m["raw"] = number_or_null(metric.raw);
    if (metric.stderr_) m["stderr"] = number_or_null(metric.stderr_);
    if (metric.ci_low || metric.ci_high) m["ci95"] = json::array{number_or_null(metric.ci_low), number_or_null(metric.ci_high)};
    if (metric.n) m["n"] = *metric.n;
    if (metric.lower_is_better) m["lower_is_better"] = *metric.lower_is_better;
    out[metric.name] = std::move(m);
  }
  return out;
}

json::object part_json(const Part& part) {
  json::object out;
  out["name"] = part.name;
  out["metrics"] = metrics_json(part.metrics);
  out["counts"] = counts_json(part.counts);
  json::array& parts = out["parts"].emplace_array();
  for (const Part& inner : part.parts) parts.push_back(part_json(inner));
  return out;
}

/// Reads members of one object and remembers the first thing that does not fit.
class Reader {
 public:
  bool ok() const { return !error_; }
  Error error() const { return *error_; }
  void refuse(const std::string& path, std::string_view what) {
    if (!error_)
      error_ = Error{ErrorKind::data, "not a report: `" + path + "` " + std::string(what), "",
                     "docs/formats/report.md describes the document"};
  }

  const json::value* member(const json::object& object, std::string_view key, const std::string& path, bool required) {
    const json::value* value = object.if_contains(key);
    if (!value && required) refuse(path + std::string(key), "is missing");
    return value;
  }
  void text(const json::object& object, std::string_view key, const std::string& path, std::string& out, bool required = false) {
    const json::value* value = member(object, key, path, required);
    if (!value) return;
    if (!value->is_string()) return refuse(path + std::string(key), "is not a string");
    out = std::string(value->get_string());
  }
  void number(const json::value& value, const std::string& path, std::optional<double>& out) {
    if (value.is_null()) return;
    out = as_number(value);
    if (!out) refuse(path, "is neither a number nor null");
  }
  template <class Integer>
  void whole(const json::object& object, std::string_view key, const std::string& path, Integer& out) {
    const json::value* value = object.if_contains(key);
    if (!value) return;
    auto number = get_integer(object, key);
    // A document that was not parsed but made by to_json() holds unsigned numbers.
    if (value->is_uint64() && value->get_uint64() <= INT64_MAX) number = static_cast<std::int64_t>(value->get_uint64());
    if (!number || *number < 0) return refuse(path + std::string(key), "is not a count");
    out = static_cast<Integer>(*number);
  }

  Counts counts(const json::object& object, const std::string& path) {
    Counts out;
    const json::value* value = member(object, "counts", path, false);
    if (!value) return out;
    const json::object* o = value->if_object();
    if (!o) return refuse(path + "counts", "is not an object"), out;
    std::string inner = path + "counts.";
    whole(*o, "scored", inner, out.scored);
    whole(*o, "unparseable", inner, out.unparseable);
    whole(*o, "truncated", inner, out.truncated);
    whole(*o, "failed", inner, out.failed);
    whole(*o, "missing", inner, out.missing);
    whole(*o, "scored_cut", inner, out.scored_cut);
    return out;
  }

  std::vector<Metric> metrics(const json::object& object, const std::string& path) {
    std::vector<Metric> out;
    const json::value* value = member(object, "metrics", path, true);
    if (!value) return out;
    const json::object* all = value->if_object();
    if (!all) return refuse(path + "metrics", "is not an object"), out;
    for (const auto& entry : *all) {
      std::string inner = path + "metrics." + std::string(entry.key());
      const json::object* o = entry.value().if_object();
      if (!o) {
        refuse(inner, "is not an object");
        return out;
      }
      Metric& metric = out.emplace_back();
      metric.name = std::string(entry.key());
      if (const json::value* v = member(*o, "value", inner + ".", true)) number(*v, inner + ".value", metric.value);
      if (const json::value* v = o->if_contains("raw")) number(*v, inner + ".raw", metric.raw);
      if (const json::value* v = o->if_contains("stderr")) number(*v, inner + ".stderr", metric.stderr_);
      text(*o, "why", inner + ".", metric.why_null);
      if (o->contains("n")) whole(*o, "n", inner + ".", metric.n.emplace());
      if (const json::value* v = o->if_contains("lower_is_better")) {
        metric.lower_is_better = get_bool(*o, "lower_is_better");
        if (!v->is_bool()) refuse(inner + ".lower_is_better", "is not a boolean");
      }
      if (const json::value* v = o->if_contains("ci95"); v && !v->is_null()) {
        const json::array* pair = v->if_array();
        if (!pair || pair->size() != 2) {
          refuse(inner + ".ci95", "is not a pair");
          return out;
        }
        number((*pair)[0], inner + ".ci95[0]", metric.ci_low);
        number((*pair)[1], inner + ".ci95[1]", metric.ci_high);
      }
    }
    return out;
  }

  std::vector<Part> parts(const json::object& object, const std::string& path, int depth) {
    std::vector<Part> out;
    const json::value* value = member(object, "parts", path, false);
    if (!value) return out;
    const json::array* all = value->if_array();
    if (!all) return refuse(path + "parts", "is not an array"), out;
    if (!all->empty() && depth >= kMaxPartDepth) return refuse(path + "parts", "is nested too deeply"), out;
    for (std::size_t i = 0; i < all->size() && ok(); ++i) {
      std::string inner = path + "parts[" + std::to_string(i) + "].";
      const json::object* o = (*all)[i].if_object();
      if (!o) return refuse(inner, "is not an object"), out;
      Part& part = out.emplace_back();
      text(*o, "name", inner, part.name, true);
      part.metrics = metrics(*o, inner);
      part.counts = counts(*o, inner);
      part.parts = parts(*o, inner, depth + 1);
    }
    return out;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace

std::string completed_text(const Report& report) {
  if (!report.created_local.empty()) return report.created_local;
  std::string out = report.created.substr(0, 19);
  if (out.size() > 10 && out[10] == 'T') out[10] = ' ';
  return out;
}

namespace {

/// The whole document but for its parts: they are empty.
json::object without_parts(const Report& report) {
  json::object out;
  out["assay"] = report.assay;
  out["run"] = report.run;
  out["benchmark"] = report.benchmark;
  out["edition"] = report.edition;
  json::object& roles = out["roles"].emplace_object();
  // The tested model first, whatever the alphabet says of the others.
  if (auto model = report.roles.find("model"); model != report.roles.end()) roles["model"] = model->second;
  for (const auto& [role, label] : report.roles) roles[role] = label;
  out["created"] = report.created;
  out["status"] = report.status;
  if (!report.reason.empty()) out["reason"] = report.reason;
  out["metrics"] = metrics_json(report.total.metrics);
  out["counts"] = counts_json(report.total.counts);
  out["parts"].emplace_array();
  json::object& usage = out["usage"].emplace_object();
  usage["requests"] = report.usage.requests;
  usage["from_journal"] = report.usage.from_journal;
  usage["tries"] = report.usage.tries;
  usage["input_tokens"] = report.usage.input_tokens;
  usage["output_tokens"] = report.usage.output_tokens;
  usage["reasoning_tokens"] = report.usage.reasoning_tokens;
  usage["usd"] = number_or_null(report.usage.usd);
  usage["seconds"] = report.usage.seconds;
  json::array& deviates = out["deviates"].emplace_array();
  for (const std::string& deviation : report.deviates) deviates.push_back(json::string(deviation));
  out["manifest"] = report.manifest;
  return out;
}

}  // namespace

json::object to_json(const Report& report) {
  json::object out = without_parts(report);
  json::array& parts = out["parts"].get_array();
  for (const Part& part : report.total.parts) parts.push_back(part_json(part));
  return out;
}

std::string stored_json(const Report& report) {
  std::string out = "{";
  for (const auto& member : without_parts(report)) {
    if (out.size() > 1) out += ',';
    append_json_string(out, member.key());
    out += ':';
    if (member.key() != "parts") {
      append_json(out, member.value());
      continue;
    }
    out += '[';
    for (const Part& part : report.total.parts) {
      if (out.back() != '[') out += ',';
      append_json(out, part_json(part));
    }
    out += ']';
  }
  return out += '}';
}

Result<Report> report_from_json(const json::value& value) {
  Reader reader;
  Report report;
  const json::object* o = value.if_object();
  if (!o) {
    reader.refuse("", "the document is not an object");
    return fail(reader.error());
  }
  reader.text(*o, "assay", "", report.assay);
  reader.text(*o, "run", "", report.run);
  reader.text(*o, "benchmark", "", report.benchmark, true);
  reader.text(*o, "edition", "", report.edition);
  reader.text(*o, "created", "", report.created);
  reader.text(*o, "status", "", report.status, true);
  reader.text(*o, "reason", "", report.reason);
  if (reader.ok() && report.status != "complete" && report.status != "incomplete" && report.status != "failed")
    reader.refuse("status", "is none of complete, incomplete, failed");
  if (const json::value* roles = o->if_contains("roles")) {
    if (const json::object* pairs = roles->if_object()) {
      for (const auto& entry : *pairs) reader.text(*pairs, entry.key(), "roles.", report.roles[std::string(entry.key())]);
    } else {
      reader.refuse("roles", "is not an object");
    }
  }
  report.total.name = report.benchmark;
  report.total.metrics = reader.metrics(*o, "");
  report.total.counts = reader.counts(*o, "");
  report.total.parts = reader.parts(*o, "", 0);
  if (const json::value* usage = o->if_contains("usage")) {
    if (const json::object* u = usage->if_object()) {
      reader.whole(*u, "requests", "usage.", report.usage.requests);
      reader.whole(*u, "from_journal", "usage.", report.usage.from_journal);
      reader.whole(*u, "tries", "usage.", report.usage.tries);
      reader.whole(*u, "input_tokens", "usage.", report.usage.input_tokens);
      reader.whole(*u, "output_tokens", "usage.", report.usage.output_tokens);
      reader.whole(*u, "reasoning_tokens", "usage.", report.usage.reasoning_tokens);
      if (const json::value* usd = u->if_contains("usd")) reader.number(*usd, "usage.usd", report.usage.usd);
      std::optional<double> seconds;
      if (const json::value* s = u->if_contains("seconds")) reader.number(*s, "usage.seconds", seconds);
      report.usage.seconds = seconds.value_or(0);
    } else {
      reader.refuse("usage", "is not an object");
    }
  }
  if (const json::value* deviates = o->if_contains("deviates")) {
    if (const json::array* list = deviates->if_array()) {
      for (const json::value& entry : *list) {
        if (entry.is_string())
          report.deviates.emplace_back(entry.get_string());
        else
          reader.refuse("deviates", "holds something that is not a string");
      }
    } else {
      reader.refuse("deviates", "is not an array");
    }
  }
  if (const json::value* manifest = o->if_contains("manifest")) {
    if (const json::object* m = manifest->if_object())
      report.manifest = *m;
    else
      reader.refuse("manifest", "is not an object");
  }
  if (!reader.ok()) return fail(reader.error());
  return report;
}

Result<std::vector<Report>> reports_from_json(const json::value& value) {
  std::vector<Report> out;
  const json::array* list = value.if_array();
  std::size_t count = list ? list->size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    auto report = report_from_json(list ? (*list)[i] : value);
    if (!report) {
      Error error = report.error();
      if (list) error.where = "report " + std::to_string(i + 1) + " of " + std::to_string(count);
      return fail(std::move(error));
    }
    out.push_back(std::move(*report));
  }
  return out;
}

}  // namespace assay
