/* JSON_VALUE, JSON_QUERY and JSON_EXISTS: the C functions answer with a first letter that says value, null, empty or
 * error, and what the query wants for each is chosen here. Source: Trino documentation, "JSON functions and operators".
 */
#include "backend/sql/dialect_query.h"
#include "backend/sql/jsonpath.h"
#include <string.h>

/* The text for ON EMPTY or ON ERROR. */
static struct value otherwise(struct tr *tr, const char *word, const struct expr *value, const struct type *type,
                              const struct scope *scope, const char *error)
{
    if (!word || strcmp(word, "NULL") == 0)
        return tr_value(tr, type, "NULL");
    if (strcmp(word, "ERROR") == 0)
        return tr_value(tr, type, "weir_fail('%s')", error);
    if (strcmp(word, "EMPTY ARRAY") == 0 || strcmp(word, "EMPTY") == 0)
        return tr_value(tr, type, "'[]'");
    if (strcmp(word, "EMPTY OBJECT") == 0)
        return tr_value(tr, type, "'{}'");
    struct value other = value ? tr_expr(tr, value, scope) : TR_NOTHING;
    if (!other.sql && tr->err->code == ERR_OK)
        dialect_fail(tr->err, "SYNTAX_ERROR", "%s is not allowed here", word);
    return other.sql ? tr_cast(tr, other, type, false, value->at) : other;
}

static struct value exists(struct tr *tr, const struct expr *expr, const char *doc, const char *path)
{
    const char *word = expr->json->on_error ? expr->json->on_error : "FALSE";
    const char *error = strcmp(word, "TRUE") == 0      ? "true"
                        : strcmp(word, "UNKNOWN") == 0 ? "NULL"
                        : strcmp(word, "ERROR") == 0   ? "weir_fail('PATH_EVALUATION_ERROR: path evaluation failed')"
                                                       : "false";
    return tr_value(tr, type_simple(BASE_BOOLEAN),
                    "(CASE weir_json_exists(%s, %s) WHEN 'T' THEN true WHEN 'F' THEN false WHEN 'X' THEN %s END)", doc,
                    path, error);
}

struct value tr_json(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct json_behaviour *json = expr->json;
    bool is_query = strcmp(expr->name, "json_query") == 0;
    struct err path_err = ERR_NONE;
    struct value doc = tr_expr(tr, expr->args[0], scope);
    if (!doc.sql)
        return doc;
    if (!type_is_text(doc.type) && doc.type->base != BASE_UNKNOWN)
        return tr_fail(tr, "TYPE_MISMATCH", expr->args[0]->at,
                       "Cannot read input of type %s as JSON using formatting JSON", type_trino(tr->arena, doc.type));
    if (!jsonpath_check(expr->args[1]->name, true, &path_err))
        return tr_fail(tr, path_err.service_code, expr->at, "%s", path_err.text);
    const char *text = tr_as(tr, doc, type_simple(BASE_VARCHAR)),
               *path = sql_quote_string(tr->arena, expr->args[1]->name);
    if (strcmp(expr->name, "json_exists") == 0)
        return exists(tr, expr, text, path);
    const struct type *type = json->returning ? json->returning : type_simple(BASE_VARCHAR);
    const char *call = is_query ? arena_printf(tr->arena, "weir_json_query(%s, %s, '%s')", text, path,
                                               json->omit_quotes ? "OMIT"
                                               : json->wrapper   ? json->wrapper
                                                                 : "")
                                : arena_printf(tr->arena, "weir_json_value(%s, %s)", text, path);
    struct value found =
        tr_cast(tr, tr_value(tr, type_simple(BASE_VARCHAR), "substr(%s, 2)", call), type, false, expr->at);
    struct value empty = otherwise(tr, json->on_empty, json->empty_value, type, scope,
                                   "JSON_VALUE_RESULT_ERROR: cannot extract from JSON: no item found");
    struct value error =
        otherwise(tr, json->on_error, json->error_value, type, scope, "PATH_EVALUATION_ERROR: path evaluation failed");
    if (!found.sql || !empty.sql || !error.sql)
        return TR_NOTHING;
    return tr_value(tr, type, "(CASE left(%s, 1) WHEN 'V' THEN %s WHEN '0' THEN %s WHEN 'X' THEN %s END)", call,
                    found.sql, empty.sql, error.sql);
}
