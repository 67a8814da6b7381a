/* JSON functions over texts: paths are jsonpath.c's. A text that is no JSON gives NULL where Trino does. Source: Trino
 * documentation, "JSON functions and operators". */
#include "backend/base/json.h"
#include "backend/sql/jsonpath.h"
#include "backend/sql/sqlfn.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *document(const struct sqlfn_call *call)
{
    return json_parse(call->args[0].bytes, call->args[0].len, NULL);
}

/* What json_parse gives: keys sorted. */
static bool parse(struct sqlfn_call *call)
{
    json_t *value = document(call);
    if (!value)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Cannot convert value to JSON: '%.*s'",
                          (int)(call->args[0].len > 100 ? 100 : call->args[0].len), call->args[0].bytes);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    buf_puts(call->text, text ? text : "null");
    free(text);
    json_decref(value);
    return true;
}

static char *argument(const struct sqlfn_value *value)
{
    char *text = strndup(value->bytes, value->len);
    if (!text)
        abort();
    return text;
}

/* The items found, as an array; *found says how it went. NULL with the error when the path is wrong. */
static json_t *find(struct sqlfn_call *call, bool is_sql, enum jsonpath_found *found)
{
    struct buf items = BUF_INIT(SQLFN_TEXT_MAX);
    char *path = argument(&call->args[1]);
    *found = jsonpath_find(call->args[0].bytes, call->args[0].len, path, is_sql, &items, call->err);
    json_t *list =
        call->err->code == ERR_OK ? json_parse(items.len ? items.data : "[]", items.len ? items.len : 2, NULL) : NULL;
    buf_done(&items);
    free(path);
    return list;
}

static bool extract(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, false, &found);
    if (!list)
        return false;
    call->is_null = json_array_size(list) == 0;
    if (!call->is_null)
        json_write(json_array_size(list) == 1 ? json_array_get(list, 0) : list, 0, call->text);
    json_decref(list);
    return true;
}

static bool write_scalar(const json_t *value, struct buf *out)
{
    if (json_is_string(value))
        return buf_append(out, json_string_value(value), json_string_length(value));
    return json_write((json_t *)value, 0, out);
}

static bool is_scalar_value(const json_t *value)
{
    return value && !json_is_object(value) && !json_is_array(value);
}

static bool scalar(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, false, &found);
    if (!list)
        return false;
    const json_t *value = json_array_size(list) == 1 ? json_array_get(list, 0) : NULL;
    call->is_null = !is_scalar_value(value) || json_is_null(value);
    if (!call->is_null)
        write_scalar(value, call->text);
    json_decref(list);
    return true;
}

static bool size(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, false, &found);
    if (!list)
        return false;
    const json_t *value = json_array_get(list, 0);
    call->is_null = value == NULL;
    call->out.number = json_is_object(value) ? (int64_t)json_object_size(value) : (int64_t)json_array_size(value);
    json_decref(list);
    return true;
}

static bool length(struct sqlfn_call *call)
{
    json_t *value = document(call);
    call->is_null = !json_is_array(value);
    call->out.number = (int64_t)json_array_size(value);
    json_decref(value);
    return true;
}

static bool get(struct sqlfn_call *call)
{
    json_t *value = document(call);
    int64_t index = call->args[1].number, count = (int64_t)json_array_size(value);
    if (index < 0)
        index += count;
    call->is_null = !json_is_array(value) || index < 0 || index >= count;
    if (!call->is_null)
        json_write(json_array_get(value, (size_t)index), 0, call->text);
    json_decref(value);
    return true;
}

static bool contains(struct sqlfn_call *call)
{
    json_t *value = document(call), *wanted = json_parse(call->args[1].bytes, call->args[1].len, NULL);
    call->is_null = !json_is_array(value);
    call->out.number = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (json_equal(item, wanted) ||
            (json_is_number(item) && json_is_number(wanted) && json_number_value(item) == json_number_value(wanted)))
            call->out.number = 1;
    }
    json_decref(value);
    json_decref(wanted);
    return true;
}

static bool is_scalar(struct sqlfn_call *call)
{
    json_t *value = document(call);
    if (!value)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid JSON value");
    call->out.number = is_scalar_value(value);
    json_decref(value);
    return true;
}

/* --- SQL/JSON: a letter first: V the value follows, 0 nothing found, X an error, N a JSON null --- */
static bool value(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, true, &found);
    if (!list)
        return false;
    const json_t *item = json_array_get(list, 0);
    if (found == JSONPATH_NONE)
        buf_putc(call->text, '0');
    else if (found != JSONPATH_ONE || !is_scalar_value(item))
        buf_putc(call->text, 'X');
    else if (json_is_null(item))
        buf_putc(call->text, 'N');
    else if (buf_putc(call->text, 'V'))
        write_scalar(item, call->text);
    json_decref(list);
    return true;
}

static bool query(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, true, &found);
    char mode = call->args[2].len ? call->args[2].bytes[0] : ' '; /* W with wrapper, C conditional, O omit quotes */
    if (!list)
        return false;
    const json_t *item = json_array_get(list, 0);
    bool wraps = mode == 'W' || (mode == 'C' && (found == JSONPATH_MANY || is_scalar_value(item)));
    if (found == JSONPATH_NONE)
        buf_putc(call->text, '0');
    else if (found == JSONPATH_ERROR || found == JSONPATH_BAD_DOCUMENT || (found == JSONPATH_MANY && !wraps))
        buf_putc(call->text, 'X');
    else if (buf_putc(call->text, 'V') && mode == 'O' && json_is_string(item))
        write_scalar(item, call->text);
    else
        json_write(wraps ? list : (json_t *)item, 0, call->text);
    json_decref(list);
    return true;
}

static bool exists(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    json_t *list = find(call, true, &found);
    if (!list)
        return false;
    buf_putc(call->text, found == JSONPATH_NONE ? 'F' : found == JSONPATH_ONE || found == JSONPATH_MANY ? 'T' : 'X');
    json_decref(list);
    return true;
}

const struct sqlfn sqlfn_json[] = {
    {.name = "weir_json_parse", .params = "s", .result = 's', .call = parse},
    {.name = "weir_json_extract", .params = "ss", .result = 's', .call = extract},
    {.name = "weir_json_scalar", .params = "ss", .result = 's', .call = scalar},
    {.name = "weir_json_size", .params = "ss", .result = 'i', .call = size},
    {.name = "weir_json_length", .params = "s", .result = 'i', .call = length},
    {.name = "weir_json_get", .params = "si", .result = 's', .call = get},
    {.name = "weir_json_contains", .params = "ss", .result = 'b', .call = contains},
    {.name = "weir_json_is_scalar", .params = "s", .result = 'b', .call = is_scalar},
    {.name = "weir_json_value", .params = "ss", .result = 's', .call = value},
    {.name = "weir_json_query", .params = "sss", .result = 's', .call = query},
    {.name = "weir_json_exists", .params = "ss", .result = 's', .call = exists},
    {.name = NULL},
};
