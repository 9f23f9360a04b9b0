#!/bin/bash
# tools/one-definition finds two types of one name, and leaves alone what is hidden, nested or only declared.
set -u
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'namespace assay {\nnamespace {\nstruct Row {\n};\n}  // namespace\nstruct Table;\nstruct Cell {\n  struct Row {};\n};\n}  // namespace assay\n' >"$work/one.cpp"
printf 'namespace assay::harness {\nclass Cell final : public Any {\n};\n}  // namespace assay::harness\nnamespace assay {\nstruct Row {\n};\nstruct Table {\n};\n}  // namespace assay\n' >"$work/two.h"
"$root/tools/one-definition" "$work" >"$work/said" || { cat "$work/said"; echo "nothing was wrong here"; exit 1; }
printf 'namespace assay {\nenum class Cell {\n};\n}  // namespace assay\n' >"$work/three.h"
"$root/tools/one-definition" "$work" >"$work/said" && { echo "assay::Cell stands twice"; exit 1; }
[ "$(cat "$work/said")" = "assay::Cell: $work/one.cpp:7 $work/three.h:2" ] || { cat "$work/said"; exit 1; }
rm "$work"/*.h "$work"/*.cpp
"$root/tools/one-definition" "$work" >/dev/null && { echo "an empty folder passed"; exit 1; }
exit 0
