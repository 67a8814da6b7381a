"""Buckets and their stored configurations, as boto3 sees them."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403


@check
def bucket_create_and_head():
    name = bucket()
    answer = s3.head_bucket(Bucket=name)
    same(answer["ResponseMetadata"]["HTTPStatusCode"], 200)
    same(answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], REGION)


@check
def bucket_create_says_location():
    name = "peer-location-" + uuid.uuid4().hex[:8]
    same(s3.create_bucket(Bucket=name)["Location"], "/" + name)
    s3.delete_bucket(Bucket=name)


@check
def bucket_create_again_in_us_east_1():
    name = bucket()
    put(name, "kept")
    s3.create_bucket(Bucket=name)
    same(body(name, "kept"), b"x")


@check
def bucket_create_again_elsewhere():
    name = bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    same(s3.get_bucket_location(Bucket=name)["LocationConstraint"], "eu-west-1")
    same(s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], "eu-west-1")
    fails(409, "BucketAlreadyOwnedByYou", s3.create_bucket, Bucket=name,
          CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@check
def bucket_location_of_us_east_1_is_null():
    same(s3.get_bucket_location(Bucket=bucket())["LocationConstraint"], None)


@check
def bucket_bad_location():
    same(code_of(raw("PUT", "/peer-bad-location", data=b"<CreateBucketConfiguration><LocationConstraint>no where!"
                     b"</LocationConstraint></CreateBucketConfiguration>")), "InvalidLocationConstraint")


@check
def bucket_malformed_create_body():
    same(code_of(raw("PUT", "/peer-bad-xml", data=b"<CreateBucketConf")), "MalformedXML")


@check
def bucket_names_refused():
    for name in ("ab", "a" * 64, "Upper-case", "under_score", "-dash", "dash-", "two..dots", "dot.-dash", "1.2.3.4",
                 "xn--puny", "name-s3alias"):
        answer = raw("PUT", "/" + name)
        same((name, answer.status, code_of(answer)), (name, 400, "InvalidBucketName"))


@check
def bucket_names_taken():
    for name in ("a.b.c-" + uuid.uuid4().hex[:6], "123-" + uuid.uuid4().hex[:6], "a" * 55 + uuid.uuid4().hex[:8]):
        s3.create_bucket(Bucket=name)
        s3.delete_bucket(Bucket=name)


@check
def bucket_missing():
    missing = "peer-missing-" + uuid.uuid4().hex[:8]
    fails(404, None, s3.head_bucket, Bucket=missing)
    same(fails(404, "NoSuchBucket", s3.list_objects_v2, Bucket=missing)["Error"]["BucketName"], missing)
    fails(404, "NoSuchBucket", s3.delete_bucket, Bucket=missing)
    fails(404, "NoSuchBucket", put, missing, "key")
    fails(404, "NoSuchBucket", get, missing, "key")
    fails(404, "NoSuchBucket", s3.get_bucket_location, Bucket=missing)


@check
def bucket_delete_not_empty():
    name = bucket()
    put(name, "key")
    fails(409, "BucketNotEmpty", s3.delete_bucket, Bucket=name)


@check
def bucket_delete_counts_versions_and_markers():
    name = versioned()
    put(name, "key")
    s3.delete_object(Bucket=name, Key="key")
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)
    fails(409, "BucketNotEmpty", s3.delete_bucket, Bucket=name)


@check
def bucket_delete_takes_uploads_along():
    name = bucket()
    upload = s3.create_multipart_upload(Bucket=name, Key="k")["UploadId"]
    s3.upload_part(Bucket=name, Key="k", UploadId=upload, PartNumber=1, Body=b"part")
    same(s3.delete_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"], 204)
    fails(404, None, s3.head_bucket, Bucket=name)


@check
def bucket_recreated_is_empty():
    name = bucket()
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_bucket(Bucket=name)
    s3.create_bucket(Bucket=name)
    fails(404, "NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)


@check
def bucket_list():
    name = bucket()
    answer = s3.list_buckets()
    found = [b for b in answer["Buckets"] if b["Name"] == name]
    same(len(found), 1)
    assert found[0]["CreationDate"].year >= 2024
    same(len(answer["Owner"]["ID"]), 64)
    names = [b["Name"] for b in answer["Buckets"]]
    same(names, sorted(names))


@check
def bucket_list_pages_and_prefix():
    prefix = "peer-page-" + uuid.uuid4().hex[:6]
    for i in range(3):
        s3.create_bucket(Bucket=f"{prefix}-{i}")
    try:
        first = raw("GET", "/", f"max-buckets=2&prefix={prefix}").data.decode()
        same(first.count("<Bucket>"), 2)
        token = first.split("<ContinuationToken>")[1].split("<")[0]
        second = raw("GET", "/", f"continuation-token={urllib.parse.quote(token, safe='')}&prefix={prefix}").data.decode()
        same(second.count("<Bucket>"), 1)
        assert "<ContinuationToken>" not in second
    finally:
        for i in range(3):
            s3.delete_bucket(Bucket=f"{prefix}-{i}")


@check
def bucket_expected_owner():
    name = bucket()
    s3.head_bucket(Bucket=name, ExpectedBucketOwner=ACCOUNT)
    fails(403, None, s3.head_bucket, Bucket=name, ExpectedBucketOwner="999999999999")
    fails(403, "AccessDenied", put, name, "key", ExpectedBucketOwner="999999999999")


@check
def bucket_wrong_sub_resource_does_not_fall_through():
    name = bucket()
    same(raw("DELETE", "/" + name, "location").status, 405)
    same(raw("DELETE", "/" + name, "versioning").status, 405)
    s3.head_bucket(Bucket=name)


@check
def bucket_unknown_sub_resource():
    answer = raw("GET", "/" + bucket(), "neverheardof")
    same((answer.status, code_of(answer)), (501, "NotImplemented"))
    assert "neverheardof" in answer.data.decode()


@check
def bucket_absent_operation_says_so():
    answer = raw("GET", "/" + bucket(), "session")
    same((answer.status, code_of(answer)), (501, "NotImplemented"))
    assert "CreateSession" in answer.data.decode()


@check
def bucket_error_document():
    answer = raw("GET", "/peer-missing-doc/key")
    text = answer.data.decode()
    for part in ("<Code>NoSuchBucket</Code>", "<Message>", "<Resource>", "<RequestId>", "<HostId>",
                 "<BucketName>peer-missing-doc</BucketName>"):
        assert part in text, (part, text)
    assert answer.headers["x-amz-request-id"] in text


@check
def bucket_versioning_states():
    name = bucket()
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    for status in ("Enabled", "Suspended", "Enabled"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
        same(s3.get_bucket_versioning(Bucket=name)["Status"], status)
    fails(400, "MalformedXML", s3.put_bucket_versioning, Bucket=name, VersioningConfiguration={"Status": "Perhaps"})


@check
def bucket_encryption():
    name = bucket()
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    same(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "my-key"},
         "BucketKeyEnabled": True}]})
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    same(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], "my-key")
    answer = put(name, "key")
    same((answer["ServerSideEncryption"], answer["SSEKMSKeyId"]), ("aws:kms", "my-key"))
    s3.delete_bucket_encryption(Bucket=name)
    same(put(name, "key")["ServerSideEncryption"], "AES256")


@check
def bucket_tagging():
    name = bucket()
    fails(404, "NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    tags = [{"Key": "team", "Value": "data"}, {"Key": "größe", "Value": "a&b=c"}]
    same(s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})["ResponseMetadata"]["HTTPStatusCode"], 204)
    same(s3.get_bucket_tagging(Bucket=name)["TagSet"], tags)
    s3.delete_bucket_tagging(Bucket=name)
    fails(404, "NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)
    fails(400, "InvalidTag", s3.put_bucket_tagging, Bucket=name,
          Tagging={"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})


@check
def bucket_created_with_tags():
    name = "peer-tagged-" + uuid.uuid4().hex[:8]
    answer = raw("PUT", "/" + name, data=b"<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>"
                 b"</CreateBucketConfiguration>")
    same(answer.status, 200)
    same(s3.get_bucket_tagging(Bucket=name)["TagSet"], [{"Key": "a", "Value": "b"}])
    s3.delete_bucket(Bucket=name)


@check
def bucket_public_access_block():
    name = bucket()
    fails(404, "NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=name)
    wanted = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=wanted)
    same(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"], wanted)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    same(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], False)
    s3.delete_public_access_block(Bucket=name)
    fails(404, "NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=name)


@check
def bucket_ownership_controls():
    name = bucket()
    fails(404, "OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=name)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    same(s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
         "BucketOwnerEnforced")
    fails(400, "AccessControlListNotSupported", s3.put_object_acl, Bucket=name, Key=put(name, "k") and "k", ACL="public-read")
    s3.delete_bucket_ownership_controls(Bucket=name)
    fails(404, "OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=name)
    fails(400, "MalformedXML", s3.put_bucket_ownership_controls, Bucket=name,
          OwnershipControls={"Rules": [{"ObjectOwnership": "Nobody"}]})


@check
def bucket_lifecycle():
    name = bucket()
    fails(404, "NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=name)
    rules = [{"ID": "one", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}},
             {"Status": "Disabled", "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}]}},
              "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]}]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    found = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    same(found[0], rules[0])
    assert found[1].pop("ID")
    same(found[1], rules[1])
    same(s3.delete_bucket_lifecycle(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"], 204)
    fails(404, "NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=name)


@check
def bucket_lifecycle_refused():
    name = bucket()

    def refuse(status, code, *rules):
        fails(status, code, s3.put_bucket_lifecycle_configuration, Bucket=name, LifecycleConfiguration={"Rules": list(rules)})

    good = {"ID": "r", "Status": "Enabled", "Prefix": "x", "Expiration": {"Days": 1}}
    refuse(400, "MalformedXML", {**good, "Status": "enabled"})
    refuse(400, "InvalidArgument", {**good, "ID": "i" * 256})
    refuse(400, "InvalidArgument", good, good)
    refuse(400, "InvalidArgument", {**good, "Expiration": {"Days": 0}})
    refuse(400, "MalformedXML", {**good, "Transitions": [{"Days": 1, "StorageClass": "ATTIC"}]})


@check
def bucket_cors():
    name = bucket()
    fails(404, "NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)
    rules = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["x-*"],
              "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    same(s3.get_bucket_cors(Bucket=name)["CORSRules"], rules)
    put(name, "key")
    answer = raw("GET", f"/{name}/key", headers={"Origin": "https://a.example.com"})
    same(answer.headers["Access-Control-Allow-Origin"], "https://a.example.com")
    same(answer.headers["Access-Control-Expose-Headers"], "ETag")
    assert "Access-Control-Allow-Origin" not in raw("GET", f"/{name}/key", headers={"Origin": "https://else.net"}).headers
    asks = {"Origin": "https://a.example.com", "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "x-amz-date"}
    flight = raw("OPTIONS", f"/{name}/key", headers=asks, sign=False)
    same((flight.status, flight.headers["Access-Control-Allow-Methods"]), (200, "GET, PUT"))
    asks["Access-Control-Request-Method"] = "DELETE"
    same(raw("OPTIONS", f"/{name}/key", headers=asks, sign=False).status, 403)
    s3.delete_bucket_cors(Bucket=name)
    fails(404, "NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)


@check
def bucket_website():
    name = bucket()
    fails(404, "NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=name)
    s3.put_bucket_website(Bucket=name, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"},
                                                             "ErrorDocument": {"Key": "404.html"}})
    same(s3.get_bucket_website(Bucket=name)["IndexDocument"]["Suffix"], "index.html")
    fails(400, "InvalidArgument", s3.put_bucket_website, Bucket=name,
          WebsiteConfiguration={"IndexDocument": {"Suffix": "a/b"}})
    s3.delete_bucket_website(Bucket=name)
    fails(404, "NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=name)


@check
def bucket_logging():
    name = bucket()
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": name, "TargetPrefix": "l/"}})
    same(s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetPrefix"], "l/")
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)


@check
def bucket_notification():
    name = bucket()
    found = s3.get_bucket_notification_configuration(Bucket=name)
    assert not [k for k in found if k.endswith("Configurations")]
    topic = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Events": ["s3:ObjectCreated:*"], "Id": "n"}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"TopicConfigurations": [topic]})
    same(s3.get_bucket_notification_configuration(Bucket=name)["TopicConfigurations"], [topic])


@check
def bucket_request_payment():
    name = bucket()
    same(s3.get_bucket_request_payment(Bucket=name)["Payer"], "BucketOwner")
    s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration={"Payer": "Requester"})
    same(s3.get_bucket_request_payment(Bucket=name)["Payer"], "Requester")
    fails(400, "MalformedXML", s3.put_bucket_request_payment, Bucket=name, RequestPaymentConfiguration={"Payer": "Me"})


@check
def bucket_accelerate():
    name = bucket()
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=name)
    s3.put_bucket_accelerate_configuration(Bucket=name, AccelerateConfiguration={"Status": "Suspended"})
    same(s3.get_bucket_accelerate_configuration(Bucket=name)["Status"], "Suspended")


@check
def bucket_replication():
    name = bucket()
    fails(404, "ReplicationConfigurationNotFoundError", s3.get_bucket_replication, Bucket=name)
    rules = {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [
        {"ID": "a", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}]}
    fails(400, "InvalidRequest", s3.put_bucket_replication, Bucket=name, ReplicationConfiguration=rules)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(Bucket=name, ReplicationConfiguration=rules)
    same(s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Role"], rules["Role"])


@check
def bucket_configurations_with_ids():
    name = bucket()
    fails(404, "NoSuchConfiguration", s3.get_bucket_metrics_configuration, Bucket=name, Id="all")
    s3.put_bucket_metrics_configuration(Bucket=name, Id="all", MetricsConfiguration={"Id": "all", "Filter": {"Prefix": "p"}})
    same(s3.get_bucket_metrics_configuration(Bucket=name, Id="all")["MetricsConfiguration"]["Filter"], {"Prefix": "p"})
    same([c["Id"] for c in s3.list_bucket_metrics_configurations(Bucket=name)["MetricsConfigurationList"]], ["all"])
    s3.delete_bucket_metrics_configuration(Bucket=name, Id="all")
    fails(404, "NoSuchConfiguration", s3.delete_bucket_metrics_configuration, Bucket=name, Id="all")
    s3.put_bucket_inventory_configuration(Bucket=name, Id="i", InventoryConfiguration={
        "Id": "i", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "CSV"}}})
    same(len(s3.list_bucket_inventory_configurations(Bucket=name)["InventoryConfigurationList"]), 1)


@check
def bucket_malformed_configuration():
    name = bucket()
    for sub in ("tagging", "lifecycle", "cors", "encryption", "website", "publicAccessBlock"):
        answer = raw("PUT", "/" + name, sub, data=b"<Unexpected/>")
        same((sub, answer.status, code_of(answer)), (sub, 400, "MalformedXML"))
    answer = raw("PUT", "/" + name, "tagging", data=b"<!DOCTYPE a [<!ENTITY x 'y'>]><Tagging>&x;</Tagging>")
    same((answer.status, code_of(answer)), (400, "MalformedXML"))


@check
def bucket_waiters():
    name = bucket()
    s3.get_waiter("bucket_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    s3.get_waiter("bucket_not_exists").wait(Bucket="peer-gone-" + uuid.uuid4().hex[:8],
                                            WaiterConfig={"Delay": 1, "MaxAttempts": 1})


@check
def bucket_virtual_host():
    name = bucket()
    put(name, "hosted", b"by host")
    port = ENDPOINT.rsplit(":", 1)[1]
    for host in (f"{name}.localhost:{port}", f"{name}.s3.amazonaws.com", f"{name}.s3.{REGION}.amazonaws.com",
                 f"{name}.s3.localhost:{port}"):
        answer = raw("GET", "/hosted", host=host)
        same((host, answer.status, answer.data), (host, 200, b"by host"))
        same((host, raw("GET", "/", "list-type=2", host=host).status), (host, 200))
        same((host, raw("PUT", "/put-by-host", data=b"1", host=host).status), (host, 200))
    same(body(name, "put-by-host"), b"1")


@check
def bucket_path_with_trailing_slash():
    name = bucket()
    put(name, "k")
    assert b"<Key>k</Key>" in raw("GET", f"/{name}/", "list-type=2").data
    same(raw("HEAD", f"/{name}/").status, 200)


if __name__ == "__main__":
    main()
