/* JSON functions over texts: paths are jsonpath.c's. A text that is no JSON gives NULL where Trino does. Source: Trino
 * documentation, "JSON functions and operators". */
#include "backend/sql/jsonpath.h"
#include "backend/sql/jsontext.h"
#include "backend/sql/sqlfn.h"
#include <stdlib.h>
#include <string.h>

static bool document(const struct sqlfn_call *call, struct jsontext *value)
{
    return jsontext_document(call->args[0].bytes, call->args[0].len, value);
}

/* What json_parse gives: keys sorted. */
static bool parse(struct sqlfn_call *call)
{
    struct jsontext value;
    if (!document(call, &value))
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Cannot convert value to JSON: '%.*s'",
                          (int)(call->args[0].len > 100 ? 100 : call->args[0].len), call->args[0].bytes);
    return jsontext_compact(value, true, call->text);
}

/* The items found, as the text of an array in *text, which the caller releases. False with the error when the path is
 * wrong. */
static bool find(struct sqlfn_call *call, bool is_sql, struct buf *text, struct jsontext *list,
                 enum jsonpath_found *found)
{
    char *path = strndup(call->args[1].bytes, call->args[1].len);
    if (!path)
        abort();
    *text = BUF_INIT(SQLFN_TEXT_MAX);
    *found = jsonpath_find(call->args[0].bytes, call->args[0].len, path, is_sql, text, call->err);
    free(path);
    if (text->len == 0)
        buf_puts(text, "[]");
    return call->err->code == ERR_OK && jsontext_document(text->data, text->len, list);
}

static bool first(struct jsontext list, struct jsontext *value)
{
    struct jsontext key;
    const char *next = NULL;
    return jsontext_next(list, &next, &key, value);
}

static bool extract(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list, item;
    struct buf text;
    bool ok = find(call, false, &text, &list, &found);
    if (ok) {
        call->is_null = !first(list, &item);
        if (!call->is_null)
            jsontext_compact(found == JSONPATH_ONE ? item : list, false, call->text);
    }
    buf_done(&text);
    return ok;
}

static bool scalar(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list, item;
    struct buf text;
    bool ok = find(call, false, &text, &list, &found);
    if (ok) {
        call->is_null =
            found != JSONPATH_ONE || !first(list, &item) || !jsontext_is_scalar(item) || jsontext_kind(item) == 'n';
        if (!call->is_null)
            jsontext_scalar(item, call->text);
    }
    buf_done(&text);
    return ok;
}

static bool size(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list, item;
    struct buf text;
    bool ok = find(call, false, &text, &list, &found);
    if (ok) {
        call->is_null = !first(list, &item);
        call->out.number = call->is_null ? 0 : (int64_t)jsontext_count(item);
    }
    buf_done(&text);
    return ok;
}

static bool length(struct sqlfn_call *call)
{
    struct jsontext value;
    call->is_null = !document(call, &value) || jsontext_kind(value) != '[';
    call->out.number = call->is_null ? 0 : (int64_t)jsontext_count(value);
    return true;
}

static bool get(struct sqlfn_call *call)
{
    struct jsontext value, key, item;
    const char *next = NULL;
    int64_t index = call->args[1].number;
    call->is_null = true;
    if (!document(call, &value) || jsontext_kind(value) != '[')
        return true;
    if (index < 0)
        index += (int64_t)jsontext_count(value);
    for (int64_t i = 0; index >= 0 && jsontext_next(value, &next, &key, &item); i++)
        if (i == index) {
            call->is_null = false;
            return jsontext_compact(item, false, call->text);
        }
    return true;
}

static bool same_scalar(struct jsontext a, struct jsontext b)
{
    if (jsontext_kind(a) != jsontext_kind(b) || !jsontext_is_scalar(a))
        return false;
    if (jsontext_kind(a) == '0' && (a.len != b.len || memcmp(a.at, b.at, a.len) != 0))
        return strtod(a.at, NULL) == strtod(b.at, NULL);
    struct buf x = BUF_INIT(SQLFN_TEXT_MAX), y = BUF_INIT(SQLFN_TEXT_MAX);
    bool same = jsontext_scalar(a, &x) && jsontext_scalar(b, &y) && x.len == y.len &&
                memcmp(buf_text(&x), buf_text(&y), x.len) == 0;
    buf_done(&x);
    buf_done(&y);
    return same;
}

static bool contains(struct sqlfn_call *call)
{
    struct jsontext value, wanted, key, item;
    const char *next = NULL;
    call->is_null = !document(call, &value) || jsontext_kind(value) != '[' ||
                    !jsontext_document(call->args[1].bytes, call->args[1].len, &wanted);
    call->out.number = 0;
    while (!call->is_null && jsontext_next(value, &next, &key, &item))
        call->out.number |= same_scalar(item, wanted);
    return true;
}

static bool is_scalar(struct sqlfn_call *call)
{
    struct jsontext value;
    if (!document(call, &value))
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid JSON value");
    call->out.number = jsontext_is_scalar(value);
    return true;
}

/* --- SQL/JSON: a letter first: V the value follows, 0 nothing found, X an error, N a JSON null --- */
static bool value(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list, item = {.at = ""};
    struct buf text;
    bool ok = find(call, true, &text, &list, &found);
    if (ok && found == JSONPATH_NONE)
        buf_putc(call->text, '0');
    else if (ok && (found != JSONPATH_ONE || !first(list, &item) || !jsontext_is_scalar(item)))
        buf_putc(call->text, 'X');
    else if (ok && jsontext_kind(item) == 'n')
        buf_putc(call->text, 'N');
    else if (ok && buf_putc(call->text, 'V'))
        jsontext_scalar(item, call->text);
    buf_done(&text);
    return ok;
}

static bool query(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list, item = {.at = ""};
    struct buf text;
    char mode = call->args[2].len ? call->args[2].bytes[0] : ' '; /* W with wrapper, C conditional, O omit quotes */
    bool ok = find(call, true, &text, &list, &found);
    bool any = ok && first(list, &item);
    bool wraps = mode == 'W' || (mode == 'C' && (found == JSONPATH_MANY || jsontext_is_scalar(item)));
    if (ok && found == JSONPATH_NONE)
        buf_putc(call->text, '0');
    else if (ok &&
             (!any || found == JSONPATH_ERROR || found == JSONPATH_BAD_DOCUMENT || (found == JSONPATH_MANY && !wraps)))
        buf_putc(call->text, 'X');
    else if (ok && buf_putc(call->text, 'V') && mode == 'O' && jsontext_kind(item) == '"')
        jsontext_string(item, call->text);
    else if (ok)
        jsontext_compact(wraps ? list : item, false, call->text);
    buf_done(&text);
    return ok;
}

static bool exists(struct sqlfn_call *call)
{
    enum jsonpath_found found;
    struct jsontext list;
    struct buf text;
    bool ok = find(call, true, &text, &list, &found);
    if (ok)
        buf_putc(call->text, found == JSONPATH_NONE                            ? 'F'
                             : found == JSONPATH_ONE || found == JSONPATH_MANY ? 'T'
                                                                               : 'X');
    buf_done(&text);
    return ok;
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
