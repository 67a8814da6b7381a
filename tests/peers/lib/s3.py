"""What the boto3 checks of the embedded S3 share: clients, throw-away buckets, raw signed requests, and the run that
prints "ok NAME" or "not ok NAME" for each check. The endpoint and the keys come from the AWS_* environment."""
import base64
import hashlib
import os
import sys
import traceback
import urllib.parse
import uuid
import zlib

import boto3
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
ACCOUNT = "123456789012"


def make_client(**config):
    config.setdefault("s3", {"addressing_style": "path"})
    config.setdefault("retries", {"max_attempts": 1})
    return boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=KEY,
                        aws_secret_access_key=SECRET, config=Config(**config))


s3 = make_client()
pool = urllib3.PoolManager(retries=False)
_checks, _buckets = [], []


def check(function):
    _checks.append(function)
    return function


def bucket(**options):
    """A new bucket that the run removes at its end."""
    name = "peer-" + uuid.uuid4().hex[:20]
    s3.create_bucket(Bucket=name, **options)
    _buckets.append(name)
    return name


def versioned(status="Enabled"):
    name = bucket()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
    return name


def put(name, key, body=b"x", **options):
    return s3.put_object(Bucket=name, Key=key, Body=body, **options)


def get(name, key, **options):
    return s3.get_object(Bucket=name, Key=key, **options)


def body(name, key, **options):
    return get(name, key, **options)["Body"].read()


def fails(status, code, call, *args, **kwargs):
    """The call must fail with this status and code (None: any, as HEAD has none); returns the parsed error."""
    try:
        call(*args, **kwargs)
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        assert found[0] == status, found
        assert code is None or found[1] == code, found
        return error.response
    raise AssertionError(f"no error, wanted {status} {code}")


def same(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def raw(method, path, query="", headers=None, data=b"", sign=True, host=None):
    """One request without the SDK's help; path is encoded already. Returns urllib3's answer with its data read."""
    url = ENDPOINT + path + ("?" + query if query else "")
    request = AWSRequest(method=method, url=url, data=data, headers=dict(headers or {}))
    if host:
        request.headers["Host"] = host
    if sign:
        S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION).add_auth(request)
    prepared = request.prepare()
    return pool.request(method, url, body=data or None, headers=dict(prepared.headers.items()),
                        redirect=False, preload_content=True)


def code_of(answer):
    text = answer.data.decode("utf-8", "replace")
    return text.split("<Code>")[1].split("</Code>")[0] if "<Code>" in text else ""


def md5(data):
    return hashlib.md5(data).hexdigest()


def md5_64(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def reflected_crc(data, polynomial, bits):
    """Bit by bit, so that it shares nothing with the tables that it checks."""
    mask = (1 << bits) - 1
    crc = mask
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return base64.b64encode((crc ^ mask).to_bytes(bits // 8, "big")).decode()


def crc32c(data):
    return reflected_crc(data, 0x82F63B78, 32)


def crc64nvme(data):
    return reflected_crc(data, 0x9A6C9329AC4BC9B5, 64)


def quote(key):
    return urllib.parse.quote(key, safe="/")


def _empty(name):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        items = page.get("Versions", []) + page.get("DeleteMarkers", [])
        for item in items:
            try:
                s3.put_object_legal_hold(Bucket=name, Key=item["Key"], VersionId=item["VersionId"],
                                         LegalHold={"Status": "OFF"})
            except ClientError:
                pass
        if items:
            s3.delete_objects(Bucket=name, BypassGovernanceRetention=True, Delete={
                "Objects": [{"Key": i["Key"], "VersionId": i["VersionId"]} for i in items], "Quiet": True})


def _clean():
    for name in _buckets:
        try:
            s3.delete_bucket_policy(Bucket=name)
            _empty(name)
            s3.delete_bucket(Bucket=name)
        except ClientError:
            pass  # deleted by its check, or kept by an object lock


def main():
    only = sys.argv[1:]
    failed = 0
    for function in _checks:
        name = "s3_" + function.__name__
        if only and not any(word in name for word in only):
            continue
        try:
            function()
            print("ok", name, flush=True)
        except Exception:  # noqa: BLE001 - a check that raises anything has failed, the others still run
            failed += 1
            print("not ok", name, flush=True)
            traceback.print_exc(limit=-3, file=sys.stdout)
    _clean()
    sys.exit(1 if failed else 0)
