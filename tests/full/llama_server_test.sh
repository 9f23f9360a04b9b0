#!/bin/bash
# A real llama-server, launched, compared with the engine in this process, killed, stopped: `launch:llama-server` end to end.
# Usage: llama_server_test.sh PROGRAMS-FOLDER; exit 77 = skipped. The server is built by tools/setup --with-llama-server.
set -u
programs=$1
assay=$programs/assay
cache=${ASSAY_CACHE:-${HOME:-/nonexistent}/.cache/assay}
server=${ASSAY_LLAMA_SERVER:-$cache/llama-0.5.0-prebuilt/lib/llama-server}
[ -x "$server" ] || server=$(command -v llama-server) || { echo "skipped: no llama-server here (tools/setup --with-llama-server builds one)"; exit 77; }

scratch=$(mktemp -d)
failures=0
running=
finish() {
  [ -n "$running" ] && kill -9 "$running" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT
export ASSAY_DATA=$scratch/data

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# What serves our model at this moment (its file is ours alone).
servers() {
  local entry comm
  for entry in /proc/[0-9]*; do
    comm=
    { read -r comm <"$entry/comm"; } 2>/dev/null  # no program for each process there is: the run would be over before the last
    if [ "$comm" = llama-server ] && tr '\0' ' ' <"$entry/cmdline" 2>/dev/null | grep -qF "$scratch/model.gguf"; then echo "${entry#/proc/}"; fi
  done
}
none_left() {  # a killed server needs a moment to go
  local i
  for i in $(seq 200); do
    [ -z "$(servers)" ] && return
    sleep 0.05
  done
  fail "$1: still running: $(servers)"
}
# value FILE NAME: the first "NAME": of a report
value() { sed -n "s/^ *\"$2\": \([^,]*\),*\$/\1/p" "$1" | head -n 1; }
expect() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
answers_logged() { cat "$ASSAY_DATA"/servers/*.log 2>/dev/null | grep -c 'stop processing'; }

"$assay" quickstart --quiet >/dev/null 2>&1
cp "$ASSAY_DATA/quickstart/assay-format.gguf" "$scratch/model.gguf" || { fail "the quick start made no model"; exit 1; }
spec="launch:llama-server?model=$scratch/model.gguf&program=$server&args=-c 4096 -np 1 -t 1"
run() { "$assay" run eq-bench --edition sample --quiet --json --concurrency 1 "$@"; }

# 1. The same weights, in this process and behind a server: the same answers.
run --model "gguf:$scratch/model.gguf" --out "$scratch/inside" >"$scratch/inside.json" 2>"$scratch/err" || fail "in this process: $(cat "$scratch/err")"
run --model "$spec" --out "$scratch/served" >"$scratch/served.json" 2>"$scratch/err" || fail "served: $(cat "$scratch/err")"
expect "samples scored" "$(value "$scratch/served.json" scored)" "$(value "$scratch/inside.json" scored)"
expect "the raw score" "$(value "$scratch/served.json" raw)" "$(value "$scratch/inside.json" raw)"
expect "one start" "$(value "$scratch/served.json" starts)" 1
none_left "after the run"

# 2. Again: the journal has every answer, so nothing starts.
run --model "$spec" >"$scratch/again.json" 2>"$scratch/err" || fail "again: $(cat "$scratch/err")"
expect "starts when nothing is missing" "$(value "$scratch/again.json" starts)" 0

# in_the_middle NAME SIGNAL: a fresh store; the signal goes to the server after its fourth answer, the run must finish. On a busy machine
# the run may be over when the signal comes (one start, all answers): then once more, five times at most.
in_the_middle() {
  local i hit attempt
  for attempt in 1 2 3 4 5; do
    rm -rf "$ASSAY_DATA/servers" "$ASSAY_DATA"/assay.db*
    run --model "$spec&timeout=3" >"$scratch/$1.json" 2>"$scratch/err" &
    running=$!
    hit=
    for i in $(seq 3000); do
      [ -n "$hit" ] || hit=$(servers)
      [ -n "$hit" ] && [ "$(answers_logged)" -ge 4 ] && break
      sleep 0.01
    done
    [ -z "$hit" ] || kill "-$2" $hit 2>/dev/null
    wait "$running" || fail "$1: $(cat "$scratch/err")"
    running=
    [ "$(value "$scratch/$1.json" starts)" = 1 ] || break
  done
  expect "$1: samples scored" "$(value "$scratch/$1.json" scored)" "$(value "$scratch/inside.json" scored)"
  expect "$1: the raw score" "$(value "$scratch/$1.json" raw)" "$(value "$scratch/inside.json" raw)"
  expect "$1: starts" "$(value "$scratch/$1.json" starts)" 2
  none_left "$1"
}
in_the_middle killed KILL
in_the_middle hung STOP

# 5. Our own kill -9 takes the server with it, and the same command goes on.
rm -rf "$ASSAY_DATA/servers" "$ASSAY_DATA"/assay.db*
run --model "$spec" >/dev/null 2>&1 &
running=$!
for i in $(seq 600); do
  [ "$(answers_logged)" -ge 4 ] && break
  sleep 0.05
done
kill -9 "$running"
wait "$running" 2>/dev/null
running=
none_left "after our own end"
run --model "$spec" >"$scratch/resumed.json" 2>"$scratch/err" || fail "resumed: $(cat "$scratch/err")"
expect "the raw score after resuming" "$(value "$scratch/resumed.json" raw)" "$(value "$scratch/inside.json" raw)"
[ "$(value "$scratch/resumed.json" from_journal)" -ge 2 ] || fail "resuming asked again what was paid for"
none_left "at the end"

[ "$failures" -eq 0 ] || exit 1
echo "passed: the same score ($(value "$scratch/inside.json" raw)) in this process, served, after a kill, a hang, and our own end"
