// Precompiled once for all test programs, which are built without optimisation: together that halves the time their compilation takes.
#pragma once
#include "base/async/pch.h"
#include "base/pch.h"

#include <gtest/gtest.h>
