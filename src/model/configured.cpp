#include "model/configured.h"

#include <charconv>
#include <set>

#include "base/number.h"

namespace assay {
namespace {

// Texts in a deviation are for people; a long one is named, not printed.
std::string shown(const std::string& text) { return text.size() <= 40 ? "\"" + text + "\"" : "a text of " + std::to_string(text.size()) + " bytes"; }
std::string shown(double value) { return python_repr(value); }
std::string shown(int value) { return std::to_string(value); }
std::string shown(std::int64_t value) { return std::to_string(value); }

class Configured final : public Model {
 public:
  Configured(Model& inner, Sampling overrides, std::optional<std::string> system, std::vector<std::string> deviations)
      : inner_(inner), overrides_(std::move(overrides)), system_(std::move(system)), deviations_(std::move(deviations)) {}

  Async<ModelIdentity> identify() override { return inner_.identify(); }

  Async<Response> answer(Query query) override {
    if (auto* generate = std::get_if<Generate>(&query.request)) {
      for (std::string& deviation : apply(*generate))
        if (std::size_t key = deviation.find('='); seen_.insert(deviation.substr(0, key)).second) deviations_.push_back(std::move(deviation));
    }
    return inner_.answer(std::move(query));
  }

  Capabilities capabilities() const override { return inner_.capabilities(); }

  Result<Rendering> render(const Generate& request) const override {
    Generate changed = request;
    apply(changed);
    return inner_.render(changed);
  }

  std::vector<std::string> deviations() const override {
    std::vector<std::string> out = deviations_;
    for (std::string& deviation : inner_.deviations()) out.push_back(std::move(deviation));
    return out;
  }

  json::object facts() const override { return inner_.facts(); }

 private:
  template <class T>
  static void override_one(const char* key, std::optional<T>& value, const std::optional<T>& wanted, std::vector<std::string>& changes) {
    if (!wanted || value == wanted) return;
    changes.push_back(std::string(key) + "=" + shown(*wanted) + " instead of " + (value ? shown(*value) : "the model's default"));
    value = wanted;
  }

  // Changes the request and says what departs from what the benchmark wanted.
  std::vector<std::string> apply(Generate& request) const {
    std::vector<std::string> changes;
    Sampling& s = request.sampling;
    override_one("temperature", s.temperature, overrides_.temperature, changes);
    override_one("top_p", s.top_p, overrides_.top_p, changes);
    override_one("min_p", s.min_p, overrides_.min_p, changes);
    override_one("top_k", s.top_k, overrides_.top_k, changes);
    override_one("max_tokens", s.max_tokens, overrides_.max_tokens, changes);
    override_one("seed", s.seed, overrides_.seed, changes);
    if (!overrides_.stop.empty() && s.stop != overrides_.stop) {
      std::string before = s.stop.empty() ? "no stop text" : s.stop.size() == 1 ? shown(s.stop[0]) : std::to_string(s.stop.size()) + " texts";
      changes.push_back("stop=" + shown(overrides_.stop[0]) + " instead of " + before);
      s.stop = overrides_.stop;
    }
    if (system_ && !request.messages.empty()) {
      Message& first = request.messages.front();
      if (first.role != "system") {
        changes.push_back("system=" + shown(*system_) + " instead of no system message");
        request.messages.insert(request.messages.begin(), Message{"system", *system_});
      } else if (first.content != *system_) {
        changes.push_back("system=" + shown(*system_) + " instead of " + shown(first.content));
        first.content = *system_;
      }
    }
    return changes;
  }

  Model& inner_;
  Sampling overrides_;
  std::optional<std::string> system_;
  std::set<std::string> seen_;
  std::vector<std::string> deviations_;
};

}  // namespace

Result<std::unique_ptr<Model>> make_configured(Model& inner, const ModelSpec& spec) {
  Sampling s;
  std::string wrong;
  auto text = [&](const char* key) {
    auto it = spec.settings.find(key);
    return it == spec.settings.end() ? nullptr : &it->second;
  };
  auto real = [&](const char* key, std::optional<double>& out) {
    if (const std::string* value = text(key); value && !(out = python_float(*value))) wrong = key;
  };
  auto whole = [&](const char* key, auto& out) {
    const std::string* value = text(key);
    if (!value) return;
    auto [end, code] = std::from_chars(value->data(), value->data() + value->size(), out.emplace());
    if (code != std::errc() || end != value->data() + value->size()) wrong = key;
  };
  real("temperature", s.temperature);
  real("top_p", s.top_p);
  real("min_p", s.min_p);
  whole("top_k", s.top_k);
  whole("max_tokens", s.max_tokens);
  if (spec.backend != "baseline") whole("seed", s.seed);  // a baseline's seed is its own
  if (const std::string* value = text("stop")) s.stop = {*value};
  std::optional<std::string> system;
  if (const std::string* value = text("system")) system = *value;
  if (!wrong.empty()) return fail(ErrorKind::usage, wrong + "=" + *text(wrong.c_str()) + " is not a number", spec.text);
  std::vector<std::string> deviations;
  if (const std::string* value = text("extra")) deviations.push_back("extra=" + shown(*value) + " in every request");
  return std::make_unique<Configured>(inner, std::move(s), std::move(system), std::move(deviations));
}

}  // namespace assay
