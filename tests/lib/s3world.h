/* The embedded S3 over a store of its own in a temporary directory, asked through the service's entry without HTTP or
 * signatures, under a clock that the test moves. */
#ifndef WEIR_TESTS_S3WORLD_H
#define WEIR_TESTS_S3WORLD_H
#include "backend/local/cloud.h"
#include "tests/lib/tempdir.h"

struct s3_world {
    struct tempdir dir;
    struct cloud cloud;
    struct clock clock;
    int64_t now_ms; /* 0: the system's time */
    /* the last answer */
    int status;
    char body[65536]; /* cut */
    struct pairs headers;
};
/* cmocka's setup and teardown; *state is the world. */
int s3_world_setup(void **state);
int s3_world_teardown(void **state);
/* Stops S3 and its store as a clean exit does (or as a crash: no stop mark is left), and starts them again. */
void s3_world_restart(struct s3_world *world, bool crashed);
/* One signed request. query: "a=b&c", no escapes; extra: "Name: value" header or NULL. */
void s3_world_ask(struct s3_world *world, const char *method, const char *path, const char *query, const char *body);
void s3_world_ask_with(struct s3_world *world, const char *method, const char *path, const char *query,
                       const char *body, size_t len, const char *extra);
/* A request made by the caller (all but cloud and body); its lists are ended here. Without an access key it is
 * anonymous.
 */
void s3_world_send(struct s3_world *world, struct request *req, const char *body, size_t len);
const char *s3_world_header(const struct s3_world *world, const char *name); /* "" when absent */
#endif
