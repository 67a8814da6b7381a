# For the end-to-end scripts: a private home with its own embedded cloud, and checks that print "ok NAME" or "not ok NAME".
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$top/$BUILD ;; esac
PATH=$BUILD:$PATH
work=$(mktemp -d)
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache LC_ALL=C.UTF-8 TERM=xterm-256color
unset AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN 2>/dev/null
. "$top/tests/lib/checks.sh"
finish() {
    weir local stop >/dev/null 2>&1
    rm -rf "$work"
    exit $failed
}
trap finish EXIT
# Runs a command; its output is in $out, its errors in $errors, its status in $status.
try() {
    out=$("$@" 2>"$work/errors" </dev/null)
    status=$?
    errors=$(cat "$work/errors")
}
