// Many requests to one model, a bounded number of them at once.
#pragma once

#include <cstddef>
#include <functional>

#include "model/model.h"

namespace assay::mixeval {

struct AskWindow {
  std::size_t window = 64;           // requests in flight
  std::function<bool()> stopping{};  // nothing new is asked once it says so; may be empty
};

/// Asks for make(0) ... make(count-1) in this order; take(i, answer) is called once for each that was asked, in any order. Returns how many
/// were asked: all of them, unless somebody stopped or take() returned false. Errors are take()'s business. Everything referred to
/// outlives the coroutine.
Task<std::size_t> ask_window(Model& model, std::size_t count, const AskWindow& options, const std::function<Query(std::size_t)>& make,
                             const std::function<bool(std::size_t, Result<Response>)>& take);

}  // namespace assay::mixeval
