/* Reading a Parquet footer; see parquet_footer.h. */
#include "backend/local/parquet_footer.h"
#include <string.h>

enum { NEST_MAX = 32 };
/* Types of Thrift's compact protocol. */
enum { T_STOP, T_TRUE, T_FALSE, T_BYTE, T_I16, T_I32, T_I64, T_DOUBLE, T_BINARY, T_LIST, T_SET, T_MAP, T_STRUCT };

struct thrift {
    const uint8_t *at, *end;
    struct arena *arena;
    int depth;
    bool failed;
};

static uint64_t read_varint(struct thrift *in)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (in->at >= in->end)
            break;
        uint8_t byte = *in->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    in->failed = true;
    return 0;
}

static int64_t read_int(struct thrift *in)
{
    uint64_t value = read_varint(in);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static const uint8_t *read_bytes(struct thrift *in, uint64_t *len)
{
    *len = read_varint(in);
    if (in->failed || *len > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *bytes = in->at;
    in->at += *len;
    return bytes;
}

static bool read_list(struct thrift *in, int *type, uint64_t *count)
{
    if (in->at >= in->end)
        return !(in->failed = true);
    uint8_t head = *in->at++;
    *type = head & 15;
    *count = head >> 4;
    if (*count == 15)
        *count = read_varint(in);
    /* each element takes a byte at least */
    if (*count > (uint64_t)(in->end - in->at))
        in->failed = true;
    return !in->failed;
}

/* The next field of a struct; false at its end or after a failure. */
static bool read_field(struct thrift *in, int *id, int *type)
{
    if (in->failed || in->at >= in->end)
        return (in->failed = true, false);
    uint8_t head = *in->at++;
    *type = head & 15;
    if (*type == T_STOP)
        return false;
    *id = head >> 4 ? *id + (head >> 4) : (int)read_int(in);
    return !in->failed;
}

static void skip(struct thrift *in, int type);

static void skip_struct(struct thrift *in)
{
    int id = 0, type;
    while (read_field(in, &id, &type))
        skip(in, type);
}

static void skip_items(struct thrift *in, int type, uint64_t count)
{
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        if (type == T_TRUE || type == T_FALSE) {
            in->failed |= in->at >= in->end;
            in->at += !in->failed;
        } else {
            skip(in, type);
        }
    }
}

static void skip_map(struct thrift *in)
{
    uint64_t count = read_varint(in);
    if (count == 0 || in->failed)
        return;
    if (count > (uint64_t)(in->end - in->at) || in->at >= in->end) {
        in->failed = true;
        return;
    }
    uint8_t types = *in->at++;
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        skip_items(in, types >> 4, 1);
        skip_items(in, types & 15, 1);
    }
}

static void skip(struct thrift *in, int type)
{
    uint64_t count;
    int item;
    if (++in->depth > NEST_MAX)
        in->failed = true;
    if (in->failed)
        return;
    if (type == T_BYTE || type == T_DOUBLE) {
        size_t size = type == T_BYTE ? 1 : 8;
        if ((size_t)(in->end - in->at) < size)
            in->failed = true;
        else
            in->at += size;
    } else if (type == T_I16 || type == T_I32 || type == T_I64) {
        read_varint(in);
    } else if (type == T_BINARY) {
        read_bytes(in, &count);
    } else if (type == T_LIST || type == T_SET) {
        if (read_list(in, &item, &count))
            skip_items(in, item, count);
    } else if (type == T_MAP) {
        skip_map(in);
    } else if (type == T_STRUCT) {
        skip_struct(in);
    } else if (type != T_TRUE && type != T_FALSE) {
        in->failed = true;
    }
    in->depth--;
}

/* ConvertedType, the older annotation. */
static enum parquet_logical converted(int64_t value)
{
    static const enum parquet_logical map[] = {
        [0] = PARQUET_STRING,  [1] = PARQUET_MAP,       [2] = PARQUET_MAP,        [3] = PARQUET_LIST,
        [4] = PARQUET_STRING,  [5] = PARQUET_DECIMAL,   [6] = PARQUET_DATE,       [7] = PARQUET_TIME,
        [8] = PARQUET_TIME,    [9] = PARQUET_TIMESTAMP, [10] = PARQUET_TIMESTAMP, [11] = PARQUET_INT16,
        [12] = PARQUET_PLAIN,  [13] = PARQUET_UINT32,   [15] = PARQUET_INT8,      [16] = PARQUET_INT16,
        [19] = PARQUET_STRING,
    };
    return value >= 0 && value < (int64_t)(sizeof map / sizeof *map) ? map[value] : PARQUET_PLAIN;
}

/* LogicalType, a union: the field that is set says which. */
static enum parquet_logical read_logical(struct thrift *in, struct parquet_element *element)
{
    enum parquet_logical logical = PARQUET_PLAIN;
    int id = 0, type;
    while (read_field(in, &id, &type)) {
        static const enum parquet_logical map[] = {
            [1] = PARQUET_STRING, [2] = PARQUET_MAP,       [3] = PARQUET_LIST,
            [4] = PARQUET_STRING, [5] = PARQUET_DECIMAL,   [6] = PARQUET_DATE,
            [7] = PARQUET_TIME,   [8] = PARQUET_TIMESTAMP, [12] = PARQUET_STRING};
        if (id > 0 && id < (int)(sizeof map / sizeof *map))
            logical = map[id];
        if (id == 5 && type == T_STRUCT) { /* DecimalType {1: scale, 2: precision} */
            int inner = 0, kind;
            while (read_field(in, &inner, &kind)) {
                if (kind != T_I32)
                    skip(in, kind);
                else if (inner == 1)
                    element->scale = (int)read_int(in);
                else
                    element->precision = (int)read_int(in);
            }
        } else {
            skip(in, type);
        }
    }
    return logical;
}

static void read_element(struct thrift *in, struct parquet_element *element)
{
    int id = 0, type;
    uint64_t len;
    *element = (struct parquet_element){.name = "", .physical = PARQUET_GROUP};
    while (read_field(in, &id, &type)) {
        if (id == 4 && type == T_BINARY) {
            const uint8_t *name = read_bytes(in, &len);
            element->name = name ? arena_strndup(in->arena, (const char *)name, (size_t)len) : "";
            if (!element->name || strlen(element->name) != len)
                in->failed = true;
        } else if (id == 10 && type == T_STRUCT) {
            enum parquet_logical logical = read_logical(in, element);
            if (logical != PARQUET_PLAIN)
                element->logical = logical;
        } else if (type == T_I32) {
            int64_t value = read_int(in);
            if (id == 1)
                element->physical =
                    value >= 0 && value <= PARQUET_FIXED ? (enum parquet_physical)value : PARQUET_BYTE_ARRAY;
            else if (id == 3)
                element->repetition = (int)value;
            else if (id == 5)
                element->children = value >= 0 && value < PARQUET_ELEMENTS_MAX ? (int)value : 0;
            else if (id == 6 && element->logical == PARQUET_PLAIN)
                element->logical = converted(value);
            else if (id == 7)
                element->scale = (int)value;
            else if (id == 8)
                element->precision = (int)value;
        } else {
            skip(in, type);
        }
    }
}

static void read_schema(struct thrift *in, struct parquet_footer *footer)
{
    int type;
    uint64_t count;
    if (!read_list(in, &type, &count) || type != T_STRUCT || count > PARQUET_ELEMENTS_MAX) {
        in->failed = true;
        return;
    }
    footer->elements = ARENA_ARRAY(in->arena, struct parquet_element, count ? count : 1);
    footer->count = footer->elements ? (size_t)count : 0;
    for (size_t i = 0; i < footer->count && !in->failed; i++)
        read_element(in, &footer->elements[i]);
}

bool parquet_footer_read(const void *bytes, size_t len, struct arena *arena, struct parquet_footer *footer)
{
    struct thrift in = {.at = bytes, .end = (const uint8_t *)bytes + len, .arena = arena};
    int id = 0, type;
    *footer = (struct parquet_footer){.rows = -1};
    while (read_field(&in, &id, &type)) {
        if (id == 2 && type == T_LIST && !footer->elements) {
            read_schema(&in, footer);
        } else if (id == 3 && type == T_I64) {
            footer->rows = read_int(&in);
        } else if (id == 4 && type == T_LIST) {
            uint64_t groups;
            int item;
            if (read_list(&in, &item, &groups)) {
                footer->row_groups = (size_t)groups;
                skip_items(&in, item, groups);
            }
        } else {
            skip(&in, type);
        }
    }
    return !in.failed && footer->count > 0 && footer->rows >= 0;
}
