/* The engine's run-time errors in Athena's words. Errors that the prelude and the C functions raise carry their name
 * behind "WEIR!"; the others are recognised by what the engine says. Source: Trino's StandardErrorCode names. */
#include "backend/sql/dialect_parse.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *part, *name, *text; /* text NULL: the engine's own words */
} rows[] = {
    {.part = "More than one row returned by a subquery",
     .name = "SUBQUERY_MULTIPLE_ROWS",
     .text = "Scalar sub-query has returned multiple rows"},
    {.part = "aggregate function calls cannot be nested",
     .name = "NESTED_AGGREGATION",
     .text = "Cannot nest aggregations inside aggregation"},
    {.part = "Insufficient padding", .name = "INVALID_FUNCTION_ARGUMENT", .text = "Padding string must not be empty"},
    {.part = "TRY can not be used in combination with a volatile",
     .name = "NOT_SUPPORTED",
     .text = "TRY around random or uuid is not supported"},
    {.part = "with non-constant precision",
     .name = "NOT_SUPPORTED",
     .text = "round of a decimal to a number of digits that is no constant is not supported"},
    {.part = "hex digit", .name = "INVALID_FUNCTION_ARGUMENT", .text = NULL},
    {.part = "base64", .name = "INVALID_FUNCTION_ARGUMENT", .text = NULL},
    {.part = "Unknown TimeZone", .name = "INVALID_FUNCTION_ARGUMENT", .text = NULL},
    {.part = "Overflow in", .name = "NUMERIC_VALUE_OUT_OF_RANGE", .text = NULL},
    {.part = "out of range", .name = "NUMERIC_VALUE_OUT_OF_RANGE", .text = NULL},
    {.part = "Conversion Error", .name = "INVALID_CAST_ARGUMENT", .text = NULL},
    {.part = "Out of Memory",
     .name = "EXCEEDED_LOCAL_MEMORY_LIMIT",
     .text = "Query exhausted resources at this scale factor"},
    {.part = "CSV Error: ", .name = "HIVE_CURSOR_ERROR", .text = NULL},
    {.part = "is not a GZIP stream", .name = "HIVE_CURSOR_ERROR", .text = NULL},
    {.part = "IO Error", .name = "HIVE_CANNOT_OPEN_SPLIT", .text = NULL},
    {.part = "Invalid Input Error", .name = "HIVE_CURSOR_ERROR", .text = NULL},
    {.part = "SELECT DISTINCT, ORDER BY",
     .name = "EXPRESSION_NOT_IN_DISTINCT",
     .text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"},
    {.part = "Parser Error", .name = "GENERIC_INTERNAL_ERROR", .text = NULL},
    {.part = "Binder Error", .name = "GENERIC_INTERNAL_ERROR", .text = NULL},
    {.part = "Catalog Error", .name = "GENERIC_INTERNAL_ERROR", .text = NULL},
};

/* "WEIR!NAME: text", up to the end of the line. */
static bool own_error(const char *text, struct err *err)
{
    const char *own = strstr(text, "WEIR!");
    char name[sizeof err->service_code];
    if (!own)
        return false;
    own += strlen("WEIR!");
    size_t len = strspn(own, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    if (len == 0 || len >= sizeof name || own[len] != ':')
        return false;
    snprintf(name, sizeof name, "%.*s", (int)len, own);
    const char *words = own + len + 1;
    words += *words == ' ';
    dialect_fail(err, name, "%.*s", (int)strcspn(words, "\n"), words);
    return true;
}

/* "Binder Error: text\nLINE 1: ..." without its kind and its lines of our SQL, which nobody wrote. */
static void plain_text(const char *text, char *out, size_t size)
{
    const char *colon = strstr(text, "Error: ");
    const char *words = colon ? colon + strlen("Error: ") : text;
    snprintf(out, size, "%.*s", (int)strcspn(words, "\n"), words);
}

/* "Overflow in addition of INT32 (2147483647 + 1)!", and a cast's "Type INT32 with value 300 can't be cast ... INT8".
 */
static bool out_of_range(const char *text, struct err *err)
{
    static const struct {
        const char *duck, *trino;
    } types[] = {{"INT8", "tinyint"}, {"INT16", "smallint"}, {"INT32", "integer"}, {"INT64", "bigint"}};
    char operation[16], type[16], values[100];
    bool is_cast = sscanf(text, "Type %*s with value %99s can't be cast", values) == 1 && strrchr(text, ' ');
    bool is_inexact = is_cast && (strncmp(text, "Type DOUBLE", 11) == 0 || strncmp(text, "Type FLOAT", 10) == 0);
    if (is_cast)
        snprintf(type, sizeof type, "%s", strrchr(text, ' ') + 1);
    else if (sscanf(text, "Overflow in %15s of %15s (%99[^)])", operation, type, values) != 3)
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].duck, type) == 0)
            return is_inexact
                       ? !dialect_fail(err, "INVALID_CAST_ARGUMENT", "Unable to cast %s to %s", values, types[i].trino)
                   : is_cast ? !dialect_fail(err, "NUMERIC_VALUE_OUT_OF_RANGE", "Out of range for %s: %s",
                                             types[i].trino, values)
                             : !dialect_fail(err, "NUMERIC_VALUE_OUT_OF_RANGE", "%s %s overflow: %s", types[i].trino,
                                             operation, values);
    return false;
}

/* The engine names a column of a grouped query that is neither grouped nor aggregated; its first place in the statement
 * outside GROUP BY is the one that Trino means, but for one in a subquery before it. */
static bool not_grouped(const char *sql, const char *text, struct err *err)
{
    char name[128];
    struct dialect_token token;
    size_t offset = 0, len = strlen(sql);
    int state = 0;
    if (!strstr(text, "must appear in the GROUP BY clause") ||
        (sscanf(text, "column \"%127[^\"]\"", name) != 1 && sscanf(text, "column %127s must", name) != 1))
        return false;
    while (dialect_token(sql, len, &offset, &state, &token)) {
        size_t quote = token.kind == TOKEN_QUOTED_NAME;
        if ((quote || token.kind == TOKEN_NAME) && token.len == strlen(name) + 2 * quote &&
            strncasecmp(sql + token.start + quote, name, strlen(name)) == 0)
            return !dialect_fail_at(err, "EXPRESSION_NOT_AGGREGATE", sql, token.start,
                                    "'%s' must be an aggregate expression or appear in GROUP BY clause", name);
    }
    return !dialect_fail(err, "EXPRESSION_NOT_AGGREGATE",
                         "'%s' must be an aggregate expression or appear in GROUP BY clause", name);
}

void dialect_map_error(const struct dialect_statement *statement, const char *sql, const struct err *duck,
                       struct err *err)
{
    char text[sizeof err->text];
    (void)statement;
    if (duck->code == ERR_CANCELLED) {
        *err = *duck;
        return;
    }
    if (own_error(duck->text, err))
        return;
    plain_text(duck->text, text, sizeof text);
    if (out_of_range(text, err) || not_grouped(sql, text, err))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(duck->text, rows[i].part)) {
            dialect_fail(err, rows[i].name, "%s", rows[i].text ? rows[i].text : text);
            return;
        }
    dialect_fail(err, "GENERIC_INTERNAL_ERROR", "%s", text);
}
