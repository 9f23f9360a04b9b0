#include <gtest/gtest.h>

#include <cmath>

#include "run/jsonl.h"
#include "run/report.h"
#include "run/report_fixture.h"
#include "run/stored_report.h"

namespace assay {
namespace {

using test::full_report;

TEST(Outcome, NamesReadBack) {
  for (Outcome outcome : {Outcome::failed, Outcome::scored, Outcome::truncated, Outcome::unparseable, Outcome::missing})
    EXPECT_EQ(outcome_from(name(outcome)), outcome);
}

TEST(Outcome, CountsAddUpAndKeepCutOnesApart) {
  Counts counts;
  counts.add(Outcome::scored, false);
  counts.add(Outcome::scored, true);
  counts.add(Outcome::truncated, true);
  counts.add(Outcome::unparseable, false);
  counts.add(Outcome::failed, false);
  counts.add(Outcome::missing, false);
  EXPECT_EQ(counts.total(), 6u);
  EXPECT_EQ(counts.scored, 2u);
  EXPECT_EQ(counts.scored_cut, 1u);
}

TEST(ReportJson, IsTheDocumentedDocument) {
  Report report = full_report();
  report.total.parts.clear();
  report.manifest.clear();
  EXPECT_EQ(
      write_json(to_json(report)),
      R"({"assay":"0.1.0","run":"01KAK2M0Q4ZJ8X7V5T3R1P9N6M","benchmark":"eq-bench@2","edition":"official",)"
      R"("roles":{"model":"gpt-x","judge":"judge-1"},"created":"2026-01-31T12:00:00Z","status":"complete",)"
      R"("metrics":{"score":{"value":64.78,"raw":64.77641520467836,"stderr":1.9,"ci95":[61.0,68.5],"n":171},)"
      R"("parseable":{"value":171.0},"revised":{"value":null,"why":"no revision was asked for"}},)"
      R"("counts":{"scored":160,"unparseable":5,"truncated":3,"failed":2,"missing":1,"scored_cut":4},"parts":[],)"
      R"("usage":{"requests":180,"from_journal":12,"tries":171,"input_tokens":81234,"output_tokens":9123,"reasoning_tokens":7,)"
      R"("usd":0.0831,"seconds":74.0},"deviates":["temperature is not accepted"],"manifest":{}})");
}

TEST(ReportJson, ReadsBackWhatItWrote) {
  Report report = full_report();
  report.status = "incomplete";
  report.reason = "one sample is missing";
  std::string text = write_json(to_json(report));
  auto value = parse_json(text);
  ASSERT_TRUE(value);
  auto read = report_from_json(*value);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_json(to_json(*read)), text);
  EXPECT_EQ(read->total.name, "eq-bench@2");
  EXPECT_EQ(read->total.metric("score")->raw, 64.77641520467836);
  EXPECT_EQ(read->total.parts[0].parts[0].metric("acc")->n, 26u);
  EXPECT_EQ(read->reason, "one sample is missing");
  EXPECT_FALSE(read->official());
}

TEST(ReportJson, AMetricMaySayWhatIsBetter) {
  Report report = full_report();
  report.total.metrics[0].lower_is_better = true;
  report.total.metrics[1].lower_is_better = false;
  const std::string text = write_json(to_json(report));
  EXPECT_NE(text.find(R"("n":171,"lower_is_better":true})"), std::string::npos) << text;
  auto read = report_from_json(*parse_json(text));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->total.metrics[0].lower_is_better, true);
  EXPECT_EQ(read->total.metrics[1].lower_is_better, false);
  EXPECT_FALSE(read->total.metrics[2].lower_is_better.has_value());
  EXPECT_EQ(write_json(to_json(*read)), text);
  auto bad = report_from_json(*parse_json(R"({"benchmark": "b", "status": "complete", "metrics": {"x": {"value": 1, "lower_is_better": 1}}})"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "not a report: `metrics.x.lower_is_better` is not a boolean");
}

TEST(ReportJson, IsStoredByteForByteThoughPartByPart) {
  Report report = full_report();
  EXPECT_EQ(stored_json(report), write_json(to_json(report)));
  report.total.parts.push_back(report.total.parts.front());
  report.total.parts.back().parts.clear();
  EXPECT_EQ(stored_json(report), write_json(to_json(report)));
  report.total.parts.clear();
  EXPECT_EQ(stored_json(report), write_json(to_json(report)));
}

TEST(ReportJson, ReadsTheExampleOfTheCommandLinePage) {
  auto value = parse_json(R"({"assay": "0.1.0", "run": "01J", "benchmark": "eq-bench@2", "edition": "official",
    "roles": {"model": "replay:x"}, "status": "complete",
    "metrics": {"score": {"value": 64.78, "stderr": 1.9, "ci95": [61.0, 68.5], "n": 171}, "parseable": {"value": 171}},
    "counts": {"scored": 171, "unparseable": 0, "truncated": 0, "failed": 0, "missing": 0}, "parts": [],
    "usage": {"requests": 171, "from_journal": 0, "input_tokens": 0, "output_tokens": 0, "usd": null, "seconds": 0},
    "deviates": [], "manifest": {}, "from a later release": 1})");
  ASSERT_TRUE(value);
  auto report = report_from_json(*value);
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_TRUE(report->official());
  EXPECT_EQ(report->total.metric("score")->ci_high, 68.5);
  EXPECT_EQ(report->total.counts.total(), 171u);
  EXPECT_FALSE(report->usage.usd);
}

TEST(ReportJson, WhatIsNotFiniteIsNullAndSaysSo) {
  Report report = full_report();
  report.total.metrics[0].value = std::nan("");
  report.total.metrics[0].ci_high = HUGE_VAL;
  std::string text = write_json(to_json(report));
  EXPECT_NE(text.find(R"("score":{"value":null,"why":"not a finite number")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("ci95":[61.0,null])"), std::string::npos) << text;
  ASSERT_TRUE(parse_json(text));
}

TEST(ReportJson, RefusesWhatDoesNotFitAndNamesIt) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "not an object"},
      {R"({"status":"complete","metrics":{}})", "`benchmark`"},
      {R"({"benchmark":"b","status":"done","metrics":{}})", "`status`"},
      {R"({"benchmark":"b","status":"complete"})", "`metrics`"},
      {R"({"benchmark":"b","status":"complete","metrics":{"score":{"value":"64"}}})", "`metrics.score.value`"},
      {R"({"benchmark":"b","status":"complete","metrics":{"score":{}}})", "`metrics.score.value`"},
      {R"({"benchmark":"b","status":"complete","metrics":{"score":{"value":1,"ci95":[1]}}})", "`metrics.score.ci95`"},
      {R"({"benchmark":"b","status":"complete","metrics":{"score":{"value":1,"n":-1}}})", "`metrics.score.n`"},
      {R"({"benchmark":"b","status":"complete","metrics":{},"counts":{"scored":-1}})", "`counts.scored`"},
      {R"({"benchmark":"b","status":"complete","metrics":{},"roles":{"model":1}})", "`roles.model`"},
      {R"({"benchmark":"b","status":"complete","metrics":{},"deviates":[1]})", "`deviates`"},
      {R"({"benchmark":"b","status":"complete","metrics":{},"parts":[{"name":"p","metrics":{"m":3}}]})", "`parts[0].metrics.m`"},
  };
  for (const auto& [text, expected] : cases) {
    auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    auto report = report_from_json(*value);
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().kind, ErrorKind::data);
    EXPECT_NE(report.error().message.find(expected), std::string::npos) << report.error().message;
  }
}

TEST(ReportJson, RefusesPartsNestedWithoutEnd) {
  std::string open, close;
  for (int i = 0; i < 60; ++i) {
    open += R"({"name":"p","metrics":{},"parts":[)";
    close += "]}";
  }
  auto value = parse_json(R"({"benchmark":"b","status":"complete","metrics":{},"parts":[)" + open + close + "]}");
  ASSERT_TRUE(value);
  EXPECT_FALSE(report_from_json(*value));
}

TEST(ReportJson, ReadsOneOrMany) {
  json::object one = to_json(full_report());
  auto single = reports_from_json(one);
  ASSERT_TRUE(single) << to_string(single.error());
  EXPECT_EQ(single->size(), 1u);
  json::array two{one, one};
  auto both = reports_from_json(two);
  ASSERT_TRUE(both) << to_string(both.error());
  EXPECT_EQ(both->size(), 2u);
  two.push_back(json::value(3));
  auto bad = reports_from_json(two);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "report 3 of 3");
}

SampleResult sample_17() {
  SampleResult sample;
  sample.sample = "17";
  sample.outcome = Outcome::scored;
  sample.cut = true;
  sample.reason = "because";
  sample.values["score"] = 7.68;
  sample.evidence["prompt"] = "How?";
  return sample;
}

TEST(UnitResultJson, ReadsBackWhatItWroteAndLeavesDefaultsOut) {
  UnitResult result;
  result.samples.push_back(sample_17());
  SampleResult bare;
  bare.sample = "18";
  bare.outcome = Outcome::unparseable;
  result.samples.push_back(bare);
  std::string text = write_json(to_json(result));
  EXPECT_EQ(text, R"({"samples":[{"sample":"17","outcome":"scored","cut":true,"reason":"because","values":{"score":7.68},)"
                  R"("evidence":{"prompt":"How?"}},{"sample":"18","outcome":"unparseable"}]})");
  auto read = unit_result_from_json(*parse_json(text));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_json(to_json(*read)), text);
}

TEST(UnitResultJson, RefusesWhatDoesNotFit) {
  for (const char* text :
       {R"({})", R"({"samples":1})", R"({"samples":[1]})", R"({"samples":[{"outcome":"scored"}]})",
        R"({"samples":[{"sample":"1","outcome":"splendid"}]})", R"({"samples":[{"sample":"1","outcome":"scored","cut":1}]})",
        R"({"samples":[{"sample":"1","outcome":"scored","values":[]}]})"}) {
    auto result = unit_result_from_json(*parse_json(text));
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::data);
  }
}

TEST(ScoresJsonl, OneLineASampleThatReadsBack) {
  Key key = key_of("answer");
  std::string line = score_line(Unit{"pair-9", 2}, sample_17(), std::span(&key, 1));
  EXPECT_EQ(line, R"({"sample":"17","outcome":"scored","cut":true,"reason":"because","values":{"score":7.68},)"
                  R"("evidence":{"prompt":"How?"},"unit":"pair-9","iteration":2,"keys":[")" +
                      key.hex() + "\"]}\n");
  auto read = read_score_line(std::string_view(line).substr(0, line.size() - 1), "scores.jsonl:1");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->unit.id, "pair-9");
  EXPECT_EQ(read->unit.iteration, 2);
  EXPECT_EQ(read->keys, std::vector<Key>{key});
  EXPECT_FALSE(read_score_line("{\"sample\":\"17\"", "scores.jsonl:2"));
  EXPECT_EQ(read_score_line("{\"sample\":\"17\"}", "scores.jsonl:3").error().where, "scores.jsonl:3");
}

TEST(RequestsJsonl, SaysExactlyWhatWouldBeSent) {
  Generate generate;
  generate.messages = {{"user", "Hi\n"}};
  generate.sampling.temperature = 0.01;
  generate.sampling.max_tokens = 60;
  EXPECT_EQ(request_lines("eq-bench@2", {"", "1", "model", generate}, 0),
            R"({"benchmark":"eq-bench@2","sample":"1","index":0,"kind":"generate","role":"model",)"
            R"("messages":[{"role":"user","content":"Hi\n"}],"sampling":{"temperature":0.01,"max_tokens":60}})"
            "\n");
  LoglikelihoodGroup group;
  group.shared_prefix = "Q: ";
  group.items = {{"x", " A"}, {"y", " B"}};
  Request request = group;
  EXPECT_EQ(request_line_count(request), 2u);
  EXPECT_EQ(
      request_lines("harness:arc", {"arc", "17", "", request}, 5),
      R"({"benchmark":"harness:arc","task":"arc","sample":"17","index":5,"kind":"loglikelihood","role":"model","context":"Q: x","continuation":" A"})"
      "\n"
      R"({"benchmark":"harness:arc","task":"arc","sample":"17","index":6,"kind":"loglikelihood","role":"model","context":"Q: y","continuation":" B"})"
      "\n");
  EXPECT_EQ(pending_line("m", "judge of sample 17"), "{\"benchmark\":\"m\",\"pending\":\"judge of sample 17\"}\n");
}

}  // namespace
}  // namespace assay
