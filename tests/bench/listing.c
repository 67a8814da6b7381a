/* Listing: objects per second and peak memory for a bucket of 100 000 objects on the endpoint that the environment
 * names (tests/bench/run starts an embedded cloud), adaptive against one flat listing. The objects are made first.
 * Each measurement runs in its own process, so that its peak memory is its own. */
#include "backend/domain/listing.h"
#include "backend/base/clock.h"
#include "backend/core/localctl.h"
#include "backend/domain/session.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OBJECTS = 100000, TABLES = 8, DAYS = 50, WRITERS = 16 };
static const char bucket[] = "bench-listing";
static struct config config;

struct maker {
    struct aws *aws;
    atomic_int next;
    atomic_bool has_failed;
};

/* raw/tNN/dt=DD/part-NNNNN: what a lake looks like. */
static void *make(void *context)
{
    struct maker *maker = context;
    int i;
    while ((i = atomic_fetch_add(&maker->next, 1)) < OBJECTS && !atomic_load(&maker->has_failed)) {
        char key[100];
        struct err err = ERR_NONE;
        snprintf(key, sizeof key, "raw/t%02d/dt=%02d/part-%05d", i % TABLES, i / TABLES % DAYS, i);
        struct s3_put put = s3_put_init(bucket, key);
        put.bytes = "x";
        put.len = 1;
        if (!s3_put_object(maker->aws, &put, NULL, &err) && !atomic_exchange(&maker->has_failed, true))
            fprintf(stderr, "listing: %s\n", err.text);
    }
    return NULL;
}

static bool make_objects(struct aws *aws)
{
    struct maker maker = {.aws = aws};
    pthread_t threads[WRITERS];
    struct err err = ERR_NONE;
    if (!s3_create_bucket(aws, bucket, NULL, &err)) {
        fprintf(stderr, "listing: %s\n", err.text);
        return false;
    }
    int64_t start_ms = clock_mono(&clock_system);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, make, &maker);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    double seconds = (double)(clock_mono(&clock_system) - start_ms) / 1000;
    if (!maker.has_failed)
        printf("bench listing.put %.0f objects/s\n", OBJECTS / seconds);
    return !maker.has_failed;
}

static bool list(struct aws *aws, const char *name, int fan_out)
{
    struct listing_options options = {.source = listing_source_s3(aws), .bucket = bucket, .fan_out = fan_out};
    struct listing *listing = listing_new(&options);
    struct err err = ERR_NONE;
    int64_t start_ms = clock_mono(&clock_system);
    bool ok = listing_discover(listing, &err) && listing_run(listing, &err);
    double seconds = (double)(clock_mono(&clock_system) - start_ms) / 1000;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    int64_t objects = listing_objects(listing);
    if (!ok || objects != OBJECTS)
        fprintf(stderr, "listing: %lld objects found, %s\n", (long long)objects, err.text);
    else {
        printf("bench listing.%s.rate %.0f objects/s\n", name, (double)objects / seconds);
        printf("bench listing.%s.calls %lld calls\n", name, (long long)listing_calls(listing));
        printf("bench listing.%s.rss %.1f MiB\n", name, (double)usage.ru_maxrss / 1024);
    }
    listing_free(listing);
    return ok && objects == OBJECTS;
}

/* The AWS CLI over the same bucket, where there is one and the environment leads it there. */
static void list_by_cli(void)
{
    char line[64] = "";
    if (!getenv("AWS_ENDPOINT_URL") || system("command -v aws >/dev/null 2>&1") != 0) {
        printf("skip listing.awscli.rate there is no aws command, or no endpoint set\n");
        return;
    }
    int64_t start_ms = clock_mono(&clock_system);
    FILE *pipe = popen("aws s3 ls --recursive s3://bench-listing | wc -l", "r");
    bool ok = pipe && fgets(line, sizeof line, pipe) && atoi(line) == OBJECTS;
    if (pipe)
        pclose(pipe);
    double seconds = (double)(clock_mono(&clock_system) - start_ms) / 1000;
    if (ok)
        printf("bench listing.awscli.rate %.0f objects/s\n", OBJECTS / seconds);
}

/* As far away as S3 is: about 100 ms per page. */
static void move_away(void)
{
    struct err err = ERR_NONE;
    if (!localctl_fault_add(NULL, "s3:ListObjectsV2 delay=100ms", NULL, &err))
        fprintf(stderr, "listing: no delay: %s\n", err.text);
}

static const struct {
    const char *name; /* NULL: makes the objects */
    int fan_out;
    bool is_far;
} steps[] = {{.name = NULL},
             {.name = "adaptive"},
             {.name = "flat", .fan_out = 1},
             {.name = "far.adaptive", .is_far = true},
             {.name = "far.flat", .fan_out = 1, .is_far = true}};
enum { STEPS = sizeof steps / sizeof steps[0] };

static bool with_session(int step)
{
    struct session_options options = {.config = &config};
    struct err err = ERR_NONE;
    struct session *session = session_open(&options, &err);
    struct aws *aws = session ? session_connect(session, NULL, &err) : NULL;
    if (aws && steps[step].is_far && !steps[step].fan_out)
        move_away();
    bool ok = aws && (steps[step].name ? list(aws, steps[step].name, steps[step].fan_out) : make_objects(aws));
    if (!aws)
        fprintf(stderr, "listing: %s\n", err.text);
    session_close(session);
    fflush(stdout);
    return ok;
}

int main(int argc, char **argv)
{
    struct err err = ERR_NONE;
    if (!config_load(&config, NULL, &argc, argv, &err)) {
        fprintf(stderr, "listing: %s\n", err.text);
        return 1;
    }
    for (int step = 0; step < STEPS; step++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(!with_session(step));
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            return 1;
    }
    localctl_fault_clear(NULL, 0, NULL);
    list_by_cli();
    return 0;
}
