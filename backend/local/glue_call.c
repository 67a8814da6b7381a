/* One Glue call's tools: members of the request, pages, errors. */
#include "backend/local/glue.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool glue_fail(struct awsjson_call *call, const char *code, const char *format, ...)
{
    char text[sizeof call->err.text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return glue_refuse(&call->err, code, "%s", text);
}

static bool fail_null(struct awsjson_call *call, const char *member)
{
    return glue_fail(call, "ValidationException",
                     "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be "
                     "null",
                     member);
}

const char *glue_need_text(struct awsjson_call *call, const char *key, const char *member)
{
    const json_t *value = json_object_get(call->in, key);
    if (!value || json_is_null(value)) {
        fail_null(call, member);
        return NULL;
    }
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)) {
        glue_fail(call, "SerializationException", "%s is not a string", key);
        return NULL;
    }
    return json_string_value(value);
}

const json_t *glue_need_object(struct awsjson_call *call, const char *key, const char *member)
{
    const json_t *value = json_object_get(call->in, key);
    if (json_is_object(value))
        return value;
    if (!value || json_is_null(value))
        fail_null(call, member);
    else
        glue_fail(call, "SerializationException", "%s is not a structure", key);
    return NULL;
}

const json_t *glue_need_array(struct awsjson_call *call, const char *key, const char *member, size_t max)
{
    const json_t *value = json_object_get(call->in, key);
    if (!value || json_is_null(value)) {
        fail_null(call, member);
        return NULL;
    }
    if (!json_is_array(value)) {
        glue_fail(call, "SerializationException", "%s is not a list", key);
        return NULL;
    }
    if (json_array_size(value) <= max)
        return value;
    glue_fail(call, "ValidationException",
              "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less "
              "than or equal to %zu",
              member, max);
    return NULL;
}

bool glue_refuse_option(struct awsjson_call *call, const char *key)
{
    const json_t *value = json_object_get(call->in, key);
    bool is_unused = !value || json_is_null(value) || json_is_false(value) ||
                     (json_is_string(value) && json_string_length(value) == 0) ||
                     (json_is_array(value) && json_array_size(value) == 0) ||
                     (json_is_object(value) && json_object_size(value) == 0);
    return is_unused || glue_fail(call, "NotImplemented", "The embedded cloud does not implement the option %s", key);
}

/* Tokens are opaque to clients: the key in hexadecimal, behind a letter of ours. */
static bool read_token(struct awsjson_call *call, const char *token, char **after)
{
    size_t len = strlen(token);
    bool ok = *token == 'n' && len % 2 == 1 && len < 64 * 1024;
    char *key = calloc(1, len / 2 + 1);
    for (size_t i = 0; ok && key && i < len / 2; i++) {
        char digits[3] = {token[1 + 2 * i], token[2 + 2 * i], '\0'}, *end;
        key[i] = (char)strtoul(digits, &end, 16);
        ok = end == digits + 2 && key[i];
    }
    if (ok && key) {
        *after = key;
        return true;
    }
    free(key);
    return glue_fail(call, "InvalidInputException", "Invalid NextToken");
}

bool glue_page_open(struct awsjson_call *call, struct glue_page *page, int max)
{
    *page = (struct glue_page){.max = max};
    const json_t *size = json_object_get(call->in, "MaxResults");
    if (size && !json_is_null(size)) {
        json_int_t value = json_integer_value(size);
        if (!json_is_integer(size) || value < 1 || value > max)
            return glue_fail(call, "ValidationException",
                             "1 validation error detected: Value '%lld' at 'maxResults' failed to satisfy constraint: "
                             "Member must have value %s than or equal to %d",
                             (long long)value, value < 1 ? "greater" : "less", value < 1 ? 1 : max);
        page->max = (int)value;
    }
    const char *token = json_str(call->in, "NextToken");
    char *after = NULL;
    if (*token && !read_token(call, token, &after))
        return false;
    page->after = after;
    return true;
}

void glue_page_close(struct awsjson_call *call, struct glue_page *page)
{
    if (page->next) {
        struct buf token = BUF_INIT(128 * 1024);
        buf_putc(&token, 'n');
        for (const char *at = page->next; *at; at++)
            buf_printf(&token, "%02x", (unsigned char)*at);
        json_object_set_new(call->out, "NextToken", json_string(buf_text(&token)));
        buf_done(&token);
    }
    free(page->next);
    free((char *)(uintptr_t)page->after);
    *page = (struct glue_page){0};
}

bool glue_put(struct awsjson_call *call, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(call->out, key, value);
    return value != NULL;
}
