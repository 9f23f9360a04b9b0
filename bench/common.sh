# What the rows share; sourced, from the repository's root. Raw numbers go to bench/results/ROW.jsonl, one object a measurement.
set -u
assay=build/release/bin/assay
simulator=build/release/bin/assay-simulator
for program in "$assay" "$simulator"; do
  [ -x "$program" ] || { echo "bench: build first: $program is not there" >&2; exit 1; }
done
rounds=${ROUNDS:-5}
scratch=$(mktemp -d)
simulator_pid=
finish() {
  [ -n "$simulator_pid" ] && kill "$simulator_pid" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# start_simulator [OPTION...]: sets $url. Every row starts its own, so that both sides meet the same server.
start_simulator() {
  stop_simulator
  mkfifo "$scratch/url"
  "$simulator" "$@" >"$scratch/url" &
  simulator_pid=$!
  exec 5<"$scratch/url"
  read -r url <&5
  rm "$scratch/url"
}
stop_simulator() {
  [ -n "$simulator_pid" ] || return 0
  kill "$simulator_pid" 2>/dev/null
  wait "$simulator_pid" 2>/dev/null
  exec 5<&-
  simulator_pid=
}

# measure COMMAND...: sets $wall (s), $cpu (s, user + system, all threads), $rss (MB). Output goes to $scratch/out.
measure() {
  local TIMEFORMAT='%3R %3U %3S'  # the shell's, in milliseconds: GNU time's are cut to hundredths
  { time /usr/bin/time -o "$scratch/time" -f '%M' "$@" >"$scratch/out" 2>"$scratch/err"; } 2>"$scratch/clock"
  local code=$?
  local user system kilobytes
  read -r wall user system <"$scratch/clock"
  kilobytes=$(tail -1 "$scratch/time")
  cpu=$(awk "BEGIN { print $user + $system }")
  rss=$(awk "BEGIN { printf \"%.1f\", $kilobytes / 1024 }")
  return $code
}

# record ROW KEY=VALUE...: numbers stay numbers.
record() {
  local row=$1 line="" pair
  shift
  for pair in "$@"; do
    local value=${pair#*=}
    [[ $value =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || value="\"$value\""
    line+=",\"${pair%%=*}\":$value"
  done
  echo "{\"row\":\"$row\",\"load\":$(cut -d' ' -f1 /proc/loadavg)$line}" >>"bench/results/$row.jsonl"
}
begin() { mkdir -p bench/results; : >"bench/results/$1.jsonl"; }

median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print "-" }'; }
# values ROW NAME KEY: that member of all measurements called NAME.
values() { sed -n "s/.*\"name\":\"$2\".*\"$3\":\([0-9.]*\).*/\1/p" "bench/results/$1.jsonl"; }

# run_assay ITERATIONS [OPTION...]: the sample questions so many times, into a fresh journal; sets $samples as well.
run_assay() {
  local iterations=$1
  shift
  rm -rf "$scratch/data"
  samples=$((24 * iterations))
  measure "$assay" run eq-bench --edition sample --iterations "$iterations" --model "$url#sim" --data "$scratch/data" --quiet "$@" ||
    { echo "bench: assay failed" >&2; tail -5 "$scratch/err" >&2; return 1; }
}

# wrk's request: one of the size that the sample questions have. Prints requests/s.
run_wrk() {
  local connections=$1 seconds=$2
  cat >"$scratch/post.lua" <<'L'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"sim","messages":[{"role":"user","content":"' .. string.rep("one word and ", 110) ..
  'each of them will feel...\\nSad\\nAngry\\nCalm\\nProud\\n"}],"temperature":0.01,"max_tokens":60}'
L
  wrk -t1 -c"$connections" -d"${seconds}s" -s "$scratch/post.lua" "$url/chat/completions" | awk '/^Requests\/sec/ { print $2 }'
}

# Sets $promptfoo to the program, or to nothing and $why_no_peer. It is large (1.6 GB) and is installed once.
find_promptfoo() {
  promptfoo= why_no_peer=
  [ "${PEERS:-1}" = 0 ] && { why_no_peer='PEERS=0'; return; }
  local home=${ASSAY_CACHE:-build}/bench/promptfoo
  export PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 PROMPTFOO_CONFIG_DIR=$scratch/promptfoo PROMPTFOO_SELF_HOSTED=1 OPENAI_API_KEY=none
  if [ ! -x "$home/node_modules/.bin/promptfoo" ]; then
    command -v npm >/dev/null || { why_no_peer='npm is not here'; return; }
    echo "bench: installing promptfoo (some minutes, 1.6 GB) in $home" >&2
    mkdir -p "$home"
    (cd "$home" && npm i --no-audit --no-fund node@22.23.3 promptfoo@0.123.1) >"$home/install.log" 2>&1 ||
      { why_no_peer="npm could not install it: $(tail -1 "$home/install.log")"; return; }
  fi
  promptfoo=$(realpath "$home")/node_modules/.bin/promptfoo
  PATH=$(dirname "$promptfoo"):$PATH
}
