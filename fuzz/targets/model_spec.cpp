// Models as people write them, their prices, and addresses (model/model_spec, model/price_table, model/http/url): no part of a password gets into what
// is shown.
#include "base/text.h"
#include "fuzz.h"
#include "model/http/url.h"
#include "model/model_spec.h"
#include "model/price_table.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto spec = parse_model_spec(input);
  if (spec) {
    REQUIRE(!spec->backend.empty() && spec->text == input);
    spec->label();
    for (const auto& [key, value] : spec->settings) REQUIRE(!key.empty());
    REQUIRE(spec->base.find('@') == std::string::npos || spec->base.find("://") == std::string::npos ||
            spec->base.find('@') > spec->base.find('/', spec->base.find("://") + 3));
  } else {
    REQUIRE(spec.error().kind == ErrorKind::usage || spec.error().kind == ErrorKind::unsupported);
  }
  PriceTable prices;
  if (prices.add(input, "prices.json")) {
    for (const Price& price : prices.all()) REQUIRE(is_valid_utf8(price.model) && price.in >= 0 && price.out >= 0);
    if (spec) (void)prices.find(*spec);
  }
  shown_url(input);
  if (auto url = parse_url(input)) {
    REQUIRE(!url->host.empty());
    auto again = parse_url(url->shown);
    REQUIRE(again.has_value() && again->host == url->host && again->loopback == url->loopback && again->tls == url->tls);
  }
}

}  // namespace assay::fuzz
