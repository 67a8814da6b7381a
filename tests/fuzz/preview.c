/* Any bytes as the beginning of an object, and as the footer of a Parquet file: shown as something, or an error in
 * words, within the arena. */
#include "backend/domain/preview.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void check(const struct object_view *view)
{
    for (size_t i = 0; i < view->line_count; i++)
        MUST(view->lines[i] && view->lines[i][view->line_lens[i]] == '\0');
    for (size_t i = 0; i < view->rows * view->columns; i++)
        MUST(!view->cells[i] || strlen(view->cells[i]) < PREVIEW_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const keys[] = {"a.csv", "a.json", "a.tsv.gz", "a"};
    struct arena *arena = arena_new(16 * 1024 * 1024);
    struct err err = ERR_NONE;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct object_view view = {.preview = PREVIEW_NONE};
        struct preview_input input = {
            .key = keys[i], .content_type = "", .bytes = bytes, .len = len, .is_whole = i % 2 == 0};
        if (preview_make(arena, &input, &view, &err))
            check(&view);
        else
            MUST(err.code != ERR_OK);
    }
    struct object_view footer = {.preview = PREVIEW_NONE};
    if (preview_parquet(arena, bytes, len, &footer, &err))
        check(&footer);
    else
        MUST(err.code != ERR_OK && footer.line_count == 0);
    arena_free(arena);
    return 0;
}
