/* Lifecycle rules at work: which rule ends an object and when (the x-amz-expiration header), and the pass that removes
 * what is over - once a day at midnight UTC, as AWS does, on a thread that sleeps in between. Transitions are not made.
 * ("Managing the lifecycle of objects", Amazon S3 User Guide.) */
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/local/s3_upload.h"
#include "backend/local/store.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_ROWS = 1000, DAY_MS = 24 * 3600 * 1000 };

static const struct xml_node *load_rules(struct s3_call *call)
{
    size_t len;
    struct err err = ERR_NONE;
    const char *document = call->bucket.flags & S3_HAS_LIFECYCLE ? s3_config_load(call, "lifecycle", &len) : NULL;
    return document ? xml_child(xml_parse(call->arena, document, len, &err), "Rule") : NULL;
}

static bool is_enabled(const struct xml_node *rule)
{
    return strcmp(xml_text(rule, "Status", ""), "Enabled") == 0;
}

/* "key=value" among the object's url-encoded tags. */
static bool has_tag(const struct s3_object *object, const struct xml_node *tag)
{
    struct buf want = BUF_INIT(4096);
    const char *key = xml_text(tag, "Key", ""), *value = xml_text(tag, "Value", "");
    uri_encode(key, strlen(key), false, &want);
    buf_putc(&want, '=');
    uri_encode(value, strlen(value), false, &want);
    bool found = false;
    for (const char *at = object->tags; at && *at && !found;) {
        size_t len = strcspn(at, "&");
        found = len == want.len && memcmp(at, buf_text(&want), len) == 0;
        at += len + (at[len] == '&');
    }
    buf_done(&want);
    return found;
}

static bool rule_matches(const struct xml_node *rule, const struct s3_object *object)
{
    const struct xml_node *filter = xml_child(rule, "Filter"), *both = xml_child(filter, "And");
    if (both)
        filter = both;
    const char *prefix = xml_text(filter, "Prefix", xml_text(rule, "Prefix", ""));
    if (strncmp(object->key, prefix, strlen(prefix)) != 0)
        return false;
    for (const struct xml_node *tag = xml_child(filter, "Tag"); tag; tag = xml_next(tag)) {
        if (!has_tag(object, tag))
            return false;
    }
    return object->size > xml_int(filter, "ObjectSizeGreaterThan", -1) &&
           object->size < xml_int(filter, "ObjectSizeLessThan", INT64_MAX);
}

/* Days are counted from an instant and rounded up to the next midnight UTC. */
static int64_t midnight_after(int64_t from_ms, int64_t days)
{
    int64_t at = from_ms + days * DAY_MS;
    return (at / DAY_MS + 1) * DAY_MS;
}

/* <Date> of an action; 0 when it has none. */
static int64_t date_of(const struct xml_node *action)
{
    const char *date = xml_text(action, "Date", NULL);
    int64_t when;
    char full[64];
    if (!date)
        return 0;
    snprintf(full, sizeof full, "%s%s", date, strlen(date) == 10 ? "T00:00:00Z" : "");
    return text_parse_time(full, &when) ? when : 0;
}

/* When the rule ends this current object; 0 never. */
static int64_t expiry_of(const struct xml_node *rule, const struct s3_object *object)
{
    const struct xml_node *expiration = xml_child(rule, "Expiration");
    int64_t days = xml_int(expiration, "Days", 0);
    return days > 0 ? midnight_after(object->modified_ms, days) : date_of(expiration);
}

void s3_lifecycle_send(struct s3_call *call, const struct s3_object *object)
{
    const struct xml_node *first = NULL;
    int64_t soonest = 0;
    for (const struct xml_node *rule = load_rules(call); rule; rule = xml_next(rule)) {
        int64_t when = is_enabled(rule) && rule_matches(rule, object) ? expiry_of(rule, object) : 0;
        if (when && (!soonest || when < soonest)) {
            soonest = when;
            first = rule;
        }
    }
    if (!first)
        return;
    char text[S3_TIME_SIZE];
    struct buf id = BUF_INIT(1024);
    const char *name = xml_text(first, "ID", "");
    uri_encode(name, strlen(name), false, &id);
    s3_addf(call, "x-amz-expiration", "expiry-date=\"%s\", rule-id=\"%s\"", s3_http_time(soonest, text), buf_text(&id));
    buf_done(&id);
}

/* ---- the pass */

enum fate {
    FATE_EXPIRE, /* hidden or removed as a DELETE would */
    FATE_REMOVE, /* just this version goes */
    FATE_MOVE,   /* to another storage class */
};
struct victim {
    struct s3_object object;
    enum fate fate;
    const char *storage; /* FATE_MOVE: where to */
};
struct pass {
    struct s3_call *call;
    const struct xml_node *rules;
    struct victim *victims;
    size_t count, cap;
    /* the key being walked, newest version first */
    int64_t newer_ms; /* when the version above this one was made: since then it is noncurrent */
    int noncurrent;   /* versions seen that are not the current one */
    bool lone_marker; /* the key's only version so far is a delete marker */
    struct s3_object marker;
};

static void condemn(struct pass *pass, const struct s3_object *object, enum fate fate, const char *storage)
{
    pass->victims = arena_grow(pass->call->arena, pass->victims, pass->count, &pass->cap, sizeof(struct victim));
    if (pass->victims)
        pass->victims[pass->count++] = (struct victim){.object = *object, .fate = fate, .storage = storage};
}

/* When a current object moves by this <Transition>; 0 never. Days may be 0. */
static int64_t transition_at(const struct xml_node *transition, const struct s3_object *object)
{
    int64_t days = xml_int(transition, "Days", -1);
    return days >= 0 ? midnight_after(object->modified_ms, days) : date_of(transition);
}

/* The class of the last transition whose time has come; NULL when there is none, or it is there already. */
static const char *due_class(struct pass *pass, const struct s3_object *object, const char *name, bool is_current)
{
    const char *storage = NULL;
    int64_t latest = 0;
    for (const struct xml_node *rule = pass->rules; rule; rule = xml_next(rule)) {
        if (!is_enabled(rule) || !rule_matches(rule, object))
            continue;
        for (const struct xml_node *node = xml_child(rule, name); node; node = xml_next(node)) {
            int64_t when = is_current ? transition_at(node, object)
                                      : midnight_after(pass->newer_ms, xml_int(node, "NoncurrentDays", 0));
            bool kept = !is_current && pass->noncurrent <= xml_int(node, "NewerNoncurrentVersions", 0);
            if (when && when <= pass->call->now_ms && when > latest && !kept) {
                latest = when;
                storage = xml_text(node, "StorageClass", NULL);
            }
        }
    }
    return storage && strcmp(storage, object->storage) != 0 ? storage : NULL;
}

static bool current_is_over(const struct pass *pass, const struct s3_object *object)
{
    for (const struct xml_node *rule = pass->rules; rule; rule = xml_next(rule)) {
        int64_t when = is_enabled(rule) && rule_matches(rule, object) ? expiry_of(rule, object) : 0;
        if (when && when <= pass->call->now_ms)
            return true;
    }
    return false;
}

static void judge_current(struct pass *pass, const struct s3_object *object)
{
    const char *storage;
    if (current_is_over(pass, object))
        condemn(pass, object, FATE_EXPIRE, NULL);
    else if ((storage = due_class(pass, object, "Transition", true)))
        condemn(pass, object, FATE_MOVE, storage);
}

static bool noncurrent_is_over(const struct pass *pass, const struct s3_object *object)
{
    for (const struct xml_node *rule = pass->rules; rule; rule = xml_next(rule)) {
        const struct xml_node *expiration = xml_child(rule, "NoncurrentVersionExpiration");
        int64_t days = xml_int(expiration, "NoncurrentDays", 0),
                keep = xml_int(expiration, "NewerNoncurrentVersions", 0);
        if (expiration && is_enabled(rule) && rule_matches(rule, object) && pass->noncurrent > keep &&
            midnight_after(pass->newer_ms, days) <= pass->call->now_ms)
            return true;
    }
    return false;
}

static void judge_noncurrent(struct pass *pass, const struct s3_object *object)
{
    const char *storage;
    if (noncurrent_is_over(pass, object))
        condemn(pass, object, FATE_REMOVE, NULL);
    else if (!object->is_marker && (storage = due_class(pass, object, "NoncurrentVersionTransition", false)))
        condemn(pass, object, FATE_MOVE, storage);
}

/* A delete marker with nothing left behind it. */
static void judge_lone_marker(struct pass *pass)
{
    if (!pass->lone_marker)
        return;
    for (const struct xml_node *rule = pass->rules; rule; rule = xml_next(rule)) {
        const char *wish = xml_text(xml_child(rule, "Expiration"), "ExpiredObjectDeleteMarker", "false");
        if (is_enabled(rule) && strcmp(wish, "true") == 0 && rule_matches(rule, &pass->marker)) {
            condemn(pass, &pass->marker, FATE_REMOVE, NULL);
            break;
        }
    }
    pass->lone_marker = false;
}

static void judge(struct pass *pass, const struct s3_object *object)
{
    if (object->is_latest) {
        judge_lone_marker(pass);
        pass->noncurrent = 0;
        pass->lone_marker = object->is_marker;
        pass->marker = *object;
        if (!object->is_marker)
            judge_current(pass, object);
    } else {
        pass->noncurrent++;
        pass->lone_marker = false;
        judge_noncurrent(pass, object);
    }
    pass->newer_ms = object->modified_ms;
}

static bool move(struct s3_call *call, struct db *db, const struct victim *victim, struct err *err)
{
    return db_run(db, err, "update s3_object set storage=? where bucket=? and key=? and seq=?", "titi", victim->storage,
                  call->bucket.id, victim->object.key, victim->object.seq);
}

static bool carry_out(struct s3_call *call, struct db *db, const struct victim *victim, struct err *err)
{
    struct s3_object now;
    struct s3_deleted deleted;
    const char *version = victim->object.version ? victim->object.version : "null";
    bool expires = victim->fate == FATE_EXPIRE;
    enum s3_found found = s3_object_find(call, db, victim->object.key, expires ? NULL : version, &now);
    /* overwritten, deleted or locked since it was looked at: it stays */
    if (found == S3_FOUND_ERROR || found == S3_FOUND_NO || now.seq != victim->object.seq)
        return found != S3_FOUND_ERROR;
    if (victim->fate == FATE_MOVE)
        return move(call, db, victim, err);
    bool hides = expires && call->bucket.versioning != S3_UNVERSIONED;
    if (!hides && !s3_lock_allows_delete(call, &now)) {
        call->answer->status = 0;
        return true;
    }
    return expires ? s3_object_delete(call, db, now.key, &deleted, err) : s3_object_remove(call, db, &now, err);
}

static bool carry_out_work(struct db *db, void *context, struct err *err)
{
    struct pass *pass = context;
    for (size_t i = 0; i < pass->count; i++) {
        if (!carry_out(pass->call, db, &pass->victims[i], err))
            return false;
    }
    return true;
}

/* Walks rows up to the next key after PAGE_ROWS; *after gets where to go on, "" at the end. */
static bool sweep_page(struct pass *pass, char after[S3_KEY_MAX + 8])
{
    struct s3_call *call = pass->call;
    struct s3_scan_options options = {
        .prefix = "", .delimiter = "", .after = after, .after_seq = INT64_MAX, .versions = true};
    struct s3_scan_entry entry;
    struct db *db = s3_db(call);
    struct s3_scan *scan = db ? s3_scan_open(call, db, &options) : NULL;
    int got = -1, rows = 0;
    const char *last = "";
    while (scan && (got = s3_scan_next(scan, &entry)) == 1) {
        if (entry.object.is_latest && rows >= PAGE_ROWS)
            break;
        rows++;
        last = entry.object.key;
        judge(pass, &entry.object);
    }
    judge_lone_marker(pass);
    if (scan)
        s3_scan_close(scan);
    snprintf(after, S3_KEY_MAX + 8, "%s", got == 1 ? last : "");
    return got >= 0 && (pass->count == 0 || s3_write(call, carry_out_work, pass));
}

static bool abort_work(struct db *db, void *context, struct err *err)
{
    struct pass *pass = context;
    struct s3_call *call = pass->call;
    for (const struct xml_node *rule = pass->rules; rule; rule = xml_next(rule)) {
        int64_t days = xml_int(xml_child(rule, "AbortIncompleteMultipartUpload"), "DaysAfterInitiation", 0);
        if (days <= 0 || !is_enabled(rule))
            continue;
        struct db_row *row =
            db_query(db, err, "select " S3_UPLOAD_COLUMNS " from s3_upload where bucket=?", "i", call->bucket.id);
        bool ok = row != NULL;
        while (ok && db_step(row, err)) {
            struct s3_upload upload;
            s3_upload_read(call, row, &upload);
            struct s3_object like = {.key = upload.key};
            if (rule_matches(rule, &like) && midnight_after(upload.started_ms, days) <= call->now_ms)
                ok = s3_upload_remove(call, db, upload.id, err);
        }
        if (row)
            db_end(row);
        if (!ok || err->code != ERR_OK)
            return false;
    }
    return true;
}

static bool sweep_bucket(struct cloud *cloud, const char *bucket)
{
    char after[S3_KEY_MAX + 8] = "";
    bool ok;
    do { /* an arena a page: a bucket may be larger than memory */
        struct s3_errand errand;
        ok = s3_errand_open(&errand, cloud, bucket);
        struct pass pass = {.call = &errand.call, .rules = ok ? load_rules(&errand.call) : NULL};
        ok = ok && pass.rules && (*after || s3_write(&errand.call, abort_work, &pass)) && sweep_page(&pass, after);
        s3_errand_close(&errand);
    } while (ok && *after);
    return ok;
}

bool s3_lifecycle_run(struct cloud *cloud, struct err *err)
{
    *err = ERR_NONE;
    struct arena *arena = arena_new(16 * 1024 * 1024);
    const char **names = NULL;
    size_t count = 0, cap = 0;
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row =
        db ? db_query(db, err, "select name from s3_bucket where flags&?", "i", (int64_t)S3_HAS_LIFECYCLE) : NULL;
    while (row && db_step(row, err)) {
        names = arena_grow(arena, names, count, &cap, sizeof *names);
        if (!names)
            break;
        names[count++] = arena_strdup(arena, db_text(row, 0));
    }
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    for (size_t i = 0; i < count && err->code == ERR_OK; i++) {
        if (!sweep_bucket(cloud, names[i]))
            log_warn(local, "s3: the lifecycle pass over %s ended early", names[i]);
    }
    arena_free(arena);
    return err->code == ERR_OK;
}

int64_t s3_lifecycle_next(int64_t now_ms)
{
    return (now_ms / DAY_MS + 1) * DAY_MS;
}
