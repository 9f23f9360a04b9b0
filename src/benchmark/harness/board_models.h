// What the leaderboard's application says of a model beside its scores: its size, its type, and which rows a search shows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::harness {

/// Billions of parameters: the weights' own count rounded to three decimals, else the first number with b or m behind it in the name (a
/// name's traps included: "1_5b" is 5), else none.
std::optional<double> parameters_of(std::string_view model, std::optional<double> safetensors_total);
/// The same as of November 2023: 0 for none, and eight times as much for GPTQ.
double parameters_with_precision(std::string_view model, std::optional<double> safetensors_total, std::string_view precision);

struct ModelType {
  std::string_view name, symbol;  // "PT", "🟢"
};
/// The first that applies of: fine-tuned, pretrained, RL-tuned, instruction-tuned; by word or by symbol.
ModelType model_type(std::string_view text);

/// Types of models by their submissions: of each model and precision the newest request that was finished.
class BoardRequests {
 public:
  /// A request file; others are passed over, as the application does.
  void add(std::string_view text);
  /// `precision` as in result files ("torch.float16") or requests ("float16").
  ModelType type(std::string_view model, std::string_view precision) const;

 private:
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> newest_;  // -> time, type
};

/// A row of November's table, as far as filters look at it.
struct BoardEntry {
  std::string symbol, model, precision, sha;
  double parameters = 0;
  bool on_hub = true;
};
struct BoardFilter {
  std::vector<std::string> types;       // begin with the symbol: "🟢 pretrained"
  std::vector<std::string> precisions;  // "None" always passes
  std::vector<std::string> sizes;       // "?", "~1.5", ..., "70+": half-open intervals
  bool show_deleted = false;
  std::string query;                    // several searches, separated by ';'
};
/// Places of the rows that are shown, in order. Searches look for text anywhere in the name, whatever its case; they are united in their
/// order, each row once; when none of them finds anything, nothing is left out.
std::vector<std::size_t> filter_board(const std::vector<BoardEntry>& rows, const BoardFilter& filter);

/// August's: one search and one type or one size. Sizes ("< 1B", "~3B", "~7B", "~13B", "~35B", "60B+") include both their ends; a model of
/// unknown size has none of them. Empty = all.
struct AugustFilter {
  std::string query, type, size;
  bool type_shown = false;  // the Type column is among those shown: the search looks in it, too
};
/// The Type column's word for a symbol: "pretrained", "fine-tuned", "instruction-tuned", "RL-tuned"; "" for unknown.
std::string_view type_word(std::string_view symbol);
std::vector<std::size_t> filter_board(const std::vector<BoardEntry>& rows, const AugustFilter& filter);
/// The names of sizes, in order.
std::vector<std::string> board_sizes(bool august);

/// Why somebody with so many submissions in the last days must wait; "" when they need not. More than `quota` in less than `days` days
/// are too many; a known quantizer may submit twice as much.
std::string submission_refusal(std::string_view model, const std::vector<double>& submitted_days_ago, double days, std::size_t quota);

}  // namespace assay::harness
