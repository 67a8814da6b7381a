/* See s3world.h. */
#include "tests/lib/s3world.h"
#include "backend/base/path.h"
#include "backend/local/s3.h"
#include "backend/local/store.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants setjmp.h and stdarg.h first */
#include <cmocka.h>

extern const struct service_ops service_s3;

static int64_t world_now(const struct clock *clock)
{
    const struct s3_world *world = clock->data;
    return world->now_ms ? world->now_ms : clock_wall(&clock_system);
}

static int64_t world_mono(const struct clock *clock)
{
    (void)clock;
    return clock_mono(&clock_system);
}

static void start(struct s3_world *world)
{
    struct err err = ERR_NONE;
    world->cloud.store = store_open(world->dir.path, &err);
    assert_non_null(world->cloud.store);
    assert_true(service_s3.start(&world->cloud, &err));
}

int s3_world_setup(void **state)
{
    struct s3_world *world = calloc(1, sizeof *world);
    struct err err = ERR_NONE;
    char temporary[4200];
    assert_non_null(world);
    tempdir_make(&world->dir);
    snprintf(world->cloud.dir, sizeof world->cloud.dir, "%s", world->dir.path);
    snprintf(world->cloud.objects, sizeof world->cloud.objects, "%s/objects", world->dir.path);
    snprintf(world->cloud.region, sizeof world->cloud.region, "us-east-1");
    snprintf(temporary, sizeof temporary, "%s/tmp", world->cloud.objects);
    assert_true(path_make_dirs(temporary, 0700, &err));
    world->clock = (struct clock){.wall_ms = world_now, .mono_ms = world_mono, .data = world};
    world->cloud.clock = &world->clock;
    start(world);
    *state = world;
    return 0;
}

int s3_world_teardown(void **state)
{
    struct s3_world *world = *state;
    service_s3.stop(&world->cloud);
    store_close(world->cloud.store);
    pairs_done(&world->headers);
    tempdir_remove(&world->dir);
    free(world);
    return 0;
}

void s3_world_restart(struct s3_world *world, bool crashed)
{
    char mark[4200];
    service_s3.stop(&world->cloud);
    store_close(world->cloud.store);
    snprintf(mark, sizeof mark, "%s/clean", world->cloud.objects);
    if (crashed)
        unlink(mark);
    start(world);
}

static void add_query(struct pairs *pairs, const char *query)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", query);
    for (char *save, *item = strtok_r(copy, "&", &save); item; item = strtok_r(NULL, "&", &save)) {
        char *equals = strchr(item, '=');
        if (equals)
            *equals++ = '\0';
        assert_true(pairs_add(pairs, item, equals ? equals : ""));
    }
}

static void add_header(struct pairs *headers, const char *extra)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", extra);
    char *colon = strstr(copy, ": ");
    assert_non_null(colon);
    *colon = '\0';
    assert_true(pairs_add(headers, copy, colon + 2));
}

/* The body where the plan wants it, as the server would leave it. */
static void place_body(struct s3_world *world, struct request *req, const struct body_plan *plan, const char *body,
                       size_t len)
{
    req->body_len = (int64_t)len;
    req->digest_mask = plan->digest_mask;
    for (int i = 0; i < DIGEST_KINDS; i++) {
        if (plan->digest_mask & 1u << i)
            digest_of((enum digest_kind)i, body, len, req->digests[i]);
    }
    if (!plan->to_file) {
        assert_true(buf_append(&req->body, body, len));
        return;
    }
    snprintf(req->body_file, sizeof req->body_file, "%.4000s/tmp/body", world->cloud.objects);
    int fd = open(req->body_file, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0 && write(fd, body, len) == (ssize_t)len);
    close(fd);
}

static void keep_answer(struct s3_world *world, struct answer *answer)
{
    world->status = answer->status;
    size_t len = answer->body.len < sizeof world->body - 1 ? answer->body.len : sizeof world->body - 1;
    memcpy(world->body, buf_text(&answer->body), len);
    if (answer->file_fd >= 0) {
        ssize_t n = pread(answer->file_fd, world->body, sizeof world->body - 1, answer->file_offset);
        assert_true(n >= 0);
        len = (size_t)n < (size_t)answer->file_len ? (size_t)n : (size_t)answer->file_len;
        close(answer->file_fd);
    }
    world->body[len] = '\0';
    pairs_done(&world->headers);
    world->headers = answer->headers;
    buf_done(&answer->body);
}

void s3_world_send(struct s3_world *world, struct request *req, const char *body, size_t len)
{
    struct answer answer = {.file_fd = -1, .head_length = -1};
    struct body_plan plan;
    req->cloud = &world->cloud;
    req->body = BUF_INIT(1 << 24);
    service_s3.plan_body(req, &plan);
    place_body(world, req, &plan, body, len);
    if (req->access_key || service_s3.allows_anonymous(req))
        service_s3.handle(req, &answer);
    else
        (service_s3.fail)(req, &answer, 403, "AccessDenied", "Access Denied");
    keep_answer(world, &answer);
    if (req->body_file[0])
        unlink(req->body_file);
    buf_done(&req->body);
    pairs_done(&req->query);
    pairs_done(&req->headers);
}

void s3_world_ask_with(struct s3_world *world, const char *method, const char *path, const char *query,
                       const char *body, size_t len, const char *extra)
{
    struct request req = {.method = method,
                          .raw_path = path,
                          .raw_query = query,
                          .host = "127.0.0.1",
                          .id = "ID",
                          .access_key = "KEY",
                          .content_length = (int64_t)len};
    add_query(&req.query, query);
    assert_true(pairs_addf(&req.headers, "Content-Length", "%zu", len));
    if (extra)
        add_header(&req.headers, extra);
    s3_world_send(world, &req, body, len);
}

void s3_world_ask(struct s3_world *world, const char *method, const char *path, const char *query, const char *body)
{
    s3_world_ask_with(world, method, path, query, body, strlen(body), NULL);
}

const char *s3_world_header(const struct s3_world *world, const char *name)
{
    const char *value = pairs_get(&world->headers, name);
    return value ? value : "";
}
