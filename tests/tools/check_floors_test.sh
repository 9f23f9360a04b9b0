#!/bin/bash
# tools/check-floors must find what it forbids and accept what it allows. Usage: check_floors_test.sh REPOSITORY
set -u
checker=$1/tools/check-floors
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect ok|bad DESCRIPTION PATH CONTENT [MESSAGE]
expect() {
  rm -rf "$scratch/tree"
  mkdir -p "$scratch/tree/src/base" "$scratch/tree/$(dirname "$3")"
  printf '// nothing\n' >"$scratch/tree/src/base/error.h"
  printf '%b\n' "$4" >"$scratch/tree/$3"
  local output status=ok
  output=$("$checker" "$scratch/tree" 2>&1) || status=bad
  if [ "$status" != "$1" ]; then
    echo "FAILED ($status instead of $1): $2"
    printf '%s\n' "$output" | sed 's/^/  /'
    failures=$((failures + 1))
  elif [ -n "${5:-}" ] && ! grep -qF -- "$5" <<<"$output"; then
    echo "FAILED: $2: the message lacks '$5'"
    printf '%s\n' "$output" | sed 's/^/  /'
    failures=$((failures + 1))
  fi
}

expect ok  'a lower floor'                 src/run/a.cpp 'int x;\n#include "model/model.h"\n#include "base/error.h"'
expect ok  'the same room'                 src/run/a.cpp '#include "run/report.h"'
expect bad 'a higher floor'                src/model/a.cpp '#include "run/report.h"' 'src/model/a.cpp:1: model (floor 3)'
expect bad 'the highest floor from below'  src/leaderboard/a.h '#include "cli/x.h"' 'floor 7'
expect bad 'two rooms on floor 2'          src/journal/a.h '  #  include "stats/x.h"' 'src/journal/a.h:1'
expect bad 'anything from base'            src/base/a.h '#include "stats/x.h"'
expect ok  'a room of base'                src/base/a.cpp '#include "base/async/async.h"'
expect ok  'model/http sees model'         src/model/http/a.cpp '#include "model/model.h"'
expect bad 'model does not see model/http' src/model/a.cpp '#include "model/http/url.h"'
expect bad 'two rooms of model'            src/model/llama/a.cpp '#include "model/http/url.h"'
expect ok  'a benchmark sees the floor'    src/benchmark/eq_bench/a.cpp '#include "benchmark/benchmark.h"'
expect bad 'two benchmarks'                src/benchmark/eq_bench/a.cpp '#include "benchmark/mixeval/b.h"'
expect bad 'the floor does not see one'    src/benchmark/a.cpp '#include "benchmark/mixeval/b.h"'
expect ok  'the command line sees all'     src/cli/a.cpp '#include "benchmark/eq_bench/b.h"\n#include <CLI/CLI.hpp>\nvoid f() { std::printf("x"); exit(1); }'
expect bad 'CLI11 elsewhere'               src/run/a.cpp '#include <CLI/CLI.hpp>' 'CLI11'
expect bad 'printing elsewhere'            src/run/a.cpp 'void f() { std::cout << 1; }' 'only cli/'
expect bad 'the environment elsewhere'     src/model/a.cpp 'auto x = std::getenv("KEY");' 'only cli/'
expect ok  'formatting into memory'        src/run/a.cpp 'void f() { std::snprintf(b, 1, "x"); }'
expect bad 'a folder on no floor'          src/misc/a.cpp 'int x;' 'on no floor'
expect bad 'a relative include'            src/run/a.cpp '#include "../model/model.h"' 'from src/ on'
expect bad 'a path of one machine'         docs/a.md 'see /work''/main/x' 'one machine'
expect bad 'a home folder'                 docs/a.md 'see /home''/ann/x' 'one machine'
expect ok  'a path in an address'          docs/a.md 'see https://host/work''/x'
expect bad 'a registry'                    tools/a 'get https://regis''try.npmjs.org/x' 'registry'
expect bad 'undone work'                   src/run/a.cpp '// TO''DO: this' 'undone'
expect ok  'a word that contains it'       src/run/a.cpp '// MASTO''DON'
expect bad 'official text'                 packs/a.json 'Your task is to predict the likely emotional resp''onses of a character' 'official'
expect ok  'a long file is only a warning' src/run/long.cpp "$(seq 600 | sed 's|^|// |')" 'warning'
[ "$failures" = 0 ] && echo "all good"
exit $((failures > 0))
