/* The S3 sink: one streaming upload per open file, so memory is one part buffer each. A file becomes visible when it is
 * complete; the set as a whole does not, since S3 has no rename: abandon takes back what this run uploaded. */
#include "backend/aws/s3.h"
#include "backend/base/uri.h"
#include "backend/pipeline/gen_csv.h"
#include "backend/pipeline/gen_sink.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEYS_MAX = 4096, /* files of a run; GEN_MAX_USERS makes fewer than 800 */
    PAGE_MAX = 8 << 20,
};

struct s3_sink {
    struct gen_sink sink;
    struct aws *aws;
    const struct cancel *cancel;
    bool is_replacing;
    struct s3_name to;    /* key: "" or a prefix that ends in '/' */
    char *keys[KEYS_MAX]; /* closed files of this run */
    size_t key_count;
};
struct s3_file {
    struct s3_sink *sink;
    struct s3_writer *writer;
    char *key;
};

static void free_sink(struct s3_sink *sink)
{
    while (sink->key_count > 0)
        free(sink->keys[--sink->key_count]);
    free(sink);
}

static void free_file(struct s3_file *file)
{
    free(file->key);
    free(file);
}

/* The full key of a path of the set, on the heap. */
static char *full_key(const struct s3_sink *sink, const char *path, struct err *err)
{
    char *key = NULL;
    if (strlen(sink->to.key) + strlen(path) > S3_KEY_MAX)
        err_set(err, ERR_USAGE, "the key of %s is too long below s3://%s/%s; name a shorter prefix", path,
                sink->to.bucket, sink->to.key);
    else if (asprintf(&key, "%s%s", sink->to.key, path) < 0)
        err_set(err, ERR_FAILED, "no memory for a key");
    return key;
}

static struct gen_file *s3_open(struct gen_sink *base, const char *path, struct err *err)
{
    struct s3_sink *sink = (struct s3_sink *)base;
    struct s3_file *file = calloc(1, sizeof *file);
    if (!file) {
        err_set(err, ERR_FAILED, "no memory to upload %s", path);
        return NULL;
    }
    file->sink = sink;
    file->key = full_key(sink, path, err);
    if (file->key) {
        struct s3_put put = s3_put_init(sink->to.bucket, file->key);
        put.content_type = "application/gzip";
        put.cancel = sink->cancel;
        file->writer = s3_writer_open(sink->aws, &put, err);
    }
    if (file->writer)
        return (struct gen_file *)file;
    free_file(file);
    return NULL;
}

static bool s3_write(struct gen_file *base, const void *bytes, size_t len, struct err *err)
{
    return s3_writer_write(((struct s3_file *)base)->writer, bytes, len, err);
}

static bool s3_close(struct gen_file *base, struct err *err)
{
    struct s3_file *file = (struct s3_file *)base;
    struct s3_sink *sink = file->sink;
    bool is_ok = s3_writer_close(file->writer, err);
    if (is_ok && sink->key_count == KEYS_MAX)
        is_ok =
            err_set(err, ERR_TOO_LARGE, "more than %d files below s3://%s/%s", KEYS_MAX, sink->to.bucket, sink->to.key);
    if (is_ok) {
        sink->keys[sink->key_count++] = file->key;
        file->key = NULL;
    }
    free_file(file);
    return is_ok;
}

static void s3_discard(struct gen_file *base)
{
    struct s3_file *file = (struct s3_file *)base;
    s3_writer_abandon(file->writer);
    free_file(file);
}

static bool delete_keys(const struct s3_sink *sink, const char *const *keys, size_t count, struct err *err)
{
    for (size_t done = 0; done < count;) {
        size_t batch_count = count - done < S3_DELETE_MAX ? count - done : S3_DELETE_MAX, deleted;
        struct s3_delete batch = {.bucket = sink->to.bucket, .keys = keys + done, .count = batch_count};
        if (!s3_delete_objects(sink->aws, &batch, &deleted, err))
            return false;
        done += batch_count;
    }
    return true;
}

static bool is_own_key(const struct s3_sink *sink, const struct s3_object *object)
{
    for (size_t i = 0; i < sink->key_count; i++)
        if (strlen(sink->keys[i]) == object->key_len && memcmp(sink->keys[i], object->key, object->key_len) == 0)
            return true;
    return false;
}

/* One page of a table's prefix: deletes what is not of this run. */
struct sweep {
    const struct s3_sink *sink;
    bool is_ok;
    struct err *err;
};
static bool sweep_page(void *context, const struct s3_page *page)
{
    struct sweep *sweep = context;
    const char *old[S3_PAGE_KEYS];
    size_t count = 0;
    for (size_t i = 0; i < page->object_count && count < S3_PAGE_KEYS; i++)
        if (!is_own_key(sweep->sink, &page->objects[i]))
            old[count++] = page->objects[i].key;
    sweep->is_ok = delete_keys(sweep->sink, old, count, sweep->err);
    return sweep->is_ok;
}

static bool sweep_table(const struct s3_sink *sink, const char *folder, struct err *err)
{
    struct sweep sweep = {.sink = sink, .is_ok = true, .err = err};
    char prefix[128], *key;
    snprintf(prefix, sizeof prefix, "%s/", folder);
    if (!(key = full_key(sink, prefix, err)))
        return false;
    struct s3_list list = {.bucket = sink->to.bucket, .prefix = key, .cancel = sink->cancel};
    bool is_ok = s3_list_all(sink->aws, &list, sweep_page, &sweep, err) && sweep.is_ok;
    free(key);
    return is_ok;
}

static bool s3_finish(struct gen_sink *base, struct err *err)
{
    struct s3_sink *sink = (struct s3_sink *)base;
    bool is_ok = true;
    for (int i = 0; i < GEN_TABLES && is_ok && sink->is_replacing; i++)
        is_ok = sweep_table(sink, gen_tables[i].folder, err);
    if (!is_ok)
        err_prefix(err, "the new data is complete, but old files could not be removed");
    free_sink(sink);
    return is_ok;
}

static void s3_abandon(struct gen_sink *base)
{
    struct s3_sink *sink = (struct s3_sink *)base;
    delete_keys(sink, (const char *const *)sink->keys, sink->key_count, NULL);
    free_sink(sink);
}

static const struct gen_sink_ops s3_ops = {
    .open = s3_open,
    .write = s3_write,
    .close = s3_close,
    .discard = s3_discard,
    .finish = s3_finish,
    .abandon = s3_abandon,
};

/* Refuses when an object of a table lies there already. */
static bool check_is_free(const struct s3_sink *sink, const char *folder, struct err *err)
{
    char prefix[128], *key;
    snprintf(prefix, sizeof prefix, "%s/", folder);
    if (!(key = full_key(sink, prefix, err)))
        return false;
    struct arena *arena = arena_new(PAGE_MAX);
    struct s3_page page = {0};
    struct s3_list list = {.bucket = sink->to.bucket, .prefix = key, .max_keys = 1, .cancel = sink->cancel};
    bool is_ok = s3_list_page(sink->aws, &list, arena, &page, err);
    if (is_ok && page.object_count > 0)
        is_ok = err_set(err, ERR_CONFLICT, "s3://%s/%s holds data already; name another prefix or ask to replace it",
                        sink->to.bucket, key);
    arena_free(arena);
    free(key);
    return is_ok;
}

static bool parse_target(const char *url, struct s3_name *to, struct err *err)
{
    if (!s3_name_parse(url, to, err))
        return false;
    size_t len = strlen(to->key);
    if (len == 0 || to->key[len - 1] == '/')
        return true;
    if (len >= S3_KEY_MAX)
        return err_set(err, ERR_USAGE, "the prefix of %s is too long", url);
    memcpy(to->key + len, "/", 2);
    return true;
}

struct gen_sink *gen_sink_s3(struct aws *aws, const char *url, bool replace, const struct cancel *cancel,
                             struct err *err)
{
    struct s3_sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        err_set(err, ERR_FAILED, "no memory to write to %s", url);
        return NULL;
    }
    sink->sink.ops = &s3_ops;
    sink->aws = aws;
    sink->cancel = cancel;
    sink->is_replacing = replace;
    bool is_ok = parse_target(url, &sink->to, err);
    for (int i = 0; i < GEN_TABLES && is_ok && !replace; i++)
        is_ok = check_is_free(sink, gen_tables[i].folder, err);
    if (is_ok)
        return &sink->sink;
    free_sink(sink);
    return NULL;
}
