// What MixEval's registered models and judges are asked: the bodies, keys, clients and chat texts that the original's classes made.
#include "cli/compat/mixeval_models.h"

#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/mixeval.h"
#include "benchmark/mixeval/turn_template.h"
#include "dataset/pack.h"
#include "model/http/anthropic_dialect.h"
#include "model/http/gemini_dialect.h"
#include "model/http/openai_dialect.h"
#include "model/http/reka_dialect.h"
#include "model/model_spec.h"
#include "packs/embedded.h"
#include "support/shared_data.h"

namespace assay::compat {
namespace {

using mixeval::Kind;
using mixeval::ModelRegistry;
using mixeval::RegisteredModel;
using test::load_json;
using test::shared;

const char* kGolden = "golden/mixeval/api_requests.json";

const ModelRegistry& registry() {
  static const ModelRegistry models = [] {
    ModelRegistry out;
    auto text = read_file(ASSAY_SOURCE_DIR "/packs/mixeval/sample/models.json");
    EXPECT_TRUE(text && out.add(*text, "models.json", true));
    return out;
  }();
  return models;
}

class NoData final : public DataSource {
 public:
  Result<DataFile> file(std::string_view name) override { return fail(ErrorKind::data, "not here", std::string(name)); }
};

MixevalFlags flags_of(const std::string& name) {
  MixevalFlags out;
  out.model_name = name;
  out.benchmark = "mixeval";
  out.version = "2024-08-11";
  return out;
}

/// The request for one free-form entry, made by the benchmark with the options that the front end gives it.
Generate request_of(const MixevalModel& model, const std::string& prompt) {
  PrepareSettings settings;
  settings.ref = {"mixeval", "2024-08-11", ""};
  settings.options = model.options;
  settings.options["inference_only"] = "true";
  json::object entry{{"problem_type", "free-form"}, {"context", nullptr}, {"prompt", prompt}, {"target", json::array{"4"}}, {"benchmark_name", "TriviaQA"}};
  settings.held = std::make_shared<const json::value>(json::object{{"entries", json::object{{"free-form", json::object{{"0", entry}}}}}});
  NoData none;
  auto evaluation = Mixeval(false, registry).prepare(settings, none);
  if (!evaluation) {
    ADD_FAILURE() << to_string(evaluation.error());
    return {};
  }
  std::vector<std::string> pending;
  return std::get<Generate>((*evaluation)->known_requests(0, pending).at(0).request);
}

json::object body_of(const ModelSpec& spec, const Generate& request) {
  if (spec.backend == "anthropic") return anthropic_body(request, spec.name, {})->json;
  if (spec.backend == "gemini") return gemini_body(request, {})->json;
  if (spec.backend == "reka") return reka_body(request, spec.name, {})->json;
  return openai_chat_body(request, spec.name, quirks_by_name(spec.name)).json;
}

std::string canonical(const json::value& value) { return write_json(value, JsonStyle::canonical); }

TEST(MixevalModels, ProvidersAreSentWhatTheOriginalsClassesSent) {
  ASSAY_NEED_SHARED(kGolden);
  const json::value golden = load_json(shared(kGolden));
  std::size_t compared = 0;
  for (const json::value& row : golden.at("requests").as_array()) {
    const std::string name(row.at("model").as_string());
    SCOPED_TRACE(name);
    const RegisteredModel* registered = registry().find(name);
    ASSERT_TRUE(registered);
    auto model = tested_model(flags_of(name), *registered);
    ASSERT_TRUE(model) << to_string(model.error());
    auto spec = parse_model_spec(model->spec);
    ASSERT_TRUE(spec) << to_string(spec.error());
    EXPECT_TRUE(spec->settings.contains("key_env")) << "the original's own name of the key";
    json::object expected = row.at("request").as_object();
    const Generate request = request_of(*model, "PROMPT TEXT");
    json::object body = body_of(*spec, request);
    const std::string question = "Question: PROMPT TEXT\nAnswer the question shortly.";
    if (spec->backend == "gemini") {
      EXPECT_EQ(body.at("contents").at(0).at("parts").at(0).at("text").as_string(), question);
      EXPECT_EQ(body.at("generationConfig").at("candidateCount"), expected.at("generation_config").at("candidate_count"));
      EXPECT_EQ(body.at("generationConfig").at("maxOutputTokens"), expected.at("generation_config").at("max_output_tokens"));
      std::map<std::string, std::string> ours;
      for (const json::value& one : body.at("safetySettings").as_array()) ours[lower(std::string(one.at("category").as_string()))] = lower(std::string(one.at("threshold").as_string()));
      for (const auto& one : expected.at("safety_settings").as_object()) EXPECT_EQ(ours[std::string(one.key())], std::string(one.value().as_string())) << one.key();
      EXPECT_FALSE(body.at("generationConfig").as_object().contains("temperature"));
    } else if (spec->backend == "reka") {
      // What the original hands to Reka's client: that puts the prompt behind the history, and posts both as one list.
      json::array history = body.at("conversation_history").as_array();
      ASSERT_FALSE(history.empty());
      EXPECT_EQ(write_json(history.back()), write_json(json::object{{"type", "human"}, {"text", question}}));
      history.pop_back();
      expected["conversation_history"] = expected.contains("conversation_history") ? expected["conversation_history"] : json::array();
      body["conversation_history"] = std::move(history);
      body["prompt"] = expected.at("prompt");
      EXPECT_EQ(canonical(body), canonical(expected)) << "and no limit";
    } else {
      // Both name what the providers do anyway: text, and an answer in the form of a message.
      expected.erase("response_format");
      expected.erase("result_format");
      expected.at("messages").as_array().back().as_object()["content"] = question;
      if (spec->backend == "anthropic") {  // ours writes out two defaults of the provider
        EXPECT_EQ(body.at("system").as_string(), "");
        EXPECT_FALSE(body.at("stream").as_bool());
        body.erase("system");
        body.erase("stream");
      }
      EXPECT_EQ(canonical(body), canonical(expected));
    }
    ++compared;
  }
  EXPECT_EQ(compared, 29u);
}

TEST(MixevalModels, TheJudgesClientIsChosenByTheEnvironment) {
  ASSAY_NEED_SHARED(kGolden);
  const json::value golden = load_json(shared(kGolden));
  for (const json::value& row : golden.at("judge_client_selection").as_array()) {
    const json::object& environment = row.at("env").as_object();
    SCOPED_TRACE(write_json(row.at("env")));
    auto variable = [&](const std::string& name, const std::string&) -> Result<std::optional<std::string>> {
      auto it = environment.find(name);
      return it == environment.end() ? std::nullopt : std::optional(std::string(it->value().as_string()));
    };
    MixevalFlags flags = flags_of("gpt_4o");
    auto text = judge_spec(flags, flags.freeform_judge, variable);
    if (const json::value* message = find(row, "message")) {
      ASSERT_FALSE(text);
      EXPECT_EQ(text.error().message, std::string(message->as_string()));
      continue;
    }
    ASSERT_TRUE(text) << to_string(text.error());
    auto spec = parse_model_spec(*text);
    ASSERT_TRUE(spec) << *text << ": " << to_string(spec.error());
    EXPECT_EQ(spec->name, "gpt-3.5-turbo-0125");
    if (row.at("client").as_string() == "AzureOpenAI") {
      EXPECT_EQ(spec->backend, "azure");
      EXPECT_EQ(*text, "https://x?api=azure&key_env=OPENAI_API_KEY&api_version=2023-07-01-preview#gpt-3.5-turbo-0125");
    } else {
      EXPECT_EQ(spec->backend, "openai");
      EXPECT_EQ(spec->settings.at("key_env"), "MODEL_PARSER_API");
    }
  }
  const json::value& asked = golden.at("judge_requests").at(0);
  MixevalFlags flags = flags_of("gpt_4o");
  flags.api_base_url = std::string(asked.at("client_base_url").as_string());
  auto text = judge_spec(flags, flags.freeform_judge, [](const std::string& name, const std::string&) -> Result<std::optional<std::string>> { return name == "MODEL_PARSER_API" ? std::optional<std::string>("k") : std::nullopt; });
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "http://localhost:8080/v1?key_env=MODEL_PARSER_API#gpt-3.5-turbo-0125");
}

TEST(MixevalModels, OpenAisClientGoesWhereTheEnvironmentSays) {
  auto variable = [](const std::string& name, const std::string&) -> Result<std::optional<std::string>> {
    if (name == "OPENAI_BASE_URL") return "http://127.0.0.1:9/v1/";
    return name == "MODEL_PARSER_API" ? std::optional<std::string>("k") : std::nullopt;
  };
  MixevalFlags flags = flags_of("gpt_4o");
  EXPECT_EQ(judge_spec(flags, "judge", variable).value(), "http://127.0.0.1:9/v1?key_env=MODEL_PARSER_API#judge");
  EXPECT_EQ(tested_model(flags, *registry().find("gpt_4o"), variable)->spec, "http://127.0.0.1:9/v1?key_env=k_oai#gpt-4o-2024-05-13");
  EXPECT_EQ(tested_model(flags, *registry().find("gpt_4o"))->spec, "openai:gpt-4o-2024-05-13?key_env=k_oai");
  flags.api_base_url = "http://127.0.0.1:8/v1";
  EXPECT_EQ(judge_spec(flags, "judge", variable).value(), "http://127.0.0.1:8/v1?key_env=MODEL_PARSER_API#judge");
  flags.model = "openai:other";
  EXPECT_EQ(tested_model(flags, *registry().find("gpt_4o"), variable)->spec, "openai:other") << "a spec of the user's own is what it says";
}

TEST(MixevalModels, JudgesAreAskedInTwoMessagesWithRoomForAVerdict) {
  ASSAY_NEED_SHARED(kGolden);
  const json::value golden = load_json(shared(kGolden));
  const mixeval::Settings settings = mixeval::make_settings("mixeval", "2024-08-11", {}).value();
  for (const json::value& row : golden.at("judge_requests").as_array()) {
    const json::object& request = row.at("request").as_object();
    EXPECT_EQ(settings.judge_max_tokens, request.at("max_tokens").as_int64());
    EXPECT_FALSE(settings.judge_temperature);
    EXPECT_EQ(request.at("messages").as_array().size(), 2u) << "as judge_prompts.json has them";
    EXPECT_FALSE(request.contains("temperature"));
  }
}

TEST(MixevalModels, ChatModelsGetTheSystemMessageAndTheChatFormatOfTheirClass) {
  ASSAY_NEED_SHARED(kGolden);
  const json::value golden = load_json(shared(kGolden));
  ASSAY_NEED_SHARED("upstream/mixeval/models.json");
  auto list = read_file(test::shared("upstream/mixeval/models.json"));
  ASSERT_TRUE(list);
  const PackStore store = PackStore::load(embedded_packs()).value();
  const Pack& pack = *store.find("mixeval").value();
  std::size_t messages = 0, texts = 0, own = 0;
  for (const json::value& row : golden.at("chat").as_array()) {
    const std::string name(row.at("model").as_string());
    SCOPED_TRACE(name);
    const RegisteredModel* registered = registry().find(name);
    ASSERT_TRUE(registered);
    EXPECT_EQ(registered->kind, Kind::chat);
    std::vector<Message> expected;
    for (const json::value& one : row.at("messages").as_array()) expected.push_back({std::string(one.at("role").as_string()), std::string(one.at("content").as_string())});
    ASSERT_EQ(expected.back().content, "What is 2+2?\nAnswer the question shortly.");

    // Asked over a chat endpoint: messages.
    MixevalFlags flags = flags_of(name);
    flags.model = "http://127.0.0.1:1/v1#m";
    RegisteredModel asked = *registered;
    if (!asked.system_text.empty()) {
      EXPECT_FALSE(tested_model(flags, asked)->notes.empty()) << "that it is absent is said";
      ASSERT_TRUE(pack.file(asked.system_text));
      asked.system = extracted(*pack.file(asked.system_text), *list);  // as importing takes it out
      ++own;
    }
    auto model = tested_model(flags, asked);
    ASSERT_TRUE(model) << to_string(model.error());
    const Generate request = request_of(*model, "What is 2+2?");
    EXPECT_EQ(request.messages.back().content, "Question: What is 2+2?\nAnswer the question shortly.");
    EXPECT_EQ(*request.sampling.max_tokens, 512);
    ASSERT_EQ(request.messages.size(), expected.size());
    EXPECT_EQ(request.messages.front().role, expected.front().role);
    if (expected.size() == 2) { EXPECT_EQ(request.messages.front().content, expected.front().content); }
    EXPECT_EQ(request.sampling.temperature.has_value(), registered->sampling.contains("temperature"));
    ++messages;

    // In the class's own chat format, where it has one: the whole text.
    const json::value* prompt = find(row, "prompt");
    EXPECT_EQ(registered->turns.has_value(), prompt != nullptr);
    if (!prompt || !registered->turns) continue;
    EXPECT_EQ(mixeval::turns_text(*registered->turns, expected), std::string(prompt->as_string()));
    if (const json::value* two = find(row, "prompt_two_turns")) {
      std::vector<Message> more = expected;
      more.push_back({"assistant", "4"});
      more.push_back({"user", "Sure?"});
      EXPECT_EQ(mixeval::turns_text(*registered->turns, more), std::string(two->as_string()));
    }
    flags.model = "gguf:model.gguf";
    auto local = tested_model(flags, asked);
    ASSERT_TRUE(local) << to_string(local.error());
    const Generate raw = request_of(*local, "What is 2+2?");
    EXPECT_TRUE(raw.messages.empty());
    std::vector<Message> whole = expected;
    whole.back().content = "Question: " + whole.back().content;
    EXPECT_EQ(raw.prompt, mixeval::turns_text(*registered->turns, whole));
    flags.model = "gguf:model.gguf?template=chatml";
    EXPECT_FALSE(tested_model(flags, *registered)->options.contains("turns")) << "who names a template gets it";
    ++texts;
  }
  EXPECT_EQ(messages, 65u);
  EXPECT_EQ(own, 14u);
  EXPECT_EQ(texts, 22u);
}

TEST(MixevalModels, AChatFormatThatIsNoneIsNamed) {
  for (const char* wrong : {R"([])", R"({"user": 3})", R"({"user": "USER:"})", R"({"user": "{} {}"})", R"({"assistant": "{}"})", R"({"user": "{}", "answer": "{}"})", R"({"user": "{}", "tool": "{}"})"}) {
    auto made = mixeval::make_settings("mixeval", "2024-08-11", {{"kind", "chat"}, {"turns", wrong}});
    ASSERT_FALSE(made) << wrong;
    EXPECT_EQ(made.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(mixeval::make_settings("mixeval", "2024-08-11", {{"turns", R"({"user": "{}"})"}})) << "kind=api";
}

}  // namespace
}  // namespace assay::compat
