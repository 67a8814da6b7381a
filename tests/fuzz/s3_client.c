/* Any bytes as the answer of a store: a listing's page or an error, and an error answer decoded to words. */
#include "backend/aws/s3.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void check_page(const struct s3_page *page)
{
    for (size_t i = 0; i < page->object_count; i++)
        MUST(page->objects[i].key && page->objects[i].key[page->objects[i].key_len] == '\0');
    for (size_t i = 0; i < page->prefix_count; i++)
        MUST(page->prefixes[i].name[page->prefixes[i].len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct aws_service service = {.id = "s3", .signing_name = "s3", .protocol = AWS_REST_XML};
    static const struct aws_service json = {.id = "glue", .signing_name = "glue", .protocol = AWS_JSON_1_1};
    const struct s3_list list = {.bucket = "lake", .prefix = "raw/", .token = "t"};
    struct arena *arena = arena_new(4 * 1024 * 1024);
    struct s3_page page;
    struct err err = ERR_NONE;
    if (s3_list_decode(&list, (const char *)bytes, len, arena, &page, &err))
        check_page(&page);
    else
        MUST(err.code != ERR_OK && err.text[0]);
    if (s3_version_decode(&list, (const char *)bytes, len, arena, &page, &err))
        check_page(&page);
    struct http_answer answer = {.status = len % 2 ? 403 : 503, .body = BUF_INIT(64 * 1024)};
    buf_append(&answer.body, bytes, len);
    struct aws_call call = {.service = len % 3 ? &service : &json, .operation = "GetObject"};
    MUST(!aws_decode_error(&call, &answer, &err));
    MUST(err.code != ERR_OK && strlen(err.text) < sizeof err.text);
    buf_done(&answer.body);
    arena_free(arena);
    return 0;
}
