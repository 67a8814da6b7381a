/* The list of queries as a snapshot: what panes draw from. Made by the keeper with the lock held. */
#include "backend/base/clock.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "backend/domain/query_private.h"
#include <string.h>

enum { VIEW_ARENA = 256 << 20, HEAD_BYTES = 240 };

static const char *head_of(struct arena *arena, const char *sql)
{
    char head[HEAD_BYTES + 1];
    size_t len = 0;
    bool is_gap = false;
    for (; *sql && len < HEAD_BYTES; sql++) {
        bool is_space = *sql == ' ' || *sql == '\n' || *sql == '\t' || *sql == '\r';
        if (!is_space && is_gap && len > 0 && len + 1 < HEAD_BYTES)
            head[len++] = ' ';
        if (!is_space)
            head[len++] = *sql;
        is_gap = is_space;
    }
    return arena_strndup(arena, head, len);
}

static void view_columns(struct arena *arena, const struct query_record *record, struct query_row *row)
{
    json_t *columns = record->columns ? json_parse(record->columns, strlen(record->columns), NULL) : NULL;
    size_t count = json_array_size(columns);
    struct query_column *items = count ? ARENA_ARRAY(arena, struct query_column, count) : NULL;
    for (size_t i = 0; items && i < count; i++) {
        const json_t *pair = json_array_get(columns, i);
        const char *name = json_string_value(json_array_get(pair, 0)),
                   *type = json_string_value(json_array_get(pair, 1));
        items[i] = (struct query_column){.name = arena_strdup(arena, name ? name : ""),
                                         .type = arena_strdup(arena, type ? type : "")};
    }
    row->columns = items;
    row->column_count = items ? count : 0;
    json_decref(columns);
}

static void view_row(struct queries *queries, struct arena *arena, const struct query_record *record,
                     struct query_row *row)
{
    char cost[32], took[TEXT_SHORT] = "";
    *row = (struct query_row){.id = record->id,
                              .sql = arena_strndup(arena, record->sql, record->sql_len),
                              .sql_len = record->sql_len,
                              .is_cut = record->is_cut,
                              .head = head_of(arena, record->sql),
                              .execution = arena_strdup(arena, record->execution),
                              .database = arena_strdup(arena, record->database),
                              .workgroup = arena_strdup(arena, record->workgroup),
                              .output = arena_strdup(arena, record->output),
                              .reason = arena_strdup(arena, record->reason),
                              .statement = arena_strdup(arena, record->statement),
                              .json = record->json ? arena_strdup(arena, record->json) : "",
                              .state = record->state,
                              .submitted_ms = record->submitted_ms,
                              .ended_ms = record->ended_ms,
                              .total_ms = record->total_ms,
                              .queue_ms = record->queue_ms,
                              .scanned = record->scanned,
                              .updated = record->updated,
                              .is_reused = record->is_reused,
                              .is_of_session = record->is_of_session,
                              .err = record->err,
                              .fetch = record->fetch,
                              .fetch_err = record->fetch_err,
                              .path = record->path ? arena_strdup(arena, record->path) : "",
                              .arrived = record->arrived,
                              .has_result = record->result != NULL,
                              .bytes = record->bytes};
    view_columns(arena, record, row);
    row->cost = query_cost(row, session_config(queries->session)->athena_price_cents);
    query_cost_text(row->cost, cost);
    if (row->total_ms >= 0)
        text_duration(row->total_ms, took);
    row->cost_text = arena_strdup(arena, cost);
    row->took_text = arena_strdup(arena, took);
}

struct snap *query_make_view(struct queries *queries)
{
    struct snap *snap = snap_new(VIEW_ARENA);
    struct queries_view *view = ARENA_NEW(snap->arena, struct queries_view);
    size_t count = queries->count < QUERY_SHOWN_MAX ? queries->count : QUERY_SHOWN_MAX;
    struct query_row *rows = ARENA_ARRAY(snap->arena, struct query_row, count ? count : 1);
    for (size_t i = 0; i < count; i++) {
        struct query_row *row = &rows[i];
        view_row(queries, snap->arena, queries->records[queries->count - 1 - i], row);
        view->running += !query_has_ended(row->state);
        if (!row->is_of_session)
            continue;
        view->scanned += row->scanned > 0 ? row->scanned : 0;
        view->cost += row->cost > 0 ? row->cost : 0;
    }
    view->rows = rows;
    view->count = count;
    view->history_err = queries->history_err;
    view->is_loaded = queries->is_loaded;
    snap->value = view;
    snap->taken_ms = snap->tried_ms = clock_wall(&clock_system);
    return snap;
}

const struct query_row *queries_find(const struct queries_view *view, int64_t id)
{
    for (size_t i = 0; view && i < view->count; i++)
        if (view->rows[i].id == id)
            return &view->rows[i];
    return NULL;
}
