#!/usr/bin/env python3
"""Writes the case folders beside this file: the expected text of every signing stage, made by an implementation that
shares nothing with ours (hashlib only). Where AWS publishes the signature of a case (its documentation and public test
suite) the value is compared here, so a wrong generator stops; botocore, when installed, is compared as well."""
import hashlib
import hmac
import json
import os
import re
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
DOC_KEYS = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
TOKEN = ("6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
         "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YU"
         "uwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQ")
NEVER = {"authorization", "connection", "expect", "transfer-encoding", "x-amzn-trace-id", "user-agent"}
SAFE = "-_.~"


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=SAFE + safe)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_path(path, s3, normalize):
    raw = path.encode()
    if normalize:
        parts = []
        for part in raw.split(b"/"):
            if part == b"..":
                parts = parts[:-1]
            elif part not in (b"", b"."):
                parts.append(part)
        tail = b"/" if raw.endswith(b"/") and parts else b""
        raw = b"/" + b"/".join(parts) + tail
    return raw.decode() if s3 else quote(raw, "/")


def canonical_query(query):
    pairs = []
    for part in [p for p in query.split("&") if p]:
        name, _, value = part.partition("=")
        pairs.append((quote(urllib.parse.unquote_to_bytes(name)), quote(urllib.parse.unquote_to_bytes(value))))
    return "&".join(f"{n}={v}" for n, v in sorted(pairs))


def canonical_headers(headers):
    table = {}
    for name, value in headers:
        if name.lower() not in NEVER:
            table.setdefault(name.lower(), []).append(" ".join(value.split()))
    names = sorted(table)
    return "".join(f"{n}:{','.join(table[n])}\n" for n in names), ";".join(names)


class Signer:
    def __init__(self, ctx):
        self.ctx = ctx
        self.s3 = ctx["service"] == "s3"
        self.date = ctx["timestamp"].replace("-", "").replace(":", "")
        self.scope = f"{self.date[:8]}/{ctx['region']}/{ctx['service']}/aws4_request"
        self.token = ctx["credentials"].get("token")
        key = ("AWS4" + ctx["credentials"]["secret_access_key"]).encode()
        for part in (self.date[:8], ctx["region"], ctx["service"], "aws4_request"):
            key = mac(key, part)
        self.key = key

    def stages(self, method, path, query, headers, payload):
        lines, names = canonical_headers(headers)
        request = "\n".join([method, canonical_path(path, self.s3, self.ctx["normalize"]), canonical_query(query), lines,
                             names, payload])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", self.date, self.scope, sha(request.encode())])
        return request, to_sign, mac(self.key, to_sign).hex(), names

    def by_header(self, method, path, query, headers, body):
        ctx = self.ctx
        payload = ctx.get("payload") or sha(body)
        headers = headers + [("X-Amz-Date", self.date)]
        if ctx["sign_body"]:
            headers = headers + [("x-amz-content-sha256", payload)]
        if self.token and not ctx["omit_session_token"]:
            headers = headers + [("X-Amz-Security-Token", self.token)]
        request, to_sign, signature, names = self.stages(method, path, query, headers, payload)
        headers = headers + [("Authorization", f"AWS4-HMAC-SHA256 Credential={ctx['credentials']['access_key_id']}/"
                              f"{self.scope}, SignedHeaders={names}, Signature={signature}")]
        if self.token and ctx["omit_session_token"]:
            headers = headers + [("X-Amz-Security-Token", self.token)]
        return request, to_sign, signature, render(method, path, query, headers, body)

    def by_query(self, method, path, query, headers, body):
        ctx = self.ctx
        payload = ctx.get("payload") or ("UNSIGNED-PAYLOAD" if self.s3 else sha(body))
        _, names = canonical_headers(headers)
        extra = [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                 ("X-Amz-Credential", f"{ctx['credentials']['access_key_id']}/{self.scope}"), ("X-Amz-Date", self.date),
                 ("X-Amz-Expires", str(ctx["expiration_in_seconds"])), ("X-Amz-SignedHeaders", names)]
        if self.token and not ctx["omit_session_token"]:
            extra.append(("X-Amz-Security-Token", self.token))
        query = "&".join([p for p in [query] if p] + [f"{n}={quote(v)}" for n, v in extra])
        request, to_sign, signature, _ = self.stages(method, path, query, headers, payload)
        query += f"&X-Amz-Signature={signature}"
        if self.token and ctx["omit_session_token"]:
            query += f"&X-Amz-Security-Token={quote(self.token)}"
        return request, to_sign, signature, render(method, path, query, headers, body)


def render(method, path, query, headers, body):
    target = path + ("?" + query if query else "")
    lines = [f"{method} {target} HTTP/1.1"] + [f"{n}:{v}" for n, v in headers]
    return "\n".join(lines) + "\n\n" + body.decode()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", newline="") as out:
        out.write(text)


def botocore_signature(method, path, query, headers, body, ctx):
    """botocore's header signature, or None where it cannot express the case."""
    import datetime
    from unittest import mock
    from botocore import auth, awsrequest, credentials
    keys = ctx["credentials"]
    creds = credentials.Credentials(keys["access_key_id"], keys["secret_access_key"], keys.get("token"))
    host = dict(headers)["Host"]
    request = awsrequest.AWSRequest(method, f"https://{host}{path}" + ("?" + query if query else ""), data=body)
    for name, value in headers:
        if name.lower() != "host":
            request.headers[name] = value
    now = datetime.datetime.strptime(ctx["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
    signer = (auth.S3SigV4Auth if ctx["service"] == "s3" else auth.SigV4Auth)(creds, ctx["service"], ctx["region"])
    if ctx["service"] == "s3":
        request.context["client_config"] = None
        request.context["payload_signing_enabled"] = True
    patches = [mock.patch("botocore.auth.datetime", mock.Mock(datetime=mock.Mock(utcnow=lambda: now)))] \
        if hasattr(auth, "datetime") else []
    if hasattr(auth, "get_current_datetime"):
        patches.append(mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: now))
    for patch in patches:
        patch.start()
    try:
        signer.add_auth(request)
    finally:
        for patch in patches:
            patch.stop()
    return request.headers["Authorization"].rsplit("=", 1)[1]


CASES = []


def case(name, method="GET", target="/", headers=(), body=b"", published=None, published_query=None, botocore=True, **ctx):
    CASES.append((name, method, target, list(headers), body, published, published_query, botocore, ctx))


H = ("Host", "example.amazonaws.com")
PARAM = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
S3H = ("Host", "examplebucket.s3.amazonaws.com")
S3DOC = dict(service="s3", credentials=DOC_KEYS, timestamp="2013-05-24T00:00:00Z", expiration_in_seconds=86400)
case("get-vanilla", published=VANILLA)
case("get-vanilla-query", target="/?Param1=value1",
     published="a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")
case("get-vanilla-empty-query-key", target="/?Param1=value1&=empty&Param2")
case("get-vanilla-query-order-key-case", target="/?Param2=value2&Param1=value1",
     published="b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
case("get-vanilla-query-order-value", target="/?Param1=value2&Param1=value1",
     published="5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694")
case("get-query-duplicate-keys", target="/?Param1=b&Param1-x=q&Param1=%2Fa&Param1=&Param1=a%20b&Param1")
case("get-query-escapes", target="/?a=%3a%3A:&b=%2f/&c=%zz&d=1%2b1&e=~%7e", botocore=False)
case("get-vanilla-query-unreserved",
     target="/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz="
     "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     published="9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")
case("get-vanilla-utf8-query", target="/?\u1234=bar", botocore=False,
     published="2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")
case("get-unreserved", target="/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     published="07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")
case("get-utf8", target="/\u1234", published="8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")
case("get-utf8-encoded", target="/%E1%88%B4")
case("get-space", target="/example space/", botocore=False,
     published="652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")
case("get-relative", target="/example/..", published=VANILLA)
case("get-relative-relative", target="/example1/example2/../..", published=VANILLA)
case("get-relative-above-root", target="/../../a/../b")
case("get-slash", target="//", published=VANILLA)
case("get-slash-dot-slash", target="/./", published=VANILLA)
case("get-slash-pointless-dot", target="/./example",
     published="ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")
case("get-slashes", target="//example//", published="9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84")
case("get-header-key-duplicate", headers=[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
     published="c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")
case("get-header-value-order",
     headers=[("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
     published="08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")
case("get-header-value-multiline", headers=[("My-Header1", "value1\n  value2\n     value3")], botocore=False)
case("get-header-value-trim", headers=[("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')],
     published="acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")
case("get-header-never-signed", headers=[("User-Agent", "weir"), ("Expect", "100-continue"), ("Connection", "close"),
                                         ("X-Amzn-Trace-Id", "Root=1")], botocore=False)
case("post-vanilla", "POST", published=PARAM)
case("post-vanilla-query", "POST", "/?Param1=value1",
     published="28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")
case("post-header-key-case", "POST", headers=[("MY-HEADER1", "value1")])
case("post-header-key-sort", "POST", headers=[("My-Header1", "value1")],
     published="c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")
case("post-x-www-form-urlencoded", "POST", headers=[FORM], body=b"Param1=value1",
     published="ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")
case("post-x-www-form-urlencoded-parameters", "POST",
     headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf8")], body=b"Param1=value1",
     published="1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe")
case("post-sts-header-before", "POST", token="AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
     published="85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")
case("post-sts-header-after", "POST", token=TOKEN, omit_session_token=True, botocore=False, published=PARAM)
case("get-vanilla-with-session-token", token=TOKEN)
case("post-target-json", "POST", headers=[("Content-Type", "application/x-amz-json-1.1"),
                                         ("X-Amz-Target", "AWSGlue.GetTables")], body=b'{"DatabaseName":"lake"}')
# S3: the examples of the S3 API Reference, then its rules
case("s3-doc-get-object", target="/test.txt", headers=[("Range", "bytes=0-9")], host=S3H,
     published="f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", **S3DOC)
case("s3-doc-put-object", "PUT", "/test%24file.text", host=S3H, body=b"Welcome to Amazon S3.",
     headers=[("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
     published="98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", botocore=False, **S3DOC)
case("s3-doc-get-lifecycle", target="/?lifecycle", host=S3H,
     published="fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", **S3DOC)
case("s3-doc-list-objects", target="/?max-keys=2&prefix=J", host=S3H,
     published="34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", **S3DOC)
case("s3-doc-presigned", target="/test.txt", host=S3H,
     published_query="aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", **S3DOC)
case("s3-doc-put-chunked-seed", "PUT", "/examplebucket/chunkObject.txt", host=("Host", "s3.amazonaws.com"),
     headers=[("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"),
              ("x-amz-decoded-content-length", "66560"), ("Content-Length", "66824")],
     payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD", botocore=False,
     published="4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", **S3DOC)
case("s3-path-as-sent", target="/lake/a%20b/../c//d/./%25+%C3%A9", service="s3")
case("s3-path-trailing-slash", target="/lake/raw//", service="s3")
case("s3-unsigned-payload", "PUT", "/lake/big.bin", service="s3", payload="UNSIGNED-PAYLOAD", body=b"anything",
     botocore=False)
case("s3-streaming-trailer", "PUT", "/lake/stream", service="s3", payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
     headers=[("x-amz-trailer", "x-amz-checksum-crc32"), ("x-amz-decoded-content-length", "3")], botocore=False)
case("s3-session-token", target="/lake/key", service="s3", token=TOKEN)
case("s3-list-query", target="/lake?list-type=2&prefix=raw%2F&delimiter=%2F&encoding-type=url&continuation-token="
     "1%2Ba%3D%3D", service="s3")


def context(ctx):
    keys = dict(ctx.pop("credentials", KEYS))
    token = ctx.pop("token", None)
    if token:
        keys["token"] = token
    service = ctx.get("service", "service")
    base = {"credentials": keys, "expiration_in_seconds": 3600, "normalize": service != "s3", "region": "us-east-1",
            "service": service, "sign_body": service == "s3", "omit_session_token": False,
            "timestamp": "2015-08-30T12:36:00Z"}
    base.update(ctx)
    return base


def main():
    compared = published_count = 0
    for name, method, target, headers, body, published, published_query, with_botocore, ctx in CASES:
        headers = [ctx.pop("host", H)] + headers
        ctx = context(ctx)
        signer = Signer(ctx)
        path, _, query = target.partition("?")
        by_header = signer.by_header(method, path, query, headers, body)
        by_query = signer.by_query(method, path, query, headers, body)
        for got, want in ((by_header[2], published), (by_query[2], published_query)):
            if want:
                published_count += 1
                if got != want:
                    sys.exit(f"{name}: {got} is not the published {want}\n{by_header[0]}")
        if with_botocore and "--botocore" in sys.argv:
            compared += 1
            got = botocore_signature(method, path, query, headers, body, ctx)
            if got != by_header[2]:
                sys.exit(f"{name}: botocore has {got}\n{by_header[0]}")
        folder = os.path.join(HERE, name)
        os.makedirs(folder, exist_ok=True)
        write(folder, "context.json", json.dumps(ctx, indent=4) + "\n")
        write(folder, "request.txt", render(method, path, query, headers, body))
        for form, stages in (("header", by_header), ("query", by_query)):
            for part, text in zip(("canonical-request", "string-to-sign", "signature", "signed-request"), stages):
                write(folder, f"{form}-{part}.txt", text)
    print(f"{len(CASES)} cases; {published_count} published signatures and {compared} of botocore agree")


if __name__ == "__main__":
    main()
