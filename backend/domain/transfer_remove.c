/* Deleting one object, or all below a prefix in batches. Calls wait. */
#include "backend/base/uri.h"
#include "backend/domain/transfer_private.h"
#include <stdio.h>
#include <string.h>

struct sweep {
    struct transfer *transfer;
    const char *bucket;
    struct err err;
};

static void key_failed(void *context, const char *key, const struct err *err)
{
    struct sweep *sweep = context;
    (void)key;
    transfer_object_failed(sweep->transfer, err);
}

/* Sent as a C string it would name another object. */
static void nul_in_key(struct sweep *sweep, const char *key)
{
    struct err err;
    err_set(&err, ERR_REFUSED, "\"%.150s...\" is not deleted: its name holds a NUL byte", key);
    transfer_object_failed(sweep->transfer, &err);
}

static bool delete_page(void *context, const struct s3_page *page)
{
    struct sweep *sweep = context;
    const char *keys[S3_DELETE_MAX];
    size_t count = 0, deleted = 0;
    for (size_t i = 0; i < page->object_count && count < S3_DELETE_MAX; i++) {
        const struct s3_object *object = &page->objects[i];
        if (strlen(object->key) == object->key_len)
            keys[count++] = object->key;
        else
            nul_in_key(sweep, object->key);
    }
    if (!count)
        return true;
    struct s3_delete batch = {.bucket = sweep->bucket,
                              .keys = keys,
                              .count = count,
                              .cancel = sweep->transfer->cancel,
                              .failed = key_failed,
                              .context = sweep};
    struct err err = ERR_NONE;
    int64_t failed_before = sweep->transfer->result.failed;
    bool ok = s3_delete_objects(sweep->transfer->aws, &batch, &deleted, &err);
    for (size_t i = 0; i < deleted; i++)
        transfer_object_done(sweep->transfer, 0);
    transfer_moved(sweep->transfer, (int64_t)deleted, keys[count - 1]);
    if (ok || sweep->transfer->result.failed > failed_before)
        return !transfer_must_end(sweep->transfer); /* single keys failed: the rest goes on */
    sweep->err = err;
    return false;
}

static bool remove_all(struct transfer *transfer, const struct s3_name *name, struct err *err)
{
    struct sweep sweep = {.transfer = transfer, .bucket = name->bucket};
    char prefix[S3_KEY_MAX + 2]; /* "raw" means the folder: not raw2/ as well */
    size_t len = strlen(name->key);
    snprintf(prefix, sizeof prefix, "%s%s", name->key, len && name->key[len - 1] != '/' ? "/" : "");
    struct s3_list list = {.bucket = name->bucket, .prefix = prefix, .cancel = transfer->cancel};
    bool ok = s3_list_all(transfer->aws, &list, delete_page, &sweep, err);
    if (ok && sweep.err.code) {
        if (err)
            *err = sweep.err;
        ok = false;
    }
    if (ok && cancel_is_set(transfer->cancel))
        ok = err_set(err, ERR_CANCELLED, "cancelled after %lld objects", (long long)transfer->result.objects);
    if (ok && transfer->result.failed) {
        struct err first = transfer->first;
        ok = transfer->result.objects
                 ? err_set(err, ERR_PARTIAL, "%lld objects could not be deleted; the first: %.180s",
                           (long long)transfer->result.failed, first.text)
                 : false;
        if (!transfer->result.objects && err)
            *err = first;
    }
    return ok;
}

/* S3 answers 204 for what was never there; somebody who names one object wants to know. Not allowed to look: go on. */
static bool is_there(struct transfer *transfer, const struct s3_ref *ref, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_head head;
    struct err own = ERR_NONE;
    bool ok = s3_head_object(transfer->aws, ref, arena, &head, &own) || own.code != ERR_NOT_FOUND;
    arena_free(arena);
    if (!ok && err)
        *err = own;
    return ok;
}

static bool remove_one(struct transfer *transfer, const struct remove_options *options, const struct s3_name *name,
                       struct err *err)
{
    struct s3_ref ref = {
        .bucket = name->bucket, .key = name->key, .version_id = options->version_id, .cancel = options->cancel};
    if (!*name->key)
        return err_set(err, ERR_USAGE, "%.200s is a bucket: name an object, or use --recursive", options->target);
    if (!is_there(transfer, &ref, err) || !s3_delete_object(transfer->aws, &ref, err))
        return false;
    transfer_object_done(transfer, 0);
    transfer_moved(transfer, 1, name->key);
    return true;
}

bool transfer_remove(struct session *session, const struct remove_options *options, struct transfer_result *result,
                     struct err *err)
{
    struct transfer transfer = {.session = session,
                                .cancel = options->cancel,
                                .report = options->progress,
                                .context = options->context,
                                .total = -1};
    struct s3_name name;
    pthread_mutex_init(&transfer.lock, NULL);
    bool ok = s3_name_parse(options->target, &name, err) &&
              (transfer.aws = session_connect(session, options->cancel, err)) &&
              (options->is_recursive ? remove_all(&transfer, &name, err) : remove_one(&transfer, options, &name, err));
    pthread_mutex_destroy(&transfer.lock);
    *result = transfer.result;
    return ok;
}
