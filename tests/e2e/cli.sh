#!/bin/bash
# The command line as a user meets it: every verb on a real embedded cloud, exit codes, formats, hostile names, bad input.
. "$(dirname "$0")/../lib/e2e.sh"

# --- without any service ---
try weir help
is "help exits 0" 0 "$status"
has "help lists the verbs" "zones" "$out"
try weir nonsense
is "an unknown verb exits 2" 2 "$status"
has "and is named" "nonsense" "$errors"
try weir
is "the console without a terminal exits 2" 2 "$status"
has "and says why" "terminal" "$errors"
try weir ls --no-such-flag
is "an unknown flag exits 2" 2 "$status"
has "and is named" "no-such-flag" "$errors"
try weir ls not-a-uri
is "a malformed name exits 2 or 1" 1 "$([ "$status" = 1 ] || [ "$status" = 2 ] && echo 1)"
has "the malformed name is shown" "not-a-uri" "$errors"
mkdir -p "$XDG_CONFIG_HOME/weir"
printf 'thme = light\n' >"$XDG_CONFIG_HOME/weir/config.ini"
try weir config check
is "an unknown key exits 2" 2 "$status"
has "with file and line" "config.ini:1" "$errors"
has "and the key" "thme" "$errors"
try weir config paths
is "config paths works with a wrong file" 0 "$status"
has "and names it" "config.ini" "$out"
has "and warns" "thme" "$errors"
try weir help ls
is "help works with a wrong file" 0 "$status"
has "and helps" "usage: weir ls" "$out"
rm "$XDG_CONFIG_HOME/weir/config.ini"
try weir pipeline nonsense
lacks "the program is named once" "weir: weir" "$errors"
try weir config paths
has "config paths names the file" "config.ini" "$out"
try weir man
has "the manual page has its title" ".TH WEIR 1" "$out"

# --- buckets and objects ---
try weir ls
is "ls of an empty cloud is a success" 0 "$status"
is "and prints nothing" "" "$out"
try weir ls s3://absent-bucket
is "ls of an absent bucket exits 1" 1 "$status"
has "and names it" "absent-bucket" "$errors"
try weir pipeline lake --bucket lake-test
is "pipeline lake makes the bucket" 0 "$status"
printf 'hello\n' >"$work/hello.txt"
try weir cp "$work/hello.txt" s3://lake-test/raw/hello.txt
is "cp uploads" 0 "$status"
try weir cat s3://lake-test/raw/hello.txt
is "cat prints the bytes" "hello" "$out"
try weir cat --range 1-3 s3://lake-test/raw/hello.txt
is "cat --range" "ell" "$out"
try weir cat --range=-3 s3://lake-test/raw/hello.txt
is "cat of the last bytes" "lo" "$out"
try weir ls --format json s3://lake-test/raw/
is "ls as JSON is JSON" "raw/hello.txt" "$(printf %s "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["key"])' 2>&1)"
try weir stat --format json s3://lake-test/raw/hello.txt
is "stat knows the size" 6 "$(printf %s "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["bytes"])' 2>&1)"
try weir stat s3://lake-test/absent
is "stat of an absent object exits 1" 1 "$status"
try weir cat s3://lake-test/absent
is "cat of an absent object exits 1" 1 "$status"
has "and names it" "absent" "$errors"

# --- names that would drive a terminal ---
hostile=$(printf 'raw/we\033[31mird\342\200\256name\n.csv')
try weir cp "$work/hello.txt" "s3://lake-test/$hostile"
is "a hostile key uploads" 0 "$status"
try weir ls s3://lake-test/raw/
lacks "no escape reaches the table" "$(printf '\033')" "$out"
has "it is shown" '\x1b[31mird' "$out"
try weir ls --format jsonl s3://lake-test/raw/we
is "JSON keeps the bytes" "$hostile" "$(printf %s "$out" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["key"])' 2>&1)"

# --- both directions, whole trees ---
mkdir -p "$work/tree/a/b" "$work/back"
for i in 1 2 3; do head -c $((i * 1000)) /dev/urandom >"$work/tree/a/f$i"; done
head -c 20000000 /dev/urandom >"$work/tree/a/b/big"
try weir cp -r "$work/tree" s3://lake-test/curated/tree
is "cp -r uploads" 0 "$status"
try weir cp -r s3://lake-test/curated/tree "$work/back"
is "cp -r downloads" 0 "$status"
is "what came back is the same" "" "$(cd "$work" && for f in a/f1 a/f2 a/f3 a/b/big; do found=$(find back -path "*$f" | head -1); cmp "tree/$f" "$found" 2>&1; done)"
is "no partial file is left" "" "$(find "$work/back" -name '*weir-part*')"
try weir cp s3://lake-test/raw/hello.txt -
is "cp to standard output" "hello" "$out"
printf 'from a pipe' | weir cp - s3://lake-test/raw/piped 2>/dev/null
is "cp from standard input" "from a pipe" "$(weir cat s3://lake-test/raw/piped)"
try weir cp s3://lake-test/raw/hello.txt s3://lake-test/curated/copy.txt
is "cp inside the lake" "hello" "$(weir cat s3://lake-test/curated/copy.txt)"
try weir cp --no-clobber s3://lake-test/raw/hello.txt "$work/hello.txt"
is "--no-clobber refuses" 1 "$([ "$status" -ne 0 ] && echo 1)"
try weir du s3://lake-test/curated/
has "du counts" "tree" "$out"

# --- zones ---
try weir zones --bucket lake-test
is "zones exits 0" 0 "$status"
has "zones lists raw/" "raw/" "$out"
has "zones lists curated/" "curated/" "$out"
try weir zones --bucket lake-test --format json
is "zones as JSON counts" 5 "$(printf %s "$out" | python3 -c 'import json,sys; print({r["zone"]: r["objects"] for r in json.load(sys.stdin)}["curated/"])' 2>&1)"

# --- deleting ---
try weir rm s3://lake-test/raw/piped
is "rm without an answer is refused" 5 "$status"
try weir cat s3://lake-test/raw/piped
is "and nothing was deleted" "from a pipe" "$out"
try weir rm --yes s3://lake-test/raw/piped
is "rm --yes deletes" 0 "$status"
try weir cat s3://lake-test/raw/piped
is "it is gone" 1 "$status"
try weir rm --yes --readonly s3://lake-test/raw/hello.txt
is "--readonly refuses" 5 "$status"
try weir cp --readonly "$work/hello.txt" s3://lake-test/raw/x
is "--readonly refuses uploads" 5 "$status"
try weir rm --yes -r s3://lake-test/curated/tree/
is "rm -r deletes a tree" 0 "$status"

try weir local reset --yes --readonly
is "--readonly refuses a reset" 5 "$status"
try weir cat s3://lake-test/raw/hello.txt
is "and the data is there" "hello" "$out"

# --- standard descriptors, options that are not ---
weir ls s3://lake-test/raw/hello.txt <&- >"$work/listed" 2>/dev/null
has "standard input may be closed" "hello.txt" "$(cat "$work/listed")"
weir cp s3://lake-test/raw/hello.txt "$work/closed.txt" <&- >&- 2>&-
is "all three may be closed" "hello" "$(cat "$work/closed.txt")"
for command in "ls" "--version" "--help" "local status"; do
    # shellcheck disable=SC2086
    weir $command >/dev/full 2>"$work/errors" </dev/null
    is "$command: a full standard output exits 1" 1 $?
done
try weir --help
has "--help lists the verbs" "  doctor " "$out"
try weir --no-such-option
is "an unknown option exits 2" 2 "$status"
has "and is called an option" 'unknown option "--no-such-option"' "$errors"

# --- the manual ---
weir man >"$work/weir.1" 2>/dev/null
has "the manual keeps the lines of a list of commands" $'.nf\nstart     run it' "$(cat "$work/weir.1")"
has "and names the variables" "; variable WEIR_READONLY" "$(cat "$work/weir.1")"

# --- configuration that is wrong ---
mkdir -p "$XDG_CONFIG_HOME/weir"
printf 'regoin = x\n' >"$XDG_CONFIG_HOME/weir/config.ini"
try weir ls
is "an unknown key exits 2" 2 "$status"
has "with file and line" 'config.ini:1: unknown key "regoin"' "$errors"
try weir --help
is "help is given all the same" 0 "$status"
try weir ls --help
has "and that of a verb" "usage: weir ls" "$out"
printf 'theme = light\n' >"$XDG_CONFIG_HOME/weir/config.ini"
try weir ls
has "a key in the wrong place is told where it belongs" "belong in the top of the file; it belongs in [console]" "$errors"
printf '[console]\ntheme = no-such-theme\n' >"$XDG_CONFIG_HOME/weir/config.ini"
try weir config check
is "config check knows the themes" 2 "$status"
has "and names the wrong one" '"no-such-theme"' "$errors"
printf '[console]\nkeymap = no-such-map\n' >"$XDG_CONFIG_HOME/weir/config.ini"
try weir config check
is "and the keymaps" 2 "$status"
rm "$XDG_CONFIG_HOME/weir/config.ini"

# --- faults: each a clear error with its exit code ---
fault() { weir local fault "$@" >/dev/null; }
clear_faults() { weir local fault clear >/dev/null; }
fault s3:ListObjectsV2 403 prefix=raw/
try weir ls s3://lake-test/raw/
is "403 exits 3" 3 "$status"
has "and names the permission" "s3:ListBucket" "$errors"
clear_faults
fault s3:GetObject cut=2 count=1
try weir cat s3://lake-test/raw/hello.txt
is "a body cut in the middle is taken up again" "hello" "$out"
clear_faults
fault s3:ListObjectsV2 garbage
try weir ls s3://lake-test/raw/
is "XML that is not XML exits 1" 1 "$status"
clear_faults
fault s3:ListObjectsV2 503 count=2
try weir ls s3://lake-test/raw/
is "SlowDown is retried" 0 "$status"
clear_faults
fault s3:ListObjectsV2 503
try weir ls s3://lake-test/raw/
is "SlowDown without end exits 4" 4 "$status"
clear_faults
fault s3:ListObjectsV2 301
try weir ls s3://lake-test/raw/
is "another region exits 1" 1 "$status"
has "and is named with what to do" "set --region eu-west-3" "$errors"
clear_faults
for clock in 20m -20m; do
    fault '*:*' clock=$clock
    try weir ls s3://lake-test/raw/
    is "a clock that differs by $clock is put right" 0 "$status"
    try weir doctor
    has "and doctor tells" "from the server's: calls are signed with the server's time" "$out"
    clear_faults
done
AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b try weir ls --max-attempts 1
is "nobody listening exits 4" 4 "$status"
AWS_ENDPOINT_URL=http://no-such-host.invalid AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b try weir ls --max-attempts 1
is "an unknown host exits 4" 4 "$status"
eval "$(weir local env)"
AWS_SECRET_ACCESS_KEY=wrong try weir ls
is "a wrong key exits 3" 3 "$status"
lacks "the secret is not shown" "wrong" "$out$errors"
try weir ls
is "the exports work for weir itself" 0 "$status"
unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION

# --- the rest ---
try weir doctor
is "doctor exits 0" 0 "$status"
has "doctor tried the permissions" "s3:ListBucket" "$out"
try weir local start --port 1
is "start with another port than that of the one which runs exits 2" 2 "$status"
has "and says what to do" "weir local stop" "$errors"
try weir local start
is "start of one that runs is a success" 0 "$status"
try weir local status --format json
is "status is JSON" True "$(printf %s "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["rss_bytes"] > 0)' 2>&1)"
try weir local coverage
has "coverage lists operations" "PutObject" "$out"
try weir local logs
has "logs show requests" "GET /lake-test" "$out"
weir ls s3://lake-test/ | true
pass "a reader that goes away is no error"
try weir local stop
is "stop" 0 "$status"
try weir local status
is "status of a stopped cloud exits non-zero" 1 "$([ "$status" -ne 0 ] && echo 1)"
try weir cat s3://lake-test/raw/hello.txt
is "data survives a restart" "hello" "$out"
