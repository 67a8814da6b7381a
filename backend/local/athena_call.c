/* One Athena call's tools: members of the request, pages, errors. */
#include "backend/base/digest.h"
#include "backend/local/athena.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool athena_refuse(struct err *err, const char *code, const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(err, strcmp(code, "ResourceNotFoundException") == 0 ? ERR_NOT_FOUND : ERR_USAGE, "%s", text);
    snprintf(err->service_code, sizeof err->service_code, "%s", code);
    return false;
}

const char *athena_need(struct awsjson_call *call, const char *key)
{
    const char *value = json_str(call->in, key);
    if (*value)
        return value;
    athena_refuse(&call->err, "InvalidRequestException", "%s is missing, empty or not a string", key);
    return NULL;
}

/* ---- constraints */

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool fits(const char *text, enum athena_pattern pattern)
{
    static const char *const more[] = {[ATHENA_ANY] = "", [ATHENA_NAME] = "._-", [ATHENA_STATEMENT] = "_@:"};
    if (pattern == ATHENA_ANY)
        return true;
    if (pattern == ATHENA_STATEMENT && isdigit((unsigned char)*text))
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(more[pattern], *text))
            return false;
    return true;
}

static bool fail_rule(struct awsjson_call *call, const char *key, const char *value, const char *rule)
{
    char member[64];
    snprintf(member, sizeof member, "%c%.60s", tolower((unsigned char)*key), key + 1);
    if (!value)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member %s",
                             member, rule);
    return athena_refuse(&call->err, "InvalidRequestException",
                         "1 validation error detected: Value '%.60s' at '%s' failed to satisfy constraint: Member %s",
                         value, member, rule);
}

static bool check_rule(struct awsjson_call *call, const json_t *object, const struct athena_rule *rule)
{
    static const char *const patterns[] = {[ATHENA_ANY] = "",
                                           [ATHENA_NAME] = "[a-zA-Z0-9._-]{1,128}",
                                           [ATHENA_STATEMENT] = "[a-zA-Z_][a-zA-Z0-9_@:]{1,256}"};
    const json_t *value = json_object_get(object, rule->key);
    char text[96];
    if (!value || json_is_null(value))
        return rule->min == 0 || fail_rule(call, rule->key, NULL, "must not be null");
    if (!json_is_string(value))
        return athena_refuse(&call->err, "SerializationException", "%s is not a string", rule->key);
    const char *given = json_string_value(value);
    size_t len = characters(given);
    if (!fits(given, rule->pattern)) {
        snprintf(text, sizeof text, "must satisfy regular expression pattern: %s", patterns[rule->pattern]);
        return fail_rule(call, rule->key, given, text);
    }
    if (len >= rule->min && len <= rule->max)
        return true;
    snprintf(text, sizeof text, "must have length %s than or equal to %zu", len < rule->min ? "greater" : "less",
             len < rule->min ? rule->min : rule->max);
    return fail_rule(call, rule->key, given, text);
}

bool athena_check(struct awsjson_call *call, const json_t *object, const struct athena_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!check_rule(call, object, &rules[i]))
            return false;
    return true;
}

const json_t *athena_need_list(struct awsjson_call *call, const char *key, size_t max)
{
    const json_t *list = json_object_get(call->in, key);
    json_t *entry;
    size_t i, count = json_array_size(list);
    if (count < 1 || count > max) {
        athena_refuse(&call->err, "InvalidRequestException",
                      "1 validation error detected: Value at '%c%s' failed to satisfy constraint: Member must have "
                      "length between 1 and %zu",
                      tolower((unsigned char)*key), key + 1, max);
        return NULL;
    }
    json_array_foreach(list, i, entry)
    {
        if (!json_is_string(entry)) {
            athena_refuse(&call->err, "SerializationException", "%s has an entry that is no string", key);
            return NULL;
        }
    }
    return list;
}

json_t *athena_unprocessed(const char *id_key, const char *id, const char *message)
{
    return json_pack("{s:s, s:s, s:o}", id_key, id, "ErrorCode", "INVALID_INPUT", "ErrorMessage", json_clean(message));
}

void athena_new_id(char out[37])
{
    uint8_t raw[16];
    char hex[33];
    random_bytes(raw, sizeof raw);
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40);
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    hex_encode(raw, sizeof raw, hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* ---- tokens */

struct token {
    char sum[DIGEST_HEX]; /* of the request's members */
    char *id;
    bool *is_known;
};

static void sum_input(const struct awsjson_call *call, char out[DIGEST_HEX])
{
    uint8_t raw[DIGEST_MAX];
    char *text = json_dumps(call->in, JSON_SORT_KEYS | JSON_COMPACT);
    digest_of(DIGEST_SHA256, text, text ? strlen(text) : 0, raw);
    free(text);
    hex_encode(raw, 32, out);
}

static bool keep_token(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    struct token *token = (struct token *)(uintptr_t)edit->context;
    if (!before) {
        *after = json_pack("{s:s, s:s}", "Sum", token->sum, "Id", token->id);
        return true;
    }
    if (strcmp(json_str(before, "Sum"), token->sum) != 0)
        return athena_refuse(err, "InvalidRequestException",
                             "Idempotent parameters do not match: the ClientRequestToken was used with others");
    *token->is_known = true;
    snprintf(token->id, 37, "%s", json_str(before, "Id"));
    *after = json_incref(before);
    return true;
}

bool athena_token(struct awsjson_call *call, const char *scope, char id[37], bool *is_known)
{
    char name[192];
    struct token token = {.id = id, .is_known = is_known};
    struct athena_edit edit = {
        .kind = "token", .name = name, .edit = keep_token, .context = &token, .keep_ms = ATHENA_HISTORY_MS};
    snprintf(name, sizeof name, "%s:%.150s", scope, json_str(call->in, "ClientRequestToken"));
    sum_input(call, token.sum);
    return athena_edit(call->cloud, &edit, &call->err);
}

bool athena_token_drop(struct awsjson_call *call, const char *scope)
{
    char name[192];
    struct err err = ERR_NONE;
    snprintf(name, sizeof name, "%s:%.150s", scope, json_str(call->in, "ClientRequestToken"));
    return athena_remove(call->cloud, "token", name, &err);
}

/* ---- pages */

/* Where the page after token begins. A list of texts goes on behind the one that the token names, so that what is added
 * in front meanwhile is not seen twice; of other lists the token is the number of entries before. -1: not a token. */
static long find_page(const json_t *list, const char *token)
{
    size_t i, count = json_array_size(list);
    json_t *entry;
    char *end = NULL;
    if (!*token)
        return 0;
    if (!json_is_string(json_array_get(list, 0))) {
        long from = strtol(token, &end, 10);
        return *end || from < 0 || from > (long)count ? -1 : from;
    }
    json_array_foreach(list, i, entry)
    {
        if (strcmp(json_string_value(entry), token) == 0)
            return (long)i + 1;
    }
    return -1;
}

static bool put_page(struct awsjson_call *call, const char *key, const json_t *list, size_t from, size_t size)
{
    size_t count = json_array_size(list), to = from + size < count ? from + size : count;
    json_t *page = json_array();
    for (size_t i = from; i < to; i++)
        json_array_append(page, json_array_get(list, i));
    if (to < count) {
        char next[24];
        const json_t *last = json_array_get(list, to - 1);
        snprintf(next, sizeof next, "%zu", to);
        json_object_set_new(call->out, "NextToken", json_string(json_is_string(last) ? json_string_value(last) : next));
    }
    return json_object_set_new(call->out, key, page) == 0;
}

bool athena_page(struct awsjson_call *call, const char *key, json_t *list, int max)
{
    json_int_t size = json_int(call->in, "MaxResults", 0);
    long from = find_page(list, json_str(call->in, "NextToken"));
    bool ok = from >= 0 || athena_refuse(&call->err, "InvalidRequestException", "NextToken is not valid");
    if (ok && (size < 0 || size > max))
        ok = athena_refuse(&call->err, "InvalidRequestException",
                           "1 validation error detected: Value '%lld' at 'maxResults' failed to satisfy constraint: "
                           "Member must have value less than or equal to %d",
                           (long long)size, max);
    ok = ok && put_page(call, key, list, (size_t)from, size ? (size_t)size : (size_t)max);
    json_decref(list);
    return ok;
}
