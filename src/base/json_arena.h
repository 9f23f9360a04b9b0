// Documents that are read or made, looked at, and dropped as a whole, in memory of their own: freeing one costs nothing, however
// many values it has.
//
// What lives in such memory must end before it. Copies keep the memory of what they are copied from (that is Boost.JSON's rule);
// assigning to a value that has memory of its own is how to keep something.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace assay {

/// The first block is inside; it suits a stack and small documents.
class JsonArena {
 public:
  JsonArena() : resource_(block_, sizeof block_) {}
  JsonArena(const JsonArena&) = delete;
  JsonArena& operator=(const JsonArena&) = delete;
  json::storage_ptr memory() { return &resource_; }

 private:
  unsigned char block_[4096];
  json::monotonic_resource resource_;
};

/// parse_json_without() into `memory`.
Result<json::value> parse_json_into(json::storage_ptr memory, std::string_view skip, std::string_view text,
                                    std::string_view where = {});

}  // namespace assay
