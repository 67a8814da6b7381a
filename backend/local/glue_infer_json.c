/* JSON: the records' members and their types. The rules are in glue_infer.h. */
#include "backend/base/json.h"
#include "backend/local/glue_infer.h"
#include <ctype.h>
#include <string.h>

static struct glue_type *type_of(struct arena *arena, const json_t *value, int depth);

static struct glue_type *type_object(struct arena *arena, json_t *object, int depth)
{
    struct glue_type *type = glue_type_new(arena, GLUE_STRUCT);
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member)
    {
        struct glue_type one = {.kind = GLUE_STRUCT};
        struct glue_field *field = type ? glue_type_add(arena, &one, key) : NULL;
        if (!field)
            break;
        field->type = type_of(arena, member, depth + 1);
        /* by merging: keys that differ only in case are one column */
        type = glue_type_merge(arena, type, &one);
    }
    return type;
}

static struct glue_type *type_array(struct arena *arena, const json_t *array, int depth)
{
    struct glue_type *type = glue_type_new(arena, GLUE_ARRAY);
    struct glue_field *element = type && json_array_size(array) ? glue_type_add(arena, type, "item") : NULL;
    size_t i;
    json_t *value;
    if (!element)
        return type;
    json_array_foreach(array, i, value) element->type =
        glue_type_merge(arena, element->type, type_of(arena, value, depth + 1));
    return type;
}

static struct glue_type *type_of(struct arena *arena, const json_t *value, int depth)
{
    if (depth > GLUE_TYPE_DEPTH && (json_is_object(value) || json_is_array(value)))
        return glue_type_new(arena, GLUE_STRING);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return type_object(arena, (json_t *)(uintptr_t)value, depth);
    case JSON_ARRAY:
        return type_array(arena, value, depth);
    case JSON_STRING:
        return glue_type_new(arena, GLUE_STRING);
    case JSON_INTEGER:
        return glue_type_new(arena,
                             json_integer_value(value) == (int32_t)json_integer_value(value) ? GLUE_INT : GLUE_BIGINT);
    case JSON_REAL:
        return glue_type_new(arena, GLUE_DOUBLE);
    case JSON_TRUE:
    case JSON_FALSE:
        return glue_type_new(arena, GLUE_BOOLEAN);
    default:
        return glue_type_new(arena, GLUE_NULL);
    }
}

static size_t skip_space(const char *bytes, size_t at, size_t len)
{
    while (at < len && isspace((unsigned char)bytes[at]))
        at++;
    return at;
}

/* One array: its elements' type is the only column's, as Glue does. */
static bool infer_array(const char *bytes, size_t len, struct arena *arena, struct glue_schema *schema)
{
    json_error_t problem;
    json_t *array = json_loadb(bytes, len, JSON_ALLOW_NUL, &problem);
    struct glue_field *column = NULL;
    if (json_is_array(array))
        column = glue_type_add(arena, schema->row, "array");
    if (column)
        column->type = type_of(arena, array, 0);
    json_decref(array);
    schema->records = 1;
    schema->bytes = (int64_t)len;
    return column != NULL;
}

bool glue_infer_json(const char *bytes, size_t len, bool is_whole, struct arena *arena, struct glue_schema *schema)
{
    size_t at = skip_space(bytes, 0, len);
    schema->row = glue_type_new(arena, GLUE_STRUCT);
    schema->format = GLUE_FORMAT_JSON;
    schema->is_exact = is_whole;
    if (!schema->row || at >= len || (bytes[at] != '{' && bytes[at] != '['))
        return false;
    if (bytes[at] == '[')
        return is_whole && infer_array(bytes + at, len - at, arena, schema);
    while (at < len && bytes[at] == '{') {
        json_error_t problem;
        json_t *record = json_loadb(bytes + at, len - at, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &problem);
        if (!record || problem.position <= 0) {
            json_decref(record);
            break; /* the last record of a part is cut; a damaged one ends the sample */
        }
        schema->row = glue_type_merge(arena, schema->row, type_of(arena, record, 0));
        json_decref(record);
        schema->records++;
        at = skip_space(bytes, at + (size_t)problem.position, len);
        schema->bytes = (int64_t)at;
    }
    return schema->records > 0 && !arena_failed(arena);
}
