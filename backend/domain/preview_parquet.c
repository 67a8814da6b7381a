/* Facts of a Parquet footer, by a small reader of Thrift's compact protocol that skips all it does not need. Bounded in
 * depth and size; safe for any bytes. Source: parquet.thrift (apache/parquet-format) and "Thrift compact protocol".
 * Pure. */
#include "backend/base/text.h"
#include "backend/domain/preview.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16, LIST_MAX = 1000 * 1000, COLUMNS_MAX = 2000, NAME_MAX_LEN = 200 };
/* Compact protocol types. */
enum {
    T_STOP = 0,
    T_TRUE = 1,
    T_FALSE = 2,
    T_BYTE = 3,
    T_I16 = 4,
    T_I32 = 5,
    T_I64 = 6,
    T_DOUBLE = 7,
    T_BINARY = 8,
    T_LIST = 9,
    T_SET = 10,
    T_MAP = 11,
    T_STRUCT = 12
};
static const char *const physical_types[] = {"boolean", "int32",  "int64",      "int96",
                                             "float",   "double", "byte_array", "fixed_len_byte_array"};
static const char *const codecs[] = {"uncompressed", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw"};
static const char *const converted_types[] = {"utf8",
                                              "map",
                                              "map_key_value",
                                              "list",
                                              "enum",
                                              "decimal",
                                              "date",
                                              "time_millis",
                                              "time_micros",
                                              "timestamp_millis",
                                              "timestamp_micros",
                                              "uint8",
                                              "uint16",
                                              "uint32",
                                              "uint64",
                                              "int8",
                                              "int16",
                                              "int32",
                                              "int64",
                                              "json",
                                              "bson",
                                              "interval"};
#define NAMED(names, index) ((index) >= 0 && (size_t)(index) < sizeof(names) / sizeof(names)[0] ? (names)[index] : "?")

struct thrift {
    const uint8_t *at, *end;
    bool failed;
    int depth;
};

static uint64_t read_varint(struct thrift *thrift)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (thrift->at >= thrift->end)
            break;
        uint8_t byte = *thrift->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return value;
    }
    thrift->failed = true;
    return 0;
}

static int64_t read_int(struct thrift *thrift)
{
    uint64_t value = read_varint(thrift);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static void skip_bytes(struct thrift *thrift, uint64_t count)
{
    if (count > (uint64_t)(thrift->end - thrift->at))
        thrift->failed = true;
    else
        thrift->at += count;
}

/* The next field's type (T_STOP at the end or on damage); *id is updated. */
static int read_field(struct thrift *thrift, int *id)
{
    if (thrift->failed || thrift->at >= thrift->end) {
        thrift->failed = true;
        return T_STOP;
    }
    uint8_t byte = *thrift->at++;
    int type = byte & 0x0F, delta = byte >> 4;
    if (type == T_STOP)
        return T_STOP;
    int64_t next = delta ? *id + delta : read_int(thrift);
    if (next < 0 || next > INT16_MAX) /* field ids are 16 bits */
        thrift->failed = true;
    *id = (int)(next & INT16_MAX);
    return thrift->failed ? T_STOP : type;
}

static size_t read_list(struct thrift *thrift, int *type)
{
    if (thrift->at >= thrift->end) {
        thrift->failed = true;
        return 0;
    }
    uint8_t byte = *thrift->at++;
    uint64_t count = byte >> 4;
    *type = byte & 0x0F;
    if (count == 15)
        count = read_varint(thrift);
    if (count > LIST_MAX || count > (uint64_t)(thrift->end - thrift->at) + 1)
        thrift->failed = true;
    return thrift->failed ? 0 : (size_t)count;
}

static void skip(struct thrift *thrift, int type, bool is_element);

static void skip_struct(struct thrift *thrift)
{
    int id = 0, type;
    while ((type = read_field(thrift, &id)) != T_STOP)
        skip(thrift, type, false);
}

static void skip_map(struct thrift *thrift)
{
    uint64_t count = read_varint(thrift);
    if (!count || thrift->failed)
        return;
    if (thrift->at >= thrift->end || count > LIST_MAX) {
        thrift->failed = true;
        return;
    }
    uint8_t types = *thrift->at++;
    for (uint64_t i = 0; i < count && !thrift->failed; i++) {
        skip(thrift, types >> 4, true);
        skip(thrift, types & 0x0F, true);
    }
}

/* Booleans are in a field's type, but one byte as an element. */
static void skip(struct thrift *thrift, int type, bool is_element)
{
    int element;
    if (thrift->failed || ++thrift->depth > DEPTH_MAX) {
        thrift->failed = true;
        return;
    }
    switch (type) {
    case T_TRUE:
    case T_FALSE:
        skip_bytes(thrift, is_element);
        break;
    case T_BYTE:
        skip_bytes(thrift, 1);
        break;
    case T_I16:
    case T_I32:
    case T_I64:
        read_varint(thrift);
        break;
    case T_DOUBLE:
        skip_bytes(thrift, 8);
        break;
    case T_BINARY:
        skip_bytes(thrift, read_varint(thrift));
        break;
    case T_LIST:
    case T_SET:
        for (size_t left = read_list(thrift, &element); left && !thrift->failed; left--)
            skip(thrift, element, true);
        break;
    case T_MAP:
        skip_map(thrift);
        break;
    case T_STRUCT:
        skip_struct(thrift);
        break;
    default:
        thrift->failed = true;
    }
    thrift->depth--;
}

static bool is_int(int type)
{
    return type == T_I16 || type == T_I32 || type == T_I64;
}

/* A byte string of at most NAME_MAX_LEN bytes (longer ones are cut) into out. */
static void read_text(struct thrift *thrift, char out[NAME_MAX_LEN + 1])
{
    uint64_t len = read_varint(thrift);
    const uint8_t *from = thrift->at;
    skip_bytes(thrift, len);
    snprintf(out, NAME_MAX_LEN + 1, "%.*s", thrift->failed ? 0 : (int)(len < NAME_MAX_LEN ? len : NAME_MAX_LEN),
             (const char *)from);
}

/* --- what is kept of a footer --- */
struct parquet_column {
    char name[NAME_MAX_LEN + 1];
    int type, converted, children, repetition; /* -1 when not said */
};
struct facts {
    struct arena *arena;
    struct parquet_column *columns;
    size_t column_count;
    int64_t rows, row_groups;
    uint64_t compressed, uncompressed;
    unsigned codecs; /* bit per codec */
    char writer[NAME_MAX_LEN + 1];
    struct preview_chunk *chunks; /* of the first row group */
    size_t chunk_count;
    int64_t group_rows; /* of the first row group */
};

static void read_column(struct thrift *thrift, struct parquet_column *column)
{
    int id = 0, type;
    *column = (struct parquet_column){.type = -1, .converted = -1, .repetition = -1};
    while ((type = read_field(thrift, &id)) != T_STOP) {
        if (id == 4 && type == T_BINARY)
            read_text(thrift, column->name);
        else if (id == 1 && is_int(type))
            column->type = (int)read_int(thrift);
        else if (id == 3 && is_int(type))
            column->repetition = (int)read_int(thrift);
        else if (id == 5 && is_int(type))
            column->children = (int)read_int(thrift);
        else if (id == 6 && is_int(type))
            column->converted = (int)read_int(thrift);
        else
            skip(thrift, type, false);
    }
}

static void read_schema(struct thrift *thrift, struct facts *facts)
{
    int element;
    size_t count = read_list(thrift, &element), kept = count < COLUMNS_MAX ? count : COLUMNS_MAX;
    if (element != T_STRUCT || !count || facts->columns) /* a second schema is damage */
        thrift->failed = true;
    if (thrift->failed)
        return;
    facts->columns = ARENA_ARRAY(facts->arena, struct parquet_column, kept);
    for (size_t i = 0; i < count && !thrift->failed && facts->columns; i++)
        if (i < kept)
            read_column(thrift, &facts->columns[facts->column_count++]);
        else
            skip_struct(thrift);
}

/* The first name of a path_in_schema: the column at the top, which the chunk is a part of. */
static void read_path(struct thrift *thrift, char out[NAME_MAX_LEN + 1])
{
    int element;
    size_t count = read_list(thrift, &element);
    for (size_t i = 0; i < count && !thrift->failed; i++) {
        if (i == 0 && element == T_BINARY)
            read_text(thrift, out);
        else
            skip(thrift, element, true);
    }
}

/* ColumnMetaData: codec, sizes, place. */
static void read_chunk_facts(struct thrift *thrift, struct facts *facts, struct preview_chunk *chunk)
{
    int id = 0, type;
    int64_t data = 0, dictionary = 0;
    char name[NAME_MAX_LEN + 1] = "";
    while ((type = read_field(thrift, &id)) != T_STOP) {
        if (id == 3 && type == T_LIST) {
            read_path(thrift, name);
        } else if (id == 4 && is_int(type)) {
            int64_t codec = read_int(thrift);
            facts->codecs |= codec >= 0 && codec < 8 ? 1u << codec : 0;
        } else if (id == 6 && is_int(type)) {
            facts->uncompressed += (uint64_t)read_int(thrift);
        } else if (id == 7 && is_int(type)) {
            chunk->len = read_int(thrift);
            facts->compressed += (uint64_t)chunk->len;
        } else if (id == 9 && is_int(type)) {
            data = read_int(thrift);
        } else if (id == 11 && is_int(type)) {
            dictionary = read_int(thrift);
        } else {
            skip(thrift, type, false);
        }
    }
    /* the dictionary comes before the data, and some writers say 0 where there is none */
    chunk->offset = dictionary > 0 && dictionary < data ? dictionary : data;
    chunk->column = arena_strdup(facts->arena, name);
}

static void read_chunk(struct thrift *thrift, struct facts *facts)
{
    int id = 0, type;
    struct preview_chunk chunk = {.column = ""};
    while ((type = read_field(thrift, &id)) != T_STOP)
        if (id == 3 && type == T_STRUCT)
            read_chunk_facts(thrift, facts, &chunk);
        else
            skip(thrift, type, false);
    if (facts->row_groups == 0 && facts->chunks && facts->chunk_count < COLUMNS_MAX && chunk.column)
        facts->chunks[facts->chunk_count++] = chunk;
}

static void read_row_group(struct thrift *thrift, struct facts *facts)
{
    int id = 0, type, element;
    while ((type = read_field(thrift, &id)) != T_STOP) {
        if (id == 3 && is_int(type)) {
            int64_t rows = read_int(thrift);
            facts->group_rows = facts->row_groups == 0 ? rows : facts->group_rows;
        } else if (id != 1 || type != T_LIST) {
            skip(thrift, type, false);
        } else {
            for (size_t left = read_list(thrift, &element); left && !thrift->failed; left--)
                if (element == T_STRUCT)
                    read_chunk(thrift, facts);
                else
                    skip(thrift, element, true);
        }
    }
}

static bool read_footer(struct thrift *thrift, struct facts *facts)
{
    int id = 0, type, element;
    while ((type = read_field(thrift, &id)) != T_STOP) {
        if (id == 2 && type == T_LIST) {
            read_schema(thrift, facts);
        } else if (id == 3 && is_int(type)) {
            facts->rows = read_int(thrift);
        } else if (id == 4 && type == T_LIST) {
            facts->row_groups = 0;
            for (size_t left = read_list(thrift, &element); left && !thrift->failed; left--, facts->row_groups++)
                if (element == T_STRUCT)
                    read_row_group(thrift, facts);
                else
                    skip(thrift, element, true);
        } else if (id == 6 && type == T_BINARY) {
            read_text(thrift, facts->writer);
        } else {
            skip(thrift, type, false);
        }
    }
    return !thrift->failed && facts->column_count > 0;
}

/* --- as lines --- */

static const char *column_line(const struct facts *facts, const struct parquet_column *column, int depth)
{
    static const char *const repetitions[] = {"required", "", "repeated"};
    const char *repetition = column->repetition >= 0 && column->repetition < 3 ? repetitions[column->repetition] : "";
    const char *type = column->children > 0 ? "group" : NAMED(physical_types, column->type);
    const char *meaning = column->converted >= 0 ? NAMED(converted_types, column->converted) : "";
    return arena_printf(facts->arena, "  %*s%-*s  %s%s%s%s%s", depth * 2, "", 32 - depth * 2, column->name, type,
                        *meaning ? " as " : "", meaning, *repetition ? ", " : "", repetition);
}

static size_t write_columns(const struct facts *facts, const char **lines)
{
    int left[DEPTH_MAX + 1] = {0}, depth = 0;
    size_t count = 0;
    left[0] = facts->columns[0].children; /* the root, which has no line */
    for (size_t i = 1; i < facts->column_count; i++) {
        const struct parquet_column *column = &facts->columns[i];
        while (depth && left[depth] <= 0)
            depth--;
        lines[count++] = column_line(facts, column, depth);
        left[depth]--;
        if (column->children > 0 && depth < DEPTH_MAX)
            left[++depth] = column->children;
    }
    return count;
}

static const char *codec_names(const struct facts *facts)
{
    char text[120] = "";
    size_t len = 0;
    for (int i = 0; i < 8; i++)
        if (facts->codecs & 1u << i)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? ", " : "", codecs[i]);
    return arena_strdup(facts->arena, len ? text : "none");
}

static bool write_facts(const struct facts *facts, size_t footer_len, struct object_view *view)
{
    struct arena *arena = facts->arena;
    const char **lines = ARENA_ARRAY(arena, const char *, facts->column_count + 8);
    char rows[TEXT_SHORT], packed[TEXT_SHORT], plain[TEXT_SHORT], footer[TEXT_SHORT];
    size_t count = 0;
    if (!lines)
        return false;
    lines[count++] = arena_printf(arena, "rows          %s", text_count(facts->rows, rows));
    lines[count++] = arena_printf(arena, "row groups    %" PRId64, facts->row_groups);
    lines[count++] = arena_printf(arena, "compression   %s", codec_names(facts));
    lines[count++] = arena_printf(arena, "columns' size %s, uncompressed %s", text_bytes(facts->compressed, packed),
                                  text_bytes(facts->uncompressed, plain));
    lines[count++] = arena_printf(arena, "footer        %s", text_bytes(footer_len, footer));
    lines[count++] = arena_printf(arena, "written by    %s", *facts->writer ? facts->writer : "?");
    lines[count++] = "columns";
    count += write_columns(facts, lines + count);
    size_t *lens = ARENA_ARRAY(arena, size_t, count);
    if (!lens || arena_failed(arena))
        return false;
    for (size_t i = 0; i < count; i++)
        lens[i] = strlen(lines[i]);
    view->lines = lines;
    view->line_lens = lens;
    view->line_count = count;
    return true;
}

bool preview_is_parquet(const void *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "PAR1", 4) == 0;
}

int64_t preview_parquet_footer_len(const void *last8)
{
    const uint8_t *at = last8;
    if (memcmp(at + 4, "PAR1", 4) != 0)
        return -1;
    return (int64_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

bool preview_parquet(struct arena *arena, const void *footer, size_t len, struct object_view *view, struct err *err)
{
    struct thrift thrift = {.at = footer, .end = (const uint8_t *)footer + len};
    struct facts facts = {.arena = arena};
    view->preview = PREVIEW_PARQUET;
    view->preview_format = "parquet";
    view->preview_is_whole = false;
    if (!read_footer(&thrift, &facts) || !write_facts(&facts, len, view))
        return err_set(err, ERR_PARSE, "the Parquet footer cannot be read: is the file complete?");
    return true;
}

bool preview_parquet_plan(struct arena *arena, const void *footer, size_t len, struct preview_plan *plan,
                          struct err *err)
{
    struct thrift thrift = {.at = footer, .end = (const uint8_t *)footer + len};
    struct facts facts = {.arena = arena, .chunks = ARENA_ARRAY(arena, struct preview_chunk, COLUMNS_MAX)};
    if (!facts.chunks || !read_footer(&thrift, &facts))
        return err_set(err, ERR_PARSE, "the Parquet footer cannot be read: is the file complete?");
    *plan = (struct preview_plan){
        .chunks = facts.chunks, .chunk_count = facts.chunk_count, .group_rows = facts.group_rows, .rows = facts.rows};
    return true;
}
