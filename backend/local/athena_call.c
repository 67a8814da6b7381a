/* One Athena call's tools: members of the request, pages, errors. */
#include "backend/local/athena.h"
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

bool athena_page(struct awsjson_call *call, const char *key, json_t *list, int max)
{
    json_int_t size = json_int(call->in, "MaxResults", max);
    const char *token = json_str(call->in, "NextToken");
    char *end = NULL;
    size_t from = *token ? strtoul(token, &end, 10) : 0, count = json_array_size(list);
    json_t *page = json_array();
    if (size < 1 || size > max || (end && *end)) {
        json_decref(list);
        json_decref(page);
        return athena_refuse(&call->err, "InvalidRequestException", "%s",
                             end && *end ? "NextToken is not valid" : "MaxResults is out of range");
    }
    size_t to = from + (size_t)size < count ? from + (size_t)size : count;
    for (size_t i = from; i < to; i++)
        json_array_append(page, json_array_get(list, i));
    if (to < count) {
        char next[24];
        snprintf(next, sizeof next, "%zu", to);
        json_object_set_new(call->out, "NextToken", json_string(next));
    }
    json_decref(list);
    return json_object_set_new(call->out, key, page) == 0;
}
