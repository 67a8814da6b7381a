/* The rules of each stored configuration, asked when it is put. Sources: the API Reference page of each Put operation.
 */
#include "backend/base/text.h"
#include "backend/local/s3.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

static bool malformed_unless(struct s3_call *call, bool ok)
{
    return ok || s3_fail(call, S3_MALFORMED_XML);
}

static struct xml_node *append_child(struct s3_call *call, struct xml_node *node, const char *name, const char *text)
{
    struct xml_node *child = ARENA_NEW(call->arena, struct xml_node);
    *child =
        (struct xml_node){.name = name, .text = text, .text_len = strlen(text), .parent = node, .next = node->child};
    node->child = child;
    return child;
}

/* ---- lifecycle */

static bool check_days(struct s3_call *call, const struct xml_node *action, const char *name)
{
    const struct xml_node *days = xml_child(action, name);
    if (!days)
        return true;
    char *end;
    long value = strtol(days->text, &end, 10);
    if (*end || !*days->text)
        return s3_fail(call, S3_MALFORMED_XML);
    return value > 0 ||
           s3_fail_text(call, S3_INVALID_ARGUMENT, "'%s' for Expiration action must be a positive integer", name);
}

static bool check_date(struct s3_call *call, const struct xml_node *action)
{
    const char *date = xml_text(action, "Date", NULL);
    int64_t when;
    if (!date)
        return true;
    bool short_form = strlen(date) == 10;
    const char *full = short_form ? arena_printf(call->arena, "%sT00:00:00Z", date) : date;
    if (!text_parse_time(full, &when))
        return s3_fail(call, S3_MALFORMED_XML);
    return when % (24 * 3600 * 1000) == 0 || s3_fail_text(call, S3_INVALID_ARGUMENT, "'Date' must be at midnight GMT");
}

static bool check_transition(struct s3_call *call, const struct xml_node *action)
{
    static const char *const classes[] = {"STANDARD_IA",  "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR",
                                          "DEEP_ARCHIVE", NULL};
    return malformed_unless(call, one_of(xml_text(action, "StorageClass", ""), classes)) && check_date(call, action);
}

static bool check_rule(struct s3_call *call, struct xml_node *rule)
{
    static const char *const states[] = {"Enabled", "Disabled", NULL};
    static const char *const actions[] = {"Expiration",
                                          "Transition",
                                          "NoncurrentVersionExpiration",
                                          "NoncurrentVersionTransition",
                                          "AbortIncompleteMultipartUpload",
                                          NULL};
    bool acts = false;
    if (!one_of(xml_text(rule, "Status", ""), states))
        return s3_fail(call, S3_MALFORMED_XML);
    if (!xml_child(rule, "Filter") && !xml_child(rule, "Prefix"))
        return s3_fail(call, S3_MALFORMED_XML);
    if (strlen(xml_text(rule, "ID", "")) > 255)
        return s3_fail_text(call, S3_INVALID_ARGUMENT, "ID length should not exceed allowed limit of 255");
    for (const struct xml_node *node = rule->child; node; node = node->next) {
        acts = acts || one_of(node->name, actions);
        if (strcmp(node->name, "Expiration") == 0 && (!check_days(call, node, "Days") || !check_date(call, node)))
            return false;
        if (strcmp(node->name, "Transition") == 0 && !check_transition(call, node))
            return false;
        if (strcmp(node->name, "NoncurrentVersionExpiration") == 0 && !check_days(call, node, "NoncurrentDays"))
            return false;
    }
    if (!acts)
        return s3_fail_text(call, S3_INVALID_REQUEST, "At least one action needs to be specified in a rule");
    return true;
}

static void name_rule(struct s3_call *call, struct xml_node *rule)
{
    uint8_t raw[12];
    char hex[25];
    if (*xml_text(rule, "ID", ""))
        return;
    random_bytes(raw, sizeof raw);
    append_child(call, rule, "ID", arena_strdup(call->arena, hex_encode(raw, sizeof raw, hex)));
}

bool s3_check_lifecycle(struct s3_call *call, struct xml_node *root)
{
    int count = 0;
    for (struct xml_node *rule = root->child; rule; rule = rule->next) {
        if (strcmp(rule->name, "Rule") != 0)
            continue;
        count++;
        if (!check_rule(call, rule))
            return false;
        const char *id = xml_text(rule, "ID", "");
        for (const struct xml_node *other = xml_child(root, "Rule"); *id && other != rule; other = xml_next(other)) {
            if (strcmp(xml_text(other, "ID", ""), id) == 0)
                return s3_fail_text(call, S3_INVALID_ARGUMENT,
                                    "Rule ID must be unique. Found same ID for more than one rule");
        }
    }
    for (struct xml_node *rule = root->child; rule; rule = rule->next) {
        if (strcmp(rule->name, "Rule") == 0)
            name_rule(call, rule);
    }
    return malformed_unless(call, count > 0 && count <= 1000);
}

/* ---- the others */

bool s3_check_cors(struct s3_call *call, struct xml_node *root)
{
    static const char *const methods[] = {"GET", "PUT", "HEAD", "POST", "DELETE", NULL};
    const struct xml_node *rule = xml_child(root, "CORSRule");
    if (!rule)
        return s3_fail(call, S3_MALFORMED_XML);
    for (; rule; rule = xml_next(rule)) {
        if (!xml_child(rule, "AllowedMethod") || !xml_child(rule, "AllowedOrigin"))
            return s3_fail(call, S3_MALFORMED_XML);
        for (const struct xml_node *method = xml_child(rule, "AllowedMethod"); method; method = xml_next(method)) {
            if (!one_of(method->text, methods))
                return s3_fail_text(call, S3_INVALID_REQUEST,
                                    "Found unsupported HTTP method in CORS config. Unsupported method is %.32s",
                                    method->text);
        }
        for (const struct xml_node *origin = xml_child(rule, "AllowedOrigin"); origin; origin = xml_next(origin)) {
            const char *star = strchr(origin->text, '*');
            if (star && strchr(star + 1, '*'))
                return s3_fail_text(call, S3_INVALID_REQUEST,
                                    "AllowedOrigin \"%.200s\" can not have more than one wildcard.", origin->text);
        }
    }
    return true;
}

bool s3_check_encryption(struct s3_call *call, struct xml_node *root)
{
    static const char *const algorithms[] = {"AES256", "aws:kms", "aws:kms:dsse", NULL};
    const struct xml_node *rule = xml_child(root, "Rule");
    const struct xml_node *by_default = xml_child(rule, "ApplyServerSideEncryptionByDefault");
    if (!rule || xml_next(rule))
        return s3_fail(call, S3_MALFORMED_XML);
    if (!by_default)
        return true;
    const char *algorithm = xml_text(by_default, "SSEAlgorithm", "");
    if (!one_of(algorithm, algorithms))
        return s3_fail(call, S3_MALFORMED_XML);
    if (strcmp(algorithm, "AES256") == 0 && xml_child(by_default, "KMSMasterKeyID"))
        return s3_fail_text(
            call, S3_INVALID_ARGUMENT,
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
    if (!xml_child(rule, "BucketKeyEnabled"))
        append_child(call, (struct xml_node *)(uintptr_t)rule, "BucketKeyEnabled", "false");
    return true;
}

bool s3_check_website(struct s3_call *call, struct xml_node *root)
{
    const char *suffix = xml_text(xml_child(root, "IndexDocument"), "Suffix", "");
    if (xml_child(root, "RedirectAllRequestsTo"))
        return malformed_unless(call, *xml_text(xml_child(root, "RedirectAllRequestsTo"), "HostName", "") != '\0');
    if (!*suffix || strchr(suffix, '/'))
        return s3_fail_text(call, S3_INVALID_ARGUMENT, "The IndexDocument Suffix is not well formed");
    return true;
}

bool s3_check_ownership(struct s3_call *call, struct xml_node *root)
{
    static const char *const rules[] = {"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter", NULL};
    return malformed_unless(call, one_of(xml_text(xml_child(root, "Rule"), "ObjectOwnership", ""), rules));
}

bool s3_check_payment(struct s3_call *call, struct xml_node *root)
{
    static const char *const payers[] = {"BucketOwner", "Requester", NULL};
    return malformed_unless(call, one_of(xml_text(root, "Payer", ""), payers));
}

bool s3_check_accelerate(struct s3_call *call, struct xml_node *root)
{
    static const char *const states[] = {"Enabled", "Suspended", NULL};
    if (strchr(call->bucket_name, '.'))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
    return malformed_unless(call, one_of(xml_text(root, "Status", ""), states));
}

bool s3_check_replication(struct s3_call *call, struct xml_node *root)
{
    if (call->bucket.versioning != S3_VERSIONED)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    return malformed_unless(call, xml_child(root, "Role") && xml_child(root, "Rule"));
}

bool s3_check_logging(struct s3_call *call, struct xml_node *root)
{
    const struct xml_node *enabled = xml_child(root, "LoggingEnabled");
    return malformed_unless(call,
                            !enabled || (xml_child(enabled, "TargetBucket") && xml_child(enabled, "TargetPrefix")));
}

bool s3_check_lock(struct s3_call *call, struct xml_node *root)
{
    static const char *const modes[] = {"GOVERNANCE", "COMPLIANCE", NULL};
    if (!call->bucket.object_lock && call->bucket.versioning != S3_VERSIONED)
        return s3_fail_text(call, S3_INVALID_BUCKET_STATE,
                            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
    const struct xml_node *rule = xml_child(root, "Rule");
    if (strcmp(xml_text(root, "ObjectLockEnabled", ""), "Enabled") != 0)
        return s3_fail(call, S3_MALFORMED_XML);
    if (!rule)
        return true;
    const struct xml_node *retention = xml_child(rule, "DefaultRetention");
    bool days = xml_child(retention, "Days"), years = xml_child(retention, "Years");
    if (!retention || !one_of(xml_text(retention, "Mode", ""), modes) || days == years)
        return s3_fail(call, S3_MALFORMED_XML);
    int64_t period = xml_int(retention, days ? "Days" : "Years", 0), most = days ? 36500 : 100;
    if (period < 1)
        return s3_fail_text(call, S3_INVALID_RETENTION, "Default retention period must be a positive integer value");
    return period <= most || s3_fail_text(call, S3_INVALID_RETENTION, "Default retention period too large");
}

bool s3_check_tagging(struct s3_call *call, struct xml_node *root)
{
    const char *packed;
    return s3_tags_from_xml(call, root, 50, &packed);
}

bool s3_check_access_block(struct s3_call *call, struct xml_node *root)
{
    static const char *const names[] = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                        "RestrictPublicBuckets"};
    for (size_t i = 4; i-- > 0;) { /* from the back: each goes in front */
        const char *value = xml_text(root, names[i], NULL);
        if (value && strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
            return s3_fail(call, S3_MALFORMED_XML);
        if (!value) /* what is not named is off, and AWS says so when asked */
            append_child(call, root, names[i], "false");
    }
    return true;
}
