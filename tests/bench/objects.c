/* GET and PUT of 1 KiB, 1 MiB and 100 MiB, requests per second and the server's memory: the embedded cloud beside npm's
 * s3rver, in the same run, by the same client. Both are started here, each in a directory of its own; s3rver is what
 * `make peers` installed (without it only the embedded cloud is measured, and standard error says so). The embedded
 * cloud verifies signatures and syncs what it acknowledges; s3rver does neither. */
#include "backend/aws/s3.h"
#include "backend/base/clock.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1024 * 1024, THREADS_MAX = 8 };

static const struct work {
    const char *name;
    int threads, count; /* count of each thread */
    size_t size;
} works[] = {
    {.name = "1KiB", .threads = 1, .count = 1000, .size = KIB},
    {.name = "1KiB.x8", .threads = 8, .count = 500, .size = KIB},
    {.name = "1MiB", .threads = 1, .count = 50, .size = MIB},
    {.name = "1MiB.x4", .threads = 4, .count = 25, .size = MIB},
    {.name = "100MiB", .threads = 1, .count = 3, .size = 100 * MIB},
};

struct peer {
    const char *name;
    pid_t pid;
    char dir[64], access[129], secret[129];
    struct config config;
    struct http *http;
    struct creds_chain *creds;
    struct aws *aws;
};
struct run {
    struct peer *peer;
    const struct work *work;
    bool is_put;
    int number;
    pthread_t thread;
};
static char *payload;
static atomic_bool has_failed;

static void fail(const char *what, const struct err *err)
{
    if (!atomic_exchange(&has_failed, true))
        fprintf(stderr, "objects: %s: %s\n", what, err->text);
}

static bool count_bytes(void *context, const void *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)context += len;
    return true;
}

static bool get(struct aws *aws, const char *key, size_t size, struct err *err)
{
    struct s3_get ask = s3_get_init("bench", key);
    struct arena *arena = arena_new(MIB);
    size_t got = 0;
    ask.sink = count_bytes;
    ask.sink_context = &got;
    bool ok = s3_get_object(aws, &ask, arena, NULL, NULL, err);
    arena_free(arena);
    return ok && (got == size || err_set(err, ERR_FAILED, "%s came with %zu bytes", key, got));
}

static void *requests(void *context)
{
    struct run *run = context;
    struct err err = ERR_NONE;
    char key[64];
    for (int i = 0; i < run->work->count && !atomic_load(&has_failed); i++) {
        snprintf(key, sizeof key, "%s/%d/%d", run->work->name, run->number, i);
        struct s3_put put = s3_put_init("bench", key);
        put.bytes = payload;
        put.len = (int64_t)run->work->size;
        bool ok = run->is_put ? s3_put_object(run->peer->aws, &put, NULL, &err)
                              : get(run->peer->aws, key, run->work->size, &err);
        if (!ok)
            fail(run->peer->name, &err);
    }
    return NULL;
}

static void measure(struct peer *peer, const struct work *work, bool is_put)
{
    struct run runs[THREADS_MAX];
    int64_t start_ms = clock_mono(&clock_system);
    for (int i = 0; i < work->threads; i++) {
        runs[i] = (struct run){.peer = peer, .work = work, .is_put = is_put, .number = i};
        pthread_create(&runs[i].thread, NULL, requests, &runs[i]);
    }
    for (int i = 0; i < work->threads; i++)
        pthread_join(runs[i].thread, NULL);
    double seconds = (double)(clock_mono(&clock_system) - start_ms) / 1000;
    if (atomic_load(&has_failed))
        return;
    printf("bench objects.%s.%s.%s %.1f requests/s\n", peer->name, is_put ? "put" : "get", work->name,
           work->threads * work->count / (seconds > 0 ? seconds : 0.001));
    fflush(stdout);
}

/* Peak resident memory of a process in MiB, from /proc. */
static double peak_mib(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        sscanf(line, "VmHWM: %ld", &kib);
    if (in)
        fclose(in);
    return (double)kib / 1024;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port =
        bind(fd, (struct sockaddr *)&address, len) == 0 && getsockname(fd, (struct sockaddr *)&address, &len) == 0
            ? ntohs(address.sin_port)
            : 0;
    close(fd);
    return port;
}

static bool wait_for_port(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < 1000; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (ok)
            return true;
        nanosleep(&tick, NULL);
    }
    return false;
}

static void start_program(struct peer *peer, char *const *argv)
{
    peer->pid = fork();
    if (peer->pid != 0)
        return;
    if (freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr))
        execvp(argv[0], argv);
    _exit(127);
}

static bool connect_peer(struct peer *peer, int port)
{
    struct err err = ERR_NONE;
    peer->config = (struct config){.max_attempts = 1};
    snprintf(peer->config.region, sizeof peer->config.region, "us-east-1");
    snprintf(peer->config.endpoint, sizeof peer->config.endpoint, "http://127.0.0.1:%d", port);
    peer->http = http_start(&(struct http_options){0}, &err);
    peer->creds = creds_chain_fixed(creds_static(peer->access, peer->secret, "", "bench"));
    peer->aws = aws_new(&(struct aws_options){.config = &peer->config, .http = peer->http, .creds = peer->creds}, &err);
    if (peer->aws && s3_create_bucket(peer->aws, "bench", NULL, &err))
        return true;
    fail(peer->name, &err);
    return false;
}

static void end_peer(struct peer *peer)
{
    struct err err;
    aws_free(peer->aws);
    creds_chain_free(peer->creds);
    http_stop(peer->http);
    kill(peer->pid, SIGTERM);
    waitpid(peer->pid, NULL, 0);
    path_remove_tree(peer->dir, &err);
}

static void measure_all(struct peer *peer)
{
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        measure(peer, &works[i], true);
        measure(peer, &works[i], false);
    }
    printf("bench objects.%s.rss %.1f MiB\n", peer->name, peak_mib(peer->pid));
    fflush(stdout); /* before the next fork */
}

static bool run_weir(const char *build)
{
    struct peer peer = {.name = "weir-local", .dir = "/tmp/weir-bench-XXXXXX"};
    char program[4096], port_text[16], keys[128];
    int port = free_port();
    if (!mkdtemp(peer.dir))
        return false;
    snprintf(program, sizeof program, "%s/weir-local", build);
    snprintf(port_text, sizeof port_text, "%d", port);
    snprintf(keys, sizeof keys, "%s/%s", peer.dir, LOCALFILES_KEYS);
    start_program(&peer, (char *[]){program, "--foreground", "--dir", peer.dir, "--port", port_text, NULL});
    bool ok = wait_for_port(port);
    FILE *in = ok ? fopen(keys, "r") : NULL;
    ok = in && fscanf(in, "%128s %128s", peer.access, peer.secret) == 2;
    if (in)
        fclose(in);
    if (ok && connect_peer(&peer, port))
        measure_all(&peer);
    end_peer(&peer);
    return ok && !atomic_load(&has_failed);
}

static bool run_s3rver(void)
{
    struct peer peer = {.name = "s3rver", .dir = "/tmp/weir-bench-XXXXXX", .access = "S3RVER", .secret = "S3RVER"};
    char program[] = "build/peers/node_modules/s3rver/bin/s3rver.js", port_text[16];
    int port = free_port();
    if (!path_exists(program)) {
        printf("skip objects.s3rver it is not installed; make peers installs it\n");
        return true;
    }
    if (!mkdtemp(peer.dir))
        return false;
    snprintf(port_text, sizeof port_text, "%d", port);
    start_program(&peer, (char *[]){"node", program, "-d", peer.dir, "-p", port_text, "-s", NULL});
    if (wait_for_port(port) && connect_peer(&peer, port))
        measure_all(&peer);
    end_peer(&peer);
    return !atomic_load(&has_failed);
}

int main(void)
{
    const char *build = getenv("BUILD");
    payload = malloc(100 * MIB);
    if (!payload)
        return 1;
    for (size_t i = 0; i < 100 * MIB; i++)
        payload[i] = (char)(i * 2654435761u >> 24);
    bool ok = run_weir(build ? build : "build") && run_s3rver();
    free(payload);
    return !ok;
}
