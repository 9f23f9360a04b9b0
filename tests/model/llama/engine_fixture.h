// Runs a GGUF model made of bytes, to the end, from a plain test body.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/llama/llama_model.h"
#include "support/temporary_folder.h"

namespace assay::test {

class EngineTest : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static LlamaSettings settings(const std::filesystem::path& path) {
    LlamaSettings s;
    s.path = path;
    s.threads = 1;  // more would fight with the other tests for the cores
    s.n_ctx = 512;
    s.kv_type = "f32";
    return s;
  }
  std::unique_ptr<Model> open(const std::string& bytes, LlamaSettings wish = {}) {
    wish.path = write("model.gguf", bytes);
    LlamaSettings base = settings(wish.path);
    if (wish.n_ctx == 0) wish.n_ctx = base.n_ctx;
    wish.threads = base.threads;
    if (wish.kv_type == "f16") wish.kv_type = base.kv_type;
    auto model = make_llama_model(wish, system_clock());
    if (!model) {
      ADD_FAILURE() << to_string(model.error());
      return nullptr;
    }
    return std::move(*model);
  }

  template <class T>
  static Task<void> keep(Async<T> work, std::optional<Result<T>>& out) {
    out = co_await std::move(work);
  }
  /// All at once on one loop.
  std::vector<Result<Response>> ask_all(Model& model, std::vector<Query> queries) {
    asio::io_context loop;
    std::vector<std::optional<Result<Response>>> answers(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i)
      asio::co_spawn(loop, keep(model.answer(std::move(queries[i])), answers[i]), asio::detached);
    loop.run();
    std::vector<Result<Response>> out;
    for (auto& answer : answers)
      out.push_back(answer ? std::move(*answer) : Result<Response>(fail(ErrorKind::internal, "no answer came")));
    return out;
  }
  Result<Response> ask(Model& model, Request request) {
    Query query;
    query.request = std::move(request);
    return ask_all(model, {std::move(query)})[0];
  }
  Result<ModelIdentity> identity(Model& model) {
    asio::io_context loop;
    std::optional<Result<ModelIdentity>> out;
    asio::co_spawn(loop, keep(model.identify(), out), asio::detached);
    loop.run();
    return out ? std::move(*out) : Result<ModelIdentity>(fail(ErrorKind::internal, "no identity came"));
  }

  TemporaryFolder folder_;
};

inline Generate user(std::string text, int max_tokens = 60) {
  Generate request;
  request.messages = {{"user", std::move(text)}};
  request.sampling.max_tokens = max_tokens;
  return request;
}
inline Generate raw(std::string prompt, int max_tokens) {
  Generate request;
  request.prompt = std::move(prompt);
  request.sampling.max_tokens = max_tokens;
  return request;
}

}  // namespace assay::test
