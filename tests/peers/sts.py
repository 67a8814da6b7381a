"""Who the caller is, session credentials that verify and expire, and what STS refuses."""
import datetime
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from s3 import *  # noqa: E402,F403

sts = boto3.client("sts", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                   config=Config(retries={"max_attempts": 1}))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/reader"


def with_session(service, credentials, **changes):
    keys = {"aws_access_key_id": credentials["AccessKeyId"], "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"], **changes}
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, config=Config(retries={"max_attempts": 1}), **keys)


def refusal(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "no error"


@check
def sts_names_the_caller():
    who = sts.get_caller_identity()
    same(who["Account"], ACCOUNT)
    same(who["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:user/"), True)
    same(who["UserId"].startswith("AIDA"), True)


@check
def sts_session_of_an_assumed_role():
    answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="peer-1", DurationSeconds=900)
    same(answer["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/peer-1")
    left = (answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    same(880 < left <= 900, True)
    session = with_session("sts", answer["Credentials"])
    same(session.get_caller_identity()["Arn"], answer["AssumedRoleUser"]["Arn"])
    same(session.get_caller_identity()["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"])
    name = bucket()
    with_session("s3", answer["Credentials"]).put_object(Bucket=name, Key="k", Body=b"by session")
    same(s3.get_object(Bucket=name, Key="k")["Body"].read(), b"by session")
    for version in ("s3", "s3v4"):
        client = boto3.client("s3", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=answer["Credentials"]["AccessKeyId"],
                              aws_secret_access_key=answer["Credentials"]["SecretAccessKey"],
                              aws_session_token=answer["Credentials"]["SessionToken"], config=Config(signature_version=version))
        url = client.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
        same(urllib.request.urlopen(url).read(), b"by session")


@check
def sts_session_token():
    credentials = sts.get_session_token(DurationSeconds=900)["Credentials"]
    session = with_session("sts", credentials)
    same(session.get_caller_identity()["Arn"], sts.get_caller_identity()["Arn"])
    same(refusal(session.get_session_token), "AccessDenied")


@check
def sts_refuses_what_does_not_verify():
    credentials = sts.get_session_token()["Credentials"]
    same(refusal(with_session("sts", credentials, aws_secret_access_key="wrong").get_caller_identity), "SignatureDoesNotMatch")
    same(refusal(with_session("sts", credentials, aws_session_token="wrong").get_caller_identity), "InvalidClientTokenId")
    same(refusal(with_session("sts", credentials, aws_session_token=None).get_caller_identity), "InvalidClientTokenId")
    same(refusal(with_session("s3", credentials, aws_session_token="wrong").list_buckets), "InvalidToken")


@check
def sts_refuses_bad_parameters():
    same(refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="a b"), "ValidationError")
    same(refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="ok", DurationSeconds=50000), "ValidationError")
    same(refusal(sts.assume_role, RoleArn="arn:aws:iam::999999999999:role/other", RoleSessionName="ok"), "AccessDenied")
    same(refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="ok", Policy="{}"), "NotImplemented")
    same(refusal(sts.get_federation_token, Name="me"), "NotImplemented")


@check
def sts_presigned_identity():
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    same(ACCOUNT in urllib.request.urlopen(url).read().decode(), True)


@check
def sts_absent_service_answers_in_its_own_protocol():
    for service, call, code in (("sqs", "list_queues", None), ("kinesis", "list_streams", "UnknownOperationException"),
                                ("ec2", "describe_instances", "NotImplemented"), ("batch", "describe_jobs", "NotImplemented")):
        client = boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=KEY,
                              aws_secret_access_key=SECRET, config=Config(retries={"max_attempts": 1}))
        arguments = {"jobs": ["a"]} if service == "batch" else {}
        got = refusal(getattr(client, call), **arguments)
        same(got in (code, "UnknownOperationException", "NotImplemented") and "Method" not in got, True)


if __name__ == "__main__":
    main()
