// What the original prints, line by line, so that scripts that read its output go on reading. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "cli/compat/eq_bench_results.h"
#include "run/evaluation.h"

namespace assay::compat {

/// Before a row: "Running benchmark 1 of 3" and the model.
std::string row_heading(const BenchmarkRow& row, std::size_t number, std::size_t of);
/// "Iteration 1 of 3"
std::string iteration_line(int iteration, int of);

/// One eq-bench question: why attempts were not accepted, and, when `verbose`, what was answered and its scores. Empty where the
/// original says nothing.
std::string question_lines(const SampleResult& sample, const std::string& version, bool verbose);

/// "----eq-bench Benchmark Complete----" with time, model and figures. `judgemark`: that benchmark's results, else null.
std::string complete_lines(const RunWish& wish, std::string_view completed, double seconds, const RunFigures& figures, const json::value* judgemark);
/// "! eq-bench Benchmark Failed"
std::string failed_lines(const RunWish& wish, std::string_view completed);
/// After the last row.
std::string batch_lines(double seconds);

/// A dict of texts as Python prints it: {'Sad': '5'}. A value that is no text is passed over.
std::string python_dict(const json::value* object);

}  // namespace assay::compat
