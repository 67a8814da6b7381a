/* SearchTables: tables of all databases by text and filters, sorted. Property names and comparators as the Glue API
 * Reference's PropertyPredicate and SearchTables describe them. */
#include "backend/base/text.h"
#include "backend/local/glue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SEARCH_TABLES_MAX = 100000 };

/* The text of a property; "" when it has none. */
static const char *property(const json_t *table, const char *key)
{
    const json_t *descriptor = json_object_get(table, "StorageDescriptor");
    if (strcasecmp(key, "location") == 0)
        return json_str(descriptor, "Location");
    if (strcasecmp(key, "classification") == 0)
        return json_str(json_object_get(table, "Parameters"), "classification");
    static const char *const members[] = {"Name", "DatabaseName", "Description", "Owner", "TableType", "CatalogId"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcasecmp(key, members[i]) == 0)
            return json_str(table, members[i]);
    return json_str(json_object_get(table, "Parameters"), key);
}

static int64_t time_property(const json_t *table, const char *key)
{
    return json_int(table, strcasecmp(key, "CreateTime") == 0 ? "CreateTime" : "UpdateTime", 0);
}

static bool any_column(const json_t *table, const char *text, bool exact)
{
    const json_t *lists[] = {json_object_get(json_object_get(table, "StorageDescriptor"), "Columns"),
                             json_object_get(table, "PartitionKeys")};
    for (size_t list = 0; list < 2; list++) {
        size_t i;
        json_t *column;
        json_array_foreach(lists[list], i, column)
        {
            const char *name = json_str(column, "Name");
            if (exact ? strcasecmp(name, text) == 0 : text_find(name, text) != NULL)
                return true;
        }
    }
    return false;
}

/* Whole tokens: the words of a value, split at what is no letter or digit; a quoted text must match as it is. */
static bool has_text(const json_t *table, const char *text)
{
    char bare[256];
    size_t len = strlen(text);
    if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
        snprintf(bare, sizeof bare, "%.*s", (int)(len - 2), text + 1);
        text = bare;
    }
    static const char *const keys[] = {"Name", "DatabaseName", "Description", "Owner", "location", "classification"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (text_find(property(table, keys[i]), text))
            return true;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(table, "Parameters"), key, value)
    {
        if (text_find(key, text) || (json_is_string(value) && text_find(json_string_value(value), text)))
            return true;
    }
    return any_column(table, text, false);
}

static bool passes_time(const json_t *table, const json_t *filter, const char *key)
{
    const char *comparator = json_str(filter, "Comparator");
    int64_t have = time_property(table, key), want = strtoll(json_str(filter, "Value"), NULL, 10);
    static const struct {
        const char *name;
        bool less, equal, greater;
    } rows[] = {
        {.name = "EQUALS", .equal = true},
        {.name = "GREATER_THAN", .greater = true},
        {.name = "LESS_THAN", .less = true},
        {.name = "GREATER_THAN_EQUALS", .greater = true, .equal = true},
        {.name = "LESS_THAN_EQUALS", .less = true, .equal = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(comparator, rows[i].name) == 0)
            return have < want ? rows[i].less : have > want ? rows[i].greater : rows[i].equal;
    return have == want;
}

static bool passes(const json_t *table, const json_t *filter)
{
    const char *key = json_str(filter, "Key"), *value = json_str(filter, "Value");
    if (strcasecmp(key, "UpdateTime") == 0 || strcasecmp(key, "CreateTime") == 0)
        return passes_time(table, filter, key);
    if (strcasecmp(key, "Columns") == 0 || strcasecmp(key, "ColumnName") == 0)
        return any_column(table, value, true);
    const char *have = property(table, key);
    /* names match by prefix or whole, as the console's search does; other properties whole */
    return strcasecmp(have, value) == 0 || (strcasecmp(key, "Name") == 0 && text_find(have, value));
}

static bool is_wanted(const struct awsjson_call *call, const json_t *table)
{
    const char *text = json_str(call->in, "SearchText");
    size_t i;
    json_t *filter;
    json_array_foreach(json_object_get(call->in, "Filters"), i, filter)
    {
        if (!passes(table, filter))
            return false;
    }
    return !*text || has_text(table, text);
}

struct sort_entry {
    const json_t *table;
    const char *key;
    bool descending;
};

static int compare_entries(const void *left, const void *right)
{
    const struct sort_entry *a = left, *b = right;
    int order = 0;
    if (*a->key) {
        bool is_time = strcasecmp(a->key, "UpdateTime") == 0 || strcasecmp(a->key, "CreateTime") == 0;
        int64_t ta = is_time ? time_property(a->table, a->key) : 0, tb = is_time ? time_property(b->table, b->key) : 0;
        order = is_time ? (ta > tb) - (ta < tb) : strcasecmp(property(a->table, a->key), property(b->table, b->key));
    }
    if (a->descending)
        order = -order;
    if (!order)
        order = strcmp(json_str(a->table, "DatabaseName"), json_str(b->table, "DatabaseName"));
    return order ? order : strcmp(json_str(a->table, "Name"), json_str(b->table, "Name"));
}

static json_t *sorted(const struct awsjson_call *call, const json_t *list)
{
    const json_t *criterion = json_array_get(json_object_get(call->in, "SortCriteria"), 0);
    size_t count = json_array_size(list), i;
    struct sort_entry *entries = calloc(count ? count : 1, sizeof *entries);
    json_t *table, *result = json_array();
    if (!entries)
        abort();
    json_array_foreach(list, i, table)
    {
        entries[i] = (struct sort_entry){.table = table,
                                         .key = json_str(criterion, "FieldName"),
                                         .descending = strcmp(json_str(criterion, "Sort"), "DESC") == 0};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (i = 0; i < count; i++)
        json_array_append(result, (json_t *)(uintptr_t)entries[i].table);
    free(entries);
    return result;
}

static json_t *find_all(struct awsjson_call *call)
{
    struct glue_page all = {.max = SEARCH_TABLES_MAX};
    struct glue_table_query query = {.database = NULL};
    json_t *tables = glue_table_list(call->cloud, &query, &all, &call->err), *wanted = json_array(), *table;
    size_t i;
    free(all.next);
    json_array_foreach(tables, i, table)
    {
        if (is_wanted(call, table))
            json_array_append(wanted, table);
    }
    json_t *result = tables ? sorted(call, wanted) : NULL;
    json_decref(wanted);
    json_decref(tables);
    return result;
}

bool glue_op_search_tables(struct awsjson_call *call)
{
    struct glue_page page;
    if (!glue_page_open(call, &page, 1000)) {
        glue_page_close(call, &page);
        return false;
    }
    /* the token is the number of tables already shown */
    size_t from = page.after ? strtoul(page.after, NULL, 10) : 0;
    json_t *found = find_all(call), *list = json_array();
    size_t count = json_array_size(found), end = from + (size_t)page.max;
    char next[24];
    for (size_t i = from; i < count && i < end; i++)
        json_array_append(list, json_array_get(found, i));
    if (found && end < count) {
        snprintf(next, sizeof next, "%zu", end);
        page.next = strdup(next);
    }
    glue_page_close(call, &page);
    bool ok = found != NULL;
    json_decref(found);
    if (ok)
        return glue_put(call, "TableList", list);
    json_decref(list);
    return false;
}
