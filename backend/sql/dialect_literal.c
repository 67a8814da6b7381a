/* Literals, parameters and the words that stand for values (CURRENT_DATE): their types and the engine's text. Source:
 * Trino's SqlBase grammar and documentation, "Data types". */
#include "backend/sql/dialect_query.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct value tr_number_text(struct tr *tr, const char *text, const char *sign, size_t at)
{
    size_t digits = 0, fraction = 0;
    if (strpbrk(text, "eE"))
        return tr_value(tr, type_simple(BASE_DOUBLE), "CAST(%s%s AS DOUBLE)", sign, text);
    const char *point = strchr(text, '.'), *first = text + strspn(text, "0");
    for (const char *c = first; *c; c++)
        digits += *c != '.';
    fraction = point ? strlen(point + 1) : 0;
    if (!point) {
        errno = 0;
        char full[64];
        snprintf(full, sizeof full, "%s%s", sign, text);
        long long value = strtoll(full, NULL, 10);
        if (errno == ERANGE || strlen(text) > 60)
            return tr_fail(tr, "SYNTAX_ERROR", at, "Invalid numeric literal: %s%.60s", sign, text);
        bool is_int = value >= -2147483648LL && value <= 2147483647LL;
        return tr_value(tr, type_simple(is_int ? BASE_INTEGER : BASE_BIGINT), is_int && !*sign ? "%s%s" : "(%s%s)",
                        sign, text);
    }
    if (digits > 38)
        return tr_fail(tr, "NUMERIC_VALUE_OUT_OF_RANGE", at, "Invalid numeric literal: %.60s", text);
    if (digits < fraction)
        digits = fraction;
    const struct type *type = type_decimal(tr->arena, (int)(digits ? digits : 1), (int)fraction);
    return tr_value(tr, type, "CAST('%s%s' AS %s)", sign, text, type_duck(tr->arena, type));
}

struct value tr_literal_number(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    return tr_number_text(tr, expr->name, "", expr->at);
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

struct value tr_literal_string(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    size_t length = characters(expr->name);
    struct value value = {.sql = sql_quote_string(tr->arena, expr->name),
                          .type = type_varchar(tr->arena, length ? (int)length : 0)};
    return value;
}

struct value tr_literal_null(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)expr;
    (void)scope;
    return tr_value(tr, type_simple(BASE_UNKNOWN), "NULL");
}

struct value tr_literal_boolean(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    return tr_value(tr, type_simple(BASE_BOOLEAN), "%s", strcasecmp(expr->name, "true") == 0 ? "true" : "false");
}

/* X'00 ff': spaces between the digits are allowed. */
struct value tr_literal_binary(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    struct buf out = BUF_INIT(1024 * 1024);
    size_t digits = 0;
    for (const char *c = expr->name; *c; c++) {
        if (isspace((unsigned char)*c))
            continue;
        if (!isxdigit((unsigned char)*c)) {
            buf_done(&out);
            return tr_fail(tr, "INVALID_LITERAL", expr->at, "Binary literal can only contain hexadecimal digits");
        }
        buf_printf(&out, digits++ % 2 ? "%c" : "\\x%c", *c);
    }
    const char *text = tr_take(tr, &out);
    if (digits % 2)
        return tr_fail(tr, "INVALID_LITERAL", expr->at, "Binary literal must contain an even number of digits");
    return text ? tr_value(tr, type_simple(BASE_VARBINARY), "CAST('%s' AS BLOB)", text) : TR_NOTHING;
}

struct value tr_literal_parameter(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct scope nothing = {.outer = NULL};
    (void)scope;
    if ((size_t)expr->index >= tr->parameter_count)
        return tr_fail(tr, "INVALID_PARAMETER_USAGE", expr->at,
                       "Incorrect number of parameters: there is no value for parameter %d", expr->index + 1);
    const struct expr *value = tr->parameters[expr->index];
    return value->kind == EXPR_PARAMETER ? tr_fail(tr, "INVALID_PARAMETER_USAGE", expr->at, "a parameter has no value")
                                         : tr_expr(tr, value, &nothing);
}

/* INTERVAL '1 02:03:04.5' DAY TO SECOND, '2-3' YEAR TO MONTH: counted in months or seconds. */
struct value tr_literal_interval(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    static const double seconds[] = {0, 0, 86400, 3600, 60, 1};
    static const char *const makers[] = {"to_years", "to_months", "to_days", "to_hours", "to_minutes", "to_seconds"};
    const char *at = expr->name, *sign = expr->is_negated ? "-" : "";
    double total = 0;
    (void)scope;
    if (*at == '-') {
        sign = *sign ? "" : "-";
        at++;
    }
    int unit = expr->index;
    if (!expr->is_try) { /* one unit */
        if (!*at || at[strspn(at, unit == 5 ? "0123456789." : "0123456789")] || strlen(at) > 15)
            return tr_fail(tr, "INVALID_LITERAL", expr->at, "'%.60s' is not a valid interval literal", expr->name);
        return tr_value(tr, expr->type, "%s(%s%s)", makers[unit], sign, at);
    }
    for (; *at && unit < 6; unit++) {
        char *end;
        double number = strtod(at, &end);
        if (end == at || number < 0)
            return tr_fail(tr, "INVALID_LITERAL", expr->at, "'%.60s' is not a valid interval literal", expr->name);
        total += expr->index < 2 ? number * (unit == 0 ? 12 : 1) : number * seconds[unit];
        at = end + (*end == ' ' || *end == ':' || *end == '-');
    }
    return expr->index < 2 ? tr_value(tr, expr->type, "to_months(%s%.0f)", sign, total)
                           : tr_value(tr, expr->type, "to_seconds(%s%.6f)", sign, total);
}

/* The zone behind a timestamp's text, or NULL: "2024-01-01 00:00 Europe/Paris", "... +02:00", "...Z". */
static const char *zone_of(struct arena *arena, const char *text, size_t *len)
{
    size_t end = strlen(text), start = end;
    if (end && text[end - 1] == 'Z' && isdigit((unsigned char)(end > 1 ? text[end - 2] : 'x'))) {
        *len = end - 1;
        return "UTC";
    }
    const char *space = strrchr(text, ' ');
    if (space && (isalpha((unsigned char)space[1]) || space[1] == '+' || space[1] == '-')) {
        *len = (size_t)(space - text);
        return arena_strdup(arena, space + 1);
    }
    for (start = end; start > 11 && (isdigit((unsigned char)text[start - 1]) || text[start - 1] == ':'); start--)
        ;
    if (start > 11 && (text[start - 1] == '+' || text[start - 1] == '-') && strchr(text, ':')) {
        *len = start - 1;
        return arena_strdup(arena, text + start - 1);
    }
    *len = end;
    return NULL;
}

static bool is_date(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && is_leap);
}

static struct value typed_stamp(struct tr *tr, const struct expr *expr)
{
    size_t len;
    const char *zone = zone_of(tr->arena, expr->name, &len);
    const char *text = sql_quote_string(tr->arena, arena_strndup(tr->arena, expr->name, len));
    struct value stamp = tr_value(tr, type_simple(BASE_TIMESTAMP), "CAST(%s AS TIMESTAMP)", text);
    int year, month, day;
    if (sscanf(expr->name, "%d-%d-%d", &year, &month, &day) != 3 || !is_date(year, month, day))
        return tr_fail(tr, "INVALID_LITERAL", expr->at, "'%.60s' is not a valid TIMESTAMP literal", expr->name);
    if (!zone) {
        const char *point = strchr(expr->name, '.');
        size_t digits = point ? strspn(point + 1, "0123456789") : 0;
        stamp.type = type_timestamp(tr->arena, digits < 12 ? (int)digits : 12);
        return stamp;
    }
    return tr_value(tr, type_zoned(tr->arena, zone), "%s", tr_instant_of(tr, stamp.sql, zone));
}

struct value tr_literal_typed(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const char *text = sql_quote_string(tr->arena, expr->name);
    const struct type *type = expr->type;
    int year, month, day;
    (void)scope;
    if (type->base == BASE_TIMESTAMP || type->base == BASE_TIMESTAMP_TZ)
        return typed_stamp(tr, expr);
    if (type->base == BASE_DATE &&
        (sscanf(expr->name, "%d-%d-%d", &year, &month, &day) != 3 || !is_date(year, month, day)))
        return tr_fail(tr, "INVALID_LITERAL", expr->at, "'%.60s' is not a valid DATE literal", expr->name);
    if (type->base == BASE_JSON)
        return tr_value(tr, type, "CAST(weir_json_parse(%s) AS JSON)", text);
    if (type->base == BASE_DECIMAL) {
        bool negative = *expr->name == '-';
        if (expr->name[negative] == '\0' || expr->name[negative + strspn(expr->name + negative, "0123456789.")])
            return tr_fail(tr, "INVALID_LITERAL", expr->at, "'%.60s' is not a valid DECIMAL literal", expr->name);
        const char *point = strchr(expr->name, '.');
        return tr_number_text(tr, point ? expr->name + negative : arena_printf(tr->arena, "%s.", expr->name + negative),
                              negative ? "-" : "", expr->at);
    }
    if (type->base == BASE_CHAR || type->base == BASE_VARCHAR)
        return (struct value){.sql = text, .type = type_varchar(tr->arena, (int)characters(expr->name))};
    return tr_cast(tr, (struct value){.sql = text, .type = type_simple(BASE_VARCHAR)}, type, false, expr->at);
}

struct value tr_literal_special(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    static const struct {
        const char *word, *sql;
        enum base base;
    } rows[] = {{.word = "CURRENT_DATE", .sql = "current_date", .base = BASE_DATE},
                {.word = "CURRENT_TIMESTAMP", .sql = "now()", .base = BASE_TIMESTAMP_TZ},
                {.word = "LOCALTIMESTAMP", .sql = "timezone('UTC', now())", .base = BASE_TIMESTAMP},
                {.word = "LOCALTIME", .sql = "CAST(timezone('UTC', now()) AS TIME)", .base = BASE_TIME},
                {.word = "CURRENT_CATALOG", .sql = "'awsdatacatalog'", .base = BASE_VARCHAR}};
    (void)scope;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcasecmp(rows[i].word, expr->name) == 0)
            return tr_value(tr, type_simple(rows[i].base), "%s", rows[i].sql);
    if (strcasecmp(expr->name, "CURRENT_SCHEMA") == 0)
        return tr_value(tr, type_simple(BASE_VARCHAR), "%s", sql_quote_string(tr->arena, tr->database));
    return tr_fail(tr, "NOT_SUPPORTED", expr->at, "%s is not supported", expr->name);
}
