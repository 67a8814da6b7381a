/* Steps are walked one after the other over the list of items that the steps so far have found. */
#include "backend/sql/jsonpath.h"
#include "backend/sql/jsontext.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { STEPS_MAX = 64, NAME_SIZE = 256, ITEMS_MAX = 100000 };
enum step_kind { STEP_MEMBER, STEP_ALL_MEMBERS, STEP_INDEX, STEP_ALL_ITEMS };
struct step {
    enum step_kind kind;
    char name[NAME_SIZE];
    long from, to;           /* INDEX: inclusive */
    bool from_last, to_last; /* counted back from the last item */
};
struct path {
    bool is_strict;
    struct step steps[STEPS_MAX];
    size_t count;
};

static bool refuse(struct err *err, const char *name, const char *path, const char *what)
{
    err_set(err, ERR_PARSE, "Invalid JSON path: '%.80s': %s", path, what);
    if (err)
        snprintf(err->service_code, sizeof err->service_code, "%s", name);
    return false;
}

static void skip_space(const char **at)
{
    while (isspace((unsigned char)**at))
        ++*at;
}

/* "name" or 'name' at *at, with backslash escapes. */
static bool quoted_name(const char **at, char *out)
{
    char quote = *(*at)++;
    size_t size = 0;
    while (**at && **at != quote && size + 1 < NAME_SIZE) {
        if (**at == '\\' && (*at)[1])
            ++*at;
        out[size++] = *(*at)++;
    }
    out[size] = '\0';
    return *(*at)++ == quote;
}

static bool index_number(const char **at, long *number, bool *last)
{
    skip_space(at);
    *last = strncmp(*at, "last", 4) == 0;
    if (*last) {
        *at += 4;
        skip_space(at);
        *number = 0;
        if (**at != '-')
            return true;
        ++*at;
        skip_space(at);
    }
    if (!isdigit((unsigned char)**at))
        return false;
    char *end;
    *number = strtol(*at, &end, 10);
    *at = end;
    return true;
}

static bool bracket(const char **at, struct step *step, bool is_sql)
{
    skip_space(at);
    if (**at == '*') {
        ++*at;
        step->kind = STEP_ALL_ITEMS;
    } else if ((**at == '"' || **at == '\'') && !is_sql) {
        step->kind = STEP_MEMBER;
        if (!quoted_name(at, step->name))
            return false;
    } else {
        step->kind = STEP_INDEX;
        if (!index_number(at, &step->from, &step->from_last))
            return false;
        step->to = step->from;
        step->to_last = step->from_last;
        skip_space(at);
        if (is_sql && strncmp(*at, "to", 2) == 0) {
            *at += 2;
            if (!index_number(at, &step->to, &step->to_last))
                return false;
        }
    }
    skip_space(at);
    return *(*at)++ == ']';
}

static bool member(const char **at, struct step *step)
{
    size_t size = 0;
    step->kind = STEP_MEMBER;
    if (**at == '*') {
        ++*at;
        step->kind = STEP_ALL_MEMBERS;
        return true;
    }
    if (**at == '"')
        return quoted_name(at, step->name);
    while ((isalnum((unsigned char)**at) || **at == '_' || **at == '-' || (**at & 0x80)) && size + 1 < NAME_SIZE)
        step->name[size++] = *(*at)++;
    step->name[size] = '\0';
    return size > 0;
}

/* json_extract's paths are arguments, the SQL functions' are parsed with the statement. */
static bool wrong(struct err *err, bool is_sql, const char *text, const char *why)
{
    return refuse(err, is_sql ? "INVALID_PATH" : "INVALID_FUNCTION_ARGUMENT", text, why);
}

static bool read_path(const char *text, bool is_sql, struct path *path, struct err *err)
{
    const char *at = text;
    memset(path, 0, sizeof *path);
    skip_space(&at);
    if (is_sql && (strncasecmp(at, "lax", 3) == 0 || strncasecmp(at, "strict", 6) == 0)) {
        path->is_strict = tolower((unsigned char)*at) == 's';
        at += path->is_strict ? 6 : 3;
        skip_space(&at);
    }
    if (*at++ != '$')
        return wrong(err, is_sql, text, "it does not begin with $");
    for (skip_space(&at); *at; skip_space(&at)) {
        struct step *step = &path->steps[path->count];
        if (path->count++ >= STEPS_MAX - 1)
            return refuse(err, "NOT_SUPPORTED", text, "it has too many steps");
        if (*at == '?' || strstr(at, "..") == at || strncmp(at, "[?", 2) == 0)
            return refuse(err, "NOT_SUPPORTED", text, "filters and descents are not supported");
        if (*at == '.') {
            at++;
            if (!member(&at, step))
                return wrong(err, is_sql, text, "a name is missing behind a dot");
            if (*at == '(')
                return refuse(err, "NOT_SUPPORTED", text, "methods are not supported");
        } else if (*at == '[') {
            at++;
            if (strchr(at, ',') && strchr(at, ',') < (strchr(at, ']') ? strchr(at, ']') : at) && *at != '"' &&
                *at != '\'')
                return refuse(err, "NOT_SUPPORTED", text, "lists of positions are not supported");
            if (!bracket(&at, step, is_sql))
                return wrong(err, is_sql, text, "what is between [ and ] is wrong");
        } else {
            return refuse(err, is_sql ? "NOT_SUPPORTED" : "INVALID_FUNCTION_ARGUMENT", text,
                          "only names and positions are supported");
        }
    }
    return true;
}

bool jsonpath_check(const char *text, bool is_sql, struct err *err)
{
    struct path path;
    return read_path(text, is_sql, &path, err);
}

/* --- walking --- */
struct items {
    struct jsontext *list;
    size_t count, cap;
    bool is_failed; /* a strict path that does not fit, or too much */
};

static void add(struct items *items, struct jsontext value)
{
    if (items->count == items->cap) {
        size_t cap = items->cap ? items->cap * 2 : 16;
        struct jsontext *list = cap <= ITEMS_MAX ? realloc(items->list, cap * sizeof *list) : NULL;
        if (!list) {
            items->is_failed = true;
            return;
        }
        items->list = list;
        items->cap = cap;
    }
    items->list[items->count++] = value;
}

static void add_all(struct items *items, struct jsontext parent)
{
    struct jsontext key, value;
    const char *next = NULL;
    while (jsontext_next(parent, &next, &key, &value))
        add(items, value);
}

static void take_member(const struct path *path, const struct step *step, struct jsontext value, bool is_sql,
                        struct items *out)
{
    struct jsontext key, found;
    const char *next = NULL;
    char kind = jsontext_kind(value);
    if (is_sql && !path->is_strict && kind == '[') { /* lax unwraps */
        while (jsontext_next(value, &next, &key, &found))
            if (jsontext_kind(found) == '{')
                take_member(path, step, found, is_sql, out);
    } else if (kind == '[' && !is_sql && step->kind == STEP_ALL_MEMBERS) {
        add_all(out, value);
    } else if (kind != '{') {
        out->is_failed = out->is_failed || path->is_strict;
    } else if (step->kind == STEP_ALL_MEMBERS) {
        add_all(out, value);
    } else if (jsontext_member(value, step->name, &found)) {
        add(out, found);
    } else {
        out->is_failed = out->is_failed || path->is_strict;
    }
}

/* A position in what is no array: Trino's JSONPath means an object's member of that name, lax SQL/JSON the value
 * itself. */
static void take_index_of_other(const struct path *path, const struct step *step, struct jsontext value, bool is_sql,
                                struct items *out)
{
    struct jsontext found;
    char name[32];
    snprintf(name, sizeof name, "%ld", step->from);
    if (!is_sql && step->kind == STEP_INDEX && jsontext_kind(value) == '{') {
        if (jsontext_member(value, name, &found))
            add(out, found);
    } else if (path->is_strict) {
        out->is_failed = true;
    } else if (is_sql && (step->kind == STEP_ALL_ITEMS || step->from == 0)) {
        add(out, value);
    }
}

static void take_index(const struct path *path, const struct step *step, struct jsontext value, bool is_sql,
                       struct items *out)
{
    struct jsontext key, found;
    const char *next = NULL;
    if (jsontext_kind(value) != '[') {
        take_index_of_other(path, step, value, is_sql, out);
        return;
    }
    long size = (long)jsontext_count(value);
    long from = step->kind == STEP_ALL_ITEMS ? 0 : step->from_last ? size - 1 - step->from : step->from;
    long to = step->kind == STEP_ALL_ITEMS ? size - 1 : step->to_last ? size - 1 - step->to : step->to;
    if (path->is_strict && step->kind == STEP_INDEX && (from < 0 || to >= size || from > to))
        out->is_failed = true;
    for (long i = 0; i <= to && jsontext_next(value, &next, &key, &found); i++)
        if (i >= from)
            add(out, found);
}

static void walk(const struct path *path, struct jsontext root, bool is_sql, struct items *items)
{
    add(items, root);
    for (size_t i = 0; i < path->count && !items->is_failed; i++) {
        struct items next = {.count = 0};
        const struct step *step = &path->steps[i];
        for (size_t j = 0; j < items->count; j++) {
            if (step->kind == STEP_MEMBER || step->kind == STEP_ALL_MEMBERS)
                take_member(path, step, items->list[j], is_sql, &next);
            else
                take_index(path, step, items->list[j], is_sql, &next);
        }
        free(items->list);
        *items = next;
    }
}

enum jsonpath_found jsonpath_find(const char *doc, size_t len, const char *text, bool is_sql, struct buf *out,
                                  struct err *err)
{
    struct path path;
    struct jsontext root;
    struct items items = {.count = 0};
    if (!read_path(text, is_sql, &path, err))
        return JSONPATH_ERROR;
    if (!jsontext_document(doc, len, &root))
        return JSONPATH_BAD_DOCUMENT;
    walk(&path, root, is_sql, &items);
    enum jsonpath_found found = items.is_failed    ? JSONPATH_ERROR
                                : items.count == 0 ? JSONPATH_NONE
                                : items.count == 1 ? JSONPATH_ONE
                                                   : JSONPATH_MANY;
    buf_putc(out, '[');
    for (size_t i = 0; i < items.count; i++) {
        buf_puts(out, i ? "," : "");
        jsontext_compact(items.list[i], false, out);
    }
    buf_putc(out, ']');
    free(items.list);
    return found;
}
