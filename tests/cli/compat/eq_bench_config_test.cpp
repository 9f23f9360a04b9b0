// config.cfg as the original reads it: sections, keys, rows with all their oddities, and what a person is told of mistakes.
#include "cli/compat/eq_bench_config.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "cli/compat/benchmark_row.h"
#include "cli/compat/ini.h"
#include "support/shared_data.h"

namespace assay::compat {
namespace {

const std::string kSections =
    "[OpenAI]\napi_key = sk-0815\n[Huggingface]\n[Results upload]\n[Creative Writing Benchmark]\n[Options]\n[Oobabooga config]\n";

RowSurroundings surroundings() {
  RowSurroundings s;
  s.working_directory = "/cwd";
  s.home = "/home-of-mine";
  s.ooba_launch_script = "/cwd/ooba/start_linux.sh";
  s.exists = [](const std::string& path) {
    static const std::set<std::string> there{"/cwd/ooba/instruction-templates/Alpaca.yaml", "/cwd/ooba/instruction-templates/Mistral.yaml",
                                             "/cwd/ooba/instruction-templates/ChatML.yaml", "/home-of-mine/model", "here"};
    return there.contains(path);
  };
  s.has_template = [](const std::string& name) { return std::set<std::string>{"ChatML", "Llama-v2", "Alpaca", "Mistral"}.contains(name); };
  return s;
}

Result<std::vector<BenchmarkRow>> rows(const std::string& text, const RowSurroundings& s = surroundings()) {
  auto config = read_eq_bench_config(kSections + "[Benchmarks to run]\n" + text, "config.cfg");
  if (!config) return std::unexpected(config.error());
  return parse_benchmark_rows(*config, "config.cfg", s);
}

std::vector<std::string> texts(const json::value& list) {
  std::vector<std::string> out;
  for (const json::value& item : list.as_array()) out.emplace_back(item.as_string());
  return out;
}

TEST(EqBenchConfig, EveryGoldenRow) {
  ASSAY_NEED_SHARED("golden/eq-bench/config_rows.json");
  const json::value golden = test::load_json(test::shared("golden/eq-bench/config_rows.json"));
  std::size_t checked = 0;
  for (const json::value& item : golden.at("cases").as_array()) {
    const std::string line(item.at("line").as_string());
    const json::value& expect = item.at("expect");
    const auto parsed = rows(line + "\n");
    if (const json::value* message = find(expect, "message")) {
      ASSERT_FALSE(parsed) << line;
      EXPECT_EQ(parsed.error().message, replace_all(std::string(message->as_string()), "<cwd>", "/cwd")) << line;
      EXPECT_TRUE(parsed.error().where.starts_with("config.cfg:9:")) << parsed.error().where;
    } else {
      ASSERT_TRUE(parsed) << line << ": " << to_string(parsed.error());
      const json::array& runs = expect.at("runs").as_array();
      ASSERT_EQ(parsed->size(), runs.size()) << line;
      for (std::size_t i = 0; i < runs.size(); ++i) {
        const json::value& want = runs[i];
        const BenchmarkRow& row = (*parsed)[i];
        EXPECT_EQ(row.run_id, get_string(want, "run_id")) << line;
        EXPECT_EQ(row.instruction_template, get_string(want, "instruction_template")) << line;
        EXPECT_EQ(row.model_path, get_string(want, "model_path")) << line;
        EXPECT_EQ(row.lora_path, get_string(want, "lora_path")) << line;
        EXPECT_EQ(row.quantization, get_string(want, "quantization")) << line;
        EXPECT_EQ(row.n_iterations, get_integer(want, "n_iterations")) << line;
        EXPECT_EQ(row.inference_engine, get_string(want, "inference_engine")) << line;
        EXPECT_EQ(row.ooba_params, get_string(want, "ooba_params")) << line;
        EXPECT_EQ(row.include_patterns, texts(want.at("include_patterns"))) << line;
        EXPECT_EQ(row.exclude_patterns, texts(want.at("exclude_patterns"))) << line;
        EXPECT_EQ(row.eq_bench_index("v2", "en"), get_string(want, "run_index_eq_bench_v2_en")) << line;
        EXPECT_EQ(row.creative_writing_index(), get_string(want, "run_index_creative_writing")) << line;
        EXPECT_EQ(row.download_filters(), get_string(want, "download_filters_string")) << line;
      }
    }
    ++checked;
  }
  EXPECT_GE(checked, 20u);
}

TEST(EqBenchConfig, TheShippedFileIsRead) {
  ASSAY_NEED_SHARED("upstream/eq-bench/config.cfg");
  const auto config = read_eq_bench_config(read_file(test::shared("upstream/eq-bench/config.cfg")).value(), "config.cfg");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_TRUE(config->warnings.empty()) << config->warnings[0];
  EXPECT_TRUE(config->trust_remote_code);
  EXPECT_TRUE(config->automatically_launch_ooba);
  EXPECT_EQ(config->ooba_request_timeout, 600);
  EXPECT_TRUE(config->rows.empty());
  EXPECT_TRUE(config->api_key.empty());
}

TEST(EqBenchConfig, EveryKey) {
  const auto config = read_eq_bench_config(
      "# a comment\n[OpenAI]\napi_key = sk-1\nopenai_compatible_url: http://localhost:8080/v1/\n"
      "[Huggingface]\naccess_token=hf_1\ncache_dir = /models\n[Results upload]\ngoogle_spreadsheet_url = https://docs.google.com/spreadsheets/d/x?gid=0#gid=0\n"
      "[Creative Writing Benchmark]\njudge_model_api = anthropic\njudge_model = claude\njudge_model_api_key = sk-2\n"
      "[Options]\ntrust_remote_code = TRUE\n"
      "[Oobabooga config]\nooba_launch_script = ~/start.sh\nooba_params_global = --a\n  --b\nautomatically_launch_ooba = False\nooba_request_timeout = 12\n"
      "[Benchmarks to run]\n a, , m:1, , , 1, openai, ,\n b, , m=2, , , 1, openai, ,\n",
      "config.cfg");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->api_key.reveal(), "sk-1");
  EXPECT_EQ(config->openai_compatible_url, "http://localhost:8080/v1/");
  EXPECT_EQ(config->access_token.reveal(), "hf_1");
  EXPECT_EQ(config->cache_dir, "/models");
  EXPECT_EQ(config->google_spreadsheet_url, "https://docs.google.com/spreadsheets/d/x?gid=0#gid=0");
  EXPECT_EQ(config->judge_model_api, "anthropic");
  EXPECT_EQ(config->judge_model, "claude");
  EXPECT_EQ(config->judge_model_api_key.reveal(), "sk-2");
  EXPECT_TRUE(config->trust_remote_code);
  EXPECT_EQ(config->ooba_launch_script, "~/start.sh");
  EXPECT_EQ(config->ooba_params_global, "--a\n--b");
  EXPECT_FALSE(config->automatically_launch_ooba);
  EXPECT_EQ(config->ooba_request_timeout, 12);
  ASSERT_EQ(config->rows.size(), 2u);
  EXPECT_EQ(config->rows[0].text, "a, , m:1, , , 1, openai, ,");
  EXPECT_EQ(config->rows[0].line, 23);
  EXPECT_EQ(config->rows[0].column, 2);
  EXPECT_FALSE(config->rows[0].cut);
  EXPECT_EQ(config->rows[1].text, "b, , m");
  EXPECT_TRUE(config->rows[1].cut);
  ASSERT_EQ(config->warnings.size(), 1u);
  EXPECT_TRUE(contains(config->warnings[0], "config.cfg:24: the row ends at its first '='"));
}

TEST(EqBenchConfig, MistakesAreNamedWithTheirPlace) {
  struct Case {
    std::string text, message, where;
  };
  const std::string all = kSections + "[Benchmarks to run]\n";
  const std::vector<Case> cases{
      {"", "the section [OpenAI] is missing", "config.cfg"},
      {"[openai]\n", "the section [OpenAI] is missing", "config.cfg"},
      {kSections, "the section [Benchmarks to run] is missing", "config.cfg"},
      {"api_key = x\n", "a line stands before the first section", "config.cfg:1:1"},
      {"[OpenAI]\napi_key=1\napi_key=2\n", "the key api_key is there twice in [OpenAI]", "config.cfg:3:1"},
      {"[OpenAI]\n[OpenAI]\n", "the section [OpenAI] is there twice", "config.cfg:2:1"},
      {"[OpenAI]\n = x\n", "a key is missing before the '='", "config.cfg:2:2"},
      {all + "a, , m, , , 1, openai, ,\na, , m, , , 1, openai, ,\n", "the same line is there twice in [Benchmarks to run]", "config.cfg:10:1"},
      {all + "a, , m, , , 1, openai, ,\n  b, , m, , , 1, openai, ,\n", "the line is indented more than the one above, so it would continue that one", "config.cfg:10:3"},
      {replace_all(all, "[Options]\n", "[Options]\ntrust_remote_code = yes\n"), "invalid value for trust_remote_code: \"yes\"", "config.cfg:7:1"},
      {replace_all(all, "[Oobabooga config]\n", "[Oobabooga config]\nooba_request_timeout = soon\n"), "invalid value for ooba_request_timeout: \"soon\"", "config.cfg:8:1"},
      {replace_all(all, "[Oobabooga config]\n", "[Oobabooga config]\nautomatically_launch_ooba = 1\n"), "invalid value for automatically_launch_ooba: \"1\"", "config.cfg:8:1"},
  };
  for (const Case& one : cases) {
    const auto config = read_eq_bench_config(one.text, "config.cfg");
    ASSERT_FALSE(config) << one.text;
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    EXPECT_EQ(config.error().message, one.message);
    EXPECT_EQ(config.error().where, one.where) << one.message;
    EXPECT_FALSE(contains(to_string(config.error()), "sk-0815"));
  }
}

TEST(EqBenchConfig, KeysThatNobodyReadsAreSaidWithoutTheirValues) {
  const auto config = read_eq_bench_config(
      replace_all(kSections, "[OpenAI]\n", "[OpenAI]\napi_keys = sk-4711\nsk-4712\n") + "[Mine]\n[Benchmarks to run]\n", "config.cfg");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->warnings.size(), 3u);
  EXPECT_EQ(config->warnings[0], "config.cfg:2: \"api_keys\" is not known: did you mean api_key?");
  EXPECT_EQ(config->warnings[1], "config.cfg:3: this key of [OpenAI] is not known");
  EXPECT_EQ(config->warnings[2], "config.cfg:10: nobody reads the section [Mine]");
}

TEST(EqBenchConfig, ARowsErrorNamesTheColumnOfTheField) {
  const auto where = [](const std::string& row) {
    const auto parsed = rows(row);
    return parsed ? "fine" : parsed.error().where;
  };
  EXPECT_EQ(where("r, ChatML, x, , 5bit, 1, openai, ,"), "config.cfg:9:17");
  EXPECT_EQ(where("r, ChatML, x, , 4bit, two, openai, ,"), "config.cfg:9:23");
  EXPECT_EQ(where("--include \"a\" r, ChatML, x, , 4bit, two, openai, ,"), "config.cfg:9:37");
  EXPECT_EQ(where("ü, Nope, x, , 4bit, 1, llama.cpp, ,"), "config.cfg:9:4");
  EXPECT_EQ(where("r, , x, , , 1, openai, , --include []"), "config.cfg:9:26");
  EXPECT_EQ(rows("r, , x, , , 1, openai, , --include []").error().message, "Invalid or empty pattern found for --include argument.");
  EXPECT_TRUE(contains(to_string(rows("r, ChatML, a=b, , 4bit, 1, openai, ,").error()), "it ends at its first '='"));
}

TEST(EqBenchConfig, PathsAreExpandedWhereTheEngineStandsWithoutBlanks) {
  EXPECT_EQ(rows("r, , ~/model, ~/lora, , 1,transformers,,").value()[0].model_path, "/home-of-mine/model");
  EXPECT_EQ(rows("r, , ~/model, ~/lora, , 1,transformers,,").value()[0].lora_path, "/home-of-mine/lora");
  EXPECT_EQ(rows("r, , ~/model, , , 1, transformers, ,").value()[0].model_path, "~/model");
  EXPECT_EQ(rows("r, , here, l/../m/, , 1,transformers,,").value()[0].model_path, "/cwd/here");
  EXPECT_EQ(rows("r, , here, l/../m/, , 1,transformers,,").value()[0].lora_path, "/cwd/m");
  EXPECT_EQ(rows("r, , org/model, , , 1,transformers,,").value()[0].model_path, "org/model");
  EXPECT_EQ(rows("r, , here, , , 1,openai,,").value()[0].model_path, "here");
}

TEST(EqBenchConfig, WhatTheSurroundingsDecide) {
  RowSurroundings s = surroundings();
  s.launch_ooba = false;
  EXPECT_TRUE(rows("r, ChatML, , , , 1, openai, ,", s));
  s.ooba_launch_script.clear();
  EXPECT_EQ(rows("r, ChatML, m, , , 1, ooba, ,", s).error().message, "ooba_launch_script not set in config.cfg");
  EXPECT_EQ(rows("r, , m, , , +1_0, openai, ,").value()[0].n_iterations, 10);
  EXPECT_EQ(rows("r, , m, , , ３, openai, ,").value()[0].n_iterations, 3);
  EXPECT_FALSE(rows("r, , m, , , 1_, openai, ,"));
  EXPECT_FALSE(rows("r, , m, , , 99999999999999999999, openai, ,"));
  EXPECT_EQ(rows("r, , m, , , 1, openai, ,").value()[0].judgemark_index("judge"), "r--judgemark--judge");
}

TEST(Ini, ReadsAsPythonDoes) {
  const auto file = read_ini("\xEF\xBB\xBF; note\r\n[a] tail\r\nk\r\n K = v = w\r\n   more\r\n\r\n   and more\r\n\r\n[b]\nx:y=z\n[a]]\n", "f");
  ASSERT_FALSE(file);  // "k" has no value that the indented line could continue
  const auto other = read_ini("; note\r\n[a] tail\r\nk\r\nK = v = w\r\n   more\r\n\r\n   and more\r\n\r\n[b]\nx:y=z\n[a]]\n", "f");
  ASSERT_TRUE(other) << to_string(other.error());
  ASSERT_EQ(other->sections.size(), 3u);
  EXPECT_EQ(other->sections[0].name, "a");
  EXPECT_FALSE(other->sections[0].entries[0].value);
  EXPECT_EQ(other->sections[0].get("K"), "v = w\nmore\n\nand more");
  EXPECT_EQ(other->sections[1].get("x"), "y=z");
  EXPECT_EQ(other->sections[2].name, "a]");
}

TEST(Ini, LinesEndWhereSplitlinesEndsThem) {
  const auto file = read_ini("[a]\vb=1\fc=2\x1c" "d=3\x1d" "e=4\x1e" "f=5\u0085g=6\u2028h=7\u2029i=8\rj=9\r\n k\x1f", "f");
  ASSERT_TRUE(file) << to_string(file.error());
  const IniSection& section = file->sections.at(0);
  for (const char* pair : {"b1", "c2", "d3", "e4", "f5", "g6", "h7", "i8"}) EXPECT_EQ(section.get(std::string(1, pair[0])), pair + 1);
  EXPECT_EQ(section.get("j"), "9\nk");
}

TEST(Ini, IndentationIsCountedInCharacters) {
  const auto file = read_ini("[a]\n k\n\u00a0l=1\n", "f");  // pasted from a web page
  ASSERT_TRUE(file) << to_string(file.error());
  ASSERT_EQ(file->sections[0].entries.size(), 2u);
  EXPECT_FALSE(file->sections[0].entries[0].value);
  EXPECT_EQ(file->sections[0].get("l"), "1");
}

}  // namespace
}  // namespace assay::compat
