// The coroutine type of floors 3 and up: an awaitable whose failure is a value.
// Rules that keep g++ 12 honest: no co_await inside a conditional expression or an initializer list, no coroutine lambda with
// captures (pass parameters), parameters of coroutines by value or to objects that outlive them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace assay {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<T>;
template <class T>
using Async = asio::awaitable<Result<T>>;

}  // namespace assay
