/* weir stat: everything about one object or bucket. */
#include "backend/aws/s3.h"
#include "backend/base/uri.h"
#include "tui/cli/facts.h"
#include <string.h>

struct stat_options {
    char version[128];
};
static const struct opt stat_opts[] = {
    {.name = "version",
     .value = "ID",
     .kind = OPT_TEXT,
     .offset = offsetof(struct stat_options, version),
     .size = 128,
     .help = "this version"},
    {.name = NULL},
};

static void add_pairs(struct facts *facts, const char *prefix, const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", prefix, pairs->items[i].name);
        facts_text(facts, name, pairs->items[i].value);
    }
}

static int stat_object(struct cli *cli, struct aws *aws, const struct s3_name *name, const char *version)
{
    struct err err = ERR_NONE, tag_err = ERR_NONE;
    struct arena *arena = arena_new(4 * 1024 * 1024);
    struct s3_ref ref = {.bucket = name->bucket, .key = name->key, .version_id = version, .cancel = &cli->cancel};
    struct s3_head head;
    struct pairs tags = {0};
    if (!s3_head_object(aws, &ref, arena, &head, &err)) {
        arena_free(arena);
        return cli_fail(cli, &err);
    }
    bool has_tags = s3_get_tagging(aws, &ref, arena, &tags, &tag_err);
    struct facts facts = {0};
    facts_text(&facts, "bucket", name->bucket);
    facts_text(&facts, "key", name->key);
    facts_add(&facts, "bytes", VALUE_COUNT, value_number(head.bytes));
    facts_add(&facts, "modified", VALUE_TIME, value_number(head.modified_ms));
    facts_text(&facts, "etag", head.etag);
    facts_text(&facts, "content_type", head.content_type);
    facts_text(&facts, "content_encoding", head.content_encoding);
    facts_text(&facts, "storage_class", head.storage_class);
    facts_text(&facts, "encryption", head.encryption);
    facts_text(&facts, "version_id", head.version_id);
    facts_text(&facts, "checksum_algorithm", head.has_checksum ? digest_name(head.checksum_kind) : "");
    facts_text(&facts, "checksum", head.has_checksum ? head.checksum : "");
    add_pairs(&facts, "meta.", &head.metadata);
    if (has_tags)
        add_pairs(&facts, "tag.", &tags);
    else
        facts_add(&facts, "tags", VALUE_TEXT, value_state(tag_err.code == ERR_DENIED ? VALUE_DENIED : VALUE_UNKNOWN));
    facts_print(cli, &facts);
    arena_free(arena);
    return 0;
}

static struct value flag_value(bool ok, bool flag, const struct err *err)
{
    if (ok)
        return value_number(flag);
    return value_state(err->code == ERR_DENIED ? VALUE_DENIED : VALUE_UNKNOWN);
}

static struct value text_value(bool ok, const char *text, const struct err *err)
{
    if (ok)
        return *text ? value_text(text) : value_state(VALUE_NONE);
    return value_state(err->code == ERR_DENIED ? VALUE_DENIED : VALUE_UNKNOWN);
}

static int stat_bucket(struct cli *cli, struct aws *aws, const char *bucket)
{
    struct err err = ERR_NONE;
    const struct cancel *cancel = &cli->cancel;
    if (!s3_head_bucket(aws, bucket, cancel, &err))
        return cli_fail(cli, &err);
    struct facts facts = {0};
    char text[32] = "";
    bool flag = false;
    facts_text(&facts, "bucket", bucket);
    bool ok = s3_get_location(aws, bucket, cancel, text, &err);
    facts_add(&facts, "region", VALUE_TEXT, text_value(ok, text, &err));
    ok = s3_get_versioning(aws, bucket, cancel, &flag, &err);
    facts_add(&facts, "versioned", VALUE_BOOL, flag_value(ok, flag, &err));
    ok = s3_get_encryption(aws, bucket, cancel, text, &err);
    facts_add(&facts, "encryption", VALUE_TEXT, text_value(ok, text, &err));
    ok = s3_get_policy_is_public(aws, bucket, cancel, &flag, &err);
    facts_add(&facts, "policy_is_public", VALUE_BOOL, flag_value(ok, flag, &err));
    ok = s3_get_acl_is_public(aws, bucket, cancel, &flag, &err);
    facts_add(&facts, "acl_is_public", VALUE_BOOL, flag_value(ok, flag, &err));
    struct s3_public_block block = {0};
    ok = s3_get_public_block(aws, bucket, cancel, &block, &err);
    facts_add(&facts, "blocks_public_policy", VALUE_BOOL, flag_value(ok, block.restrict_buckets, &err));
    facts_add(&facts, "ignores_public_acls", VALUE_BOOL, flag_value(ok, block.ignore_acls, &err));
    ok = s3_get_ownership(aws, bucket, cancel, text, &err);
    facts_add(&facts, "ownership", VALUE_TEXT, text_value(ok, text, &err));
    ok = s3_get_object_lock(aws, bucket, cancel, &flag, &err);
    facts_add(&facts, "object_lock", VALUE_BOOL, flag_value(ok, flag, &err));
    facts_print(cli, &facts);
    return 0;
}

static int stat_run(struct cli *cli, const void *data, int argc, char **argv)
{
    (void)argc;
    const struct stat_options *options = data;
    struct err err = ERR_NONE;
    struct s3_name name;
    if (!s3_name_parse(argv[0], &name, &err))
        return cli_fail(cli, &err);
    struct aws *aws = cli_aws(cli, &err);
    if (!aws)
        return cli_fail(cli, &err);
    return *name.key ? stat_object(cli, aws, &name, options->version) : stat_bucket(cli, aws, name.bucket);
}

const struct verb verb_stat = {
    .name = "stat",
    .arguments = "s3://BUCKET[/KEY]",
    .summary = "everything about one object or bucket",
    .help = "Size, times, checksum, encryption, metadata and tags of an object; region, versioning, encryption and who "
            "can see a bucket. "
            "What may\nnot be asked is \"denied\", never \"no\".",
    .options = stat_opts,
    .options_size = sizeof(struct stat_options),
    .min_args = 1,
    .max_args = 1,
    .run = stat_run,
};
