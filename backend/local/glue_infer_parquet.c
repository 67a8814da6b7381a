/* Parquet: the footer's schema as Hive types. Lists and maps by the rules of the format's LogicalTypes page, the older
 * two-level lists included. */
#include "backend/local/glue_infer.h"
#include "backend/local/parquet_footer.h"
#include <string.h>

struct walk {
    const struct parquet_footer *footer;
    struct arena *arena;
    size_t at;
    int depth;
    bool failed;
};

static struct glue_type *read_type(struct walk *walk);

static struct glue_type *leaf_type(struct walk *walk, const struct parquet_element *element)
{
    static const enum glue_kind plain[] = {
        [PARQUET_BOOLEAN] = GLUE_BOOLEAN,   [PARQUET_INT32] = GLUE_INT,   [PARQUET_INT64] = GLUE_BIGINT,
        [PARQUET_INT96] = GLUE_TIMESTAMP,   [PARQUET_FLOAT] = GLUE_FLOAT, [PARQUET_DOUBLE] = GLUE_DOUBLE,
        [PARQUET_BYTE_ARRAY] = GLUE_BINARY, [PARQUET_FIXED] = GLUE_BINARY};
    static const enum glue_kind annotated[] = {
        [PARQUET_STRING] = GLUE_STRING,       [PARQUET_DECIMAL] = GLUE_DECIMAL, [PARQUET_DATE] = GLUE_DATE,
        [PARQUET_TIMESTAMP] = GLUE_TIMESTAMP, [PARQUET_INT8] = GLUE_TINYINT,    [PARQUET_INT16] = GLUE_SMALLINT,
        [PARQUET_UINT32] = GLUE_BIGINT};
    enum glue_kind kind = annotated[element->logical];
    struct glue_type *type = glue_type_new(walk->arena, kind != GLUE_NULL ? kind : plain[element->physical]);
    if (type && type->kind == GLUE_DECIMAL) {
        type->precision = element->precision;
        type->scale = element->scale;
    }
    return type;
}

static struct glue_type *wrap_array(struct walk *walk, struct glue_type *item)
{
    struct glue_type *array = glue_type_new(walk->arena, GLUE_ARRAY);
    struct glue_field *field = array ? glue_type_add(walk->arena, array, "item") : NULL;
    if (field)
        field->type = item;
    return array;
}

static struct glue_type *read_fields(struct walk *walk, int children, enum glue_kind kind)
{
    struct glue_type *type = glue_type_new(walk->arena, kind);
    for (int i = 0; i < children && !walk->failed && type; i++) {
        if (walk->at >= walk->footer->count) {
            walk->failed = true;
            break;
        }
        struct glue_field *field = glue_type_add(walk->arena, type, walk->footer->elements[walk->at].name);
        struct glue_type *child = read_type(walk);
        if (!field)
            walk->failed = true;
        else
            field->type = child;
    }
    return type;
}

/* LIST: group { repeated group list { element } }, or its older forms where the repeated one is the element. */
static struct glue_type *read_list(struct walk *walk)
{
    if (walk->at >= walk->footer->count)
        return NULL;
    const struct parquet_element *repeated = &walk->footer->elements[walk->at];
    bool is_three =
        repeated->physical == PARQUET_GROUP && repeated->children == 1 && strcmp(repeated->name, "array") != 0;
    if (is_three) {
        walk->at++;
        return wrap_array(walk, read_type(walk));
    }
    return read_type(walk); /* repeated: it becomes an array by itself */
}

static struct glue_type *read_map(struct walk *walk)
{
    if (walk->at >= walk->footer->count)
        return NULL;
    int children = walk->footer->elements[walk->at++].children;
    struct glue_type *map = read_fields(walk, children, GLUE_MAP);
    walk->failed |= children != 2;
    return map;
}

static struct glue_type *read_type(struct walk *walk)
{
    if (walk->failed || walk->at >= walk->footer->count || ++walk->depth > GLUE_TYPE_DEPTH) {
        walk->failed = true;
        return NULL;
    }
    const struct parquet_element *element = &walk->footer->elements[walk->at++];
    struct glue_type *type;
    if (element->physical != PARQUET_GROUP)
        type = leaf_type(walk, element);
    else if (element->logical == PARQUET_LIST && element->children == 1)
        type = read_list(walk);
    else if (element->logical == PARQUET_MAP && element->children == 1)
        type = read_map(walk);
    else
        type = read_fields(walk, element->children, GLUE_STRUCT);
    walk->depth--;
    return element->repetition == 2 && type ? wrap_array(walk, type) : type;
}

bool glue_infer_parquet(const void *footer, size_t len, struct arena *arena, struct glue_schema *schema)
{
    struct parquet_footer facts;
    if (!parquet_footer_read(footer, len, arena, &facts))
        return false;
    struct walk walk = {.footer = &facts, .arena = arena, .at = 1};
    schema->row = read_fields(&walk, facts.elements[0].children, GLUE_STRUCT);
    schema->format = GLUE_FORMAT_PARQUET;
    schema->records = facts.rows;
    schema->is_exact = true;
    return schema->row && !walk.failed && schema->row->count > 0;
}
