#include "benchmark/alpaca_eval/judging.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"

namespace assay::alpaca_eval {

json::object judging_facts(const EvaluatorConfig& config, const std::vector<Decoder>& decoders, std::int64_t seed, Filling filling, std::span<const std::size_t> annotators) {
  std::string prompts;
  json::array parsers, samplings, orders;
  for (std::size_t i = 0; i < config.annotators.size() && i < decoders.size(); ++i) {
    if (!annotators.empty() && std::find(annotators.begin(), annotators.end(), i) == annotators.end()) continue;
    const AnnotatorConfig& one = config.annotators[i];
    const Decoder& decoder = decoders[i];
    prompts += std::to_string(one.prompt_template.size()) + ":" + one.prompt_template;
    parsers.push_back(json::object{{"function", one.fn_completion_parser}, {"arguments", to_json(one.parser_arguments)}, {"reads", one.reads_choices ? "choice" : "text"}});
    Generate request;
    request.sampling = decoder.sampling;
    request.tools = decoder.tools;
    request.tool_choice = decoder.tool_choice;
    request.response_format = decoder.response_format;
    json::value sent = to_json(Request(std::move(request)));
    if (json::object* object = sent.if_object())
      for (const char* said : {"kind", "messages", "prompt"}) object->erase(said);
    samplings.push_back(std::move(sent));
    orders.push_back(json::object{{"randomized", one.randomize_output_order},
                                  {"seed", one.seed.value_or(seed)},
                                  {"seed_columns", json::array(one.random_seed_columns.begin(), one.random_seed_columns.end())},
                                  {"batch", one.batch_size},
                                  {"chain_of_thought", one.chain_of_thought}});
  }
  return {{"prompt", sha256_hex(prompts)},
          {"parser", std::move(parsers)},
          {"sampling", std::move(samplings)},
          {"order", std::move(orders)},
          {"filling", filling == Filling::safe ? "safe" : "original"}};
}

}  // namespace assay::alpaca_eval
