#!/bin/bash
# tools/setup with a fake distribution: what it asks apt-get for, and what it says when that fails. Usage: setup_test.sh REPOSITORY
# Nothing is installed and nothing is built.
set -u
repository=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fake() { # NAME BODY
  printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# prepare INSTALLED...: a copy of the scripts, and a machine on which these packages are installed.
prepare() {
  rm -rf "$scratch/bin" "$scratch/tree" "$scratch/calls"
  mkdir -p "$scratch/bin" "$scratch/tree/tools"
  cp "$repository/tools/setup" "$repository/tools/packages.txt" "$scratch/tree/tools/"
  : >"$scratch/calls"
  printf '%s\n' "$@" >"$scratch/installed"
  fake dpkg-query "shift 3; for p; do grep -qx \"\$p\" '$scratch/installed' && echo \"ii  \$p\"; done; exit 1"
  fake apt-get "echo \"apt-get \$*\" >>'$scratch/calls'"
  fake id 'if [ "$1" = -u ]; then echo 0; fi'
  fake npm 'exit 0'
  for tool in bash sh sed awk tr cut tail mkdir dirname cat env nproc grep getent; do ln -sf "$(command -v $tool)" "$scratch/bin/$tool"; done
}
run() { env -i PATH="$scratch/bin" "$@" bash "$scratch/tree/tools/setup" --packages-only >"$scratch/out" 2>&1 </dev/null; }
check() { # DESCRIPTION CONDITION...
  local what=$1
  shift
  if ! "$@"; then
    echo "FAILED: $what"
    sed 's/^/  out:  /' "$scratch/out"
    sed 's/^/  call: /' "$scratch/calls"
    failures=$((failures + 1))
  fi
}
says() { grep -qF -- "$1" "$scratch/out"; }
called() { grep -qF -- "$1" "$scratch/calls"; }
not() { ! "$@"; }
silent() { [ ! -s "$scratch/calls" ]; }

mapfile -t all < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$repository/tools/packages.txt")

prepare "${all[@]}"
check 'nothing missing: success' run HOME="$scratch"
check 'nothing missing: apt-get is left alone' silent
check 'nothing missing: nothing is said' not says setup:

prepare "${all[@]:2}"
check 'two missing: success' run HOME="$scratch"
check 'two missing: the lists are read first' called 'apt-get update'
check 'two missing: these two alone are installed' called "apt-get install -y --no-install-recommends ${all[0]} ${all[1]}"
check 'two missing: they are named' says "${all[0]} ${all[1]}"

prepare "${all[@]}"
check 'without HOME' run
check 'without HOME: nothing goes wrong' not says 'HOME'

prepare "${all[@]}"
rm "$scratch/bin/npm"
check 'no npm' run HOME="$scratch"
check 'no npm: it is installed' called 'apt-get install -y --no-install-recommends npm'
prepare "${all[@]}"
rm "$scratch/bin/npm"
check 'no npm, no engine' run HOME="$scratch" ASSAY_LLAMA=OFF
check 'no npm, no engine: nothing is installed' silent

prepare "${all[@]:1}"
fake apt-get "echo \"apt-get \$*\" >>'$scratch/calls'; [ \"\$1\" = update ] && exit 0; echo 'E: no space left'; exit 100"
check 'apt-get fails: so do we' not run HOME="$scratch"
check 'apt-get fails: its last words are shown' says 'E: no space left'
check 'apt-get fails: the cure is shown' says "apt-get install ${all[0]}"

prepare "${all[@]:1}"
fake id 'echo 1000'
check 'neither root nor sudo: failure' not run HOME="$scratch"
check 'neither root nor sudo: it is said' says 'neither root nor sudo'
check 'neither root nor sudo: the cure is shown' says 'As root: apt-get update'
fake sudo "echo \"sudo \$*\" >>'$scratch/calls'; [ \"\$1\" = -n ] && shift; exec \"\$@\""
check 'sudo: success' run HOME="$scratch"
check 'sudo: never asks for a password without a terminal' called 'sudo -n'
check 'sudo: installs' called 'apt-get install'

prepare
rm "$scratch/bin/apt-get" "$scratch/bin/dpkg-query"
check 'another distribution: goes on' run HOME="$scratch"
check 'another distribution: says what is needed' says tools/packages.txt

[ "$failures" = 0 ] && echo "all good"
exit $((failures > 0))
