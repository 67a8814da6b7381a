/* Writing a bucket's settings: what provisioning needs. Calls wait, any thread. */
#include "backend/aws/s3_call.h"
#include <string.h>

#define S3_XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"

struct setup {
    struct s3_op op;
    const char *param, *root;
};
static const struct setup versioning = {
    .op = {.name = "PutBucketVersioning", .method = "PUT", .permission = "s3:PutBucketVersioning", .is_write = true},
    .param = "versioning",
    .root = "VersioningConfiguration"};
static const struct setup encryption = {.op = {.name = "PutBucketEncryption",
                                               .method = "PUT",
                                               .permission = "s3:PutEncryptionConfiguration",
                                               .is_write = true},
                                        .param = "encryption",
                                        .root = "ServerSideEncryptionConfiguration"};
static const struct setup public_block = {.op = {.name = "PutPublicAccessBlock",
                                                 .method = "PUT",
                                                 .permission = "s3:PutBucketPublicAccessBlock",
                                                 .is_write = true},
                                          .param = "publicAccessBlock",
                                          .root = "PublicAccessBlockConfiguration"};

static void begin(struct s3_call *s3, struct aws *aws, const struct setup *setup, const char *bucket,
                  const struct cancel *cancel)
{
    s3_begin(s3, aws, &setup->op, bucket, NULL, cancel);
    s3_param(s3, setup->param, NULL);
    buf_printf(&s3->body, "<%s" S3_XMLNS, setup->root);
}

static bool finish(struct s3_call *s3, const struct setup *setup, struct err *err)
{
    buf_printf(&s3->body, "</%s>", setup->root);
    bool ok = s3_send(s3, err);
    s3_end(s3);
    return ok;
}

bool s3_put_versioning(struct aws *aws, const char *bucket, bool is_enabled, const struct cancel *cancel,
                       struct err *err)
{
    struct s3_call s3;
    begin(&s3, aws, &versioning, bucket, cancel);
    xml_write_element(&s3.body, "Status", is_enabled ? "Enabled" : "Suspended");
    return finish(&s3, &versioning, err);
}

bool s3_put_encryption(struct aws *aws, const char *bucket, const char *algorithm, const struct cancel *cancel,
                       struct err *err)
{
    struct s3_call s3;
    begin(&s3, aws, &encryption, bucket, cancel);
    buf_puts(&s3.body, "<Rule><ApplyServerSideEncryptionByDefault>");
    xml_write_element(&s3.body, "SSEAlgorithm", algorithm);
    buf_puts(&s3.body, "</ApplyServerSideEncryptionByDefault></Rule>");
    return finish(&s3, &encryption, err);
}

bool s3_put_public_block(struct aws *aws, const char *bucket, const struct s3_public_block *block,
                         const struct cancel *cancel, struct err *err)
{
    struct s3_call s3;
    begin(&s3, aws, &public_block, bucket, cancel);
    xml_write_element(&s3.body, "BlockPublicAcls", block->block_acls ? "true" : "false");
    xml_write_element(&s3.body, "IgnorePublicAcls", block->ignore_acls ? "true" : "false");
    xml_write_element(&s3.body, "BlockPublicPolicy", block->block_policy ? "true" : "false");
    xml_write_element(&s3.body, "RestrictPublicBuckets", block->restrict_buckets ? "true" : "false");
    return finish(&s3, &public_block, err);
}
