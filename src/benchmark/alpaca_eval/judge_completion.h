// What a judge answered to one prompt, and the labels in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/alpaca_eval/evaluator_config.h"
#include "model/request.h"

namespace assay::alpaca_eval {

struct JudgeCompletion {
  json::value raw;              // the text, or the server's whole choice; "" = no answer came
  std::optional<double> price;  // USD, of the prompt
  std::optional<double> time;   // seconds, of the prompt
  std::string date;             // "2024-01-02T03:04:05", local time
  std::string failure;          // why no answer came
  bool asked = false;           // just now, and not answered by the journal
  bool cut = false;             // the answer ended at the token limit
};

/// The text of an answer as the original's decoders give it: the arguments of a called function, else the content; one blank for none.
std::string completion_text(const Response& response);
/// The server's choice as it sent it, with the members `text` and `total_tokens` that the original adds; made from the response where no body is kept.
json::object completion_choice(const Response& response);

/// One preference for every example of the prompt, as the judge saw them (not un-switched); nothing where the completion cannot be parsed. `why`
/// gets the reason.
std::vector<std::optional<double>> read_labels(const AnnotatorConfig& annotator, const json::value& completion, std::string& why);

}  // namespace assay::alpaca_eval
