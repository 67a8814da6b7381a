/* Who may upload by a form: the policy document in it, signed with SigV4 or SigV2, its expiry, its conditions on the
 * fields and the size ("POST policy", S3 API Reference). */
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "backend/local/keys.h"
#include "backend/local/s3_post.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { POLICY_MAX = 20 * 1024 };

static const char *field(const struct s3_form *form, const char *name)
{
    return pairs_get(&form->fields, name);
}

static bool missing_field(struct s3_call *call, const char *name)
{
    return s3_fail_argument(call,
                            arena_printf(call->arena,
                                         "Bucket POST must contain a field named '%s'.  If it is specified, "
                                         "please check the order of the fields.",
                                         name),
                            name, "");
}

/* ---- signatures */

static bool find_identity(struct s3_call *call, const struct s3_form *form, const char *access,
                          struct keys_identity *identity)
{
    const char *token = field(form, "x-amz-security-token");
    enum keys_found found = keys_find(call->cloud->keys, access, token ? token : "", call->now_ms, identity);
    return found == KEYS_FOUND || s3_fail(call, S3_INVALID_ACCESS_KEY);
}

static bool signature_is(struct s3_call *call, const char *given, const char *expected)
{
    bool same = strlen(given) == strlen(expected) && secret_equal(given, expected, strlen(expected));
    return same || s3_fail(call, S3_SIGNATURE);
}

/* SigV4: the signing key of x-amz-credential's scope over the base64 policy. */
static bool verify_v4(struct s3_call *call, const struct s3_form *form, const char *policy)
{
    char access[129], day[9], region[64], service[16], secret[160];
    uint8_t key[32], mac[32];
    char hex[65];
    struct keys_identity identity;
    const char *credential = field(form, "x-amz-credential"), *given = field(form, "x-amz-signature");
    if (!credential ||
        sscanf(credential, "%128[^/]/%8[0-9]/%63[^/]/%15[^/]/aws4_request", access, day, region, service) != 4)
        return missing_field(call, "X-Amz-Credential");
    if (!given)
        return missing_field(call, "X-Amz-Signature");
    if (!find_identity(call, form, access, &identity))
        return false;
    snprintf(secret, sizeof secret, "AWS4%s", identity.secret);
    hmac_sha256(secret, strlen(secret), day, strlen(day), key);
    hmac_sha256(key, 32, region, strlen(region), mac);
    hmac_sha256(mac, 32, service, strlen(service), key);
    hmac_sha256(key, 32, "aws4_request", 12, mac);
    hmac_sha256(mac, 32, policy, strlen(policy), key);
    secret_wipe(secret, sizeof secret);
    secret_wipe(&identity, sizeof identity);
    return signature_is(call, given, hex_encode(key, 32, hex));
}

/* SigV2: HMAC-SHA1 of the base64 policy. */
static bool verify_v2(struct s3_call *call, const struct s3_form *form, const char *policy)
{
    uint8_t mac[20];
    char base64[DIGEST_BASE64];
    struct keys_identity identity;
    const char *access = field(form, "AWSAccessKeyId"), *given = field(form, "signature");
    if (!access)
        return missing_field(call, "AWSAccessKeyId");
    if (!given)
        return missing_field(call, "signature");
    if (!find_identity(call, form, access, &identity))
        return false;
    hmac_sha1(identity.secret, strlen(identity.secret), policy, strlen(policy), mac);
    secret_wipe(&identity, sizeof identity);
    return signature_is(call, given, base64_encode(mac, 20, base64));
}

/* ---- conditions */

static bool bad_policy(struct s3_call *call, const char *why)
{
    return s3_fail_text(call, S3_INVALID_POLICY_DOCUMENT, "Invalid Policy: %s", why);
}

static bool condition_failed(struct s3_call *call, const json_t *condition)
{
    struct buf text = BUF_INIT(1024);
    json_write(condition, 0, &text);
    s3_fail_text(call, S3_ACCESS_DENIED, "Invalid according to Policy: Policy Condition failed: %.300s",
                 buf_text(&text));
    buf_done(&text);
    return false;
}

static const char *value_of(const struct s3_call *call, const struct s3_form *form, const char *name)
{
    if (strcasecmp(name, "bucket") == 0)
        return call->bucket_name;
    return field(form, name);
}

static bool compare(struct s3_call *call, const struct s3_form *form, const json_t *condition, const char *name,
                    const char *wanted, bool is_prefix)
{
    const char *value = value_of(call, form, name);
    if (!value)
        value = "";
    bool holds = is_prefix ? strncmp(value, wanted, strlen(wanted)) == 0 : strcmp(value, wanted) == 0;
    return holds || condition_failed(call, condition);
}

static bool check_length(struct s3_call *call, const struct s3_form *form, const json_t *condition)
{
    const json_t *low = json_array_get(condition, 1), *high = json_array_get(condition, 2);
    int64_t size = (int64_t)form->file_len;
    if (json_array_size(condition) != 3 || !json_is_integer(low) || !json_is_integer(high) ||
        json_integer_value(low) < 0 || json_integer_value(high) < json_integer_value(low))
        return bad_policy(call, "Invalid content-length-range condition.");
    if (size < json_integer_value(low))
        return s3_fail(call, S3_ENTITY_TOO_SMALL);
    return size <= json_integer_value(high) || s3_fail(call, S3_ENTITY_TOO_LARGE);
}

static bool check_list(struct s3_call *call, const struct s3_form *form, const json_t *condition)
{
    const json_t *op = json_array_get(condition, 0), *name = json_array_get(condition, 1),
                 *value = json_array_get(condition, 2);
    if (!json_is_string(op))
        return bad_policy(call, "Invalid Condition.");
    const char *word = json_string_value(op);
    if (strcasecmp(word, "content-length-range") == 0)
        return check_length(call, form, condition);
    bool is_prefix = strcasecmp(word, "starts-with") == 0;
    if (!is_prefix && strcasecmp(word, "eq") != 0)
        return bad_policy(call, "Invalid Condition: unknown operation.");
    if (json_array_size(condition) != 3 || !json_is_string(name) || !json_is_string(value) ||
        json_string_value(name)[0] != '$')
        return bad_policy(call, "Invalid Condition: wrong number of arguments.");
    return compare(call, form, condition, json_string_value(name) + 1, json_string_value(value), is_prefix);
}

static bool check_condition(struct s3_call *call, const struct s3_form *form, json_t *condition)
{
    const char *name;
    json_t *value;
    if (json_is_array(condition))
        return check_list(call, form, condition);
    if (!json_is_object(condition) || json_object_size(condition) == 0)
        return bad_policy(call, "Invalid Condition.");
    json_object_foreach(condition, name, value)
    {
        if (!json_is_string(value))
            return bad_policy(call, "Invalid Simple-Condition: value must be a string.");
        if (!compare(call, form, condition, name, json_string_value(value), false))
            return false;
    }
    return true;
}

static bool names_field(json_t *condition, const char *wanted)
{
    const char *name;
    json_t *value;
    if (json_is_array(condition)) {
        const char *text = json_string_value(json_array_get(condition, 1));
        return text && text[0] == '$' && strcasecmp(text + 1, wanted) == 0;
    }
    json_object_foreach(condition, name, value)
    {
        if (strcasecmp(name, wanted) == 0)
            return true;
    }
    return false;
}

/* Every field of the form must be in the policy, but for those that carry the signature itself. */
static bool check_extra_fields(struct s3_call *call, const struct s3_form *form, json_t *conditions)
{
    static const char *const free_fields[] = {"policy", "signature", "AWSAccessKeyId", "x-amz-signature", "file"};
    for (size_t i = 0; i < form->fields.count; i++) {
        const char *name = form->fields.items[i].name;
        bool covered = strncasecmp(name, "x-ignore-", 9) == 0;
        for (size_t j = 0; j < sizeof free_fields / sizeof free_fields[0]; j++)
            covered = covered || strcasecmp(name, free_fields[j]) == 0;
        size_t j;
        json_t *condition;
        json_array_foreach(conditions, j, condition)
        {
            covered = covered || names_field(condition, name);
        }
        if (!covered)
            return s3_fail_text(call, S3_ACCESS_DENIED, "Invalid according to Policy: Extra input fields: %.100s",
                                name);
    }
    return true;
}

static bool check_document(struct s3_call *call, const struct s3_form *form, const json_t *policy)
{
    const json_t *expiration = json_object_get(policy, "expiration");
    json_t *conditions = json_object_get(policy, "conditions"), *condition;
    int64_t until;
    size_t i;
    if (!json_is_string(expiration) || !text_parse_time(json_string_value(expiration), &until))
        return bad_policy(call, "Policy missing expiration or with an invalid one.");
    if (until < call->now_ms)
        return s3_fail_text(call, S3_ACCESS_DENIED, "Invalid according to Policy: Policy expired.");
    if (!json_is_array(conditions) || json_array_size(conditions) == 0)
        return bad_policy(call, "Policy missing conditions.");
    json_array_foreach(conditions, i, condition)
    {
        if (!check_condition(call, form, condition))
            return false;
    }
    return check_extra_fields(call, form, conditions);
}

static bool check_policy(struct s3_call *call, const struct s3_form *form, const char *encoded)
{
    size_t len = strlen(encoded);
    struct err err = ERR_NONE;
    if (len > POLICY_MAX)
        return bad_policy(call, "Policy is too long.");
    uint8_t *text = arena_alloc(call->arena, 3 * (len / 4) + 4);
    long size = base64_decode(encoded, len, text);
    json_t *policy = size > 0 ? json_parse((const char *)text, (size_t)size, &err) : NULL;
    bool ok = json_is_object(policy) ? check_document(call, form, policy) : bad_policy(call, "Invalid JSON.");
    json_decref(policy);
    return ok;
}

static bool anonymous_allowed(struct s3_call *call)
{
    size_t len;
    const char *acl = call->bucket.flags & S3_HAS_ACL ? s3_config_load(call, "acl", &len) : NULL;
    const char *policy = call->bucket.flags & S3_HAS_POLICY ? s3_config_load(call, "policy", &len) : NULL;
    unsigned block = s3_access_block(call);
    enum s3_effect effect = policy ? s3_policy_effect(call, policy) : S3_EFFECT_NONE;
    bool by_acl = !(block & S3_IGNORE_ACLS) && s3_acl_allows_all(acl, 'w');
    bool by_policy = effect == S3_EFFECT_ALLOW && !(block & S3_RESTRICT);
    return (effect != S3_EFFECT_DENY && (by_acl || by_policy)) || s3_fail(call, S3_ACCESS_DENIED);
}

bool s3_post_allowed(struct s3_call *call, const struct s3_form *form)
{
    const char *policy = field(form, "policy");
    bool is_v4 = field(form, "x-amz-algorithm") || field(form, "x-amz-credential") || field(form, "x-amz-signature");
    bool is_signed = is_v4 || field(form, "AWSAccessKeyId") || field(form, "signature");
    if (!policy && !is_signed)
        return anonymous_allowed(call);
    if (!policy)
        return missing_field(call, "policy");
    return (is_v4 ? verify_v4(call, form, policy) : verify_v2(call, form, policy)) && check_policy(call, form, policy);
}
