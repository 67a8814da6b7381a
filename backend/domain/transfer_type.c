/* Content types of files by their last extension, as the store shows them later. A table of what lies in a lake; a file
 * of another name gets none, and the store's default. Compressed files are named as what they are: an encoding would
 * make browsers and SDKs unpack them unasked. Pure. Source of the names: IANA media types. */
#include "backend/domain/transfer_private.h"
#include <string.h>
#include <strings.h>

static const struct {
    const char *extension, *type;
} types[] = {
    {.extension = ".csv", .type = "text/csv"},
    {.extension = ".tsv", .type = "text/tab-separated-values"},
    {.extension = ".txt", .type = "text/plain"},
    {.extension = ".log", .type = "text/plain"},
    {.extension = ".md", .type = "text/markdown"},
    {.extension = ".sql", .type = "application/sql"},
    {.extension = ".html", .type = "text/html"},
    {.extension = ".css", .type = "text/css"},
    {.extension = ".js", .type = "text/javascript"},
    {.extension = ".xml", .type = "application/xml"},
    {.extension = ".json", .type = "application/json"},
    {.extension = ".jsonl", .type = "application/x-ndjson"},
    {.extension = ".ndjson", .type = "application/x-ndjson"},
    {.extension = ".yaml", .type = "application/yaml"},
    {.extension = ".yml", .type = "application/yaml"},
    {.extension = ".parquet", .type = "application/vnd.apache.parquet"},
    {.extension = ".gz", .type = "application/gzip"},
    {.extension = ".zst", .type = "application/zstd"},
    {.extension = ".zip", .type = "application/zip"},
    {.extension = ".tar", .type = "application/x-tar"},
    {.extension = ".pdf", .type = "application/pdf"},
    {.extension = ".png", .type = "image/png"},
    {.extension = ".jpg", .type = "image/jpeg"},
    {.extension = ".svg", .type = "image/svg+xml"},
};

const char *transfer_content_type(const char *key)
{
    const char *slash = strrchr(key, '/'), *dot = strrchr(slash ? slash : key, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot, types[i].extension) == 0)
            return types[i].type;
    return NULL;
}
