/* A bucket's settings in one pass, each failing alone. Feed thread; calls wait. The rule of PUBLIC: (policy is public
 * and not RestrictPublicBuckets) or (the ACL grants to everybody and not IgnorePublicAcls); what may not be read is
 * unknown, never "private". Source: "Blocking public access", S3 User Guide. The account's own block could only make a
 * bucket less public; it is not asked, so YES means "public unless the account forbids it". */
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

static enum flag_state ask_public(struct aws *aws, const char *bucket, const struct cancel *cancel)
{
    struct err err = ERR_NONE;
    struct s3_public_block block = {0};
    bool policy = false, acl = false;
    bool ok = s3_get_policy_is_public(aws, bucket, cancel, &policy, &err);
    enum flag_state by_policy = state_of(ok, policy, &err);
    ok = s3_get_acl_is_public(aws, bucket, cancel, &acl, &err);
    enum flag_state by_acl = state_of(ok, acl, &err);
    ok = s3_get_public_block(aws, bucket, cancel, &block, &err);
    enum flag_state restricted = state_of(ok, block.restrict_buckets, &err);
    enum flag_state ignored = state_of(ok, block.ignore_acls, &err);
    return either(opened_unless(by_policy, restricted), opened_unless(by_acl, ignored));
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

void zones_ask_flags(struct aws *aws, const char *bucket, const struct cancel *cancel, struct bucket_flags *flags)
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
    flags->is_public = ask_public(aws, bucket, cancel);
    if (!s3_get_location(aws, bucket, cancel, flags->region, &err))
        flags->region[0] = 0;
    ask_uploads(aws, bucket, cancel, flags);
}
