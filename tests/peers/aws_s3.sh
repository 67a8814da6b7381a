#!/bin/bash
# The AWS CLI as people use it (aws s3, aws s3api, aws sts) against the embedded cloud. $AWS is the program.
. "$(dirname "$0")/../lib/checks.sh"
AWS=${AWS:-aws}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
export AWS_PAGER= AWS_MAX_ATTEMPTS=1
aws() { "$AWS" "$@" 2>&1; }

has "sts get-caller-identity" 123456789012 "$(aws sts get-caller-identity)"
role=$(aws sts assume-role --role-arn arn:aws:iam::123456789012:role/reader --role-session-name peer --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
read -r id secret token <<<"$role"
has "a session key signs" 123456789012 "$(AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token aws sts get-caller-identity)"
in_session() { AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token "$@" 2>&1; }
weir local fault '*:*' clock=13h >/dev/null # the longest session has ended then
has "an expired session is refused" ExpiredToken "$(in_session "$AWS" s3api list-buckets)"
has "and weir says so" "ExpiredToken - log in again" "$(in_session weir ls)"
in_session weir ls >/dev/null
is "and exits 3" 3 $?
weir local fault clear >/dev/null
has "a wrong secret is refused" SignatureDoesNotMatch "$(AWS_SECRET_ACCESS_KEY=wrong aws s3api list-buckets)"
has "an unknown key is refused" InvalidAccessKeyId "$(AWS_ACCESS_KEY_ID=AKIAUNKNOWN aws s3api list-buckets)"
has "mb" cli-bucket "$(aws s3 mb s3://cli-bucket)"
has "mb of a bad name is refused" Invalid "$(aws s3api create-bucket --bucket UPPER_case)"
echo 'eight b' >"$tmp/small"
head -c 20000000 /dev/urandom >"$tmp/big"
has "cp small" upload "$(aws s3 cp --no-progress "$tmp/small" s3://cli-bucket/dir/small)"
has "cp big is multipart" upload "$(aws s3 cp --no-progress "$tmp/big" s3://cli-bucket/dir/big)"
has "the multipart ETag" '-3' "$(aws s3api head-object --bucket cli-bucket --key dir/big --query ETag)"
aws s3 cp --no-progress s3://cli-bucket/dir/big "$tmp/back" >/dev/null
is "cp back is the same" "$(sha256sum <"$tmp/big")" "$(sha256sum <"$tmp/back")"
echo piped | "$AWS" s3 cp - "s3://cli-bucket/a key+with ümlaut" >/dev/null 2>&1
is "cp from stdin to a name with space, plus and umlaut" piped "$(aws s3 cp "s3://cli-bucket/a key+with ümlaut" -)"
has "ls shows prefixes" 'PRE dir/' "$(aws s3 ls s3://cli-bucket/)"
has "ls --recursive --summarize" 'Total Objects: 3' "$(aws s3 ls --recursive --summarize s3://cli-bucket/)"
mkdir -p "$tmp/tree/x"
for i in 1 2 3 4 5; do
    echo $i >"$tmp/tree/x/f$i"
    touch -d "1 minute ago" "$tmp/tree/x/f$i" # S3 tells times in whole seconds: sync must not find the file newer
done
has "sync up" upload "$(aws s3 sync --no-progress "$tmp/tree" s3://cli-bucket/tree)"
is "a second sync does nothing" "" "$(aws s3 sync --no-progress "$tmp/tree" s3://cli-bucket/tree)"
aws s3 sync --no-progress s3://cli-bucket/tree "$tmp/tree2" >/dev/null
is "sync down is the same" "" "$(diff -r "$tmp/tree" "$tmp/tree2")"
is "range" ght "$(aws s3api get-object --bucket cli-bucket --key dir/small --range bytes=2-4 "$tmp/range" >/dev/null; cat "$tmp/range")"
url=$(aws s3 presign s3://cli-bucket/dir/small)
is "a presigned URL works" 'eight b' "$(curl -s "$url")"
has "a spoilt presigned URL does not" SignatureDoesNotMatch "$(curl -s "${url/small/smalm}")"
aws s3api put-bucket-versioning --bucket cli-bucket --versioning-configuration Status=Enabled
echo two >"$tmp/small"
aws s3 cp --no-progress "$tmp/small" s3://cli-bucket/dir/small >/dev/null
is "two versions" 2 "$(aws s3api list-object-versions --bucket cli-bucket --prefix dir/small --query 'length(Versions)')"
aws s3api put-object-tagging --bucket cli-bucket --key dir/small --tagging 'TagSet=[{Key=a,Value=b}]'
is "tags come back" b "$(aws s3api get-object-tagging --bucket cli-bucket --key dir/small --query 'TagSet[0].Value' --output text)"
is "metadata comes back" v "$(aws s3api put-object --bucket cli-bucket --key m --metadata k=v >/dev/null; aws s3api head-object --bucket cli-bucket --key m --query 'Metadata.k' --output text)"
has "an absent object is 404" 404 "$(aws s3api head-object --bucket cli-bucket --key absent)"
has "an absent bucket" NoSuchBucket "$(aws s3 ls s3://absent-bucket-here)"
has "pages" f5 "$(aws s3api list-objects-v2 --bucket cli-bucket --prefix tree/ --page-size 2 --query 'Contents[].Key')"
has "rm -r" delete "$(aws s3 rm --recursive s3://cli-bucket/tree)"
has "rb of a full bucket is refused" BucketNotEmpty "$(aws s3 rb s3://cli-bucket)"
exit $failed
