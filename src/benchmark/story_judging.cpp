#include "benchmark/story_judging.h"

#include <boost/json/object.hpp>

namespace assay::story {

json::object judging_facts(const Protocol& protocol, const std::string& prompt_sha256) {
  return {{"prompt", prompt_sha256},
          {"parser", {{"criteria", protocol.program}, {"removes_marks", protocol.remove_marks}}},
          {"sampling", {{"temperature", protocol.judge_temperature}, {"max_tokens", protocol.max_tokens}}}};
}

}  // namespace assay::story
