/* A bucket's settings in one pass, each failing alone. Feed thread; calls wait. The rule of PUBLIC: (policy is public
 * and not RestrictPublicBuckets) or (the ACL grants to everybody and not IgnorePublicAcls), with the block settings the
 * most restrictive of bucket and account; what may not be read is unknown, never "private". Source: "Blocking public
 * access to your Amazon S3 storage", S3 User Guide. */
#include "backend/domain/zones_private.h"
#include <stdio.h>
#include <string.h>

static enum flag_state state_of(bool ok, bool value, const struct err *err)
{
    if (ok)
        return value ? FLAG_YES : FLAG_NO;
    return err->code == ERR_DENIED ? FLAG_DENIED : FLAG_UNKNOWN;
}

/* One half of the rule: open by `opened` unless `closed`. Whichever known half decides, decides. */
static enum flag_state opened_unless(enum flag_state opened, enum flag_state closed)
{
    if (opened == FLAG_NO || closed == FLAG_YES)
        return FLAG_NO;
    if (opened == FLAG_YES && closed == FLAG_NO)
        return FLAG_YES;
    return opened == FLAG_DENIED || closed == FLAG_DENIED ? FLAG_DENIED : FLAG_UNKNOWN;
}

static enum flag_state either(enum flag_state a, enum flag_state b)
{
    if (a == FLAG_YES || b == FLAG_YES)
        return FLAG_YES;
    if (a == FLAG_NO && b == FLAG_NO)
        return FLAG_NO;
    return a == FLAG_DENIED || b == FLAG_DENIED ? FLAG_DENIED : FLAG_UNKNOWN;
}

struct blocks {
    enum flag_state restricts, ignores_acls;
};

static struct blocks blocks_of(bool ok, const struct s3_public_block *block, const struct err *err)
{
    return (struct blocks){.restricts = state_of(ok, block->restrict_buckets, err),
                           .ignores_acls = state_of(ok, block->ignore_acls, err)};
}

/* Endpoints of others have no account settings: nothing is blocked there. */
static struct blocks ask_account(struct aws *aws, const char *account, const struct cancel *cancel)
{
    struct s3_public_block block = {0};
    struct err err = ERR_NONE;
    if (aws_endpoint_is_custom(aws, "s3", NULL))
        return (struct blocks){.restricts = FLAG_NO, .ignores_acls = FLAG_NO};
    bool ok = *account && s3_get_account_block(aws, account, cancel, &block, &err);
    return blocks_of(ok, &block, &err);
}

static enum flag_state ask_public(struct aws *aws, const char *bucket, const char *account, const struct cancel *cancel)
{
    struct err err = ERR_NONE;
    struct s3_public_block block = {0};
    bool policy = false, acl = false;
    bool ok = s3_get_policy_is_public(aws, bucket, cancel, &policy, &err);
    enum flag_state by_policy = state_of(ok, policy, &err);
    ok = s3_get_acl_is_public(aws, bucket, cancel, &acl, &err);
    enum flag_state by_acl = state_of(ok, acl, &err);
    if (by_policy == FLAG_NO && by_acl == FLAG_NO)
        return FLAG_NO; /* nothing opens it: no need to ask what would close it */
    ok = s3_get_public_block(aws, bucket, cancel, &block, &err);
    struct blocks own = blocks_of(ok, &block, &err), all = ask_account(aws, account, cancel);
    return either(opened_unless(by_policy, either(own.restricts, all.restricts)),
                  opened_unless(by_acl, either(own.ignores_acls, all.ignores_acls)));
}

static void ask_uploads(struct aws *aws, const char *bucket, const struct cancel *cancel, struct bucket_flags *flags)
{
    struct arena *arena = arena_new(16 * 1024 * 1024);
    struct s3_uploads uploads;
    struct s3_ref ref = {.bucket = bucket, .key = "", .cancel = cancel};
    flags->orphan_uploads = -1;
    if (s3_list_uploads(aws, &ref, arena, &uploads, NULL)) {
        flags->orphan_uploads = (int64_t)uploads.count;
        for (size_t i = 0; i < uploads.count; i++) {
            int64_t started_ms = uploads.items[i].started_ms;
            if (started_ms && (!flags->oldest_upload_ms || started_ms < flags->oldest_upload_ms))
                flags->oldest_upload_ms = started_ms;
        }
    }
    arena_free(arena);
}

void zones_ask_flags(struct aws *aws, const char *bucket, const char *account, const struct cancel *cancel,
                     struct bucket_flags *flags)
{
    struct err err = ERR_NONE;
    bool versioned = false, locked = false;
    *flags = (struct bucket_flags){.orphan_uploads = -1};
    bool ok = s3_get_versioning(aws, bucket, cancel, &versioned, &err);
    flags->versioned = state_of(ok, versioned, &err);
    ok = s3_get_encryption(aws, bucket, cancel, flags->encryption, &err);
    flags->encrypted = state_of(ok, flags->encryption[0], &err);
    ok = s3_get_object_lock(aws, bucket, cancel, &locked, &err);
    flags->object_lock = state_of(ok, locked, &err);
    flags->is_public = ask_public(aws, bucket, account, cancel);
    if (!s3_get_location(aws, bucket, cancel, flags->region, &err))
        flags->region[0] = 0;
    ask_uploads(aws, bucket, cancel, flags);
}
