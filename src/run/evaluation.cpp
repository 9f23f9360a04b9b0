// UnitResult <-> JSON (docs/formats/report.md, "UnitResult"): what the journal keeps of a unit. Defaults are left out, since
// there is a row for each unit of each run.
#include "run/evaluation.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace assay {

json::object to_json(const SampleResult& sample) {
  json::object out;
  out["sample"] = sample.sample;
  out["outcome"] = json::string(name(sample.outcome));
  if (sample.cut) out["cut"] = true;
  if (!sample.reason.empty()) out["reason"] = sample.reason;
  if (!sample.values.empty()) out["values"] = sample.values;
  if (!sample.evidence.empty()) out["evidence"] = sample.evidence;
  return out;
}

Result<SampleResult> sample_result_from_json(const json::value& value) {
  auto refuse = [](const std::string& what) { return fail(ErrorKind::data, "not a sample's result: " + what); };
  const json::object* o = value.if_object();
  if (!o) return refuse("it is not an object");
  SampleResult out;
  auto sample = get_string(value, "sample");
  if (!sample) return refuse("`sample` is missing or not a string");
  out.sample = *sample;
  auto outcome = get_string(value, "outcome");
  if (!outcome || name(outcome_from(*outcome)) != *outcome) return refuse("`outcome` of sample " + *sample + " is not known");
  out.outcome = outcome_from(*outcome);
  if (const json::value* cut = o->if_contains("cut")) {
    if (!cut->is_bool()) return refuse("`cut` of sample " + *sample + " is not a boolean");
    out.cut = cut->get_bool();
  }
  if (const json::value* reason = o->if_contains("reason")) {
    if (!reason->is_string()) return refuse("`reason` of sample " + *sample + " is not a string");
    out.reason = std::string(reason->get_string());
  }
  for (auto [key, into] : {std::pair{"values", &out.values}, std::pair{"evidence", &out.evidence}}) {
    const json::value* member = o->if_contains(key);
    if (!member) continue;
    if (!member->is_object()) return refuse("`" + std::string(key) + "` of sample " + *sample + " is not an object");
    *into = member->get_object();
  }
  return out;
}

json::value to_json(const UnitResult& result) {
  json::object out;
  json::array& samples = out["samples"].emplace_array();
  for (const SampleResult& sample : result.samples) samples.push_back(to_json(sample));
  return out;
}

Result<UnitResult> unit_result_from_json(const json::value& value) {
  const json::value* samples = find(value, "samples");
  if (!samples || !samples->is_array()) return fail(ErrorKind::data, "not a unit's result: `samples` is missing or not an array");
  UnitResult out;
  for (const json::value& entry : samples->get_array()) {
    auto sample = sample_result_from_json(entry);
    if (!sample) return fail(sample.error());
    out.samples.push_back(std::move(*sample));
  }
  return out;
}

}  // namespace assay
