"""Multipart uploads: parts, order, sizes, checksums, copies, listings, aborts, repeats."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403

B = bucket()
MIB = 1024 * 1024
BIG = os.urandom(5 * MIB)


def start(key, **options):
    return s3.create_multipart_upload(Bucket=B, Key=key, **options)["UploadId"]


def part(key, upload, number, data, **options):
    return s3.upload_part(Bucket=B, Key=key, UploadId=upload, PartNumber=number, Body=data, **options)


def finish(key, upload, parts, **options):
    return s3.complete_multipart_upload(Bucket=B, Key=key, UploadId=upload, **options, MultipartUpload={
        "Parts": [p if isinstance(p, dict) else {"PartNumber": p[0], "ETag": p[1]} for p in parts]})


def whole(key, datas, **options):
    upload = start(key, **options)
    tags = [(i + 1, part(key, upload, i + 1, d)["ETag"]) for i, d in enumerate(datas)]
    return finish(key, upload, tags)


def etag_of(datas):
    return '"%s-%d"' % (hashlib.md5(b"".join(hashlib.md5(d).digest() for d in datas)).hexdigest(), len(datas))


def document(parts):
    return b"<CompleteMultipartUpload>" + b"".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>".encode() for n, e in parts) + b"</CompleteMultipartUpload>"


@check
def multipart_three_parts():
    datas = [BIG, BIG[::-1], b"tail"]
    answer = whole("three", datas, Metadata={"m": "1"}, ContentType="text/x", StorageClass="STANDARD_IA", Tagging="t=1")
    same((answer["ETag"], answer["Bucket"], answer["Key"]), (etag_of(datas), B, "three"))
    found = get(B, "three")
    same(found["Body"].read() == b"".join(datas), True)
    same((found["Metadata"], found["ContentType"], found["StorageClass"], found["TagCount"], found["ETag"]),
         ({"m": "1"}, "text/x", "STANDARD_IA", 1, etag_of(datas)))


@check
def multipart_one_small_part():
    same(whole("one", [b"just this"])["ETag"], etag_of([b"just this"]))
    same(body(B, "one"), b"just this")


@check
def multipart_empty_part():
    whole("empty", [b""])
    same(body(B, "empty"), b"")


@check
def multipart_out_of_order_upload_and_gaps():
    upload = start("gaps")
    tags = {n: part("gaps", upload, n, d)["ETag"] for n, d in ((9, b"end"), (2, BIG))}
    finish("gaps", upload, sorted(tags.items()))
    same(body(B, "gaps") == BIG + b"end", True)


@check
def multipart_part_replaced():
    upload = start("again")
    part("again", upload, 1, b"first")
    tag = part("again", upload, 1, b"second")["ETag"]
    finish("again", upload, [(1, tag)])
    same(body(B, "again"), b"second")


@check
def multipart_not_all_parts_used():
    upload = start("some")
    tag = part("some", upload, 1, b"used")["ETag"]
    part("some", upload, 2, b"unused")
    finish("some", upload, [(1, tag)])
    same(body(B, "some"), b"used")
    fails(404, "NoSuchUpload", s3.list_parts, Bucket=B, Key="some", UploadId=upload)


@check
def multipart_too_small():
    upload = start("small")
    tags = [(n, part("small", upload, n, b"tiny")["ETag"]) for n in (1, 2)]
    error = fails(400, "EntityTooSmall", finish, "small", upload, tags)["Error"]
    same((error["PartNumber"], error["ProposedSize"], error["MinSizeAllowed"]), ("1", "4", "5242880"))
    s3.abort_multipart_upload(Bucket=B, Key="small", UploadId=upload)


@check
def multipart_wrong_parts():
    upload = start("wrong")
    one, two = part("wrong", upload, 1, BIG)["ETag"], part("wrong", upload, 2, b"x")["ETag"]
    fails(400, "InvalidPart", finish, "wrong", upload, [(1, '"' + "0" * 32 + '"')])
    fails(400, "InvalidPart", finish, "wrong", upload, [(1, one), (3, two)])
    fails(400, "InvalidPartOrder", finish, "wrong", upload, [(2, two), (1, one)])
    fails(400, "InvalidPartOrder", finish, "wrong", upload, [(1, one), (1, one)])
    same(code_of(raw("POST", f"/{B}/wrong", "uploadId=" + upload, data=document([]))), "MalformedXML")
    same(code_of(raw("POST", f"/{B}/wrong", "uploadId=" + upload, data=b"<not xml")), "MalformedXML")
    finish("wrong", upload, [(1, one), (2, two)])


@check
def multipart_part_numbers():
    upload = start("numbers")
    for number in ("0", "10001", "x", "-1"):
        answer = raw("PUT", f"/{B}/numbers", f"partNumber={number}&uploadId={upload}", data=b"x")
        same((number, answer.status, code_of(answer)), (number, 400, "InvalidArgument"))
    part("numbers", upload, 10000, b"x")
    s3.abort_multipart_upload(Bucket=B, Key="numbers", UploadId=upload)


@check
def multipart_no_such_upload():
    for call in (lambda: part("none", "nope", 1, b"x"), lambda: finish("none", "nope", [(1, '"x"')]),
                 lambda: s3.abort_multipart_upload(Bucket=B, Key="none", UploadId="nope"),
                 lambda: s3.list_parts(Bucket=B, Key="none", UploadId="nope")):
        same(fails(404, "NoSuchUpload", call)["Error"]["UploadId"], "nope")


@check
def multipart_upload_of_another_key():
    upload = start("mine")
    fails(404, "NoSuchUpload", part, "other", upload, 1, b"x")
    s3.abort_multipart_upload(Bucket=B, Key="mine", UploadId=upload)


@check
def multipart_abort():
    upload = start("abort")
    part("abort", upload, 1, BIG)
    same(s3.abort_multipart_upload(Bucket=B, Key="abort", UploadId=upload)["ResponseMetadata"]["HTTPStatusCode"], 204)
    fails(404, "NoSuchUpload", part, "abort", upload, 1, b"x")
    fails(404, None, s3.head_object, Bucket=B, Key="abort")


@check
def multipart_invisible_until_complete():
    upload = start("hidden")
    part("hidden", upload, 1, b"x")
    fails(404, None, s3.head_object, Bucket=B, Key="hidden")
    same(s3.list_objects_v2(Bucket=B, Prefix="hidden")["KeyCount"], 0)
    s3.abort_multipart_upload(Bucket=B, Key="hidden", UploadId=upload)


@check
def multipart_complete_twice():
    upload = start("twice")
    tags = [(1, part("twice", upload, 1, b"data")["ETag"])]
    first, second = finish("twice", upload, tags), finish("twice", upload, tags)
    same(first["ETag"], second["ETag"])
    same(body(B, "twice"), b"data")


@check
def multipart_two_uploads_of_one_key():
    one, two = start("both"), start("both")
    tag_one, tag_two = part("both", one, 1, b"one")["ETag"], part("both", two, 1, b"two")["ETag"]
    finish("both", two, [(1, tag_two)])
    same(body(B, "both"), b"two")
    finish("both", one, [(1, tag_one)])
    same(body(B, "both"), b"one")


@check
def multipart_overwrites():
    put(B, "over", os.urandom(100000))
    whole("over", [BIG, b"x"])
    same(body(B, "over") == BIG + b"x", True)


@check
def multipart_conditional_complete():
    put(B, "conditional", b"there")
    upload = start("conditional")
    tag = part("conditional", upload, 1, b"new")["ETag"]
    answer = raw("POST", f"/{B}/conditional", "uploadId=" + upload, headers={"If-None-Match": "*"}, data=document([(1, tag)]))
    same((answer.status, code_of(answer)), (412, "PreconditionFailed"))
    same(body(B, "conditional"), b"there")
    finish("conditional", upload, [(1, tag)])
    same(body(B, "conditional"), b"new")


@check
def multipart_list_parts():
    upload = start("parts")
    tags = [part("parts", upload, n, f"part{n}".encode())["ETag"] for n in (1, 2, 3, 5)]
    found = s3.list_parts(Bucket=B, Key="parts", UploadId=upload)
    same([(p["PartNumber"], p["Size"], p["ETag"]) for p in found["Parts"]],
         [(n, 5, t) for n, t in zip((1, 2, 3, 5), tags)])
    same((found["IsTruncated"], found["UploadId"], found["StorageClass"], found["Bucket"], found["Key"]),
         (False, upload, "STANDARD", B, "parts"))
    found = s3.list_parts(Bucket=B, Key="parts", UploadId=upload, MaxParts=2)
    same(([p["PartNumber"] for p in found["Parts"]], found["IsTruncated"], found["NextPartNumberMarker"]), ([1, 2], True, 2))
    found = s3.list_parts(Bucket=B, Key="parts", UploadId=upload, PartNumberMarker=2)
    same([p["PartNumber"] for p in found["Parts"]], [3, 5])
    s3.abort_multipart_upload(Bucket=B, Key="parts", UploadId=upload)


@check
def multipart_list_uploads():
    name = bucket()
    ids = [(k, s3.create_multipart_upload(Bucket=name, Key=k)["UploadId"]) for k in ("a/1", "a/2", "b", "b", "c d")]
    found = s3.list_multipart_uploads(Bucket=name)
    same([(u["Key"], u["UploadId"]) for u in found["Uploads"]], ids)
    same([u["Key"] for u in s3.list_multipart_uploads(Bucket=name, Prefix="a/")["Uploads"]], ["a/1", "a/2"])
    found = s3.list_multipart_uploads(Bucket=name, Delimiter="/")
    same(([u["Key"] for u in found["Uploads"]], found["CommonPrefixes"]), (["b", "b", "c d"], [{"Prefix": "a/"}]))
    got, options = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=name, MaxUploads=2, **options)
        got += [(u["Key"], u["UploadId"]) for u in page.get("Uploads", [])]
        if not page["IsTruncated"]:
            break
        options = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    same(got, ids)
    same([u["Key"] for u in s3.list_multipart_uploads(Bucket=name, KeyMarker="a/2")["Uploads"]], ["b", "b", "c d"])


@check
def multipart_copy_part():
    put(B, "copy-source", BIG + b"0123456789")
    upload = start("copied")
    first = s3.upload_part_copy(Bucket=B, Key="copied", UploadId=upload, PartNumber=1, CopySource=f"{B}/copy-source",
                                CopySourceRange=f"bytes=0-{5 * MIB - 1}")["CopyPartResult"]["ETag"]
    second = s3.upload_part_copy(Bucket=B, Key="copied", UploadId=upload, PartNumber=2, CopySource=f"{B}/copy-source",
                                 CopySourceRange=f"bytes={5 * MIB + 2}-{5 * MIB + 4}")["CopyPartResult"]["ETag"]
    same((first, second), ('"' + md5(BIG) + '"', '"' + md5(b"234") + '"'))
    finish("copied", upload, [(1, first), (2, second)])
    same(body(B, "copied") == BIG + b"234", True)


@check
def multipart_copy_part_refused():
    put(B, "copy-small", b"01234")
    upload = start("copy-bad")

    def copy(**options):
        options.setdefault("CopySource", f"{B}/copy-small")
        s3.upload_part_copy(Bucket=B, Key="copy-bad", UploadId=upload, PartNumber=1, **options)

    fails(416, "InvalidRange", copy, CopySourceRange="bytes=0-21")
    fails(400, "InvalidArgument", copy, CopySourceRange="0-2")
    fails(400, "InvalidArgument", copy, CopySourceRange="bytes=2-")
    fails(400, "InvalidArgument", copy, CopySourceRange="bytes=3-2")
    fails(404, "NoSuchKey", copy, CopySource=f"{B}/absent")
    fails(412, "PreconditionFailed", copy, CopySourceIfMatch='"bad"')
    s3.abort_multipart_upload(Bucket=B, Key="copy-bad", UploadId=upload)


@check
def multipart_get_by_part():
    whole("by-part", [BIG, BIG, b"tail"])
    found = get(B, "by-part", PartNumber=3)
    same((found["Body"].read(), found["PartsCount"], found["ContentRange"]),
         (b"tail", 3, f"bytes {10 * MIB}-{10 * MIB + 3}/{10 * MIB + 4}"))
    head = s3.head_object(Bucket=B, Key="by-part", PartNumber=1)
    same((head["ContentLength"], head["PartsCount"]), (5 * MIB, 3))
    fails(416, "InvalidPartNumber", get, B, "by-part", PartNumber=4)
    put(B, "no-parts", b"whole")
    same(get(B, "no-parts", PartNumber=1)["Body"].read(), b"whole")
    fails(416, "InvalidPartNumber", get, B, "no-parts", PartNumber=2)


@check
def multipart_attributes():
    upload = start("attributes", ChecksumAlgorithm="SHA256")
    parts = []
    for number, data in ((1, BIG), (2, b"tail")):
        answer = part("attributes", upload, number, data, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]})
    finish("attributes", upload, parts)
    found = s3.get_object_attributes(Bucket=B, Key="attributes", ObjectAttributes=["ObjectParts", "Checksum"])
    same(found["ObjectParts"]["TotalPartsCount"], 2)
    same([(p["PartNumber"], p["Size"], p["ChecksumSHA256"]) for p in found["ObjectParts"]["Parts"]],
         [(1, 5 * MIB, parts[0]["ChecksumSHA256"]), (2, 4, parts[1]["ChecksumSHA256"])])
    found = s3.get_object_attributes(Bucket=B, Key="attributes", ObjectAttributes=["ObjectParts"], MaxParts=1)
    same((len(found["ObjectParts"]["Parts"]), found["ObjectParts"]["IsTruncated"]), (1, True))
    found = s3.get_object_attributes(Bucket=B, Key="attributes", ObjectAttributes=["ObjectParts"], PartNumberMarker=1)
    same([p["PartNumber"] for p in found["ObjectParts"]["Parts"]], [2])


@check
def multipart_composite_checksum():
    for algorithm, make in (("SHA256", hashlib.sha256), ("SHA1", hashlib.sha1)):
        upload = start("composite", ChecksumAlgorithm=algorithm)
        parts, raw_sums = [], b""
        for number, data in ((1, BIG), (2, b"tail")):
            answer = part("composite", upload, number, data, ChecksumAlgorithm=algorithm)
            raw_sums += make(data).digest()
            parts.append({"PartNumber": number, "ETag": answer["ETag"], "Checksum" + algorithm: answer["Checksum" + algorithm]})
        answer = finish("composite", upload, parts)
        wanted = base64.b64encode(make(raw_sums).digest()).decode() + "-2"
        same(answer["Checksum" + algorithm], wanted)
        found = s3.head_object(Bucket=B, Key="composite", ChecksumMode="ENABLED")
        same(found["Checksum" + algorithm], wanted)
        same(found["ResponseMetadata"]["HTTPHeaders"]["x-amz-checksum-type"], "COMPOSITE")


@check
def multipart_composite_needs_part_checksums():
    upload = start("composite-bad", ChecksumAlgorithm="SHA256")
    answer = part("composite-bad", upload, 1, b"data", ChecksumAlgorithm="SHA256")
    missing = raw("POST", f"/{B}/composite-bad", "uploadId=" + upload, data=document([(1, answer["ETag"])]))
    same((missing.status, code_of(missing)), (400, "InvalidRequest"))
    wrong = {"PartNumber": 1, "ETag": answer["ETag"], "ChecksumSHA256": base64.b64encode(b"0" * 32).decode()}
    fails(400, "InvalidPart", finish, "composite-bad", upload, [wrong])
    fails(400, "InvalidRequest", part, "composite-bad", upload, 1, b"data", ChecksumAlgorithm="SHA1")
    s3.abort_multipart_upload(Bucket=B, Key="composite-bad", UploadId=upload)


def create_raw(key, algorithm, kind=None):
    headers = {"x-amz-checksum-algorithm": algorithm}
    if kind:
        headers["x-amz-checksum-type"] = kind
    return raw("POST", f"/{B}/{key}", "uploads", headers=headers)


@check
def multipart_full_object_checksum():
    for algorithm, make in (("crc32", crc32), ("crc32c", crc32c), ("crc64nvme", crc64nvme)):
        answer = create_raw("full", algorithm.upper(), "FULL_OBJECT")
        same((answer.status, answer.headers["x-amz-checksum-type"]), (200, "FULL_OBJECT"))
        upload = answer.data.decode().split("<UploadId>")[1].split("<")[0]
        zeros, tail = bytes(5 * MIB), b"123456789"
        tags = []
        for number, data in ((1, zeros), (2, tail)):
            sent = {"x-amz-checksum-" + algorithm: make(data)} if number == 2 else {}
            answer = raw("PUT", f"/{B}/full", f"partNumber={number}&uploadId={upload}", headers=sent, data=data)
            same((algorithm, number, answer.status), (algorithm, number, 200))
            tags.append((number, answer.headers["ETag"]))
        wrong = raw("POST", f"/{B}/full", "uploadId=" + upload, data=document(tags),
                    headers={"x-amz-checksum-" + algorithm: make(b"other")})
        same((algorithm, wrong.status, code_of(wrong)), (algorithm, 400, "BadDigest"))
        answer = raw("POST", f"/{B}/full", "uploadId=" + upload, data=document(tags))
        same(answer.status, 200)
        found = raw("HEAD", f"/{B}/full", headers={"x-amz-checksum-mode": "ENABLED"}).headers
        same(found["x-amz-checksum-type"], "FULL_OBJECT")
        if algorithm == "crc32":
            same(found["x-amz-checksum-crc32"], crc32(zeros + tail))
        # the single put of the same bytes must agree with what the parts were combined to
        raw("PUT", f"/{B}/full-put", headers={"x-amz-checksum-algorithm": algorithm.upper(),
                                              "x-amz-sdk-checksum-algorithm": algorithm.upper()}, data=zeros + tail)
        put_sum = raw("HEAD", f"/{B}/full-put", headers={"x-amz-checksum-mode": "ENABLED"}).headers
        same(found["x-amz-checksum-" + algorithm], put_sum["x-amz-checksum-" + algorithm])


@check
def multipart_checksum_types_refused():
    for algorithm, kind in (("SHA256", "FULL_OBJECT"), ("SHA1", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE"), ("MD5", None),
                            ("CRC32", "OTHER")):
        answer = create_raw("refused", algorithm, kind)
        same((algorithm, answer.status, code_of(answer)), (algorithm, 400, "InvalidRequest"))


@check
def multipart_default_checksum_is_crc64nvme_of_the_whole():
    upload = raw("POST", f"/{B}/default-sum", "uploads").data.decode().split("<UploadId>")[1].split("<")[0]
    tag = raw("PUT", f"/{B}/default-sum", f"partNumber=1&uploadId={upload}", data=b"123456789").headers["ETag"]
    answer = raw("POST", f"/{B}/default-sum", "uploadId=" + upload, data=document([(1, tag)]))
    assert f"<ChecksumCRC64NVME>{crc64nvme(b'123456789')}</ChecksumCRC64NVME>" in answer.data.decode()


@check
def multipart_wrong_md5_of_a_part():
    upload = start("part-md5")
    fails(400, "BadDigest", part, "part-md5", upload, 1, b"data", ContentMD5=md5_64(b"other"))
    same(s3.list_parts(Bucket=B, Key="part-md5", UploadId=upload).get("Parts", []), [])
    s3.abort_multipart_upload(Bucket=B, Key="part-md5", UploadId=upload)


@check
def multipart_object_size_header():
    upload = start("said-size")
    tag = part("said-size", upload, 1, b"data")["ETag"]
    answer = raw("POST", f"/{B}/said-size", "uploadId=" + upload, data=document([(1, tag)]), headers={"x-amz-mp-object-size": "5"})
    same((answer.status, code_of(answer)), (400, "InvalidRequest"))
    same(raw("POST", f"/{B}/said-size", "uploadId=" + upload, data=document([(1, tag)]),
             headers={"x-amz-mp-object-size": "4"}).status, 200)


@check
def multipart_copy_makes_a_plain_etag():
    whole("composite-etag", [BIG, b"x"])
    answer = s3.copy_object(Bucket=B, Key="plain-etag", CopySource=f"{B}/composite-etag")
    same(answer["CopyObjectResult"]["ETag"], '"' + md5(BIG + b"x") + '"')


@check
def multipart_versioned():
    name = versioned()
    upload = s3.create_multipart_upload(Bucket=name, Key="k")["UploadId"]
    tag = s3.upload_part(Bucket=name, Key="k", UploadId=upload, PartNumber=1, Body=b"v")["ETag"]
    answer = s3.complete_multipart_upload(Bucket=name, Key="k", UploadId=upload,
                                          MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    same(body(name, "k", VersionId=answer["VersionId"]), b"v")


@check
def multipart_missing_bucket():
    fails(404, "NoSuchBucket", s3.create_multipart_upload, Bucket="peer-not-there-at-all", Key="k")


if __name__ == "__main__":
    main()
