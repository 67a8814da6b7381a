/* The first rows of a table, as a job: a query on Athena whose state is published while it runs, and whose bytes are
 * told also when it failed or was cancelled. On a pool thread; submitted by the UI thread. */
#include "backend/aws/athena.h"
#include "backend/domain/catalog_private.h"
#include "backend/domain/session.h"
#include "backend/domain/zones.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREVIEW_ARENA = 64 << 20, POLL_FIRST_MS = 100, POLL_MAX_MS = 3000, SQL_MAX = 2048 };

struct preview_job {
    struct catalog *catalog;
    uint64_t number;
    char database[CATALOG_NAME], table[CATALOG_NAME];
    char id[64]; /* of the query */
};

static bool is_wanted(const struct preview_job *it)
{
    pthread_mutex_lock(&it->catalog->lock);
    bool is_newest = it->number == it->catalog->preview_number;
    pthread_mutex_unlock(&it->catalog->lock);
    return is_newest;
}

/* A preview of this job with the state so far; its rows are still to come. */
static struct catalog_preview *new_preview(const struct preview_job *it, const struct athena_state *state,
                                           struct arena *arena)
{
    struct catalog_preview *preview = ARENA_NEW(arena, struct catalog_preview);
    int64_t price = session_config(it->catalog->session)->athena_price_cents;
    *preview = (struct catalog_preview){.database = arena_strdup(arena, it->database),
                                        .table = arena_strdup(arena, it->table),
                                        .query_id = arena_strdup(arena, it->id),
                                        .is_running = !state || !athena_has_ended(state),
                                        .state = arena_strdup(arena, state ? state->state : "asking"),
                                        .scanned = state ? state->scanned : CATALOG_UNKNOWN,
                                        .took_ms = state ? state->total_ms : CATALOG_UNKNOWN,
                                        .cost = -1,
                                        .generation = it->number};
    if (preview->scanned >= 0)
        preview->cost = catalog_scan_cost(preview->scanned, price);
    return preview;
}

/* A preview that was replaced by another says nothing any more. */
static void publish(const struct preview_job *it, struct snap *snap)
{
    if (is_wanted(it))
        snap_publish(it->catalog->preview, snap);
    else
        snap_put(snap);
}

static void publish_state(const struct preview_job *it, const struct athena_state *state, const struct err *err)
{
    struct snap *snap = snap_new(PREVIEW_ARENA);
    struct catalog_preview *preview = new_preview(it, state, snap->arena);
    catalog_stamp(it->catalog, snap, preview, 1);
    if (err) {
        preview->is_running = false;
        snap->err = *err;
    }
    publish(it, snap);
}

/* To the configured place, else the query_results/ zone of the lake; a workgroup of one's own has its own. */
static bool choose_output(struct preview_job *it, struct job *job, char output[1100], struct err *err)
{
    const struct config *config = session_config(it->catalog->session);
    char bucket[64] = "";
    snprintf(output, 1100, "%s", config->sql_output);
    if (*output || *config->sql_workgroup)
        return true;
    if (!zones_choose_bucket(it->catalog->session, job_cancel(job), bucket, err))
        return false;
    if (!*bucket)
        return err_set(err, ERR_USAGE, "no bucket for the result: set output in [sql], or start weir with --bucket");
    snprintf(output, 1100, "s3://%s/query_results/", bucket);
    return true;
}

static bool start(struct preview_job *it, struct aws *aws, struct job *job, struct err *err)
{
    char output[1100];
    struct buf sql = BUF_INIT(SQL_MAX);
    buf_puts(&sql, "SELECT * FROM ");
    catalog_write_qualified(it->database, it->table, &sql);
    buf_printf(&sql, " LIMIT %d", CATALOG_PREVIEW_ROWS);
    struct athena_start start = {.sql = buf_text(&sql),
                                 .database = it->database,
                                 .workgroup = session_config(it->catalog->session)->sql_workgroup,
                                 .output = output,
                                 .cancel = job_cancel(job)};
    bool ok = choose_output(it, job, output, err) && athena_start(aws, &start, it->id, err);
    buf_done(&sql);
    return ok;
}

static bool is_closing(const struct preview_job *it)
{
    pthread_mutex_lock(&it->catalog->lock);
    bool closing = it->catalog->is_closing;
    pthread_mutex_unlock(&it->catalog->lock);
    return closing;
}

/* The query is stopped, and waited for: the last word, and the bytes, are the service's. */
static bool stop_and_wait(struct preview_job *it, struct aws *aws, struct athena_state *state, struct err *err)
{
    if (is_closing(it)) /* nobody is there to be told, and so few rows end by themselves */
        return err_set(err, ERR_CANCELLED, "the preview goes on without us");
    *err = ERR_NONE;
    if (!athena_stop(aws, it->id, err))
        return false;
    while (athena_state(aws, it->id, NULL, state, err)) {
        if (athena_has_ended(state))
            return true;
        cancel_wait(NULL, POLL_FIRST_MS);
    }
    return false;
}

static bool wait_end(struct preview_job *it, struct aws *aws, struct job *job, struct athena_state *state,
                     struct err *err)
{
    const struct cancel *cancel = job_cancel(job);
    for (int64_t pause = POLL_FIRST_MS;; pause = pause * 8 / 5 < POLL_MAX_MS ? pause * 8 / 5 : POLL_MAX_MS) {
        bool is_known = athena_state(aws, it->id, cancel, state, err);
        if (is_known && athena_has_ended(state))
            return true;
        if (cancel_is_set(cancel))
            return stop_and_wait(it, aws, state, err);
        if (!is_known)
            return false;
        publish_state(it, state, NULL);
        cancel_wait(cancel, pause);
    }
}

static bool read_names(const json_t *answer, struct arena *arena, struct catalog_preview *preview)
{
    const json_t *info =
        json_object_get(json_object_get(json_object_get(answer, "ResultSet"), "ResultSetMetadata"), "ColumnInfo");
    size_t i;
    json_t *column;
    preview->names = ARENA_ARRAY(arena, const char *, json_array_size(info) + 1);
    preview->types = ARENA_ARRAY(arena, const char *, json_array_size(info) + 1);
    if (!preview->names || !preview->types)
        return false;
    json_array_foreach(info, i, column)
    {
        preview->names[i] = arena_strdup(arena, json_str(column, "Name"));
        preview->types[i] = arena_strdup(arena, json_str(column, "Type"));
    }
    preview->columns = json_array_size(info);
    return true;
}

/* The first row of the first page repeats the names; a value that is absent is null, an empty one is there. */
static bool read_rows(const json_t *answer, struct arena *arena, struct catalog_preview *preview, struct err *err)
{
    const json_t *rows = json_object_get(json_object_get(answer, "ResultSet"), "Rows");
    size_t count = json_array_size(rows) ? json_array_size(rows) - 1 : 0;
    if (!read_names(answer, arena, preview))
        return err_set(err, ERR_TOO_LARGE, "the rows of %s are larger than a preview can hold", preview->table);
    preview->cells = ARENA_ARRAY(arena, const char *, count * preview->columns + 1);
    for (size_t row = 0; preview->cells && row < count; row++) {
        const json_t *data = json_object_get(json_array_get(rows, row + 1), "Data");
        for (size_t i = 0; i < preview->columns; i++) {
            const json_t *value = json_object_get(json_array_get(data, i), "VarCharValue");
            preview->cells[row * preview->columns + i] =
                json_is_string(value) ? arena_strdup(arena, json_string_value(value)) : NULL;
        }
    }
    preview->rows = count;
    return !arena_failed(arena) ||
           err_set(err, ERR_TOO_LARGE, "the rows of %s are larger than a preview can hold", preview->table);
}

static bool publish_rows(struct preview_job *it, struct aws *aws, struct job *job, const struct athena_state *state,
                         struct err *err)
{
    json_t *answer = athena_results(aws, it->id, "", job_cancel(job), err);
    if (!answer)
        return false;
    struct snap *snap = snap_new(PREVIEW_ARENA);
    struct catalog_preview *preview = new_preview(it, state, snap->arena);
    bool ok = read_rows(answer, snap->arena, preview, err);
    json_decref(answer);
    if (!ok) {
        snap_put(snap);
        return false;
    }
    job_note(job, "%zu rows of %.100s", preview->rows, it->table);
    catalog_stamp(it->catalog, snap, preview, 3);
    publish(it, snap);
    return true;
}

static bool run(struct preview_job *it, struct job *job, struct athena_state *state, struct err *err)
{
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    if (!aws || !start(it, aws, job, err) || !wait_end(it, aws, job, state, err))
        return false;
    if (strcmp(state->state, "SUCCEEDED") == 0)
        return publish_rows(it, aws, job, state, err);
    if (strcmp(state->state, "CANCELLED") == 0)
        return err_set(err, ERR_CANCELLED, "the preview was cancelled%s%.150s", *state->reason ? ": " : "",
                       state->reason);
    return err_set(err, ERR_FAILED, "%.240s", *state->reason ? state->reason : state->state);
}

static bool preview(struct job *job, void *context, struct err *err)
{
    struct preview_job *it = context;
    struct athena_state state = {.scanned = CATALOG_UNKNOWN, .total_ms = CATALOG_UNKNOWN};
    bool ok = run(it, job, &state, err);
    if (!ok)
        publish_state(it, &state, err);
    return ok;
}

static const struct job_ops preview_ops = {.kind = "preview", .run = preview, .finished = free};

int catalog_preview(struct catalog *catalog, const char *database, const char *table)
{
    struct preview_job *it = calloc(1, sizeof *it);
    char title[160];
    if (!it)
        abort();
    it->catalog = catalog;
    snprintf(it->database, sizeof it->database, "%s", database);
    snprintf(it->table, sizeof it->table, "%s", table);
    snprintf(title, sizeof title, "preview %.60s.%.80s", database, table);
    pthread_mutex_lock(&catalog->lock);
    it->number = ++catalog->preview_number;
    pthread_mutex_unlock(&catalog->lock);
    if (catalog->preview_job >= 0)
        jobs_cancel(session_jobs(catalog->session), catalog->preview_job);
    publish_state(it, NULL, NULL);
    catalog->preview_job = jobs_submit(session_jobs(catalog->session), &preview_ops, it, title);
    if (catalog->preview_job < 0)
        free(it);
    return catalog->preview_job;
}
