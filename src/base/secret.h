// A key, token or password. It cannot be printed, compared, hashed, copied into a string by accident, or serialised:
// there is no operator<<, no conversion and no formatter. The one way out is reveal(), used only where bytes leave for the wire.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace assay {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();  // overwrites the bytes

  bool empty() const { return value_.empty(); }
  /// The value itself; call it only in the expression that hands it to the transport.
  std::string_view reveal() const { return value_; }
  /// Replaces every occurrence of the secret in `text` by "[secret]", also where JSON has escaped characters of it; for answers that echo a key back.
  /// Nothing where it is shorter than four characters.
  std::string redact(std::string text) const;

 private:
  std::string value_;
};

}  // namespace assay
