# For the end-to-end scripts: a private home with its own embedded cloud, and checks that print "ok NAME" or "not ok NAME".
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$top/$BUILD ;; esac
PATH=$BUILD:$PATH
work=$(mktemp -d)
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache LC_ALL=C.UTF-8 TERM=xterm-256color
unset AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN 2>/dev/null
failed=0
finish() {
    weir local stop >/dev/null 2>&1
    rm -rf "$work"
    exit $failed
}
trap finish EXIT
pass() { echo "ok $1"; }
fail() { # name, what was seen
    echo "not ok $1"
    printf '%s\n' "${2-}" | sed 's/^/  | /' | head -40
    failed=1
}
is() { # name, expected, got
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2
got:      $3"; fi
}
has() { # name, text to be found, got
    case $3 in *"$2"*) pass "$1" ;; *) fail "$1" "not found: $2
in: $3" ;; esac
}
lacks() { # name, text that must not be there, got
    case $3 in *"$2"*) fail "$1" "found: $2
in: $3" ;; *) pass "$1" ;; esac
}
# Runs a command; its output is in $out, its errors in $errors, its status in $status.
try() {
    out=$("$@" 2>"$work/errors" </dev/null)
    status=$?
    errors=$(cat "$work/errors")
}
