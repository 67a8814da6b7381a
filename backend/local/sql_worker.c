/* One query in a process of its own: opens the engine shut into the work directory, makes the views, runs the statement
 * and writes its rows as Athena's result CSV. Knows nothing of S3, Glue or Athena's API: the daemon (engine_sql.c)
 * sends SQL and files. Main thread of the worker process. */
#include "backend/local/sql_worker.h"
#include "backend/base/clock.h"
#include "backend/base/json.h"
#include "backend/base/path.h"
#include "backend/sql/dialect.h"
#include "backend/sql/duck.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The engine's own limit comes first. The process's is a backstop on what it may write to: address space alone says
 * little, for the allocator reserves far more of it than it uses. */
enum { REQUEST_MAX = 256 << 20, OUT_BUFFER = 1 << 18 };
#define DATA_BEYOND (4LL << 30)
/* A sanitizer's shadow memory counts as data: no process has as much as its limit would have to be. */
#ifdef __SANITIZE_ADDRESS__
enum { CAPS_DATA = 0 };
#else
enum { CAPS_DATA = 1 };
#endif

struct job {
    json_t *request;
    struct duck *duck;
    FILE *out;
    json_t *reply;
    int64_t rows;
};

static bool read_request(struct job *job, struct err *err)
{
    struct buf text = BUF_INIT(REQUEST_MAX);
    char step[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, step, sizeof step)) > 0)
        buf_append(&text, step, (size_t)n);
    job->request = text.failed ? NULL : json_parse(buf_text(&text), text.len, err);
    if (text.failed)
        err_set(err, ERR_TOO_LARGE, "the query needs more than %d MiB of views", REQUEST_MAX >> 20);
    buf_done(&text);
    return job->request != NULL;
}

static void cap_memory(int64_t bytes)
{
    struct rlimit data = {.rlim_cur = (rlim_t)(bytes + DATA_BEYOND), .rlim_max = (rlim_t)(bytes + DATA_BEYOND)};
    struct rlimit no_core = {0};
    if (CAPS_DATA)
        setrlimit(RLIMIT_DATA, &data);
    setrlimit(RLIMIT_CORE, &no_core);
}

static bool run_prelude(struct job *job, struct err *err)
{
    const json_t *setup = json_object_get(job->request, "setup");
    size_t count = json_array_size(setup);
    const char **texts = calloc(count + 2, sizeof *texts);
    struct buf prelude = BUF_INIT(1 << 20);
    if (!texts)
        abort();
    for (size_t i = 0; i < count; i++)
        texts[i] = json_string_value(json_array_get(setup, i));
    texts[count] = json_str(job->request, "query");
    bool ok = dialect_prelude_for(texts, &prelude) && duck_exec(job->duck, buf_text(&prelude), err);
    free(texts);
    buf_done(&prelude);
    return ok;
}

static bool open_engine(struct job *job, struct err *err)
{
    char limit[32], spill[PATH_SIZE];
    const char *dir = json_str(job->request, "dir");
    const char *const dirs[] = {dir, NULL};
    int64_t memory = json_int(job->request, "memory", 1 << 30);
    if (!path_join(spill, dir, "spill", err))
        return false;
    snprintf(limit, sizeof limit, "%lldMiB", (long long)(memory >> 20));
    struct duck_options options = {.memory_limit = limit, .temp_dir = spill, .allowed_dirs = dirs};
    job->duck = duck_open(&options, err);
    /* what the user's query names must not be taken for a file: only the views read */
    return job->duck && run_prelude(job, err);
}

static bool run_setup(struct job *job, struct err *err)
{
    size_t i;
    json_t *sql;
    json_array_foreach(json_object_get(job->request, "setup"), i, sql)
    {
        if (!duck_exec(job->duck, json_string_value(sql), err))
            return false;
    }
    return true;
}

/* Bytes that this process has read so far through the system: between two of these is what the engine scanned. The
 * first one's own text counts in the second, so it is added. */
static int64_t bytes_read(bool is_start)
{
    char text[1024];
    long long value = 0;
    FILE *io = fopen("/proc/self/io", "r");
    size_t len = io ? fread(text, 1, sizeof text - 1, io) : 0;
    text[len] = '\0';
    sscanf(text, "rchar: %lld", &value);
    if (io)
        fclose(io);
    return value + (is_start ? (int64_t)len : 0);
}

static void write_cell(FILE *out, const char *text, size_t len)
{
    putc_unlocked('"', out);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            putc_unlocked('"', out);
        putc_unlocked(text[i], out);
    }
    putc_unlocked('"', out);
}

static void write_header(struct job *job, struct duck_result *result)
{
    const json_t *names = json_object_get(job->request, "names");
    json_t *columns = json_array();
    for (size_t i = 0; i < duck_column_count(result); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        name = name ? name : duck_column_name(result, i);
        json_array_append_new(columns, json_pack("{s:s, s:s}", "name", name, "type", duck_column_type(result, i)));
        if (i)
            putc_unlocked(',', job->out);
        write_cell(job->out, name, strlen(name));
    }
    putc_unlocked('\n', job->out);
    json_object_set_new(job->reply, "columns", columns);
}

static void write_row(struct job *job, struct duck_result *result, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        if (i)
            putc_unlocked(',', job->out);
        if (duck_is_null(result, i))
            continue;
        size_t len;
        const char *text = duck_text(result, i, &len);
        write_cell(job->out, text, len);
    }
    putc_unlocked('\n', job->out);
    job->rows++;
}

static bool write_rows(struct job *job, struct duck_result *result, struct err *err)
{
    size_t columns = duck_column_count(result);
    write_header(job, result);
    while (!ferror(job->out) && duck_next(result, err))
        write_row(job, result, columns);
    if (err->code != ERR_OK)
        return false;
    return (fflush(job->out) == 0 && !ferror(job->out)) || err_set_errno(err, ERR_IO, "writing the result");
}

/* Statements that write files have no rows of their own: the engine answers how many it wrote. */
static bool count_rows(struct job *job, struct duck_result *result, struct err *err)
{
    while (duck_next(result, err))
        if (!duck_is_null(result, 0))
            job->rows += strtoll(duck_text(result, 0, &(size_t){0}), NULL, 10);
    return err->code == ERR_OK;
}

static bool run_query(struct job *job, struct err *err)
{
    const char *output = json_str(job->request, "output");
    if (*output && !(job->out = fopen(output, "wx")))
        return err_set_errno(err, ERR_IO, "creating %s", output);
    if (job->out)
        setvbuf(job->out, NULL, _IOFBF, OUT_BUFFER);
    struct duck_result *result = duck_query(job->duck, json_str(job->request, "query"), err);
    bool ok = result && (job->out ? write_rows(job, result, err) : count_rows(job, result, err));
    duck_result_free(result);
    if (job->out)
        fclose(job->out);
    return ok;
}

static void report(struct job *job, bool ok, const struct err *err)
{
    struct buf line = BUF_INIT(16 << 20);
    if (!ok)
        json_object_set_new(job->reply, "error",
                            json_pack("{s:i, s:o}", "code", err->code, "text", json_clean(err->text)));
    json_object_set_new(job->reply, "rows", json_integer(job->rows));
    json_write(job->reply, 0, &line);
    buf_putc(&line, '\n');
    fwrite(buf_text(&line), 1, line.len, stdout);
    fflush(stdout);
    buf_done(&line);
}

int sql_worker_main(void)
{
    struct err err = ERR_NONE;
    struct job job = {.reply = json_object()};
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody waits for the answer any more */
    bool ok = read_request(&job, &err);
    if (ok)
        cap_memory(json_int(job.request, "memory", 1 << 30));
    ok = ok && sql_check_files(json_object_get(job.request, "compressed"), &err) && open_engine(&job, &err) &&
         run_setup(&job, &err);
    int64_t before = bytes_read(true), start = clock_mono(&clock_system);
    printf("%lld\n", (long long)before); /* the daemon watches from here */
    fflush(stdout);
    ok = ok && run_query(&job, &err);
    int64_t scanned = bytes_read(false) - before;
    json_object_set_new(job.reply, "scanned", json_integer(scanned));
    json_object_set_new(job.reply, "engine_ms", json_integer(clock_mono(&clock_system) - start));
    report(&job, ok, &err);
    _exit(ok ? 0 : 1); /* the engine's threads and memory go with the process: faster than taking it apart */
}
