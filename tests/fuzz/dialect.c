/* Any bytes as a statement: it is translated or refused with an error's name, the tokens cover the text, and types and
 * JSON paths of it end in an answer too. */
#include "backend/sql/dialect.h"
#include "backend/sql/jsonpath.h"
#include "backend/sql/jsontext.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static const struct dialect_column columns[] = {{.name = "id", .type = "int"},
                                                {.name = "name", .type = "string"},
                                                {.name = "a", .type = "array<int>"},
                                                {.name = "m", .type = "map<string,double>"},
                                                {.name = "ts", .type = "timestamp"}};
static const struct dialect_table table = {.database = "default", .name = "t", .columns = columns, .column_count = 5};

static const struct dialect_table *find_table(void *context, struct arena *arena, const char *database,
                                              const char *name, struct err *err)
{
    (void)context;
    (void)arena;
    (void)database;
    if (strcmp(name, "t") == 0)
        return &table;
    err_set(err, ERR_NOT_FOUND, "no such table");
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const parameters[] = {"1", NULL};
    const struct dialect_catalog catalog = {.table = find_table};
    const struct dialect_options options = {.catalog = &catalog, .database = "default", .parameters = parameters};
    const char *sql = (const char *)bytes;
    struct err err = ERR_NONE;
    struct dialect_token token;
    size_t offset = 0, covered = 0;
    int state = 0;
    while (dialect_token(sql, len, &offset, &state, &token)) {
        MUST(token.start == covered && token.len > 0 && offset == token.start + token.len);
        covered = offset;
    }
    MUST(covered == len);
    struct arena *arena = arena_new(64 * 1024 * 1024);
    struct dialect_statement *statement = dialect_translate(&options, sql, len, arena, &err);
    MUST((statement != NULL) == (err.code == ERR_OK));
    MUST(statement || err.service_code[0]);
    char *text = strndup(sql, len < 4096 ? len : 4096);
    MUST(text);
    struct buf out = BUF_INIT(1 << 20);
    dialect_type_from_hive(text, &out, NULL);
    dialect_type_from_duck(text, &out);
    dialect_type_to_hive(text, &out);
    struct jsontext value;
    if (jsontext_document(text, strlen(text), &value))
        MUST(jsontext_compact(value, true, &out));
    jsonpath_check(text, len % 2, NULL);
    jsonpath_find("{\"a\":[1,{\"b\":null}]}", 22, text, len % 2, &out, NULL);
    buf_done(&out);
    free(text);
    arena_free(arena);
    return 0;
}
