/* The object beside a result that describes its columns for clients that read results from S3 (RESULT.metadata): a
 * message in Protocol Buffers' wire format, as such clients read it. Field 1 is the query's id; each field 4 is a
 * column: 1 catalog, 2 schema, 3 table, 4 name, 5 label, 6 type, 7 precision, 8 scale, 9 nullable (1 not null, 2
 * nullable, 3 unknown), 10 case-sensitive. Athena does not document the object; the fields are those that published
 * readers of it use. Runner threads. Source: Protocol Buffers documentation, "Encoding". */
#include "backend/local/athena.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <string.h>

enum { METADATA_MAX = 16 << 20, COLUMN_MAX = 1 << 20 };

static void put_number(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_putc(out, (char)(0x80 | (value & 0x7f)));
    buf_putc(out, (char)value);
}

static void put_bytes(struct buf *out, unsigned field, const char *bytes, size_t len)
{
    put_number(out, field << 3 | 2);
    put_number(out, len);
    buf_append(out, bytes, len);
}

static void put_integer(struct buf *out, unsigned field, uint64_t value)
{
    put_number(out, field << 3);
    put_number(out, value);
}

static void put_column(struct buf *out, const json_t *column)
{
    static const char *const texts[] = {"CatalogName", "SchemaName", "TableName", "Name", "Label", "Type"};
    static const char *const nullable[] = {"", "NOT_NULL", "NULLABLE", "UNKNOWN"};
    struct buf message = BUF_INIT(COLUMN_MAX);
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_str(column, texts[i]);
        if (*text)
            put_bytes(&message, i + 1, text, strlen(text));
    }
    put_integer(&message, 7, (uint64_t)json_int(column, "Precision", 0));
    put_integer(&message, 8, (uint64_t)json_int(column, "Scale", 0));
    for (unsigned i = 1; i < sizeof nullable / sizeof *nullable; i++)
        if (strcmp(json_str(column, "Nullable"), nullable[i]) == 0)
            put_integer(&message, 9, i);
    put_integer(&message, 10, json_bool(column, "CaseSensitive", false));
    put_bytes(out, 4, buf_text(&message), message.len);
    buf_done(&message);
}

bool athena_write_metadata(struct athena_run *run, struct err *err)
{
    struct buf out = BUF_INIT(METADATA_MAX);
    char key[1300];
    const json_t *record = run->job->record;
    json_t *column;
    size_t i;
    snprintf(key, sizeof key, "%s.metadata", json_str(record, "Key"));
    put_bytes(&out, 1, run->job->id, strlen(run->job->id));
    json_array_foreach(json_object_get(record, "Columns"), i, column) put_column(&out, column);
    bool ok = !out.failed || err_set(err, ERR_TOO_LARGE, "athena: the result has too many columns to describe");
    ok = ok && s3_inside_write(run->job->cloud, json_str(record, "Bucket"), key, "binary/octet-stream", buf_text(&out),
                               out.len, err);
    buf_done(&out);
    return ok;
}
