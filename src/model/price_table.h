// What tokens cost: one table for all back ends, dated, that a user's own file extends. A price in a model spec (price_in, price_out) wins over both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/model_spec.h"

namespace assay {

struct Price {
  std::string model;  // "openai:gpt-4o"
  double in = 0, out = 0;  // USD for a million tokens
  std::string date;        // "2025-06": when somebody looked
  std::string source{};    // where: an address, or the user's file
};

class PriceTable {
 public:
  /// The program's own: list prices of well-known models.
  static PriceTable built_in();
  /// A user's file, over what is there: {"openai:gpt-4o": {"in": 2.5, "out": 10, "date": "2025-06", "source": "..."}, "NAME": {...}}; a key without a back end is
  /// the name of a model behind any address. `data` errors name the member.
  Result<void> add(std::string_view text, std::string_view where);
  /// Of a spec: the key itself, else the same model with a date behind it (gpt-4o-2024-08-06 is gpt-4o). The longest key wins.
  std::optional<Price> find(const ModelSpec& spec) const;
  const std::vector<Price>& all() const { return prices_; }

 private:
  std::vector<Price> prices_;
};

}  // namespace assay
