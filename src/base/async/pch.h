// Precompiled for floors 3 and up: base/pch.h and coroutines.
#pragma once
#include "base/pch.h"

#include <boost/asio/awaitable.hpp>
