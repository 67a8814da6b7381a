"""Who may: ACLs, policies, the public access block, anonymous requests, wrong signatures, browser forms."""
import datetime
import hmac
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def anonymous(method, path, query="", **options):
    return raw(method, path, query, sign=False, **options)


def allow(name, action, resource="/*", principal="*", effect="Allow", **more):
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": f"arn:aws:s3:::{name}{resource}", **more}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@check
def access_anonymous_is_denied():
    name = bucket()
    put(name, "k")
    for method, path in (("GET", f"/{name}/k"), ("GET", f"/{name}"), ("PUT", f"/{name}/n"), ("DELETE", f"/{name}/k"), ("GET", "/"),
                         ("PUT", "/peer-anon-bucket"), ("HEAD", f"/{name}")):
        answer = anonymous(method, path, data=b"x" if method == "PUT" else b"")
        same((method, path.count("/"), answer.status), (method, path.count("/"), 403))
    same(body(name, "k"), b"x")


@check
def access_wrong_secret():
    client = boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key="wrong" * 8)
    fails(403, "SignatureDoesNotMatch", client.list_buckets)
    client = boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id="AKIANOTHERENOTHERE00",
                          aws_secret_access_key=SECRET)
    fails(403, "InvalidAccessKeyId", client.list_buckets)


@check
def access_wrong_region_names_the_right_one():
    name = bucket()
    client = boto3.client("s3", endpoint_url=ENDPOINT, region_name="eu-west-3", aws_access_key_id=KEY, aws_secret_access_key=SECRET)
    error = fails(400, "AuthorizationHeaderMalformed", client.list_buckets)["Error"]
    same(error["Region"], REGION)
    client.put_object(Bucket=name, Key="k", Body=b"signed again")
    same(body(name, "k"), b"signed again")


@check
def access_acl_default():
    name = bucket()
    put(name, "k")
    for found in (s3.get_bucket_acl(Bucket=name), s3.get_object_acl(Bucket=name, Key="k")):
        same(len(found["Grants"]), 1)
        same((found["Grants"][0]["Permission"], found["Grants"][0]["Grantee"]["ID"], found["Grants"][0]["Grantee"]["Type"]),
             ("FULL_CONTROL", found["Owner"]["ID"], "CanonicalUser"))


@check
def access_acl_canned_on_object():
    name = bucket()
    put(name, "k", b"public", ACL="public-read")
    grants = s3.get_object_acl(Bucket=name, Key="k")["Grants"]
    same([(g["Permission"], g["Grantee"].get("URI")) for g in grants], [("FULL_CONTROL", None), ("READ", ALL_USERS)])
    same((anonymous("GET", f"/{name}/k").status, anonymous("GET", f"/{name}/k").data), (200, b"public"))
    same(anonymous("HEAD", f"/{name}/k").status, 200)
    s3.put_object_acl(Bucket=name, Key="k", ACL="private")
    same(anonymous("GET", f"/{name}/k").status, 403)
    fails(400, "InvalidArgument", put, name, "k", ACL="publicish")


@check
def access_acl_canned_on_bucket():
    name = bucket()
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    same(anonymous("GET", f"/{name}").status, 200)
    same(anonymous("PUT", f"/{name}/k", data=b"x").status, 403)
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    same(anonymous("PUT", f"/{name}/k", data=b"x").status, 200)
    same(anonymous("GET", f"/{name}/k").status, 403)
    same(anonymous("GET", f"/{name}/never").status, 404)
    same(anonymous("DELETE", f"/{name}/k").status, 204)


@check
def access_anonymous_copy_needs_a_readable_source():
    name = bucket()
    put(name, "private", b"secret")
    put(name, "open", b"open", ACL="public-read")
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    same(anonymous("PUT", f"/{name}/c1", headers={"x-amz-copy-source": f"{name}/private"}).status, 403)
    same(anonymous("PUT", f"/{name}/c2", headers={"x-amz-copy-source": f"{name}/open"}).status, 200)
    document = b"<Delete><Object><Key>c2</Key></Object></Delete>"
    same(anonymous("POST", f"/{name}", "delete", data=document, headers={"Content-MD5": md5_64(document)}).status, 200)
    fails(404, None, s3.head_object, Bucket=name, Key="c2")


@check
def access_acl_document():
    name = bucket()
    put(name, "k")
    found = s3.get_object_acl(Bucket=name, Key="k")
    grants = [{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"},
              {"Grantee": {"Type": "CanonicalUser", "ID": found["Owner"]["ID"]}, "Permission": "WRITE_ACP"}]
    s3.put_object_acl(Bucket=name, Key="k", AccessControlPolicy={"Grants": grants, "Owner": found["Owner"]})
    again = s3.get_object_acl(Bucket=name, Key="k")["Grants"]
    same([(g["Permission"], g["Grantee"]["Type"]) for g in again], [("READ", "Group"), ("WRITE_ACP", "CanonicalUser")])
    s3.put_object_acl(Bucket=name, Key="k", GrantRead=f'uri="{ALL_USERS}"', GrantFullControl=f'id="{found["Owner"]["ID"]}"')
    same(sorted(g["Permission"] for g in s3.get_object_acl(Bucket=name, Key="k")["Grants"]), ["FULL_CONTROL", "READ"])
    fails(400, "MalformedACLError", s3.put_object_acl, Bucket=name, Key="k", AccessControlPolicy={
        "Owner": found["Owner"], "Grants": [{"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "DANCE"}]})


@check
def access_policy_lifecycle():
    name = bucket()
    fails(404, "NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)
    fails(404, "NoSuchBucketPolicy", s3.get_bucket_policy_status, Bucket=name)
    allow(name, "s3:GetObject")
    same(json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Action"], "s3:GetObject")
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], True)
    same(s3.delete_bucket_policy(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"], 204)
    fails(404, "NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name)


@check
def access_policy_refused():
    name = bucket()

    def refuse(text):
        fails(400, "MalformedPolicy", s3.put_bucket_policy, Bucket=name, Policy=text)

    good = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*"}
    refuse("not json")
    refuse("{}")
    for change in ({"Effect": "Perhaps"}, {"Principal": None}, {"Action": "ec2:Run"}, {"Resource": "arn:aws:s3:::another/*"},
                   {"Condition": {"StringRhymes": {"aws:Referer": "x"}}}):
        statement = {k: v for k, v in {**good, **change}.items() if v is not None}
        refuse(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@check
def access_policy_allows_anonymous():
    name = bucket()
    put(name, "public/k", b"p")
    put(name, "private/k", b"x")
    allow(name, ["s3:GetObject"], "/public/*")
    same((anonymous("GET", f"/{name}/public/k").status, anonymous("GET", f"/{name}/private/k").status), (200, 403))
    same(anonymous("GET", f"/{name}").status, 403)
    allow(name, "s3:ListBucket", "")
    same((anonymous("GET", f"/{name}", "list-type=2").status, anonymous("GET", f"/{name}/public/k").status), (200, 403))
    allow(name, "s3:PutObject")
    same((anonymous("PUT", f"/{name}/n", data=b"n").status, anonymous("DELETE", f"/{name}/n").status), (200, 403))


@check
def access_policy_conditions():
    name = bucket()
    put(name, "k")
    allow(name, "s3:GetObject", Condition={"StringLike": {"aws:Referer": "http://good.example/*"}})
    same(anonymous("GET", f"/{name}/k", headers={"Referer": "http://good.example/a"}).status, 200)
    same(anonymous("GET", f"/{name}/k", headers={"Referer": "http://bad.example/a"}).status, 403)
    same(anonymous("GET", f"/{name}/k").status, 403)
    allow(name, "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})
    same(anonymous("GET", f"/{name}/k").status, 200)
    same(s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], False)
    allow(name, "s3:GetObject", Condition={"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}})
    same(anonymous("GET", f"/{name}/k").status, 403)


@check
def access_policy_by_tag():
    name = bucket()
    put(name, "open", Tagging="level=public")
    put(name, "closed", Tagging="level=secret")
    allow(name, "s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/level": "public"}})
    same((anonymous("GET", f"/{name}/open").status, anonymous("GET", f"/{name}/closed").status), (200, 403))


@check
def access_policy_denies_the_owner_too():
    name = bucket()
    put(name, "k")
    allow(name, "s3:GetObject", effect="Deny")
    fails(403, "AccessDenied", get, name, "k")
    put(name, "k", b"still writable")
    s3.delete_bucket_policy(Bucket=name)
    same(body(name, "k"), b"still writable")


@check
def access_policy_denies_keys_among_many_and_sources_of_copies():
    name = bucket()
    put(name, "kept/a")
    put(name, "gone")
    allow(name, ["s3:DeleteObject", "s3:GetObject"], "/kept/*", effect="Deny")
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "kept/a"}, {"Key": "gone"}]})
    same(([d["Key"] for d in answer["Deleted"]], [(e["Key"], e["Code"]) for e in answer["Errors"]]),
         (["gone"], [("kept/a", "AccessDenied")]))
    fails(403, "AccessDenied", s3.copy_object, Bucket=name, Key="copy", CopySource=f"{name}/kept/a")


@check
def access_policy_demands_encryption():
    name = bucket()
    allow(name, "s3:PutObject", effect="Deny", Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}})
    fails(403, "AccessDenied", put, name, "k")
    put(name, "k", ServerSideEncryption="aws:kms")


@check
def access_block():
    name = bucket()
    put(name, "k", ACL="public-read")
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    same(anonymous("GET", f"/{name}/k").status, 403)
    fails(403, "AccessDenied", put, name, "k2", ACL="public-read")
    fails(403, "AccessDenied", s3.put_bucket_acl, Bucket=name, ACL="public-read-write")
    fails(403, "AccessDenied", s3.put_bucket_policy, Bucket=name, Policy=json.dumps({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}}))
    put(name, "k2", ACL="private")
    s3.delete_public_access_block(Bucket=name)
    same(anonymous("GET", f"/{name}/k").status, 200)


@check
def access_anonymous_overrides_refused():
    name = bucket()
    put(name, "k", ACL="public-read")
    same(anonymous("GET", f"/{name}/k", "response-content-type=text/html").status, 400)


# ---- browser forms


def form_v4(name, conditions, fields, key="k", file=b"data", expires=600, secret=SECRET, filename="f.txt"):
    now = datetime.datetime.now(datetime.timezone.utc)
    day, stamp = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    signed = {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": f"{KEY}/{day}/{REGION}/s3/aws4_request", "x-amz-date": stamp}
    policy = {"expiration": (now + datetime.timedelta(seconds=expires)).strftime("%Y-%m-%dT%H:%M:%SZ"),
              "conditions": conditions + [{k: v} for k, v in signed.items()]}
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    signing = ("AWS4" + secret).encode()
    for piece in (day, REGION, "s3", "aws4_request"):
        signing = hmac.new(signing, piece.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, encoded.encode(), hashlib.sha256).hexdigest()
    return send_form(name, {"key": key, **fields, **signed, "policy": encoded, "x-amz-signature": signature}, file, filename)


def send_form(name, fields, file=b"data", filename="f.txt"):
    parts = [(k, v) for k, v in fields.items()]
    if file is not None:
        parts.append(("file", (filename, file, "text/plain")))
    return pool.request("POST", f"{ENDPOINT}/{name}", fields=parts, redirect=False)


def usual(name):
    return [{"bucket": name}, ["starts-with", "$key", ""], ["content-length-range", 0, 1000]]


@check
def form_v4_upload():
    name = bucket()
    answer = form_v4(name, usual(name), {})
    same((answer.status, body(name, "k"), get(name, "k")["ContentType"]), (204, b"data", "text/plain"))
    same(answer.headers["ETag"], '"' + md5(b"data") + '"')


@check
def form_by_boto3():
    name = bucket()
    for version in ("s3v4", "s3"):
        made = make_client(signature_version=version).generate_presigned_post(name, "by/${filename}", Fields={"acl": "public-read"},
                                                                              Conditions=[{"acl": "public-read"}], ExpiresIn=60)
        answer = send_form(name, made["fields"], b"posted", "name.txt")
        same((version, answer.status, body(name, "by/name.txt")), (version, 204, b"posted"))
    same(anonymous("GET", f"/{name}/by/name.txt").status, 200)


@check
def form_large_file():
    name = bucket()
    data = os.urandom(3 * 1024 * 1024)
    same(form_v4(name, [{"bucket": name}, ["starts-with", "$key", ""]], {}, file=data).status, 204)
    same(body(name, "k") == data, True)


@check
def form_status_and_redirect():
    name = bucket()
    conditions = usual(name) + [["starts-with", "$success_action_status", ""], ["starts-with", "$success_action_redirect", ""]]
    answer = form_v4(name, conditions, {"success_action_status": "201"})
    same(answer.status, 201)
    assert b"<PostResponse" in answer.data and b"<Key>k</Key>" in answer.data
    same(form_v4(name, conditions, {"success_action_status": "200"}).status, 200)
    answer = form_v4(name, conditions, {"success_action_redirect": "http://localhost/done"})
    same((answer.status, answer.headers["Location"].split("?")[0]), (303, "http://localhost/done"))
    assert f"bucket={name}&key=k&etag=%22" in answer.headers["Location"]


@check
def form_metadata_and_tags():
    name = bucket()
    conditions = usual(name) + [["starts-with", "$x-amz-meta-note", ""], ["starts-with", "$Content-Type", ""], ["starts-with", "$tagging", ""]]
    form_v4(name, conditions, {"x-amz-meta-note": "hi", "Content-Type": "image/x",
                               "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"})
    found = get(name, "k")
    same((found["Metadata"], found["ContentType"], found["TagCount"]), ({"note": "hi"}, "image/x", 1))


@check
def form_refused():
    name = bucket()

    def refuse(wanted, answer):
        same((answer.status, code_of(answer)), wanted)

    refuse((403, "SignatureDoesNotMatch"), form_v4(name, usual(name), {}, secret="wrong"))
    refuse((403, "AccessDenied"), form_v4(name, usual(name), {}, expires=-60))
    refuse((403, "AccessDenied"), form_v4(name, usual(name), {"x-amz-meta-extra": "1"}))
    refuse((403, "AccessDenied"), form_v4(name, [{"bucket": "another"}, ["starts-with", "$key", ""]], {}))
    refuse((403, "AccessDenied"), form_v4(name, [{"bucket": name}, ["starts-with", "$key", "dir/"]], {}))
    refuse((400, "EntityTooLarge"), form_v4(name, usual(name), {}, file=b"x" * 1001))
    refuse((400, "EntityTooSmall"), form_v4(name, [{"bucket": name}, ["starts-with", "$key", ""], ["content-length-range", 10, 20]], {}))
    refuse((400, "InvalidPolicyDocument"), form_v4(name, [["content-length-range", -1, 5]], {}))
    refuse((400, "InvalidArgument"), form_v4(name, usual(name), {}, file=None))
    refuse((403, "AccessDenied"), send_form(name, {"key": "k"}))
    refuse((400, "InvalidArgument"), send_form(name, {"nokey": "k"}))
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)


@check
def form_anonymous_on_public_bucket():
    name = bucket()
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    same(send_form(name, {"key": "open/${filename}"}, b"hi", "a.txt").status, 204)
    same(body(name, "open/a.txt"), b"hi")


if __name__ == "__main__":
    main()
