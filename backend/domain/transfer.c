/* Transfers: what a copy is (up, down, across, one or many), its balance and its progress. Feed, job or command-line
 * threads; calls wait. How one object is moved is in transfer_get.c, transfer_put.c and transfer_across.c, many in
 * transfer_tree.c, deletion in transfer_remove.c, jobs in transfer_job.c. */
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/domain/transfer_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPORT_MS = 50 };

/* --- balance --- */

void transfer_moved(struct transfer *transfer, int64_t bytes, const char *name)
{
    int64_t now_ms = clock_mono(&clock_system);
    pthread_mutex_lock(&transfer->lock);
    transfer->done += bytes;
    bool is_due = transfer->report && (name || now_ms - transfer->reported_ms >= REPORT_MS);
    int64_t done = transfer->done, total = transfer->total;
    if (is_due)
        transfer->reported_ms = now_ms;
    pthread_mutex_unlock(&transfer->lock);
    if (is_due)
        transfer->report(transfer->context, done, total, name ? name : "");
}

void transfer_add_total(struct transfer *transfer, int64_t bytes)
{
    pthread_mutex_lock(&transfer->lock);
    transfer->total = (transfer->total < 0 ? 0 : transfer->total) + bytes;
    pthread_mutex_unlock(&transfer->lock);
}

void transfer_object_done(struct transfer *transfer, int64_t bytes)
{
    pthread_mutex_lock(&transfer->lock);
    transfer->result.objects++;
    transfer->result.bytes += bytes;
    pthread_mutex_unlock(&transfer->lock);
}

void transfer_object_skipped(struct transfer *transfer)
{
    pthread_mutex_lock(&transfer->lock);
    transfer->result.skipped++;
    pthread_mutex_unlock(&transfer->lock);
}

/* Failures that every other object would meet as well. */
static bool is_common(const struct err *err)
{
    return err->code == ERR_DISK_FULL || err->code == ERR_CREDENTIALS || err->code == ERR_EXPIRED ||
           err->code == ERR_CANCELLED || err->code == ERR_DNS || err->code == ERR_CONNECT || err->code == ERR_TLS ||
           (err->code == ERR_REFUSED && strstr(err->text, "--readonly"));
}

void transfer_object_failed(struct transfer *transfer, const struct err *err)
{
    pthread_mutex_lock(&transfer->lock);
    if (transfer->result.failed++ == 0 || (is_common(err) && !transfer->is_stopped))
        transfer->first = *err;
    transfer->is_stopped |= is_common(err);
    pthread_mutex_unlock(&transfer->lock);
}

bool transfer_must_end(struct transfer *transfer)
{
    pthread_mutex_lock(&transfer->lock);
    bool is_stopped = transfer->is_stopped;
    pthread_mutex_unlock(&transfer->lock);
    return is_stopped || cancel_is_set(transfer->cancel);
}

static void gauge_to(struct transfer_gauge *gauge, int64_t bytes)
{
    int64_t change = bytes - gauge->seen;
    gauge->seen = bytes;
    if (change)
        transfer_moved(gauge->transfer, change, NULL);
}

void transfer_gauge_received(void *gauge, int64_t sent, int64_t received)
{
    (void)sent;
    gauge_to(gauge, received);
}

void transfer_gauge_sent(void *gauge, int64_t sent, int64_t received)
{
    (void)received;
    gauge_to(gauge, sent);
}

/* --- directions: a table instead of a tree of conditions --- */
struct trip {
    struct transfer *transfer;
    const struct transfer_options *options;
    bool is_from_s3, is_to_s3;
    struct s3_name from, to;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "s3://b/raw" as a folder is "s3://b/raw/". */
static void make_folder(char key[1025])
{
    size_t len = strlen(key);
    if (len && len < 1024 && key[len - 1] != '/')
        strcpy(key + len, "/");
}

/* The key that `from` gets when the target is a bucket or a folder. */
static bool complete_key(const char *name, struct s3_name *to, struct err *err)
{
    size_t len = strlen(to->key);
    if (len && to->key[len - 1] != '/')
        return true;
    if (len + strlen(name) > 1024 || !*name)
        return err_set(err, ERR_USAGE, "s3://%s/%.100s%.100s is not a usable key: name the target", to->bucket, to->key,
                       name);
    strcpy(to->key + len, name);
    return true;
}

static int open_dir_of(const char *path, const char **name, char saved[PATH_SIZE], struct err *err)
{
    char dir[PATH_SIZE];
    struct stat info;
    bool is_dir = (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) || (*path && path[strlen(path) - 1] == '/');
    snprintf(saved, PATH_SIZE, "%s%s%s", path, is_dir && path[strlen(path) - 1] != '/' ? "/" : "", is_dir ? *name : "");
    snprintf(dir, sizeof dir, "%s", saved);
    char *slash = strrchr(dir, '/');
    *name = base_name(saved);
    if (slash)
        slash[slash == dir] = 0;
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        err_set_errno(err, ERR_IO, "%.180s: the folder to save in", slash ? dir : ".");
    return fd;
}

static bool trip_down(struct trip *trip, struct err *err)
{
    struct transfer *transfer = trip->transfer;
    const char *name = base_name(trip->from.key);
    struct s3_ref ref = {.bucket = trip->from.bucket,
                         .key = trip->from.key,
                         .version_id = trip->options->version_id,
                         .cancel = transfer->cancel};
    if (!*trip->from.key || !*name)
        return err_set(err, ERR_USAGE, "%.200s is a folder: name an object, or copy it with --recursive",
                       trip->options->from);
    if (strcmp(trip->options->to, "-") == 0)
        return transfer_get_stdout(transfer, &ref, STDOUT_FILENO, err);
    int dir_fd = open_dir_of(trip->options->to, &name, transfer->result.saved_as, err);
    if (dir_fd < 0)
        return false;
    struct timespec never = {0};
    bool ok = transfer_name_is_safe(name, strlen(name), err) && transfer_get(transfer, &ref, dir_fd, name, &never, err);
    close(dir_fd);
    if (!ok)
        transfer->result.saved_as[0] = 0;
    return ok;
}

static bool trip_up(struct trip *trip, struct err *err)
{
    struct transfer *transfer = trip->transfer;
    const char *path = trip->options->from;
    if (strcmp(path, "-") == 0) {
        if (!*trip->to.key || trip->to.key[strlen(trip->to.key) - 1] == '/')
            return err_set(err, ERR_USAGE, "standard input has no name: give the whole key to write to");
        return transfer_put_stdin(transfer, STDIN_FILENO, trip->to.bucket, trip->to.key, err);
    }
    if (!complete_key(base_name(path), &trip->to, err))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without a writer must not hold us */
    if (fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.200s", path);
    struct stat info;
    bool ok =
        fstat(fd, &info) == 0 && S_ISREG(info.st_mode)
            ? transfer_put(transfer, fd, trip->to.bucket, trip->to.key, err)
            : err_set(err, ERR_USAGE, "%.200s is no regular file: use --recursive for a folder, - for a pipe", path);
    close(fd);
    return ok;
}

static bool trip_across(struct trip *trip, struct err *err)
{
    struct s3_ref ref = {.bucket = trip->from.bucket,
                         .key = trip->from.key,
                         .version_id = trip->options->version_id,
                         .cancel = trip->transfer->cancel};
    if (!*trip->from.key || !complete_key(base_name(trip->from.key), &trip->to, err))
        return err_set(err, ERR_USAGE, "%.200s is a bucket: name an object, or use --recursive", trip->options->from);
    return transfer_copy_object(trip->transfer, &ref, trip->to.bucket, trip->to.key, err);
}

static bool tree_down(struct trip *trip, struct err *err)
{
    make_folder(trip->from.key);
    return transfer_get_tree(trip->transfer, trip->from.bucket, trip->from.key, trip->options->to, err);
}

static bool tree_up(struct trip *trip, struct err *err)
{
    make_folder(trip->to.key);
    return transfer_put_tree(trip->transfer, trip->options->from, trip->to.bucket, trip->to.key, err);
}

static bool tree_across(struct trip *trip, struct err *err)
{
    make_folder(trip->from.key);
    make_folder(trip->to.key);
    return transfer_copy_tree(trip->transfer, trip->from.bucket, trip->from.key, trip->to.bucket, trip->to.key, err);
}

static const struct {
    bool is_from_s3, is_to_s3, is_recursive;
    bool (*go)(struct trip *trip, struct err *err);
} directions[] = {
    {.is_from_s3 = true, .is_to_s3 = false, .is_recursive = false, .go = trip_down},
    {.is_from_s3 = false, .is_to_s3 = true, .is_recursive = false, .go = trip_up},
    {.is_from_s3 = true, .is_to_s3 = true, .is_recursive = false, .go = trip_across},
    {.is_from_s3 = true, .is_to_s3 = false, .is_recursive = true, .go = tree_down},
    {.is_from_s3 = false, .is_to_s3 = true, .is_recursive = true, .go = tree_up},
    {.is_from_s3 = true, .is_to_s3 = true, .is_recursive = true, .go = tree_across},
};

/* Names first, so that a slip is told without a connection. */
static bool read_names(struct trip *trip, struct err *err)
{
    const struct transfer_options *options = trip->options;
    trip->is_from_s3 = s3_is_name(options->from);
    trip->is_to_s3 = s3_is_name(options->to);
    if (!trip->is_from_s3 && !trip->is_to_s3)
        return err_set(err, ERR_USAGE, "one side has to be s3://bucket/key: both %.80s and %.80s are local",
                       options->from, options->to);
    if (trip->is_from_s3 && !s3_name_parse(options->from, &trip->from, err))
        return false;
    if (trip->is_to_s3 && !s3_name_parse(options->to, &trip->to, err))
        return false;
    bool is_stream = strcmp(options->from, "-") == 0 || strcmp(options->to, "-") == 0;
    if (options->is_recursive && is_stream)
        return err_set(err, ERR_USAGE, "a stream is one object: --recursive and - do not go together");
    return true;
}

static bool go(struct trip *trip, struct err *err)
{
    for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++)
        if (directions[i].is_from_s3 == trip->is_from_s3 && directions[i].is_to_s3 == trip->is_to_s3 &&
            directions[i].is_recursive == trip->options->is_recursive)
            return directions[i].go(trip, err);
    return err_set(err, ERR_USAGE, "nothing to do");
}

/* Some failed: the first cause, and PARTIAL when others worked. */
static bool settle(struct transfer *transfer, struct err *err)
{
    const struct transfer_result *result = &transfer->result;
    if (!result->failed)
        return true;
    struct err first = transfer->first;
    if (result->objects)
        err_set(err, ERR_PARTIAL, "%lld of %lld objects failed; the first: %.180s", (long long)result->failed,
                (long long)(result->failed + result->objects), first.text);
    else if (err)
        *err = first;
    return false;
}

bool transfer_copy(struct session *session, const struct transfer_options *options, struct transfer_result *result,
                   struct err *err)
{
    int parallel = options->parallel > 0 ? options->parallel : TRANSFER_PARALLEL;
    struct transfer transfer = {.session = session,
                                .cancel = options->cancel,
                                .no_resume = options->no_resume,
                                .no_clobber = options->no_clobber,
                                .parallel = parallel < TRANSFER_PARALLEL_MAX ? parallel : TRANSFER_PARALLEL_MAX,
                                .report = options->progress,
                                .context = options->context,
                                .total = -1};
    struct trip trip = {.transfer = &transfer, .options = options};
    transfer.is_single = !options->is_recursive;
    transfer.part_parallel = options->is_recursive ? 1 : transfer.parallel;
    pthread_mutex_init(&transfer.lock, NULL);
    bool ok = read_names(&trip, err) && (transfer.aws = session_connect(session, options->cancel, err)) &&
              go(&trip, err) && settle(&transfer, err);
    transfer_moved(&transfer, 0, "");
    pthread_mutex_destroy(&transfer.lock);
    *result = transfer.result;
    return ok;
}
