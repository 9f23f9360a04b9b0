// Drives an Evaluation the way the runner does, with scripted answers in place of models. Nothing waits, so no event loop is
// needed beyond the one that starts the coroutine.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "run/evaluation.h"

namespace assay::eq_bench::test {

struct Asked {
  std::string role, sample;
  int ask = 0;
  Generate request;
};

/// Answers by sample and ask; remembers what was asked.
class ScriptedContext final : public UnitContext {
 public:
  using Script = std::function<Result<Response>(const std::string& sample, int ask)>;
  explicit ScriptedContext(Script script) : script_(std::move(script)) {}
  Async<Response> ask(std::string_view role, std::string_view sample, Request request) override {
    Asked one;
    one.role = std::string(role);
    one.sample = std::string(sample);
    one.ask = static_cast<int>(asked.size());
    one.request = std::get<Generate>(std::move(request));
    asked.push_back(one);
    co_return script_(one.sample, one.ask);
  }
  std::vector<Asked> asked;

 private:
  Script script_;
};

/// Asks a real Model, as the runner does.
class ModelContext final : public UnitContext {
 public:
  ModelContext(Model& model, std::string benchmark, int iteration)
      : model_(model), benchmark_(std::move(benchmark)), iteration_(iteration) {}
  Async<Response> ask(std::string_view role, std::string_view sample, Request request) override {
    Query query;
    query.request = std::move(request);
    query.draw = Draw{iteration_, asks_, 0};
    query.origin = Origin{benchmark_, "", std::string(sample), std::string(role), iteration_, asks_};
    ++asks_;
    Result<Response> answer = co_await model_.answer(std::move(query));
    co_return answer;
  }

 private:
  Model& model_;
  std::string benchmark_;
  int iteration_;
  int asks_ = 0;
};

inline Response response(std::string text, Finish finish = Finish::stop) {
  Response r;
  r.text = std::move(text);
  r.finish = finish;
  return r;
}

inline Task<void> evaluate_into(Evaluation& evaluation, std::size_t ordinal, UnitContext& context, Result<UnitResult>& out) {
  out = co_await evaluation.evaluate(ordinal, context);
}

inline Result<UnitResult> evaluate(Evaluation& evaluation, std::size_t ordinal, UnitContext& context) {
  Result<UnitResult> out = fail(ErrorKind::internal, "the coroutine did not end");
  asio::io_context io;
  asio::co_spawn(io, evaluate_into(evaluation, ordinal, context, out), asio::detached);
  io.run();
  return out;
}

/// Results in memory, each through its JSON as the journal keeps it.
class MemoryResults final : public UnitResults {
 public:
  explicit MemoryResults(const Evaluation& evaluation) : evaluation_(evaluation) {}
  void add(const UnitResult& result) { rows_.push_back(write_json(to_json(result))); }
  std::size_t size() const override { return rows_.size(); }
  Result<void> for_each(const std::function<bool(std::size_t, const Unit&, const UnitResult&)>& visit) const override {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      auto value = parse_json(rows_[i], "row");
      if (!value) return std::unexpected(value.error());
      auto result = unit_result_from_json(*value);
      if (!result) return std::unexpected(result.error());
      if (!visit(i, evaluation_.unit(i), *result)) break;
    }
    return {};
  }

 private:
  const Evaluation& evaluation_;
  std::vector<std::string> rows_;
};

/// Question files from memory.
class MemoryData final : public DataSource {
 public:
  std::map<std::string, std::string, std::less<>> files;
  std::string edition = "custom";
  Result<DataFile> file(std::string_view name) override {
    auto it = files.find(name);
    if (it == files.end()) return fail(ErrorKind::data, "no file " + std::string(name));
    return DataFile{it->first, it->second, "", edition};
  }
};

}  // namespace assay::eq_bench::test
