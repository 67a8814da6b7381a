// The JavaScript SDK v3 against the embedded cloud: string bodies with a checksum header, streams as aws-chunked with a trailer even over
// plain HTTP, virtual-host and path style, presigned URLs, paging.
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
const require = createRequire(pathToFileURL(process.env.PEERS + "/"));
const s3lib = require("@aws-sdk/client-s3");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log("ok " + name);
  } catch (error) {
    failed = 1;
    console.log("not ok " + name + "\n  | " + (error.stack || error));
  }
}
function same(got, expected) {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}
async function code(promise) {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return error.name;
  }
}
const client = new s3lib.S3Client({ maxAttempts: 1 });
const send = (name, input) => client.send(new s3lib[name + "Command"](input));
const Bucket = "js-bucket";
const text = async (answer) => await answer.Body.transformToString();

await check("identity", async () => same((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account, "123456789012"));
await check("create", async () => void (await send("CreateBucket", { Bucket })));
await check("a string body", async () => {
  await send("PutObject", { Bucket, Key: "string", Body: "hello", ContentType: "text/plain", Metadata: { one: "1" } });
  const answer = await send("GetObject", { Bucket, Key: "string" });
  same(await text(answer), "hello");
  same(answer.ContentType, "text/plain");
  same(answer.Metadata, { one: "1" });
});
await check("a stream goes as aws-chunked with a trailer and comes back without its framing", async () => {
  const pieces = ["hel", "lo ", "stream ", "x".repeat(100000)];
  await send("PutObject", { Bucket, Key: "stream", Body: Readable.from(pieces.map((p) => Buffer.from(p))), ContentLength: pieces.join("").length });
  same(await text(await send("GetObject", { Bucket, Key: "stream" })), pieces.join(""));
});
for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
  await check("checksum " + algorithm, async () => {
    await send("PutObject", { Bucket, Key: algorithm, Body: "sum", ChecksumAlgorithm: algorithm });
    const head = await send("HeadObject", { Bucket, Key: algorithm, ChecksumMode: "ENABLED" });
    if (!head["Checksum" + algorithm]) throw new Error("no checksum in " + JSON.stringify(head));
    same(await text(await send("GetObject", { Bucket, Key: algorithm, ChecksumMode: "ENABLED" })), "sum");
  });
await check("a wrong checksum is refused", async () =>
  same(await code(send("PutObject", { Bucket, Key: "bad", Body: "sum", ChecksumCRC32: "AAAAAA==" })), "BadDigest"));
await check("a range", async () => same(await text(await send("GetObject", { Bucket, Key: "string", Range: "bytes=1-3" })), "ell"));
await check("absent is NoSuchKey", async () => same(await code(send("GetObject", { Bucket, Key: "absent" })), "NoSuchKey"));
await check("HEAD of absent is NotFound", async () => same(await code(send("HeadObject", { Bucket, Key: "absent" })), "NotFound"));
await check("pages", async () => {
  for (let i = 0; i < 7; i++) await send("PutObject", { Bucket, Key: `page/${i}`, Body: "" });
  const keys = [];
  for await (const page of s3lib.paginateListObjectsV2({ client, pageSize: 3 }, { Bucket, Prefix: "page/" })) keys.push(...page.Contents.map((o) => o.Key));
  same(keys.length, 7);
});
await check("delete many", async () => {
  const answer = await send("DeleteObjects", { Bucket, Delete: { Objects: [{ Key: "page/0" }, { Key: "page/1" }] } });
  same(answer.Deleted.length, 2);
});
await check("multipart", async () => {
  const { UploadId } = await send("CreateMultipartUpload", { Bucket, Key: "multi" });
  const Parts = [];
  for (const [i, body] of ["a".repeat(5 * 1024 * 1024), "end"].entries()) {
    const { ETag } = await send("UploadPart", { Bucket, Key: "multi", UploadId, PartNumber: i + 1, Body: body });
    Parts.push({ ETag, PartNumber: i + 1 });
  }
  await send("CompleteMultipartUpload", { Bucket, Key: "multi", UploadId, MultipartUpload: { Parts } });
  same((await send("HeadObject", { Bucket, Key: "multi" })).ContentLength, 5 * 1024 * 1024 + 3);
});
await check("presigned GET and PUT", async () => {
  const put = await getSignedUrl(client, new s3lib.PutObjectCommand({ Bucket, Key: "signed" }), { expiresIn: 60 });
  same((await fetch(put, { method: "PUT", body: "by url" })).status, 200);
  const get = await getSignedUrl(client, new s3lib.GetObjectCommand({ Bucket, Key: "signed" }), { expiresIn: 60 });
  same(await (await fetch(get)).text(), "by url");
});
await check("copy", async () => {
  await send("CopyObject", { Bucket, Key: "copy", CopySource: `${Bucket}/string` });
  same(await text(await send("GetObject", { Bucket, Key: "copy" })), "hello");
});
process.exit(failed);
