# Checks for test scripts: each prints "ok NAME" or "not ok NAME" and what was seen; $failed is the exit status in the end.
failed=0
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
