/* Any bytes as a text with a cursor: completion ends, its candidates are whole texts and replace what is there; the
 * text's statements cover it in order; what a statement reads is told or refused. The first byte places the cursor. */
#include "backend/domain/completion.h"
#include "backend/sql/dialect.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static struct catalog_column columns[] = {{.name = "id", .type = "bigint"},
                                          {.name = "Odd Name", .type = "struct<a:int,b:array<struct<c:int>>>"},
                                          {.name = "dt", .type = "row(x integer, y row(z varchar)"}};
static struct catalog_table tables[] = {
    {.database = "d", .name = "orders", .format = "csv", .kind = "", .columns = columns, .column_count = 3},
    {.database = "e",
     .name = "order-items",
     .format = "",
     .kind = "VIRTUAL_VIEW",
     .columns = columns,
     .column_count = 2}};
static struct catalog_database databases[] = {{.name = "d", .description = ""}, {.name = "e", .description = "x"}};
static const struct catalog_view view = {
    .databases = databases, .database_count = 2, .tables = tables, .table_count = 2};

static void complete(const char *text, size_t len, size_t cursor)
{
    static struct completion found;
    struct completion_request request = {.view = &view, .database = "d", .text = text, .len = len, .cursor = cursor};
    completion_find(&request, &found);
    MUST(found.count <= COMPLETION_MAX);
    MUST(found.start <= cursor && found.end >= cursor && found.end <= len);
    for (size_t i = 0; i < found.count; i++) {
        MUST(*found.items[i].label && found.items[i].detail);
        MUST(i == 0 || found.items[i].score <= found.items[i - 1].score);
    }
    completion_done(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    const char *text = (const char *)bytes + 1;
    size_t offset = 0, before = 0, size = len - 1;
    struct dialect_part part;
    complete(text, size, size ? bytes[0] % (size + 1) : 0);
    complete(text, size, size);
    while (dialect_split(text, size, &offset, &part)) {
        MUST(part.start >= before && part.end > part.start && part.next >= part.end && part.next <= size);
        before = part.next;
        struct arena *arena = arena_new(64 << 20);
        struct err err = ERR_NONE;
        struct dialect_reads *reads = dialect_reads(text + part.start, part.end - part.start, "d", arena, &err);
        MUST(reads || err.code != ERR_OK);
        struct dialect_nature nature = dialect_nature(text + part.start, part.end - part.start);
        MUST(!reads || nature.scans || reads->count == 0);
        arena_free(arena);
    }
    return 0;
}
