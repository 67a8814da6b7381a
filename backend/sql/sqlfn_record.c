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
#include <stdio.h>
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

/* A value of the wrong shape ends the query; a text that is no value of a scalar's type does so in Hive's SerDe only.
 */
static bool bad_value(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value)
{
    if (record->is_openx && jsontext_is_scalar(value) && type->count == 0)
        return buf_puts(call->text, "null");
    struct buf name = BUF_INIT(4096);
    type_print_trino(type, &name);
    sqlfn_fail(call, "HIVE_CURSOR_ERROR", "Error parsing field value: %.*s is no %.60s",
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
    if (*value.at != '[' && (!record->is_openx || *value.at == '{'))
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

/* A key of a map as its text, in quotes; without case where names have none: OpenX. */
static void take_key(const struct record *record, struct jsontext key, struct buf *out)
{
    buf_clear(out);
    buf_append(out, key.at, key.len);
    for (size_t i = 0; record->is_openx && record->ignores_case && i < out->len; i++)
        out->data[i] = (char)tolower((unsigned char)out->data[i]);
}

/* Of two with one key the last one counts. */
static bool is_last_key(const struct record *record, struct jsontext map, const char *next, const struct buf *name)
{
    struct jsontext key, item;
    struct buf other = BUF_INIT(SQLFN_TEXT_MAX);
    bool is_last = true;
    while (is_last && jsontext_next(map, &next, &key, &item)) {
        take_key(record, key, &other);
        is_last = other.len != name->len || memcmp(other.data, name->data, name->len) != 0;
    }
    buf_done(&other);
    return is_last;
}

static bool put_map(struct sqlfn_call *call, const struct record *record, const struct type *type,
                    struct jsontext value)
{
    struct jsontext key, item;
    struct buf name = BUF_INIT(SQLFN_TEXT_MAX);
    const char *next = NULL;
    bool ok = true, first = true;
    if (*value.at != '{')
        return bad_value(call, record, type, value);
    buf_putc(call->text, '{');
    while (ok && jsontext_next(value, &next, &key, &item)) {
        take_key(record, key, &name);
        if (!is_last_key(record, value, next, &name))
            continue;
        buf_puts(call->text, first ? "" : ",");
        first = false;
        buf_append(call->text, name.data, name.len);
        buf_putc(call->text, ':');
        ok = put_value(call, record, type->kids[1], item);
    }
    buf_done(&name);
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
    struct jsontext item;
    while (jsontext_next(value, &next, &key, &item)) {
        if (!type->names[field] || !same_name(record, key, type->names[field]))
            continue;
        is_there = true; /* of two the last one counts */
        *found = item;
    }
    return is_there;
}

static bool put_row(struct sqlfn_call *call, const struct record *record, const struct type *type,
                    struct jsontext value)
{
    bool ok = true;
    if (*value.at != '{' && (*value.at != '[' || !record->is_openx))
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

static bool put_stamp(struct buf *out, int64_t micros, bool is_date)
{
    struct sqlfn_clock clock;
    sqlfn_clock_of(micros, &clock);
    buf_printf(out, "\"%04d-%02d-%02d", clock.year, clock.month, clock.day);
    if (!is_date)
        buf_printf(out, " %02d:%02d:%02d.%06d", clock.hour, clock.minute, clock.second, clock.micro);
    return buf_putc(out, '"');
}

/* OpenX: seconds since 1970 with a fraction, or, as more than ten digits, milliseconds. */
static bool read_epoch(const char *text, size_t len, int64_t *micros)
{
    double value;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || (text[digits] && (text[digits] != '.' || !sqlfn_lazy_double(text, len, &value))))
        return false;
    if (!text[digits])
        *micros = strtoll(text, NULL, 10) * (digits > 10 ? 1000 : 1000000);
    else
        *micros = (int64_t)(value * 1000 + 0.5) * 1000;
    return true;
}

/* "...Z", "...+02:00": the wall clock in UTC. */
static bool read_zoned(const char *text, size_t len, int64_t *micros)
{
    int hours, minutes;
    if (len > 1 && text[len - 1] == 'Z')
        return sqlfn_lazy_timestamp(text, len - 1, micros);
    if (len < 7 || (text[len - 6] != '+' && text[len - 6] != '-') ||
        sscanf(text + len - 5, "%2d:%2d", &hours, &minutes) != 2 || !sqlfn_lazy_timestamp(text, len - 6, micros))
        return false;
    *micros -= (text[len - 6] == '-' ? -1 : 1) * (hours * 60 + minutes) * 60 * (int64_t)1000000;
    return true;
}

static bool put_time(struct buf *out, const struct record *record, const struct type *type, const struct buf *text,
                     bool is_string)
{
    int64_t value;
    const char *plain = buf_text(text);
    if (type->base == BASE_DATE) {
        bool is_days = record->is_openx && text->len && strspn(plain, "-0123456789") == text->len && !is_string;
        if (is_days)
            value = strtoll(plain, NULL, 10);
        return (is_days || (is_string && sqlfn_lazy_date(plain, text->len, &value))) &&
               put_stamp(out, value * 86400 * 1000000, true);
    }
    return ((is_string && sqlfn_lazy_timestamp(plain, text->len, &value)) ||
            (record->is_openx && (read_epoch(plain, text->len, &value) || read_zoned(plain, text->len, &value)))) &&
           put_stamp(out, value, false);
}

/* A whole number from a number's text, its fraction cut off; with an exponent through a double, as Java's BigDecimal
 * would for what fits. */
static bool put_whole(struct buf *out, const struct type *type, const struct buf *text)
{
    static const int64_t most[] = {
        [BASE_TINYINT] = INT8_MAX, [BASE_SMALLINT] = INT16_MAX, [BASE_INTEGER] = INT32_MAX, [BASE_BIGINT] = INT64_MAX};
    int64_t value;
    double real;
    const char *plain = buf_text(text);
    if (!isdigit((unsigned char)plain[text->len ? text->len - 1 : 0]) && !strpbrk(plain, "."))
        return false;
    if (!sqlfn_lazy_long(plain, text->len, &value)) {
        if (!strpbrk(plain, "eE") || !sqlfn_lazy_double(plain, text->len, &real) || !(real > -9e18 && real < 9e18))
            return false;
        value = (int64_t)real;
    }
    int64_t limit = most[type->base];
    return value <= limit && value >= -limit - 1 && buf_printf(out, "\"%lld\"", (long long)value);
}

static bool put_real(struct buf *out, const struct buf *text)
{
    double value;
    return sqlfn_lazy_double(buf_text(text), text->len, &value) && json_write_string(buf_text(text), text->len, out);
}

/* Digits before the point; an exponent is the engine's to judge. */
static bool fits_decimal(const struct type *type, const char *text)
{
    text += *text == '-' || *text == '+';
    text += strspn(text, "0");
    return strpbrk(text, "eE") || (int)strspn(text, "0123456789") <= type->precision - type->scale;
}

/* Numbers and the like as strings: so the engine takes a decimal's digits exactly. False: no value of the type. */
static bool put_typed(struct buf *out, const struct record *record, const struct type *type, struct jsontext value,
                      const struct buf *text)
{
    bool is_string = *value.at == '"', is_word = *value.at == 't' || *value.at == 'f';
    if (type->base == BASE_DATE || type->base == BASE_TIMESTAMP)
        return put_time(out, record, type, text, is_string);
    if (type->base == BASE_VARBINARY)
        return is_string && json_write_string(buf_text(text), text->len, out);
    if (type->base == BASE_DECIMAL && is_word)
        return buf_puts(out, "null");
    if (type->base == BASE_DECIMAL)
        return text->len && strspn(buf_text(text), "0123456789+-.eE") == text->len &&
               (record->is_openx || fits_decimal(type, buf_text(text))) &&
               json_write_string(buf_text(text), text->len, out);
    if (is_word || (is_string && !record->is_openx))
        return false;
    return type_is_integer(type) ? put_whole(out, type, text) : put_real(out, text);
}

static bool put_scalar(struct sqlfn_call *call, const struct record *record, const struct type *type,
                       struct jsontext value)
{
    struct buf text = BUF_INIT(SQLFN_TEXT_MAX);
    bool is_scalar = jsontext_is_scalar(value), ok = true;
    if (is_scalar)
        jsontext_scalar(value, &text);
    if (type->base == BASE_BOOLEAN && (is_scalar || record->is_openx))
        ok = buf_puts(call->text, strcasecmp(buf_text(&text), "true") == 0 ? "true" : "false");
    else if (!is_scalar || !put_typed(call->text, record, type, value, &text))
        ok = bad_value(call, record, type, value);
    buf_done(&text);
    return ok;
}

/* Any value as a text: a string as it is, all others as JSON, which only OpenX takes for nested ones. */
static bool put_text(struct sqlfn_call *call, const struct record *record, const struct type *type,
                     struct jsontext value)
{
    struct buf text = BUF_INIT(SQLFN_TEXT_MAX);
    bool ok = jsontext_is_scalar(value) || record->is_openx;
    if (!ok)
        return bad_value(call, record, type, value);
    if (*value.at == '"' && type->precision == 0)
        return buf_append(call->text, value.at, value.len);
    ok = *value.at == '"' ? jsontext_string(value, &text) : jsontext_compact(value, false, &text);
    size_t len = 0, left = type->precision > 0 ? (size_t)type->precision : SIZE_MAX;
    for (; len < text.len; len++) /* varchar(n): its first n characters */
        if (((unsigned char)text.data[len] & 0xc0) != 0x80 && left-- == 0)
            break;
    ok = ok && json_write_string(buf_text(&text), len, call->text);
    buf_done(&text);
    return ok;
}

static bool put_value(struct sqlfn_call *call, const struct record *record, const struct type *type,
                      struct jsontext value)
{
    bool is_no_nested = record->is_openx && type->count && value.len == 2 && *value.at == '"'; /* "" for a nested one */
    if (*value.at == 'n' || is_no_nested)
        return buf_puts(call->text, "null");
    if (type->base == BASE_ARRAY)
        return put_array(call, record, type, value);
    if (type->base == BASE_MAP)
        return put_map(call, record, type, value);
    if (type->base == BASE_ROW)
        return put_row(call, record, type, value);
    return type_is_text(type) ? put_text(call, record, type, value) : put_scalar(call, record, type, value);
}

/* ---- lines */

/* Members mostly come in the columns' order: the search goes on behind the last one found. Of two with one name OpenX
 * takes the last; False: Hive's SerDe takes none. */
static bool take_member(struct record *record, struct jsontext key, struct jsontext value, size_t *hint)
{
    for (size_t i = 0; i < record->count; i++) {
        size_t at = (*hint + i) % record->count;
        if (!same_name(record, key, record->keys[at]))
            continue;
        bool is_second = record->values[at].at != NULL;
        record->values[at] = value;
        *hint = at + 1;
        return !is_second || record->is_openx;
    }
    return true;
}

/* OpenX: a line that does not begin as an object or array is a row of NULLs, as all are when malformed ones are to be
 * ignored. */
static bool malformed(struct sqlfn_call *call, const struct record *record)
{
    const struct sqlfn_value *line = &call->args[0];
    size_t at = 0;
    while (at < line->len && isspace((unsigned char)line->bytes[at]))
        at++;
    bool begins = at < line->len && (line->bytes[at] == '{' || line->bytes[at] == '[');
    call->is_null = record->nulls_malformed || (record->is_openx && !begins);
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
        if (*row.at == '{' && !take_member(own, key, value, &hint))
            return malformed(call, own);
        if (*row.at == '{')
            continue;
        if (hint < own->count)
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
