/* Any request: "METHOD /path?query" in the first line, then headers, an empty line and the body, against the embedded
 * S3 over a real store. Whatever it is, there is an answer with a status, and an error is an <Error> document. */
#include "backend/base/uri.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/s3world.h"
#include <stdlib.h>
#include <string.h>

enum { INPUTS_PER_WORLD = 2000 }; /* a store of its own for each so many inputs: it grows by what they put */

static struct s3_world *world_for_next(void)
{
    static struct s3_world *world;
    static int inputs;
    void *state = world;
    if (world && inputs++ % INPUTS_PER_WORLD != 0)
        return world;
    if (world)
        s3_world_teardown(&state);
    s3_world_setup(&state);
    world = state;
    s3_world_ask(world, "PUT", "/b", "", "");
    s3_world_ask(world, "PUT", "/b", "acl", "");
    s3_world_ask(world, "PUT", "/b/k", "", "0123456789");
    s3_world_ask(world, "PUT", "/v", "", "");
    s3_world_ask(world, "PUT", "/v", "versioning",
                 "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    s3_world_ask(world, "PUT", "/v/k", "", "0123456789");
    return world;
}

/* Cuts the text at the first of that string: the part before, ended by NUL; *rest gets what follows ("" when absent).
 */
static char *cut(char *text, const char *at, char **rest)
{
    char *found = strstr(text, at);
    *rest = found ? found + strlen(at) : text + strlen(text);
    if (found)
        *found = '\0';
    return text;
}

static void add_query(struct pairs *query, const char *text)
{
    while (*text) {
        struct buf name = BUF_INIT(8192), value = BUF_INIT(8192);
        size_t len = strcspn(text, "&"), equals = strcspn(text, "=&");
        if (uri_decode(text, equals < len ? equals : len, true, &name) &&
            (equals >= len || uri_decode(text + equals + 1, len - equals - 1, true, &value)) && name.len)
            pairs_add(query, buf_text(&name), buf_text(&value));
        buf_done(&name);
        buf_done(&value);
        text += len + (text[len] == '&');
    }
}

static void add_headers(struct pairs *headers, char *head)
{
    char *rest;
    for (char *line = cut(head, "\n", &rest); *line; line = cut(rest, "\n", &rest)) {
        char *value;
        cut(line, ": ", &value);
        pairs_add(headers, line, value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct s3_world *world = world_for_next();
    char *text = calloc(1, len + 1), *head, *path, *query;
    MUST(text);
    memcpy(text, bytes, len);
    char *end = memmem(text, len, "\n\n", 2);
    const char *body = end ? end + 2 : "";
    size_t body_len = end ? len - (size_t)(body - text) : 0;
    if (end)
        *end = '\0';
    char *method = cut(cut(text, "\n", &head), " ", &path);
    cut(path, "?", &query);
    struct request req = {.method = method,
                          .raw_path = *path ? path : "/",
                          .raw_query = query,
                          .host = "localhost",
                          .id = "ID",
                          .access_key = len % 4 ? "KEY" : NULL,
                          .content_length = (int64_t)body_len};
    add_query(&req.query, query);
    pairs_addf(&req.headers, "Content-Length", "%zu", body_len);
    add_headers(&req.headers, head);
    s3_world_send(world, &req, body, body_len);
    MUST(world->status >= 200 && world->status < 600);
    MUST(world->status < 400 || strstr(world->body, "<Error><Code>"));
    free(text);
    return 0;
}
