"""Listings: V1, V2, versions; delimiters, markers, tokens, encodings, orders and edges."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403

KEYS = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/bla", "cquux/thud", "zz"]
B = bucket()
for _key in KEYS:
    put(B, _key, _key.encode())


def v1(**options):
    found = s3.list_objects(Bucket=options.pop("Bucket", B), **options)
    return ([o["Key"] for o in found.get("Contents", [])], [p["Prefix"] for p in found.get("CommonPrefixes", [])], found)


def v2(**options):
    found = s3.list_objects_v2(Bucket=options.pop("Bucket", B), **options)
    keys = [o["Key"] for o in found.get("Contents", [])]
    prefixes = [p["Prefix"] for p in found.get("CommonPrefixes", [])]
    same(found["KeyCount"], len(keys) + len(prefixes))
    return (keys, prefixes, found)


@check
def list_all():
    for call in (v1, v2):
        keys, prefixes, found = call()
        same((keys, prefixes, found["IsTruncated"], found["MaxKeys"], found["Name"], found["Prefix"]),
             (KEYS, [], False, 1000, B, ""))


@check
def list_entry():
    entry = v2(Prefix="asdf")[2]["Contents"][0]
    same((entry["Size"], entry["ETag"], entry["StorageClass"]), (4, '"' + md5(b"asdf") + '"', "STANDARD"))
    assert "Owner" not in entry
    same(len(v2(Prefix="asdf", FetchOwner=True)[2]["Contents"][0]["Owner"]["ID"]), 64)
    same(len(v1(Prefix="asdf")[2]["Contents"][0]["Owner"]["ID"]), 64)


@check
def list_empty_bucket():
    name = bucket()
    for call in (v1, v2):
        keys, prefixes, found = call(Bucket=name)
        same((keys, prefixes, found["IsTruncated"]), ([], [], False))


@check
def list_delimiter():
    for call in (v1, v2):
        keys, prefixes, found = call(Delimiter="/")
        same((keys, prefixes, found["Delimiter"]), (["asdf", "zz"], ["boo/", "cquux/"], "/"))


@check
def list_delimiter_and_prefix():
    for call in (v1, v2):
        same(call(Delimiter="/", Prefix="boo/")[:2], (["boo/bar"], ["boo/baz/"]))
        same(call(Delimiter="/", Prefix="boo")[:2], ([], ["boo/"]))
        same(call(Delimiter="/", Prefix="nothing/")[:2], ([], []))


@check
def list_delimiter_of_several_characters():
    for call in (v1, v2):
        same(call(Delimiter="ux/")[:2], (["asdf", "boo/bar", "boo/baz/xyzzy", "zz"], ["cquux/"]))
        same(call(Delimiter="zz")[:2], (["asdf", "boo/bar", "cquux/bla", "cquux/thud"], ["boo/baz/xyzz", "zz"]))


@check
def list_delimiter_kinds():
    name = bucket()
    for key in ("b ar", "b az", "c ab", "foo", "p%1", "p%2", "ü1", "ü2", "n\n1"):
        put(name, key)
    same(v2(Bucket=name, Delimiter=" ")[1], ["b ", "c "])
    same(v2(Bucket=name, Delimiter="%")[1], ["p%"])
    same(v2(Bucket=name, Delimiter="ü")[1], ["ü"])
    same(v2(Bucket=name, Delimiter="\n")[1], ["n\n"])
    same(v2(Bucket=name, Delimiter="")[1], [])


@check
def list_pages_v1():
    keys, _, found = v1(MaxKeys=2)
    same((keys, found["IsTruncated"]), (KEYS[:2], True))
    assert "NextMarker" not in found
    keys, _, found = v1(MaxKeys=4, Marker=KEYS[1])
    same((keys, found["IsTruncated"], found["Marker"]), (KEYS[2:], False, KEYS[1]))


@check
def list_pages_v1_with_delimiter():
    marker, pages = "", []
    while True:
        keys, prefixes, found = v1(MaxKeys=1, Delimiter="/", Marker=marker)
        pages += keys + prefixes
        if not found["IsTruncated"]:
            break
        marker = found["NextMarker"]
    same(pages, ["asdf", "boo/", "cquux/", "zz"])


@check
def list_pages_v2():
    for size in (1, 2, 3, 4, 5, 6):
        got = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=B, PaginationConfig={"PageSize": size}):
            got += [o["Key"] for o in page.get("Contents", [])]
        same((size, got), (size, KEYS))


@check
def list_pages_v2_with_delimiter():
    for size in (1, 2, 3, 4):
        got = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=B, Delimiter="/", PaginationConfig={"PageSize": size}):
            got += [o["Key"] for o in page.get("Contents", [])] + [p["Prefix"] for p in page.get("CommonPrefixes", [])]
        same((size, sorted(got)), (size, ["asdf", "boo/", "cquux/", "zz"]))


@check
def list_last_page_has_no_token():
    found = v2(MaxKeys=6)[2]
    same(found["IsTruncated"], False)
    assert "NextContinuationToken" not in found


@check
def list_start_after():
    same(v2(StartAfter="boo/bar")[0], KEYS[2:])
    same(v2(StartAfter="boo/bar")[2]["StartAfter"], "boo/bar")
    same(v2(StartAfter="b")[0], KEYS[1:])
    same(v2(StartAfter="zzz")[0], [])
    same(v2(StartAfter="a", Prefix="cq")[0], KEYS[3:5])


@check
def list_marker_edges():
    same(v1(Marker="zz")[0], [])
    same(v1(Marker="\n")[0], KEYS)
    same(v1(Marker="")[0], KEYS)
    same(v1(Marker="b", Prefix="boo/")[0], KEYS[1:3])


@check
def list_token_beats_start_after():
    token = v2(MaxKeys=1)[2]["NextContinuationToken"]
    same(v2(ContinuationToken=token, StartAfter="z")[0], KEYS[1:])


@check
def list_bad_token():
    fails(400, "InvalidArgument", s3.list_objects_v2, Bucket=B, ContinuationToken="!!!")
    same(code_of(raw("GET", "/" + B, "list-type=2&continuation-token=")), "InvalidArgument")


@check
def list_max_keys_zero():
    for call in (v1, v2):
        keys, prefixes, found = call(MaxKeys=0)
        same((keys, prefixes, found["IsTruncated"], found["MaxKeys"]), ([], [], False, 0))


@check
def list_max_keys_edges():
    same(v2(MaxKeys=5000)[2]["MaxKeys"], 1000)
    for value in ("blah", "-1", "99999999999", "1x"):
        answer = raw("GET", "/" + B, "list-type=2&max-keys=" + value)
        same((value, answer.status, code_of(answer)), (value, 400, "InvalidArgument"))
    same(raw("GET", "/" + B, "list-type=2&max-keys=").status, 200)


@check
def list_encoding_url():
    name = bucket()
    put(name, "a b+c/ü?\n&")
    text = raw("GET", "/" + name, "list-type=2&encoding-type=url&prefix=a%20b").data.decode()
    assert "<Key>a%20b%2Bc/%C3%BC%3F%0A%26</Key>" in text, text
    assert "<Prefix>a%20b</Prefix>" in text and "<EncodingType>url</EncodingType>" in text
    text = raw("GET", "/" + name, "list-type=2").data.decode()
    assert "ü?" in text and "&amp;" in text and "EncodingType" not in text
    same(code_of(raw("GET", "/" + name, "encoding-type=rot13")), "InvalidArgument")


@check
def list_order_is_of_bytes():
    name = bucket()
    keys = ["A", "Z", "_", "a", "z", "é", "ﬀ", "🔑", "aa", "a/", "a0", "a-"]
    for key in keys:
        put(name, key)
    same(v2(Bucket=name)[0], sorted(keys, key=lambda k: k.encode()))


@check
def list_prefix_of_bytes():
    name = bucket()
    for key in ("ab", "a%", "a_", "aß", "a"):
        put(name, key)
    same(v2(Bucket=name, Prefix="a_")[0], ["a_"])
    same(v2(Bucket=name, Prefix="a%")[0], ["a%"])
    same(v2(Bucket=name, Prefix="a")[0], ["a", "a%", "a_", "ab", "aß"])
    same(v2(Bucket=name, Prefix="aß")[0], ["aß"])


@check
def list_prefix_is_a_key_itself():
    name = bucket()
    for key in ("dir/", "dir/a", "dir/sub/", "dir/sub/b"):
        put(name, key)
    same(v2(Bucket=name, Prefix="dir/", Delimiter="/")[:2], (["dir/", "dir/a"], ["dir/sub/"]))
    same(v2(Bucket=name, Delimiter="/")[:2], ([], ["dir/"]))


@check
def list_more_than_a_page():
    name = bucket()
    keys = [f"k{i:05d}" for i in range(1007)]
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda k: put(name, k), keys))
    found = s3.list_objects_v2(Bucket=name)
    same((found["KeyCount"], found["IsTruncated"]), (1000, True))
    got = [o["Key"] for page in s3.get_paginator("list_objects").paginate(Bucket=name) for o in page["Contents"]]
    same(got, keys)
    same(v2(Bucket=name, Delimiter="0")[1], ["k0"])


@check
def list_checksum_algorithm():
    name = bucket()
    put(name, "sum", ChecksumAlgorithm="SHA256")
    assert b"<ChecksumAlgorithm>SHA256</ChecksumAlgorithm>" in raw("GET", "/" + name, "list-type=2").data


@check
def list_type_other_than_2():
    same(code_of(raw("GET", "/" + B, "list-type=3")), "InvalidArgument")


# ---- versions


def history(name, **options):
    found = s3.list_object_versions(Bucket=name, **options)
    return ([(v["Key"], v["VersionId"], v["IsLatest"]) for v in found.get("Versions", [])],
            [(m["Key"], m["VersionId"], m["IsLatest"]) for m in found.get("DeleteMarkers", [])], found)


def with_history():
    name = versioned()
    ids = {}
    for key in ("a", "b/1", "b/2", "c"):
        ids[key] = [put(name, key, f"{key}{i}".encode())["VersionId"] for i in range(3)]
    ids["marker"] = s3.delete_object(Bucket=name, Key="c")["VersionId"]
    return name, ids


@check
def versions_order():
    name, ids = with_history()
    versions, markers, found = history(name)
    wanted = [(k, v, i == 0 and k != "c") for k in ("a", "b/1", "b/2", "c") for i, v in enumerate(reversed(ids[k]))]
    same((versions, markers, found["IsTruncated"]), (wanted, [("c", ids["marker"], True)], False))


@check
def versions_pages():
    name, ids = with_history()
    for size in (1, 2, 3, 5, 13):
        got = []
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name, PaginationConfig={"PageSize": size}):
            got += [v["VersionId"] for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
        wanted = [v for k in ("a", "b/1", "b/2", "c") for v in ids[k]] + [ids["marker"]]
        same((size, sorted(got)), (size, sorted(wanted)))


@check
def versions_markers():
    name, ids = with_history()
    versions = history(name, KeyMarker="a", VersionIdMarker=ids["a"][1], MaxKeys=2)[0]
    same(versions, [("a", ids["a"][0], False), ("b/1", ids["b/1"][2], True)])
    same(history(name, KeyMarker="b/2")[0][0][0], "c")
    fails(400, "InvalidArgument", s3.list_object_versions, Bucket=name, VersionIdMarker=ids["a"][1])
    fails(400, "InvalidArgument", s3.list_object_versions, Bucket=name, KeyMarker="a", VersionIdMarker="short")


@check
def versions_delimiter_and_prefix():
    name, ids = with_history()
    versions, _, found = history(name, Delimiter="/")
    same(([v[0] for v in versions], found["CommonPrefixes"]), (["a"] * 3 + ["c"] * 3, [{"Prefix": "b/"}]))
    same([v[0] for v in history(name, Prefix="b/1")[0]], ["b/1"] * 3)


@check
def versions_of_unversioned_bucket():
    versions = history(B)[0]
    same([v[0] for v in versions], KEYS)
    same({v[1] for v in versions}, {"null"})
    same({v[2] for v in versions}, {True})


@check
def list_skips_hidden_and_old():
    name = versioned()
    for key in ("gone/1", "gone/2", "kept"):
        for _ in range(12):
            put(name, key)
    for key in ("gone/1", "gone/2"):
        s3.delete_object(Bucket=name, Key=key)
    same(v2(Bucket=name)[0], ["kept"])
    same(v2(Bucket=name, Delimiter="/")[:2], (["kept"], []))
    same(v2(Bucket=name, MaxKeys=1)[2]["IsTruncated"], False)


if __name__ == "__main__":
    main()
