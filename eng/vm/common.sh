# Shared by the scripts of this folder; sourced, not run. The name of the script is in $program.
PATH=$PATH:/usr/sbin:/sbin
cache=${LIBMULTIPATH_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libmultipath/vm}

say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() { say "$@"; exit 125; }
usage() { say "$@"; say "see $program --help"; exit 2; }

# Prints the comment at the head of the script.
help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; exit 0; }

# need PROGRAM PACKAGE [PROGRAM PACKAGE]...: says at once everything that is missing, and how to get it.
need() {
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" > /dev/null || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]}; try: apt-get install --no-install-recommends ${missing[*]}"
}

# The suite of Debian that has a kernel, and what its packages are called there.
suite_of() {
  case $1 in
    6.12) echo bookworm-backports image ;;
    [7-9].*) echo trixie-backports binary ;;
    *) usage "no kernel $1: 7.2 and 6.12 are known" ;;
  esac
}
