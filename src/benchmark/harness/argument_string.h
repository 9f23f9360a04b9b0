// "pretrained=a/b,dtype=float16,n=3": the argument strings of today's harness (--model_args, --gen_kwargs, --metadata).
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/python_value.h"

namespace assay::harness {

/// A dict with text keys, in the order given; a repeated key takes the last value. Values: true, false and none in any letter
/// case, whole numbers, floats, quoted texts, else the text as it stands; an "=" may be part of it, a key without one has the
/// empty text. Text that begins with "{" is JSON instead. Beyond the original, commas inside brackets and quotes do not end a
/// value, and lists and dicts are read as Python literals: "until=['a', 'b'],top_p=1". `usage` error for JSON that cannot be
/// read.
Result<PythonValue> read_argument_string(std::string_view text);

/// One value of it.
PythonValue read_argument_value(std::string_view text);

}  // namespace assay::harness
