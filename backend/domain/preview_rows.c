/* First rows of a Parquet object: which column chunks to read, the sparse copy of the object that the engine sees, the
 * process that decodes it. The copy holds the footer and the chunks chosen, at their places; the engine is asked for
 * those columns and for no more rows than the first row group has, so it never meets the holes. Waits; feeds' threads
 * and the command line. */
#include "backend/base/json.h"
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/domain/preview.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 16 << 20, REQUEST_MAX = 4 << 20, WORKER_MS = 15000, LOOK_MS = 50, MAGIC = 4 };

extern char **environ;

/* ---- which columns */

static bool is_inside(const struct preview_chunk *chunk, int64_t data_end)
{
    return chunk->offset >= MAGIC && chunk->len > 0 && chunk->len <= data_end && chunk->offset <= data_end - chunk->len;
}

/* Bytes of all chunks of the column that begins at `first`; -1: one of them lies outside. */
static int64_t column_bytes(const struct preview_plan *plan, size_t first, size_t *next, int64_t data_end)
{
    int64_t bytes = 0;
    size_t i = first;
    for (; i < plan->chunk_count && strcmp(plan->chunks[i].column, plan->chunks[first].column) == 0; i++)
        bytes = bytes >= 0 && is_inside(&plan->chunks[i], data_end) ? bytes + plan->chunks[i].len : -1;
    *next = i;
    return bytes;
}

size_t preview_parquet_choose(const struct preview_plan *plan, int64_t data_end, int64_t max, struct arena *arena,
                              const char ***names, size_t *left_out)
{
    size_t count = 0, next = 0;
    *names = ARENA_ARRAY(arena, const char *, plan->chunk_count + 1);
    *left_out = 0;
    for (size_t i = 0; *names && i < plan->chunk_count; i = next) {
        int64_t bytes = column_bytes(plan, i, &next, data_end);
        if (bytes < 0 || bytes > max) {
            (*left_out)++;
            continue;
        }
        max -= bytes;
        (*names)[count++] = plan->chunks[i].column;
    }
    return count;
}

/* ---- the copy */

struct rows {
    struct arena *arena;
    const struct preview_reader *reader;
    struct preview_plan plan;
    const char **names;
    size_t name_count, left_out;
    int64_t limit;
    char dir[PATH_SIZE], path[PATH_SIZE + 16];
    int fd;
};

static bool put(const struct rows *rows, const void *bytes, size_t len, int64_t offset, struct err *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = pwrite(rows->fd, (const char *)bytes + done, len - done, offset + (int64_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(err, ERR_IO, "writing a temporary copy for the first rows");
        done += (size_t)n;
    }
    return true;
}

static bool is_chosen(const struct rows *rows, const char *column)
{
    for (size_t i = 0; i < rows->name_count; i++) {
        if (strcmp(rows->names[i], column) == 0)
            return true;
    }
    return false;
}

static bool copy_chunks(const struct rows *rows, int64_t data_end, struct err *err)
{
    struct buf bytes = BUF_INIT(PREVIEW_CHUNKS_MAX + 1024);
    bool ok = true;
    for (size_t i = 0; ok && i < rows->plan.chunk_count; i++) {
        const struct preview_chunk *chunk = &rows->plan.chunks[i];
        if (!is_inside(chunk, data_end) || !is_chosen(rows, chunk->column))
            continue;
        buf_clear(&bytes);
        ok = rows->reader->read(rows->reader->context, chunk->offset, chunk->offset + chunk->len - 1, &bytes, err);
        if (ok && (int64_t)bytes.len != chunk->len)
            ok = err_set(err, ERR_INTERRUPTED, "a column's bytes came short: the object may have changed; try again");
        ok = ok && put(rows, bytes.data, bytes.len, chunk->offset, err);
    }
    buf_done(&bytes);
    return ok;
}

static bool make_copy(struct rows *rows, const void *footer, size_t len, struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    int64_t size = rows->reader->size, data_end = size - (int64_t)len - 8;
    const uint8_t tail[8] = {
        (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24), 'P', 'A', 'R', '1'};
    snprintf(rows->dir, sizeof rows->dir, "%.3000s/weir-rows-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(rows->dir)) {
        rows->dir[0] = '\0';
        return err_set_errno(err, ERR_IO, "no temporary directory for the first rows");
    }
    snprintf(rows->path, sizeof rows->path, "%s/rows.parquet", rows->dir);
    rows->fd = open(rows->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (rows->fd < 0 || ftruncate(rows->fd, size) != 0)
        return err_set_errno(err, ERR_IO, "a temporary copy for the first rows");
    return put(rows, "PAR1", MAGIC, 0, err) && copy_chunks(rows, data_end, err) &&
           put(rows, footer, len, data_end, err) && put(rows, tail, sizeof tail, size - 8, err);
}

static void remove_copy(const struct rows *rows)
{
    if (rows->fd >= 0)
        close(rows->fd);
    if (rows->path[0])
        unlink(rows->path);
    if (rows->dir[0])
        rmdir(rows->dir);
}

/* ---- the process */

/* Ourselves when we are weir, else the weir on PATH (tests). */
static const char *program(void)
{
    char own[PATH_SIZE];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    own[len > 0 ? len : 0] = '\0';
    return strcmp(basename(own), "weir") == 0 ? "/proc/self/exe" : "weir";
}

static pid_t spawn(int in, int out, struct err *err)
{
    pid_t pid = -1;
    sigset_t none, all;
    char *const argv[] = {"weir", "--parquet-rows", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    /* a session of its own: no key of the terminal reaches it, and it cannot reach the terminal */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int failure = posix_spawnp(&pid, program(), &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = failure;
    if (failure != 0)
        err_set_errno(err, ERR_FAILED, "starting the process that reads Parquet");
    return failure == 0 ? pid : -1;
}

static void send_request(const struct rows *rows, int fd)
{
    struct buf text = BUF_INIT(REQUEST_MAX);
    json_t *names = json_array();
    for (size_t i = 0; i < rows->name_count; i++)
        json_array_append_new(names, json_string(rows->names[i]));
    json_t *request = json_pack("{s:s, s:s, s:I, s:o}", "file", rows->path, "dir", rows->dir, "limit",
                                (json_int_t)rows->limit, "columns", names);
    json_write(request, 0, &text);
    for (size_t sent = 0; sent < text.len;) {
        ssize_t n = write(fd, text.data + sent, text.len - sent);
        if (n < 0 && errno != EINTR)
            break; /* it ended early: its status says so */
        sent += n > 0 ? (size_t)n : 0;
    }
    json_decref(request);
    buf_done(&text);
}

/* All it says, until it ends, the deadline, or the token is set. */
static bool read_answer(const struct rows *rows, int fd, struct buf *answer, struct err *err)
{
    for (int left_ms = WORKER_MS;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int count = poll(&ready, 1, LOOK_MS);
        if (cancel_is_set(rows->reader->cancel))
            return err_set(err, ERR_CANCELLED, "another object was chosen");
        if (count == 0) {
            left_ms -= LOOK_MS;
            if (left_ms <= 0)
                return err_set(err, ERR_TIMEOUT, "decoding the first rows took longer than %d s", WORKER_MS / 1000);
            continue;
        }
        char *room = buf_reserve(answer, 65536);
        ssize_t n = room ? read(fd, room, 65536) : -1;
        if (!room)
            return err_set(err, ERR_TOO_LARGE, "the first rows are more than a preview can hold");
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "reading the first rows");
        answer->len += n > 0 ? (size_t)n : 0;
    }
}

static bool ask_worker(const struct rows *rows, struct buf *answer, struct err *err)
{
    int to[2], from[2], status = 0;
    if (pipe2(to, O_CLOEXEC) != 0)
        return err_set_errno(err, ERR_FAILED, "no pipe for the process that reads Parquet");
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(to[0]);
        close(to[1]);
        return err_set_errno(err, ERR_FAILED, "no pipe for the process that reads Parquet");
    }
    pid_t pid = spawn(to[0], from[1], err);
    close(to[0]);
    close(from[1]);
    if (pid > 0)
        send_request(rows, to[1]);
    close(to[1]);
    bool ok = pid > 0 && read_answer(rows, from[0], answer, err);
    close(from[0]);
    if (pid > 0 && !ok)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (ok && WIFSIGNALED(status))
        return err_set(err, ERR_PARSE, "the process that reads Parquet was ended by signal %d: is the file damaged?",
                       WTERMSIG(status));
    return ok;
}

/* ---- the answer */

static const char **take_row(const json_t *row, struct arena *arena, const char **cells, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        const json_t *cell = json_array_get(row, i);
        cells[i] =
            json_is_string(cell) ? arena_strndup(arena, json_string_value(cell), json_string_length(cell)) : NULL;
    }
    return cells + columns;
}

static const char *note_of(const struct rows *rows, size_t shown)
{
    char count[TEXT_SHORT], all[TEXT_SHORT], max[TEXT_SHORT];
    const char *note = arena_printf(rows->arena, "the first %s of %s rows", text_count((int64_t)shown, count),
                                    text_count(rows->plan.rows, all));
    if (rows->left_out > 0)
        note = arena_printf(rows->arena, "%s; %zu column%s left out: at most %s are read", note, rows->left_out,
                            rows->left_out == 1 ? "" : "s", text_bytes(PREVIEW_CHUNKS_MAX, max));
    return note ? note : "";
}

static bool take_answer(const struct rows *rows, const struct buf *answer, struct object_view *view, struct err *err)
{
    json_t *json = json_parse(answer->data ? answer->data : "", answer->len, err);
    const json_t *names = json_object_get(json, "columns"), *list = json_object_get(json, "rows");
    size_t columns = json_array_size(names), count = json_array_size(list);
    const char *why = json_str(json, "error");
    bool ok = json && !*why && columns > 0;
    if (!json)
        err_set(err, ERR_PARSE, "the process that reads Parquet ended without an answer: is the file damaged?");
    else if (!ok)
        err_set(err, ERR_PARSE, "%.240s", *why ? why : "the file has no column");
    const char **header = ok ? ARENA_ARRAY(rows->arena, const char *, columns) : NULL;
    const char **cells = ok ? ARENA_ARRAY(rows->arena, const char *, columns *count + 1) : NULL;
    if (header && cells) {
        const char **at = cells;
        take_row(names, rows->arena, header, columns);
        for (size_t i = 0; i < count; i++)
            at = take_row(json_array_get(list, i), rows->arena, at, columns);
        view->header = header;
        view->cells = cells;
        view->columns = columns;
        view->rows = count;
        view->rows_note = note_of(rows, count);
    }
    json_decref(json);
    if (ok && (!header || !cells || arena_failed(rows->arena)))
        return err_set(err, ERR_TOO_LARGE, "the first rows are more than a preview can hold");
    return ok;
}

bool preview_parquet_rows(struct arena *arena, const struct preview_reader *reader, const void *footer, size_t len,
                          struct object_view *view, struct err *err)
{
    struct rows rows = {.arena = arena, .reader = reader, .fd = -1};
    struct buf answer = BUF_INIT(ANSWER_MAX);
    if (!preview_parquet_plan(arena, footer, len, &rows.plan, err))
        return false;
    rows.limit = rows.plan.group_rows < PREVIEW_PARQUET_ROWS ? rows.plan.group_rows : PREVIEW_PARQUET_ROWS;
    rows.name_count = preview_parquet_choose(&rows.plan, reader->size - (int64_t)len - 8, PREVIEW_CHUNKS_MAX, arena,
                                             &rows.names, &rows.left_out);
    if (rows.limit <= 0) {
        view->rows_note = "the file has no row";
        return true;
    }
    if (rows.name_count == 0)
        return err_set(err, ERR_TOO_LARGE,
                       "no column's first chunk is inside the object and below %d MiB: no rows are read",
                       PREVIEW_CHUNKS_MAX >> 20);
    bool ok =
        make_copy(&rows, footer, len, err) && ask_worker(&rows, &answer, err) && take_answer(&rows, &answer, view, err);
    remove_copy(&rows);
    buf_done(&answer);
    return ok;
}
