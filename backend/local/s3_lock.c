/* Object Lock on versions: retention and legal hold, the bucket's default, and who may still delete ("How S3 Object
 * Lock works", Amazon S3 User Guide). The bucket's configuration itself is s3_config.c's. */
#include "backend/base/text.h"
#include "backend/local/s3.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static bool mode_ok(const char *mode)
{
    return strcmp(mode, "GOVERNANCE") == 0 || strcmp(mode, "COMPLIANCE") == 0;
}

static bool needs_lock_bucket(struct s3_call *call)
{
    return call->bucket.object_lock ||
           s3_fail_text(call, S3_INVALID_REQUEST, "Bucket is missing Object Lock Configuration");
}

/* The bucket's default retention, counted from now. */
static void take_default(struct s3_call *call, struct s3_object *object)
{
    size_t len;
    struct err err = ERR_NONE;
    const char *document = s3_config_load(call, "object-lock", &len);
    const struct xml_node *root = document ? xml_parse(call->arena, document, len, &err) : NULL;
    const struct xml_node *rule = xml_child(xml_child(root, "Rule"), "DefaultRetention");
    if (!rule)
        return;
    int64_t days = xml_int(rule, "Days", 0) + 365 * xml_int(rule, "Years", 0);
    object->lock_mode = xml_text(rule, "Mode", "GOVERNANCE");
    object->lock_until_ms = call->now_ms + days * 24 * 3600 * 1000;
}

bool s3_lock_from_headers(struct s3_call *call, struct s3_object *object)
{
    const char *mode = s3_call_header(call, "x-amz-object-lock-mode");
    const char *until = s3_call_header(call, "x-amz-object-lock-retain-until-date");
    const char *hold = s3_call_header(call, "x-amz-object-lock-legal-hold");
    if ((mode || until || hold) && !needs_lock_bucket(call))
        return false;
    if (!mode != !until)
        return s3_fail_argument(call,
                                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                                mode ? "x-amz-object-lock-retain-until-date" : "x-amz-object-lock-mode", NULL);
    if (hold && strcmp(hold, "ON") != 0 && strcmp(hold, "OFF") != 0)
        return s3_fail_argument(call, "Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold",
                                hold);
    object->legal_hold = hold && strcmp(hold, "ON") == 0;
    if (mode) {
        if (!mode_ok(mode))
            return s3_fail_argument(call, "Unknown wormMode directive.", "x-amz-object-lock-mode", mode);
        if (!text_parse_time(until, &object->lock_until_ms))
            return s3_fail_argument(call, "The retain until date must be provided in ISO 8601 format",
                                    "x-amz-object-lock-retain-until-date", until);
        if (object->lock_until_ms <= call->now_ms)
            return s3_fail_argument(call, "The retain until date must be in the future!",
                                    "x-amz-object-lock-retain-until-date", until);
        object->lock_mode = arena_strdup(call->arena, mode);
    } else if (call->bucket.object_lock) {
        take_default(call, object);
    }
    return true;
}

static bool bypasses(const struct s3_call *call)
{
    const char *bypass = s3_call_header(call, "x-amz-bypass-governance-retention");
    return bypass && strcasecmp(bypass, "true") == 0;
}

bool s3_lock_allows_delete(struct s3_call *call, const struct s3_object *object)
{
    bool held = object->legal_hold;
    bool retained = object->lock_mode && object->lock_until_ms > call->now_ms;
    if (retained && strcmp(object->lock_mode, "GOVERNANCE") == 0 && bypasses(call))
        retained = false;
    if (!held && !retained)
        return true;
    return s3_fail_text(call, S3_ACCESS_DENIED, "Access Denied because object protected by object lock.");
}

void s3_lock_send(struct s3_call *call, const struct s3_object *object)
{
    char until[S3_TIME_SIZE];
    if (object->lock_mode) {
        s3_add(call, "x-amz-object-lock-mode", object->lock_mode);
        s3_add(call, "x-amz-object-lock-retain-until-date", s3_iso_time(object->lock_until_ms, until));
    }
    if (object->legal_hold)
        s3_add(call, "x-amz-object-lock-legal-hold", "ON");
}

/* ---- the operations */

bool s3_op_get_retention(struct s3_call *call)
{
    struct s3_object object;
    if (!needs_lock_bucket(call) || !s3_object_need(call, &object))
        return false;
    if (!object.lock_mode)
        return s3_fail(call, S3_NO_SUCH_LOCK);
    struct buf *out = s3_xml_open(call, "Retention");
    xml_write_element(out, "Mode", object.lock_mode);
    s3_xml_time(out, "RetainUntilDate", object.lock_until_ms);
    return s3_xml_close(call, "Retention");
}

bool s3_op_get_legal_hold(struct s3_call *call)
{
    struct s3_object object;
    if (!needs_lock_bucket(call) || !s3_object_need(call, &object))
        return false;
    struct buf *out = s3_xml_open(call, "LegalHold");
    xml_write_element(out, "Status", object.legal_hold ? "ON" : "OFF");
    return s3_xml_close(call, "LegalHold");
}

struct relock {
    struct s3_call *call;
    struct s3_object object;
};

static bool relock_work(struct db *db, void *context, struct err *err)
{
    struct relock *relock = context;
    const struct s3_object *object = &relock->object;
    return db_run(db, err,
                  "update s3_object set lock_mode=?, lock_until=?, legal_hold=? where bucket=? and key=? and seq=?",
                  "tiiiti", object->lock_mode, object->lock_until_ms, (int64_t)object->legal_hold,
                  relock->call->bucket.id, relock->call->key, object->seq);
}

/* Retention may be made stricter by anyone, weaker only in governance mode and with the bypass header. */
static bool may_change(struct s3_call *call, const struct s3_object *object, const char *mode, int64_t until)
{
    if (!object->lock_mode || object->lock_until_ms <= call->now_ms)
        return true;
    bool same_mode = strcmp(object->lock_mode, mode) == 0;
    if (same_mode && until >= object->lock_until_ms)
        return true;
    if (strcmp(object->lock_mode, "GOVERNANCE") == 0 && bypasses(call))
        return true;
    return s3_fail_text(call, S3_ACCESS_DENIED, "Access Denied because object protected by object lock.");
}

bool s3_op_put_retention(struct s3_call *call)
{
    struct relock relock = {.call = call};
    struct xml_node *root;
    int64_t until = 0;
    if (!needs_lock_bucket(call) || !s3_xml_body(call, "Retention", &root) || !s3_object_need(call, &relock.object))
        return false;
    const char *mode = xml_text(root, "Mode", ""), *date = xml_text(root, "RetainUntilDate", "");
    if (!*mode && !*date) { /* an empty document takes the retention away */
        if (!may_change(call, &relock.object, "", 0))
            return false;
        relock.object.lock_mode = NULL;
        relock.object.lock_until_ms = 0;
        return s3_write(call, relock_work, &relock) && s3_empty(call, 200);
    }
    if (!mode_ok(mode) || !text_parse_time(date, &until))
        return s3_fail(call, S3_MALFORMED_XML);
    if (until <= call->now_ms)
        return s3_fail_argument(call, "The retain until date must be in the future!", "RetainUntilDate", date);
    if (!may_change(call, &relock.object, mode, until))
        return false;
    relock.object.lock_mode = mode;
    relock.object.lock_until_ms = until;
    return s3_write(call, relock_work, &relock) && s3_empty(call, 200);
}

bool s3_op_put_legal_hold(struct s3_call *call)
{
    struct relock relock = {.call = call};
    struct xml_node *root;
    if (!needs_lock_bucket(call) || !s3_xml_body(call, "LegalHold", &root) || !s3_object_need(call, &relock.object))
        return false;
    const char *status = xml_text(root, "Status", "");
    if (strcmp(status, "ON") != 0 && strcmp(status, "OFF") != 0)
        return s3_fail(call, S3_MALFORMED_XML);
    relock.object.legal_hold = strcmp(status, "ON") == 0;
    return s3_write(call, relock_work, &relock) && s3_empty(call, 200);
}
