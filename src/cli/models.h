// Model specs become Models that answer: back end, limits, retries, journal, overrides - in that order (interfaces: "Live and Recorded").
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"
#include "model/baseline.h"
#include "model/embedding_batches.h"
#include "model/journaled.h"
#include "model/model_spec.h"
#include "model/rate_hints.h"
#include "run/run_plan.h"

namespace assay::cli {

struct ModelOptions {
  JournalPolicy policy = JournalPolicy::live;
  bool retry_failed = true;
  std::string model_id;  // --model-id: the user's word for what the endpoint serves
  std::optional<std::size_t> concurrency;
  std::shared_ptr<BaselineAnswers> baselines;  // of the benchmark; null = `baseline:` is refused
  /// The identity the journal knows. Recorded: nothing has to be asked. Live: the user says that it still is this model.
  std::optional<ModelIdentity> known_identity;
  /// For a model that embeds: texts that are journaled one by one travel together.
  std::optional<BatchOptions> embedding_batches{};
};

/// Owns the layers of one model; `role` points into it.
struct BuiltModel {
  std::vector<std::unique_ptr<Model>> layers;  // [0] is the back end
  Role role;
  EmbeddingBatches* batches = nullptr;  // where ModelOptions asked for them and the model is asked over HTTP
  Model& top() { return *layers.back(); }
};

/// Parses, builds, identifies. Errors: usage (spec), auth, network ... (probe), data (file).
Async<BuiltModel> build_model(Session& session, std::string spec_text, ModelOptions options);

/// A back end that is asked over HTTP, but no launched one: `hints` learns what its headers tell of limits.
Result<std::unique_ptr<Model>> make_http_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints);

/// The back end alone, for doctor and --dry-run; the spec must be parsed.
Result<std::unique_ptr<Model>> make_backend(Session& session, const ModelSpec& spec, const ModelOptions& options);

/// What tokens of this model cost: the spec's own prices, else the user's file, else the program's table; zero where nobody sends a bill, nothing where unknown.
/// Errors: usage (a price that is no number), data (the file).
Result<std::optional<TokenPrices>> prices_of(Session& session, const ModelSpec& spec);
/// The user's file of prices; it need not exist.
std::filesystem::path price_file(Session& session);

}  // namespace assay::cli
