/* Functions with lambdas: the parameters get the types of the other arguments, the bodies become the engine's lambdas.
 * Source: Trino documentation, "Lambda expressions", "Array functions", "Map functions". */
#include "backend/sql/dialect_shape.h"
#include <string.h>

struct value shape_mismatch(struct tr *tr, const struct expr *call, const char *expected)
{
    return tr_fail(tr, "FUNCTION_NOT_FOUND", call->at, "Unexpected parameters for function %s. Expected: %s(%s)",
                   call->name, call->name, expected);
}

struct value shape_argument(struct tr *tr, const struct expr *call, size_t index, const struct scope *scope)
{
    return tr_expr(tr, call->args[index], scope);
}

struct lambda {
    const char *names[3]; /* the engine's */
    struct value body;
};

/* The lambda at args[index] with parameters of these types; body.sql NULL on failure. texts: what the parameters stand
 * for when they are no plain names (fields of a pair); NULL: their own names. */
static struct lambda lambda(struct tr *tr, const struct expr *call, size_t index, const struct type *const *types,
                            size_t count, const char *const *texts, const struct scope *scope)
{
    struct lambda result = {.body = {.sql = NULL}};
    const struct expr *expr = call->args[index];
    struct scope inner = {.outer = scope, .lambda_depth = scope->lambda_depth + 1};
    if (expr->kind != EXPR_LAMBDA || expr->lambda_count != count) {
        result.body = shape_mismatch(tr, call, count == 1 ? "..., x -> ..." : "..., (x, y) -> ...");
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        result.names[i] = arena_printf(tr->arena, "l%d_%zu", inner.lambda_depth, i);
        struct field field = {
            .name = expr->lambda_names[i], .engine = texts && texts[i] ? texts[i] : result.names[i], .type = types[i]};
        if (!fields_add(tr, &inner.fields, &field))
            return result;
    }
    result.body = tr_expr(tr, expr->args[0], &inner);
    return result;
}

/* The array at args[0] and a lambda over its items. */
static bool array_and_lambda(struct tr *tr, const struct expr *call, const struct scope *scope, struct value *array,
                             struct lambda *body)
{
    if (call->count != 2) {
        shape_mismatch(tr, call, "array(T), function(T)");
        return false;
    }
    *array = shape_argument(tr, call, 0, scope);
    if (array->sql && array->type->base != BASE_ARRAY && array->type->base != BASE_UNKNOWN)
        *array = shape_mismatch(tr, call, "array(T), function(T)");
    if (!array->sql)
        return false;
    const struct type *item = array->type->base == BASE_ARRAY ? array->type->kids[0] : array->type;
    *body = lambda(tr, call, 1, &item, 1, NULL, scope);
    return body->body.sql != NULL;
}

struct value shape_transform(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value array;
    struct lambda body;
    if (!array_and_lambda(tr, call, scope, &array, &body))
        return TR_NOTHING;
    return tr_value(tr, type_array(tr->arena, body.body.type), "list_transform(%s, lambda %s: %s)", array.sql,
                    body.names[0], body.body.sql);
}

struct value shape_filter(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value array;
    struct lambda body;
    if (!array_and_lambda(tr, call, scope, &array, &body))
        return TR_NOTHING;
    return tr_value(tr, array.type, "list_filter(%s, lambda %s: coalesce(%s, false))", array.sql, body.names[0],
                    body.body.sql);
}

/* Three-valued: true when one item is, else NULL when one is NULL, else false. */
static struct value match(struct tr *tr, const struct expr *call, const struct scope *scope, const char *macro)
{
    struct value array;
    struct lambda body;
    if (!array_and_lambda(tr, call, scope, &array, &body))
        return TR_NOTHING;
    return tr_value(tr, type_simple(BASE_BOOLEAN), "%s(list_transform(%s, lambda %s: %s))", macro, array.sql,
                    body.names[0], body.body.sql);
}

struct value shape_any_match(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return match(tr, call, scope, "weir_any");
}

struct value shape_all_match(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return match(tr, call, scope, "weir_all");
}

struct value shape_none_match(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return match(tr, call, scope, "NOT weir_any");
}

/* reduce(array, start, (s, x) -> ..., s -> ...): the engine folds over structs, since state and items differ in type.
 */
struct value shape_reduce(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 4)
        return shape_mismatch(tr, call, "array(T), S, function(S,T,S), function(S,R)");
    struct value array = shape_argument(tr, call, 0, scope);
    struct value start = array.sql ? shape_argument(tr, call, 1, scope) : array;
    if (start.sql && array.type->base != BASE_ARRAY)
        return shape_mismatch(tr, call, "array(T), S, function(S,T,S), function(S,R)");
    if (!start.sql)
        return start;
    int depth = scope->lambda_depth + 1;
    const struct type *types[2] = {start.type, array.type->kids[0]};
    const char *const texts[2] = {arena_printf(tr->arena, "struct_extract(l%d_0, 's')", depth),
                                  arena_printf(tr->arena, "struct_extract(l%d_1, 'v')", depth)};
    struct lambda step = lambda(tr, call, 2, types, 2, texts, scope);
    if (step.body.sql) { /* the state takes the common type: reduce(a, 0, (s, x) -> s + x) over doubles needs CAST in
                            Trino */
        const struct type *common = type_common(tr->arena, start.type, step.body.type);
        if (!common)
            return tr_fail(tr, "TYPE_MISMATCH", call->at, "reduce: the state is %s, its step gives %s",
                           type_trino(tr->arena, start.type), type_trino(tr->arena, step.body.type));
        types[0] = common;
        step = lambda(tr, call, 2, types, 2, texts, scope);
    }
    struct lambda end = step.body.sql ? lambda(tr, call, 3, types, 1, NULL, scope) : step;
    if (!end.body.sql)
        return end.body;
    const char *state = type_duck(tr->arena, types[0]);
    return tr_value(
        tr, end.body.type,
        "(list_transform([list_reduce(list_transform(%s, lambda x: struct_pack(s := CAST(NULL AS %s), v := x)), "
        "lambda l%d_0, l%d_1: struct_pack(s := CAST(%s AS %s), v := struct_extract(l%d_1, 'v')), "
        "struct_pack(s := CAST(%s AS %s), v := CAST(NULL AS %s))).s], lambda %s: %s)[1])",
        array.sql, state, depth, depth, step.body.sql, state, depth, start.sql, state, type_duck(tr->arena, types[1]),
        end.names[0], end.body.sql);
}

/* reduce_agg(x, start, (s, x) -> ..., (a, b) -> ...): reduce over the values that are not NULL, in one go. */
struct value shape_reduce_agg(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    static const char *name = "s";
    struct expr state = {.kind = EXPR_NAME, .at = call->at, .name = name};
    struct expr *body[] = {&state};
    struct expr identity = {
        .kind = EXPR_LAMBDA, .at = call->at, .args = body, .count = 1, .lambda_names = &name, .lambda_count = 1};
    if (call->count != 4 || call->call->is_over || call->call->filter)
        return call->count == 4
                   ? tr_fail(tr, "NOT_SUPPORTED", call->at, "reduce_agg with FILTER or OVER is not supported")
                   : shape_mismatch(tr, call, "T, S, function(S,T,S), function(S,S,S)");
    struct expr known = {.kind = EXPR_IS_NULL, .at = call->at, .args = call->args, .count = 1, .is_negated = true};
    struct call collected = {.filter = &known};
    struct expr list = {
        .kind = EXPR_CALL, .at = call->at, .name = "array_agg", .args = call->args, .count = 1, .call = &collected};
    struct expr *args[] = {&list, call->args[1], call->args[2], &identity};
    struct call nothing = {.is_star = false};
    struct expr reduce = {
        .kind = EXPR_CALL, .at = call->at, .name = "reduce", .args = args, .count = 4, .call = &nothing};
    return tr_call(tr, &reduce, scope);
}

/* zip_with(a, b, (x, y) -> ...): the shorter array is padded with NULL. */
struct value shape_zip_with(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 3)
        return shape_mismatch(tr, call, "array(T), array(U), function(T,U,R)");
    struct value left = shape_argument(tr, call, 0, scope);
    struct value right = left.sql ? shape_argument(tr, call, 1, scope) : left;
    if (!right.sql)
        return right;
    if (left.type->base != BASE_ARRAY || right.type->base != BASE_ARRAY)
        return shape_mismatch(tr, call, "array(T), array(U), function(T,U,R)");
    const struct type *const types[2] = {left.type->kids[0], right.type->kids[0]};
    int depth = scope->lambda_depth + 1;
    const char *const texts[2] = {arena_printf(tr->arena, "l%d_0[1]", depth),
                                  arena_printf(tr->arena, "l%d_0[2]", depth)};
    struct lambda body = lambda(tr, call, 2, types, 2, texts, scope);
    if (!body.body.sql)
        return body.body;
    return tr_value(tr, type_array(tr->arena, body.body.type), "list_transform(list_zip(%s, %s), lambda l%d_0: %s)",
                    left.sql, right.sql, depth, body.body.sql);
}

/* A map at args[0] and a lambda over (key, value), which are the fields of one entry. */
static bool map_and_lambda(struct tr *tr, const struct expr *call, const struct scope *scope, struct value *map,
                           struct lambda *body)
{
    *map = call->count == 2 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "map(K,V), function(K,V)");
    if (map->sql && map->type->base != BASE_MAP)
        *map = shape_mismatch(tr, call, "map(K,V), function(K,V)");
    if (!map->sql)
        return false;
    int depth = scope->lambda_depth + 1;
    const char *const texts[2] = {arena_printf(tr->arena, "struct_extract(l%d_0, 'key')", depth),
                                  arena_printf(tr->arena, "struct_extract(l%d_0, 'value')", depth)};
    *body = lambda(tr, call, 1, map->type->kids, 2, texts, scope);
    return body->body.sql != NULL;
}

struct value shape_transform_values(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value map;
    struct lambda body;
    if (!map_and_lambda(tr, call, scope, &map, &body))
        return TR_NOTHING;
    return tr_value(tr, type_map(tr->arena, map.type->kids[0], body.body.type),
                    "map(map_keys(%s), list_transform(map_entries(%s), lambda %s: %s))", map.sql, map.sql,
                    body.names[0], body.body.sql);
}

struct value shape_transform_keys(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value map;
    struct lambda body;
    if (!map_and_lambda(tr, call, scope, &map, &body))
        return TR_NOTHING;
    return tr_value(tr, type_map(tr->arena, body.body.type, map.type->kids[1]),
                    "map(list_transform(map_entries(%s), lambda %s: %s), map_values(%s))", map.sql, body.names[0],
                    body.body.sql, map.sql);
}

struct value shape_map_filter(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value map;
    struct lambda body;
    if (!map_and_lambda(tr, call, scope, &map, &body))
        return TR_NOTHING;
    return tr_value(tr, map.type, "map_from_entries(list_filter(map_entries(%s), lambda %s: coalesce(%s, false)))",
                    map.sql, body.names[0], body.body.sql);
}

/* map_zip_with(a, b, (k, x, y) -> ...): all keys of both, NULL where one lacks it. */
struct value shape_map_zip_with(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 3)
        return shape_mismatch(tr, call, "map(K,V), map(K,W), function(K,V,W,R)");
    struct value left = shape_argument(tr, call, 0, scope);
    struct value right = left.sql ? shape_argument(tr, call, 1, scope) : left;
    if (!right.sql)
        return right;
    if (left.type->base != BASE_MAP || right.type->base != BASE_MAP)
        return shape_mismatch(tr, call, "map(K,V), map(K,W), function(K,V,W,R)");
    const struct type *const types[3] = {left.type->kids[0], left.type->kids[1], right.type->kids[1]};
    int depth = scope->lambda_depth + 1;
    const char *const texts[3] = {NULL, arena_printf(tr->arena, "(%s)[l%d_0]", left.sql, depth),
                                  arena_printf(tr->arena, "(%s)[l%d_0]", right.sql, depth)};
    struct lambda body = lambda(tr, call, 2, types, 3, texts, scope);
    if (!body.body.sql)
        return body.body;
    const char *keys = arena_printf(tr->arena, "weir_union(map_keys(%s), map_keys(%s))", left.sql, right.sql);
    return tr_value(tr, type_map(tr->arena, types[0], body.body.type), "map(%s, list_transform(%s, lambda %s: %s))",
                    keys, keys, body.names[0], body.body.sql);
}

/* An item's place is the number of items before it: those that the comparator puts first, and equal ones that stood
 * first. */
static struct value sort_by(struct tr *tr, const struct expr *call, struct value array, const struct scope *scope)
{
    const struct type *item = array.type->kids[0], *const types[2] = {item, item};
    int depth = scope->lambda_depth + 1;
    const char *const texts[2] = {arena_printf(tr->arena, "l%d_1", depth), arena_printf(tr->arena, "l%d_0", depth)};
    struct lambda order = lambda(tr, call, 1, types, 2, texts, scope);
    if (order.body.sql && !type_is_integer(order.body.type))
        return shape_mismatch(tr, call, "array(T), function(T,T,integer)");
    if (!order.body.sql)
        return order.body;
    return tr_value(
        tr, array.type,
        "list_transform(list_sort(list_transform(%s, lambda l%d_0, i%d: struct_pack(p := len(list_filter(%s, lambda "
        "l%d_1, j%d: %s < 0 OR (%s = 0 AND j%d < i%d))), v := l%d_0))), lambda z: struct_extract(z, 'v'))",
        array.sql, depth, depth, array.sql, depth, depth, order.body.sql, order.body.sql, depth, depth, depth);
}

struct value shape_array_sort(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value array = call->count == 1 || call->count == 2 ? shape_argument(tr, call, 0, scope)
                                                              : shape_mismatch(tr, call, "array(T)");
    if (!array.sql)
        return array;
    if (array.type->base != BASE_ARRAY)
        return shape_mismatch(tr, call, "array(T)");
    if (call->count == 2)
        return sort_by(tr, call, array, scope);
    return tr_value(tr, array.type, "list_sort(%s, 'ASC', 'NULLS LAST')", array.sql);
}
