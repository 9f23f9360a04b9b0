// A whole build from files' texts: the reference values, the filter, and what goes wrong with embedding models.
#include "benchmark/mixeval/mixture_build.h"

#include <gtest/gtest.h>

#include <map>

#include "base/async/timer.h"
#include "base/hash.h"
#include "benchmark/mixeval/query_filter.h"
#include "model/embedding.h"
#include "support/fake_model.h"
#include "support/run_alone.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

using test::run_alone;

std::string words(const std::string& first, std::int64_t count) {
  std::string out = first;
  for (std::int64_t k = 1; k < count; ++k) out += " w";
  return out;
}

TEST(MixtureBuild, ReferenceThroughFiles) {
  ASSAY_NEED_SHARED("golden/mixeval/mix_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/mix_reference.json"));
  for (const json::value& item : golden.at("matching").as_array()) {
    std::string pool_text, query_text, vector_text;
    std::map<std::string, std::int64_t> query_of;
    auto add_vector = [&](const std::string& text, const json::value& vector) { vector_text += write_json(json::object{{"text", text}, {"vector", vector}}) + "\n"; };
    for (std::size_t i = 0; i < item.at("pool").as_array().size(); ++i) {
      const std::string text = words("p" + std::to_string(i), item.at("pool_words").as_array()[i].as_int64());
      json::object entry{{"id", i}, {"context", nullptr}, {"prompt", text}, {"benchmark_name", "B"}};
      const bool choice = item.at("pool_split").as_array()[i] == "multiple-choice";
      if (choice) entry["options"] = json::array{"a", "b"};
      entry["target"] = choice ? json::array{0} : json::array{"t"};
      pool_text += write_json(entry) + "\n";
      add_vector(text, item.at("pool").as_array()[i]);
    }
    for (std::size_t i = 0; i < item.at("queries").as_array().size(); ++i) {
      const std::string text = words("q" + std::to_string(i), item.at("query_words").as_array()[i].as_int64());
      query_text += text + "\n";
      query_of[sha256_hex(text)] = static_cast<std::int64_t>(i);
      add_vector(text, item.at("queries").as_array()[i]);
    }
    PoolReader reader;
    ASSERT_TRUE(reader.add(pool_text, "pool"));
    auto queries = read_queries(query_text, "queries");
    ASSERT_TRUE(queries);
    auto embedder = read_vector_file(vector_text, "vectors", {});
    ASSERT_TRUE(embedder);
    MixtureWish wish;
    wish.rules = {*get_number(item, "max_length_ratio"), *get_number(item, "min_similarity")};
    wish.seed = *get_integer(item, "seed");
    wish.free_form = static_cast<std::size_t>(*get_integer(item.at("quota"), "free-form"));
    wish.multiple_choice = static_cast<std::size_t>(*get_integer(item.at("quota"), "multiple-choice"));
    auto vectors = run_alone(embed_material(reader.pool(), *queries, wish.match_text, **embedder, {}));
    ASSERT_TRUE(vectors) << to_string(vectors.error());
    auto made = build_mixture(reader.pool(), *queries, wish, std::move(*vectors), {});
    ASSERT_TRUE(made) << to_string(made.error());
    const json::value record = *parse_json(made->record);
    for (const char* split : {"free-form", "multiple-choice"}) {
      const json::array& wanted = item.at("filled").at(split).as_array();
      const json::array& lines = record.at(split).as_array();
      ASSERT_EQ(lines.size(), wanted.size());
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::int64_t query = query_of.at(*get_string(lines[i], "query_sha256"));
        EXPECT_EQ(query, wanted[i].as_array()[0].as_int64());
        EXPECT_EQ(*get_string(lines[i], "pool_id"), "pool:" + std::to_string(wanted[i].as_array()[1].as_int64()));
        EXPECT_NEAR(*get_number(lines[i], "similarity"), *as_number(item.at("match").as_array()[static_cast<std::size_t>(query)].as_array()[1]), 1e-12);
      }
    }
  }
}

TEST(MixtureBuild, HardReferenceThroughGivenClusters) {
  ASSAY_NEED_SHARED("golden/mixeval/mix_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/mix_reference.json"));
  for (const json::value& item : golden.at("hard").as_array()) {
    const json::array& clusters = item.at("clusters").as_array();
    std::string pool_text, query_text;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      pool_text += write_json(json::object{{"id", i}, {"context", nullptr}, {"prompt", "p" + std::to_string(i)}, {"benchmark_name", "B" + std::to_string(i)}, {"target", json::array{"t"}}}) + "\n";
      query_text += "p" + std::to_string(i) + "\n";
    }
    PoolReader reader;
    ASSERT_TRUE(reader.add(pool_text, "pool"));
    const Pool& pool = reader.pool();
    auto queries = read_queries(query_text, "queries");
    ASSERT_TRUE(queries);
    MixtureWish wish;
    wish.match_text = MatchText::prompt;
    wish.seed = *get_integer(item, "seed");
    auto build = [&] {
      auto embedder = make_lexical_embedder();
      auto vectors = run_alone(embed_material(pool, *queries, wish.match_text, *embedder, {}));
      return build_mixture(pool, *queries, wish, std::move(*vectors), {});
    };
    auto plain = build();
    ASSERT_TRUE(plain) << to_string(plain.error());
    // Every entry once, shuffled: place k of the mixture is entry k of the reference.
    ASSERT_EQ(plain->filled.free_form.size(), clusters.size());
    std::string file;
    for (std::size_t c = 0; c < item.at("reference").as_array().size(); ++c) file += write_json(json::object{{"cluster", c}, {"share", item.at("reference").as_array()[c]}}) + "\n";
    wish.judged.resize(item.at("scores").as_array().size());
    for (std::size_t k = 0; k < clusters.size(); ++k) {
      const Entry& entry = pool.entries[plain->filled.free_form[k].second];
      file += k % 2 ? write_json(json::object{{"text", entry.prompt}, {"cluster", clusters[k]}}) + "\n" : write_json(json::object{{"sha256", sha256_hex(entry.prompt)}, {"cluster", clusters[k]}}) + "\n";
      for (std::size_t m = 0; m < wish.judged.size(); ++m) wish.judged[m].scores[0][identity(entry)] = *as_number(item.at("scores").as_array()[m].as_array()[k]);
    }
    for (std::size_t m = 0; m < wish.judged.size(); ++m) wish.judged[m].model = "m" + std::to_string(m);
    auto given = read_given_clusters(file, "clusters");
    ASSERT_TRUE(given) << to_string(given.error());
    wish.given = std::move(*given);
    wish.hard = {*get_string(item, "weights") == "accuracy", *get_number(item, "lambda_"), static_cast<std::size_t>(*get_integer(item, "n")), 0, *get_number(item, "max_distance"),
                 static_cast<std::size_t>(*get_integer(item, "max_tries"))};
    auto made = build();
    ASSERT_TRUE(made) << to_string(made.error());
    const HardSubset& subset = (*made->hard)[0].subset;
    const json::value& result = item.at("result");
    json::array chosen;
    for (std::size_t i : subset.entries) chosen.emplace_back(i);
    EXPECT_EQ(write_json(chosen), write_json(result.at("sample")));
    EXPECT_EQ(subset.accepted, result.at("accepted").as_bool());
    EXPECT_EQ(static_cast<std::int64_t>(subset.tries), result.at("tries").as_int64());
    EXPECT_NEAR(subset.shift, *get_number(result, "distance"), 1e-12);
    EXPECT_EQ(parse_json(made->record)->at("hard").at("clusters").as_array().size(), wish.given->names.size());
  }
}

TEST(GivenClusters, QueriesCountWhereNoShareIsSaidAndOddFilesAreNamed) {
  auto given = read_given_clusters("{\"text\": \"a\", \"cluster\": \"x\"}\n{\"text\": \"b\", \"cluster\": 7}\n{\"text\": \"a\", \"cluster\": \"x\"}\n", "f");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->names, (std::vector<std::string>{"x", "7"}));
  EXPECT_TRUE(given->shares.empty());
  const std::string_view texts[] = {"b", "a", "b"};
  EXPECT_EQ(given->of(texts).value(), (std::vector<std::size_t>{1, 0, 1}));
  const std::string_view more[] = {"a", "c", "d"};
  auto lacking = given->of(more);
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().message.find("2 texts, the first is \"c\""), std::string::npos) << lacking.error().message;
  for (const char* wrong : {"", "{}", "{\"text\": \"a\"}", "{\"cluster\": \"x\"}", "{\"text\": \"a\", \"cluster\": \"x\", \"share\": 1}", "{\"text\": \"a\", \"cluster\": \"\"}",
                            "{\"text\": \"a\", \"cluster\": \"x\"}\n{\"text\": \"a\", \"cluster\": \"y\"}", "{\"cluster\": \"x\", \"share\": 1}",
                            "{\"text\": \"a\", \"cluster\": \"x\"}\n{\"cluster\": \"x\", \"share\": 0.5}", "{\"text\": \"a\", \"cluster\": \"x\"}\n{\"cluster\": \"y\", \"share\": 1}",
                            "{\"text\": \"a\", \"cluster\": \"x\"}\n{\"cluster\": \"x\", \"share\": 1}\n{\"cluster\": \"x\", \"share\": 1}", "{\"text\": \"a\", \"cluster\": \"x\"}\n{\"cluster\": \"x\", \"share\": -1}"}) {
    auto made = read_given_clusters(wrong, "f");
    ASSERT_FALSE(made) << wrong;
    EXPECT_EQ(made.error().kind, ErrorKind::data);
  }
}

struct EmbeddingModel : testing::Test {
  EmbeddingModel() {
    model.reply = [this](const Query& query, std::size_t) -> Result<Response> {
      const std::string& text = std::get<Generate>(query.request).messages.front().content;
      asked.push_back(text);
      if (text == bad) return fail(bad_kind, "no vector for this");
      Response out;
      out.text = vector_text(Vector(text == odd ? 3 : 2, static_cast<double>(text.size())));
      return out;
    };
  }
  Result<std::unique_ptr<EmbeddingTable>> embed(const std::vector<std::string_view>& texts, ModelEmbedderOptions options = {}) {
    options.label = "m";
    options.window = 1;
    embedder = make_model_embedder(model, std::move(options));
    return run_alone(embedder->embed(texts, {}));
  }
  VirtualTimer timer;
  test::FakeModel model{timer};
  std::unique_ptr<Embedder> embedder;
  std::string bad = "-", odd = "-";
  ErrorKind bad_kind = ErrorKind::bad_request;
  std::vector<std::string> asked;
};

TEST_F(EmbeddingModel, EqualTextsAreAskedOnceAndEmptyOnesNever) {
  auto table = embed({"aa", "", "aa", "bbb"});
  ASSERT_TRUE(table);
  EXPECT_EQ(asked, (std::vector<std::string>{"aa", "bbb"}));
  EXPECT_EQ((*table)->rows(), 4u);
  EXPECT_EQ((*table)->square(1), 0);
  EXPECT_EQ((*table)->square(2), 1);
  const std::vector<double> axis{1, 0};
  EXPECT_EQ((*table)->dot(0, axis), (*table)->dot(2, axis));
  EXPECT_EQ(*get_integer(json::value(embedder->facts()), "dimension"), 2);
}

TEST_F(EmbeddingModel, LongTextsAreCutWhereTheUserSaysSo) {
  ModelEmbedderOptions options;
  options.most_characters = 2;
  ASSERT_TRUE(embed({"a\u00e4b", "c"}, options));
  EXPECT_EQ(asked, (std::vector<std::string>{"a\u00e4", "c"}));
}

TEST_F(EmbeddingModel, OneBadTextDoesNotKeepTheOthersFromBeingAsked) {
  bad = "b";
  auto table = embed({"a", "b", "cc"});
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind, ErrorKind::bad_request);
  EXPECT_EQ(asked.size(), 3u);
  asked.clear();
  bad_kind = ErrorKind::quota;  // that is the end
  EXPECT_EQ(embed({"a", "b", "cc"}).error().kind, ErrorKind::quota);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(EmbeddingModel, AnotherDimensionIsNamed) {
  odd = "b";
  auto table = embed({"a", "b"});
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind, ErrorKind::identity);
  EXPECT_NE(table.error().message.find("of 2 and of 3 numbers"), std::string::npos) << table.error().message;
}

TEST_F(EmbeddingModel, WhoeverStopsGetsToldHowToGoOn) {
  ModelEmbedderOptions options;
  options.stopping = [this] { return asked.size() >= 2; };
  auto table = embed({"a", "b", "c"}, options);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(asked.size(), 2u);
}

TEST(QueryFilterRun, AsksAgainUntilItIsClear) {
  VirtualTimer timer;
  test::FakeModel model{timer};
  std::map<std::string, int> asks;
  model.reply = [&](const Query& query, std::size_t) -> Result<Response> {
    const std::string& text = std::get<Generate>(query.request).messages.front().content;
    EXPECT_EQ(query.draw.ask, query.origin.ask);
    Response out;
    const bool first = query.origin.task == "is it a request";
    if (text.find("\nmaybe\n") != std::string::npos) {
      ++asks["maybe"];
      out.text = query.draw.ask < 2 ? "perhaps" : "yes";
    } else if (text.find("\nnever\n") != std::string::npos) {
      ++asks["never"];
      out.text = "hm";
    } else if (text.find("\npicture\n") != std::string::npos) {
      out.text = first ? "Yes" : "No: there is no picture";
    } else {
      out.text = text.find("\nad\n") == std::string::npos ? "yes" : "no";
    }
    return out;
  };
  auto kept = run_alone(filter_queries(model, {"one", "ad", "maybe", "never", "picture"}, {}, {}));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->kept, (std::vector<std::string>{"one", "maybe"}));
  EXPECT_EQ(kept->no_request, 1u);
  EXPECT_EQ(kept->not_text, 1u);
  EXPECT_EQ(kept->unclear, 1u);
  EXPECT_EQ(asks["maybe"], 6);
  EXPECT_EQ(asks["never"], 6);
}

}  // namespace
}  // namespace assay::mixeval
