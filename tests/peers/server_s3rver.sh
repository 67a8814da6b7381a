#!/bin/bash
# Our client against s3rver, an S3 server that nobody here wrote. It has no versions, and stores aws-chunked framing as it comes: our client
# sends neither to a plain PUT.
. "$(dirname "$0")/../lib/checks.sh"
tmp=$(mktemp -d)
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
mkdir -p "$tmp/data"
node "$PEERS/node_modules/s3rver/bin/s3rver.js" -d "$tmp/data" -a 127.0.0.1 -p "$port" --silent --configure-bucket peer-bucket >"$tmp/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; read -rt 0.05 <> <(:); done
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=S3RVER AWS_SECRET_ACCESS_KEY=S3RVER

has "ls lists buckets" peer-bucket "$(weir ls 2>&1)"
printf 'hello\n' >"$tmp/hello"
weir cp "$tmp/hello" s3://peer-bucket/dir/hello 2>"$tmp/err" && pass "cp uploads" || fail "cp uploads" "$(cat "$tmp/err")"
is "cat" hello "$(weir cat s3://peer-bucket/dir/hello 2>&1)"
is "cat --range" ell "$(weir cat --range 1-3 s3://peer-bucket/dir/hello 2>&1)"
weir cp "$tmp/hello" 's3://peer-bucket/a key+with ümlaut' 2>"$tmp/err" && pass "a key with space, plus and umlaut" || fail "a key with space, plus and umlaut" "$(cat "$tmp/err")"
has "ls shows it" 'a key+with ümlaut' "$(weir ls s3://peer-bucket/ 2>&1)"
head -c 20000000 /dev/urandom >"$tmp/big"
weir cp "$tmp/big" s3://peer-bucket/big 2>"$tmp/err" && pass "a multipart upload" || fail "a multipart upload" "$(cat "$tmp/err")"
weir cp s3://peer-bucket/big "$tmp/back" 2>"$tmp/err" && cmp "$tmp/big" "$tmp/back" && pass "and it comes back the same" || fail "and it comes back the same" "$(cat "$tmp/err")"
for i in $(seq 25); do echo "$i" >"$tmp/f$i"; done
mkdir "$tmp/many" && mv "$tmp"/f* "$tmp/many"
weir cp -r "$tmp/many" s3://peer-bucket/many 2>"$tmp/err" && pass "a tree" || fail "a tree" "$(cat "$tmp/err")"
has "du counts it" 25 "$(weir du s3://peer-bucket/many/ 2>&1)"
has "zones" many/ "$(weir zones --bucket peer-bucket 2>&1)"
has "stat" etag "$(weir stat s3://peer-bucket/dir/hello 2>&1)"
weir cat s3://peer-bucket/absent >/dev/null 2>&1; is "an absent object" 1 $?
weir rm --yes s3://peer-bucket/dir/hello 2>/dev/null; weir cat s3://peer-bucket/dir/hello >/dev/null 2>&1; is "rm" 1 $?
exit $failed
