/* A line of a JSON table as a document that has the table's columns alone, under the table's names, with every value in
 * the form that the engine's own JSON reader takes for the column's type. Sources: the OpenX JSON SerDe and Hive's
 * JsonSerDe as Athena's User Guide and Trino's hive-formats have them.
 *
 * The second argument says how: three flags ('o' OpenX or 'h' Hive; 'i' or 's', names without case or as they are; 'n'
 * or 'f', a line that is no JSON object is a row of NULLs or an error), then for each column a line "name\tkey\ttype".
 */
#include "backend/base/arena.h"
#include "backend/base/json.h"
#include "backend/sql/dialect_type.h"
#include "backend/sql/jsontext.h"
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SPEC_MAX = 64 << 20 };

struct record {
    struct arena *arena;
    bool is_openx, ignores_case, nulls_malformed;
    const char **names, **keys;
    const struct type **types;
    struct jsontext *values; /* of the line at hand; at NULL: absent */
    size_t count, cap;
};

/* ---- the columns, read once for a run of rows */

static void record_done(void *data)
{
    arena_free(((struct record *)data)->arena);
}

static bool add_column(struct record *record, char *line)
{
    char *key = strchr(line, '\t'), *type = key ? strchr(key + 1, '\t') : NULL;
    if (!type || record->count >= record->cap)
        return false;
    *key++ = '\0';
    *type++ = '\0';
    record->names[record->count] = line;
    record->keys[record->count] = key;
    record->types[record->count] = type_parse(record->arena, type);
    return record->types[record->count++] != NULL;
}

static struct record *read_spec(const char *bytes, size_t len)
{
    struct arena *arena = arena_new(SPEC_MAX);
    struct record *record = ARENA_NEW(arena, struct record);
    char *text = arena_strndup(arena, bytes, len), *rest = text;
    for (size_t i = 0; i < len; i++)
        record->cap += bytes[i] == '\n';
    record->arena = arena;
    record->is_openx = text[0] == 'o';
    record->ignores_case = text[1] == 'i';
    record->nulls_malformed = text[2] == 'n';
    record->names = ARENA_ARRAY(arena, const char *, record->cap + 1);
    record->keys = ARENA_ARRAY(arena, const char *, record->cap + 1);
    record->types = ARENA_ARRAY(arena, const struct type *, record->cap + 1);
    record->values = ARENA_ARRAY(arena, struct jsontext, record->cap + 1);
    bool ok = !arena_failed(arena) && strchr(text, '\n');
    strsep(&rest, "\n"); /* the flags */
    while (ok && rest && *rest)
        ok = add_column(record, strsep(&rest, "\n"));
    if (ok)
        return record;
    arena_free(arena);
    return NULL;
}

static struct record *record_of(struct sqlfn_call *call)
{
    const struct sqlfn_value *spec = &call->args[1];
    if (call->cache->data && call->cache->key_len == spec->len && memcmp(call->cache->key, spec->bytes, spec->len) == 0)
        return call->cache->data;
    if (call->cache->done)
        call->cache->done(call->cache->data);
    free(call->cache->key);
    *call->cache = (struct sqlfn_cache){.data = NULL};
    struct record *record = spec->len > 3 ? read_spec(spec->bytes, spec->len) : NULL;
    if (!record) {
        sqlfn_fail(call, "NOT_SUPPORTED", "the columns of this JSON table cannot be read");
        return NULL;
    }
    char *key = malloc(spec->len);
    if (!key)
        abort();
    memcpy(key, spec->bytes, spec->len);
    *call->cache = (struct sqlfn_cache){.data = record, .done = record_done, .key = key, .key_len = spec->len};
    return record;
}

/* ---- values */

static bool put_value(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value);

static bool same_name(const struct record *record, struct jsontext key, const char *name)
{
    size_t len = strlen(name);
    if (key.len == len + 2 && !memchr(key.at, '\\', key.len))
        return record->ignores_case ? strncasecmp(key.at + 1, name, len) == 0 : memcmp(key.at + 1, name, len) == 0;
    if (!memchr(key.at, '\\', key.len))
        return false;
    struct buf text = BUF_INIT(65536);
    bool same = jsontext_string(key, &text) && (record->ignores_case ? strcasecmp : strcmp)(buf_text(&text), name) == 0;
    buf_done(&text);
    return same;
}

/* Any value as a text: a string as it is, all others as JSON. */
static bool put_text(struct buf *out, struct jsontext value)
{
    if (*value.at == '"')
        return buf_append(out, value.at, value.len);
    struct buf text = BUF_INIT(SQLFN_TEXT_MAX);
    bool ok = jsontext_compact(value, false, &text) && json_write_string(buf_text(&text), text.len, out);
    buf_done(&text);
    return ok;
}

static bool bad_value(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value)
{
    if (record->is_openx)
        return buf_puts(call->text, "null");
    struct buf name = BUF_INIT(4096);
    type_print_trino(type, &name);
    sqlfn_fail(call, "HIVE_BAD_DATA", "Error parsing field value: %.*s is no %.60s",
               (int)(value.len > 100 ? 100 : value.len), value.at, buf_text(&name));
    buf_done(&name);
    return false;
}

static bool put_array(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value)
{
    struct jsontext key, item;
    const char *next = NULL;
    bool ok = true;
    if (*value.at != '[' && (!record->is_openx || (value.len == 2 && *value.at == '"')))
        return bad_value(call, record, type, value);
    buf_putc(call->text, '[');
    if (*value.at != '[') { /* OpenX: one value is an array of it */
        ok = put_value(call, record, type->kids[0], value);
    } else {
        for (bool first = true; ok && jsontext_next(value, &next, &key, &item); first = false) {
            buf_puts(call->text, first ? "" : ",");
            ok = put_value(call, record, type->kids[0], item);
        }
    }
    return buf_putc(call->text, ']') && ok;
}

static bool put_map(struct sqlfn_call *call, const struct record *record, const struct type *type,
                    struct jsontext value)
{
    struct jsontext key, item;
    const char *next = NULL;
    bool ok = true;
    if (*value.at != '{')
        return bad_value(call, record, type, value);
    buf_putc(call->text, '{');
    for (bool first = true; ok && jsontext_next(value, &next, &key, &item); first = false) {
        buf_puts(call->text, first ? "" : ",");
        buf_append(call->text, key.at, key.len);
        buf_putc(call->text, ':');
        ok = put_value(call, record, type->kids[1], item);
    }
    return buf_putc(call->text, '}') && ok;
}

static bool find_field(const struct record *record, const struct type *type, struct jsontext value, size_t field,
                       struct jsontext *found)
{
    struct jsontext key;
    const char *next = NULL;
    bool is_there = false;
    if (*value.at == '[') {
        for (size_t i = 0; i <= field; i++)
            if (!(is_there = jsontext_next(value, &next, &key, found)))
                break;
        return is_there;
    }
    while (!is_there && jsontext_next(value, &next, &key, found))
        is_there = type->names[field] && same_name(record, key, type->names[field]);
    return is_there;
}

static bool put_row(struct sqlfn_call *call, const struct record *record, const struct type *type,
                    struct jsontext value)
{
    bool ok = true;
    if (*value.at != '{' && *value.at != '[')
        return bad_value(call, record, type, value);
    buf_putc(call->text, '{');
    for (size_t i = 0; ok && i < type->count; i++) {
        struct jsontext item;
        const char *name = type_field_name(record->arena, type, i);
        buf_puts(call->text, i ? "," : "");
        json_write_string(name, strlen(name), call->text);
        buf_putc(call->text, ':');
        ok = find_field(record, type, value, i, &item) ? put_value(call, record, type->kids[i], item)
                                                       : buf_puts(call->text, "null");
    }
    return buf_putc(call->text, '}') && ok;
}

/* Seconds or, with more than ten digits, milliseconds since 1970. */
static bool put_epoch(struct buf *out, const char *text)
{
    static const int64_t second = 1000000;
    struct sqlfn_clock clock;
    bool is_milli = strlen(text) > 10;
    int64_t micros = strtoll(text, NULL, 10) * (is_milli ? second / 1000 : second);
    sqlfn_clock_of(micros, &clock);
    return buf_printf(out, "\"%04d-%02d-%02d %02d:%02d:%02d.%06d\"", clock.year, clock.month, clock.day, clock.hour,
                      clock.minute, clock.second, clock.micro);
}

static bool is_number_text(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && *end == '\0' && !isspace((unsigned char)*text);
}

/* Numbers and the like as strings: so the engine takes a decimal's digits exactly. */
static bool put_scalar(struct sqlfn_call *call, const struct record *record, const struct type *type,
                       struct jsontext value)
{
    struct buf text = BUF_INIT(1 << 20);
    bool ok = jsontext_is_scalar(value) && jsontext_scalar(value, &text);
    const char *plain = buf_text(&text);
    if (ok && type_is_integer(type) && text.len && !strpbrk(plain, "eE"))
        text.len = strcspn(plain, ".");
    if (ok && type_is_number(type))
        ok = is_number_text(plain);
    if (ok && type->base == BASE_BOOLEAN)
        ok = strcasecmp(plain, "true") == 0 || strcasecmp(plain, "false") == 0;
    bool is_epoch = ok && type->base == BASE_TIMESTAMP && text.len && strspn(plain, "0123456789") == text.len;
    if (!ok)
        ok = bad_value(call, record, type, value);
    else if (is_epoch)
        ok = put_epoch(call->text, plain);
    else
        ok = json_write_string(plain, text.len, call->text);
    buf_done(&text);
    return ok;
}

static bool put_value(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value)
{
    if (*value.at == 'n')
        return buf_puts(call->text, "null");
    if (type->base == BASE_ARRAY)
        return put_array(call, record, type, value);
    if (type->base == BASE_MAP)
        return put_map(call, record, type, value);
    if (type->base == BASE_ROW)
        return put_row(call, record, type, value);
    return type_is_text(type) ? put_text(call->text, value) : put_scalar(call, record, type, value);
}

/* ---- lines */

/* Members mostly come in the columns' order: the search goes on behind the last one found. */
static void take_member(struct record *record, struct jsontext key, struct jsontext value, size_t *hint)
{
    for (size_t i = 0; i < record->count; i++) {
        size_t at = (*hint + i) % record->count;
        if (!same_name(record, key, record->keys[at]))
            continue;
        record->values[at] = value;
        *hint = at + 1;
        return;
    }
}

static bool malformed(struct sqlfn_call *call, const struct record *record)
{
    const struct sqlfn_value *line = &call->args[0];
    call->is_null = record->nulls_malformed;
    return call->is_null || sqlfn_fail(call, "HIVE_CURSOR_ERROR", "Row is not a valid JSON Object: %.*s",
                                       (int)(line->len > 100 ? 100 : line->len), line->bytes);
}

static bool record(struct sqlfn_call *call)
{
    struct record *own = record_of(call);
    struct jsontext row, key, value;
    const char *next = NULL;
    size_t hint = 0;
    if (!own)
        return false;
    if (!jsontext_document(call->args[0].bytes, call->args[0].len, &row) ||
        (*row.at != '{' && !(own->is_openx && *row.at == '[')))
        return malformed(call, own);
    memset(own->values, 0, own->count * sizeof *own->values);
    while (hint < own->cap + 1 && jsontext_next(row, &next, &key, &value)) {
        if (*row.at == '{')
            take_member(own, key, value, &hint);
        else if (hint < own->count)
            own->values[hint++] = value;
    }
    buf_putc(call->text, '{');
    bool ok = true;
    for (size_t i = 0; ok && i < own->count; i++) {
        if (!own->values[i].at)
            continue;
        buf_puts(call->text, call->text->len > 1 ? "," : "");
        json_write_string(own->names[i], strlen(own->names[i]), call->text);
        buf_putc(call->text, ':');
        ok = put_value(call, own, own->types[i], own->values[i]);
    }
    return buf_putc(call->text, '}') && ok;
}

const struct sqlfn sqlfn_record[] = {
    {.name = "weir_json_record", .params = "ss", .result = 's', .call = record},
    {.name = NULL},
};
