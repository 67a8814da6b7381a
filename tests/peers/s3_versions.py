"""Versions, delete markers, suspended versioning, object lock."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403


def ids(name, key="k"):
    found = s3.list_object_versions(Bucket=name, Prefix=key)
    return [v["VersionId"] for v in found.get("Versions", [])], [m["VersionId"] for m in found.get("DeleteMarkers", [])]


@check
def version_of_each_put():
    name = versioned()
    versions = [put(name, "k", f"v{i}".encode())["VersionId"] for i in range(5)]
    same(len(set(versions)), 5)
    for i, version in enumerate(versions):
        found = get(name, "k", VersionId=version)
        same((found["Body"].read(), found["VersionId"]), (f"v{i}".encode(), version))
    same(body(name, "k"), b"v4")
    same(ids(name)[0], versions[::-1])


@check
def version_large_bodies_live_on():
    name = versioned()
    datas = [os.urandom(100000) for _ in range(3)]
    versions = [put(name, "k", d)["VersionId"] for d in datas]
    same([body(name, "k", VersionId=v) == d for v, d in zip(versions, datas)], [True] * 3)
    s3.delete_object(Bucket=name, Key="k", VersionId=versions[1])
    same(body(name, "k", VersionId=versions[0]) == datas[0], True)
    fails(404, "NoSuchVersion", get, name, "k", VersionId=versions[1])


@check
def version_ids_unknown():
    name = versioned()
    put(name, "k")
    fails(400, "InvalidArgument", get, name, "k", VersionId="nonsense")
    fails(404, "NoSuchVersion", get, name, "k", VersionId="A" * 32)
    fails(404, None, s3.head_object, Bucket=name, Key="k", VersionId="A" * 32)
    same(s3.delete_object(Bucket=name, Key="k", VersionId="A" * 32)["ResponseMetadata"]["HTTPStatusCode"], 204)


@check
def version_delete_marker():
    name = versioned()
    version = put(name, "k", b"data")["VersionId"]
    deleted = s3.delete_object(Bucket=name, Key="k")
    same(deleted["DeleteMarker"], True)
    error = fails(404, "NoSuchKey", get, name, "k")
    same((error["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"],
          error["ResponseMetadata"]["HTTPHeaders"]["x-amz-version-id"]), ("true", deleted["VersionId"]))
    error = fails(404, None, s3.head_object, Bucket=name, Key="k")
    same(error["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"], "true")
    error = fails(405, "MethodNotAllowed", get, name, "k", VersionId=deleted["VersionId"])
    same(error["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"], "true")
    fails(405, None, s3.head_object, Bucket=name, Key="k", VersionId=deleted["VersionId"])
    same(body(name, "k", VersionId=version), b"data")


@check
def version_delete_marker_removed_brings_back():
    name = versioned()
    put(name, "k", b"data")
    marker = s3.delete_object(Bucket=name, Key="k")["VersionId"]
    answer = s3.delete_object(Bucket=name, Key="k", VersionId=marker)
    same((answer["DeleteMarker"], answer["VersionId"]), (True, marker))
    same(body(name, "k"), b"data")


@check
def version_delete_marker_of_nothing():
    name = versioned()
    same(s3.delete_object(Bucket=name, Key="never")["DeleteMarker"], True)
    same(len(ids(name, "never")[1]), 1)


@check
def version_delete_current_shows_older():
    name = versioned()
    one, two = (put(name, "k", d)["VersionId"] for d in (b"1", b"2"))
    answer = s3.delete_object(Bucket=name, Key="k", VersionId=two)
    same(answer["VersionId"], two)
    assert "DeleteMarker" not in answer
    same((body(name, "k"), get(name, "k")["VersionId"]), (b"1", one))


@check
def version_null_of_before():
    name = bucket()
    assert "VersionId" not in put(name, "k", b"old")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    same(get(name, "k")["VersionId"], "null")
    new = put(name, "k", b"new")["VersionId"]
    same((body(name, "k", VersionId="null"), body(name, "k", VersionId=new)), (b"old", b"new"))
    same(ids(name)[0], [new, "null"])
    s3.delete_object(Bucket=name, Key="k", VersionId="null")
    same(ids(name)[0], [new])


@check
def version_suspended_overwrites_null():
    name = versioned()
    kept = put(name, "k", b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    for data in (b"one", b"two"):
        put(name, "k", data)
    same((ids(name)[0], body(name, "k"), body(name, "k", VersionId="null")), (["null", kept], b"two", b"two"))
    same(body(name, "k", VersionId=kept), b"kept")


@check
def version_suspended_delete_makes_a_null_marker():
    name = versioned()
    kept = put(name, "k", b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    put(name, "k", b"null one")
    answer = s3.delete_object(Bucket=name, Key="k")
    same((answer["DeleteMarker"], answer["VersionId"]), (True, "null"))
    same(ids(name), ([kept], ["null"]))
    s3.delete_object(Bucket=name, Key="k", VersionId="null")
    same((ids(name), body(name, "k")), (([kept], []), b"kept"))


@check
def version_enabled_again_keeps_null():
    name = versioned()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    put(name, "k", b"null")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    new = put(name, "k", b"new")["VersionId"]
    same(ids(name)[0], [new, "null"])


@check
def version_copy():
    name = versioned()
    old = put(name, "k", b"old", Metadata={"a": "1"})["VersionId"]
    put(name, "k", b"new")
    answer = s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "k", "VersionId": old})
    same((answer["CopySourceVersionId"], body(name, "copy")), (old, b"old"))
    s3.copy_object(Bucket=name, Key="k", CopySource={"Bucket": name, "Key": "k", "VersionId": old})
    same((body(name, "k"), len(ids(name)[0])), (b"old", 3))


@check
def version_copy_of_marker():
    name = versioned()
    put(name, "k")
    marker = s3.delete_object(Bucket=name, Key="k")["VersionId"]
    fails(404, "NoSuchKey", s3.copy_object, Bucket=name, Key="c", CopySource=f"{name}/k")
    fails(400, "InvalidRequest", s3.copy_object, Bucket=name, Key="c", CopySource={"Bucket": name, "Key": "k", "VersionId": marker})


@check
def version_delete_many():
    name = versioned()
    versions = [put(name, "k", b"x")["VersionId"] for _ in range(3)]
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k", "VersionId": v} for v in versions[:2]] + [{"Key": "n"}]})
    same(sorted(d.get("VersionId", "") for d in answer["Deleted"]), sorted(versions[:2] + [""]))
    marker = [d for d in answer["Deleted"] if d["Key"] == "n"][0]
    same(marker["DeleteMarker"], True)
    assert marker["DeleteMarkerVersionId"]
    same(ids(name)[0], versions[2:])


@check
def version_tags_and_acl_of_one():
    name = versioned()
    one, two = (put(name, "k", d)["VersionId"] for d in (b"1", b"2"))
    s3.put_object_tagging(Bucket=name, Key="k", VersionId=one, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    same(len(s3.get_object_tagging(Bucket=name, Key="k", VersionId=one)["TagSet"]), 1)
    same(len(s3.get_object_tagging(Bucket=name, Key="k", VersionId=two)["TagSet"]), 0)
    s3.put_object_acl(Bucket=name, Key="k", VersionId=one, ACL="public-read")
    same(len(s3.get_object_acl(Bucket=name, Key="k", VersionId=one)["Grants"]), 2)
    same(len(s3.get_object_acl(Bucket=name, Key="k", VersionId=two)["Grants"]), 1)


@check
def version_many_of_one_key():
    name = versioned()
    versions = [put(name, "k", str(i).encode())["VersionId"] for i in range(60)]
    put(name, "l")
    same([o["Key"] for o in s3.list_objects_v2(Bucket=name)["Contents"]], ["k", "l"])
    same(body(name, "k", VersionId=versions[7]), b"7")


# ---- object lock


def locked():
    return bucket(ObjectLockEnabledForBucket=True)


def later(days=1):
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=days)


@check
def lock_configuration():
    name = locked()
    same(s3.get_bucket_versioning(Bucket=name)["Status"], "Enabled")
    same(s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"], {"ObjectLockEnabled": "Enabled"})
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    same(s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"], rule)
    put(name, "k")
    found = s3.get_object_retention(Bucket=name, Key="k")["Retention"]
    same(found["Mode"], "GOVERNANCE")
    fails(409, "InvalidBucketState", s3.put_bucket_versioning, Bucket=name, VersioningConfiguration={"Status": "Suspended"})


@check
def lock_configuration_refused():
    fails(404, "ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=bucket())
    fails(409, "InvalidBucketState", s3.put_object_lock_configuration, Bucket=bucket(),
          ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    name = locked()

    def refuse(code, retention):
        fails(400, code, s3.put_object_lock_configuration, Bucket=name, ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}})

    refuse("MalformedXML", {"Mode": "GOVERNANCE", "Days": 1, "Years": 1})
    refuse("MalformedXML", {"Mode": "WHATEVER", "Days": 1})
    refuse("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Days": 0})


@check
def lock_retention_governance():
    name = locked()
    version = put(name, "k")["VersionId"]
    until = later()
    s3.put_object_retention(Bucket=name, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    same(s3.get_object_retention(Bucket=name, Key="k")["Retention"], {"Mode": "GOVERNANCE", "RetainUntilDate": until})
    head = s3.head_object(Bucket=name, Key="k")
    same((head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]), ("GOVERNANCE", until))
    fails(403, "AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version)
    fails(403, "AccessDenied", s3.put_object_retention, Bucket=name, Key="k",
          Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until - datetime.timedelta(hours=2)})
    s3.put_object_retention(Bucket=name, Key="k", BypassGovernanceRetention=True,
                            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until - datetime.timedelta(hours=2)})
    same(s3.delete_object(Bucket=name, Key="k")["DeleteMarker"], True)
    s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
    fails(404, "NoSuchVersion", get, name, "k", VersionId=version)


@check
def lock_retention_compliance():
    name = locked()
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    version = put(name, "k", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=soon)["VersionId"]
    fails(403, "AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k", "VersionId": version}]}, BypassGovernanceRetention=True)
    same(answer["Errors"][0]["Code"], "AccessDenied")


@check
def lock_legal_hold():
    name = locked()
    version = put(name, "k", ObjectLockLegalHoldStatus="ON")["VersionId"]
    same(s3.get_object_legal_hold(Bucket=name, Key="k")["LegalHold"]["Status"], "ON")
    same(s3.head_object(Bucket=name, Key="k")["ObjectLockLegalHoldStatus"], "ON")
    fails(403, "AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version)
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=name, Key="k", VersionId=version)
    fails(400, "MalformedXML", s3.put_object_legal_hold, Bucket=name, Key=put(name, "l") and "l", LegalHold={"Status": "maybe"})


@check
def lock_needs_its_bucket():
    name = bucket()
    put(name, "k")
    fails(400, "InvalidRequest", s3.get_object_retention, Bucket=name, Key="k")
    fails(400, "InvalidRequest", s3.put_object_legal_hold, Bucket=name, Key="k", LegalHold={"Status": "ON"})
    fails(400, "InvalidRequest", put, name, "k", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=later())


@check
def lock_retention_absent():
    name = locked()
    put(name, "k")
    fails(404, "NoSuchObjectLockConfiguration", s3.get_object_retention, Bucket=name, Key="k")


if __name__ == "__main__":
    main()
