#include "benchmark/harness/request_cache.h"

#include <boost/json/array.hpp>

#include "base/hash.h"

namespace assay::harness {

std::string cache_key(std::string_view kind, const json::array& arguments) {
  json::array all;
  all.reserve(arguments.size() + 1);
  all.push_back(json::string(kind));
  for (const json::value& argument : arguments) all.push_back(argument);
  return sha256_hex(write_json(all, JsonStyle::python));
}

std::string cache_file(std::string_view model, std::string_view model_arguments) {
  std::string name(model_arguments);
  for (char& c : name) c = c == '=' || c == '/' ? '-' : c == ',' ? '_' : c;
  return "lm_cache/" + std::string(model) + "_" + name + ".db";
}

}  // namespace assay::harness
