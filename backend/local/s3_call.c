/* One call's tools: opening and closing it, its read connection, its writes, headers in and out. */
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include "backend/local/store.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool s3_text_is_utf8(const char *text)
{
    size_t len = strlen(text);
    while (len > 0) {
        uint32_t code;
        size_t n = text_decode(text, len, &code);
        if (n == 0)
            return false;
        text += n;
        len -= n;
    }
    return true;
}

static bool decode_key(struct s3_call *call, const char *raw)
{
    struct buf key = BUF_INIT(64 * 1024);
    bool ok = uri_decode(raw, strlen(raw), false, &key);
    call->key = arena_strdup(call->arena, buf_text(&key));
    ok = ok && call->key && strlen(call->key) == key.len && s3_text_is_utf8(call->key);
    size_t len = key.len;
    buf_done(&key);
    if (!ok)
        return s3_fail(call, S3_INVALID_URI);
    if (len > S3_KEY_MAX) {
        char size[24];
        snprintf(size, sizeof size, "%zu", len);
        return s3_fail_with(call, S3_KEY_TOO_LONG, "Size", size, "MaxSizeAllowed", "1024", NULL);
    }
    return true;
}

bool s3_call_open(struct s3_call *call, struct request *req, struct answer *answer, const struct s3_target *target)
{
    *call = (struct s3_call){.req = req, .answer = answer, .cloud = req->cloud, .op = target->op, .key = ""};
    call->arena = arena_new(S3_ARENA_MAX);
    call->now_ms = clock_wall(call->cloud->clock);
    snprintf(call->bucket_name, sizeof call->bucket_name, "%s", target->bucket);
    if (answer->body.max < S3_ANSWER_MAX)
        answer->body.max = S3_ANSWER_MAX;
    return target->level != S3_LEVEL_OBJECT || decode_key(call, target->raw_key);
}

void s3_db_done(struct s3_call *call)
{
    if (call->db)
        store_reader_done(call->cloud->store, call->db);
    call->db = NULL;
}

void s3_call_close(struct s3_call *call)
{
    s3_db_done(call);
    arena_free(call->arena);
}

bool s3_errand_open(struct s3_errand *errand, struct cloud *cloud, const char *bucket)
{
    static const struct s3_target none = {.level = S3_LEVEL_BUCKET};
    *errand = (struct s3_errand){
        .req = {.cloud = cloud, .method = "", .raw_path = "", .raw_query = "", .id = "inside", .access_key = ""},
        .answer = {.file_fd = -1, .head_length = -1}};
    bool ok = s3_call_open(&errand->call, &errand->req, &errand->answer, &none);
    snprintf(errand->call.bucket_name, sizeof errand->call.bucket_name, "%s", bucket);
    return ok && s3_bucket_load(&errand->call);
}

void s3_errand_close(struct s3_errand *errand)
{
    s3_call_close(&errand->call);
    buf_done(&errand->answer.body);
    pairs_done(&errand->answer.headers);
}

struct db *s3_db(struct s3_call *call)
{
    struct err err = ERR_NONE;
    if (!call->db)
        call->db = store_reader(call->cloud->store, &err);
    if (!call->db)
        s3_fail_internal(call, &err);
    return call->db;
}

static void unlink_dropped(struct s3_call *call)
{
    char path[4096];
    for (size_t i = 0; i < call->dropped_count; i++) {
        if (s3_body_path(call->cloud, call->dropped[i], path))
            unlink(path); /* what stays behind is collected at the next start */
    }
    call->dropped_count = 0;
}

bool s3_write(struct s3_call *call, bool (*work)(struct db *db, void *context, struct err *err), void *context)
{
    struct err err = ERR_NONE;
    /* a reader's old view must not outlive the write it precedes */
    s3_db_done(call);
    bool ok = store_write(call->cloud->store, work, context, &err);
    if (ok)
        unlink_dropped(call);
    call->dropped_count = 0; /* rolled back: they are still referred to */
    if (!ok && !s3_failed(call))
        s3_fail_internal(call, &err);
    return ok;
}

const char *s3_call_header(const struct s3_call *call, const char *name)
{
    return pairs_get(&call->req->headers, name);
}

const char *s3_call_query(const struct s3_call *call, const char *name)
{
    return pairs_get(&call->req->query, name);
}

bool s3_add(struct s3_call *call, const char *name, const char *value)
{
    return !value || pairs_set(&call->answer->headers, name, value);
}

bool s3_addf(struct s3_call *call, const char *name, const char *format, ...)
{
    char value[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    return pairs_set(&call->answer->headers, name, value);
}

bool s3_empty(struct s3_call *call, int status)
{
    call->answer->status = status;
    return true;
}

bool s3_call_query_int(struct s3_call *call, const char *name, int fallback, int cap, int *value)
{
    const char *text = s3_call_query(call, name);
    *value = fallback;
    if (!text || !*text)
        return true;
    char *end;
    long long number = strtoll(text, &end, 10);
    if (*end || number > 2147483647LL || number < -2147483648LL) {
        char sentence[96];
        snprintf(sentence, sizeof sentence, "Provided %s not an integer or within integer range", name);
        return s3_fail_argument(call, sentence, name, text);
    }
    if (number < 0) {
        char sentence[96];
        snprintf(sentence, sizeof sentence, "Argument %s must be an integer between 0 and 2147483647", name);
        return s3_fail_argument(call, sentence, name, text);
    }
    *value = number > cap ? cap : (int)number;
    return true;
}
