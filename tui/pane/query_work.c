/* Running from the editor: which statements, may they, what would they scan, then the run; and afterwards the place of
 * its error. The service's answers come with the snapshots. UI thread, but for the estimating job. */
#include "backend/base/text.h"
#include "backend/sql/dialect.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENTS_MAX = 1000, HEAD_BYTES = 200 };

/* --- which statements --- */

static void add_statement(struct query_request *request, const char *text, const struct dialect_part *part)
{
    size_t len = part->end - part->start;
    struct dialect_nature nature = dialect_nature(text + part->start, len);
    request->sql = realloc(request->sql, (request->count + 1) * sizeof(char *));
    request->starts = realloc(request->starts, (request->count + 1) * sizeof(size_t));
    char *sql = malloc(len + 1);
    if (!request->sql || !request->starts || !sql)
        abort();
    memcpy(sql, text + part->start, len);
    sql[len] = '\0';
    request->starts[request->count] = part->start;
    request->sql[request->count++] = sql;
    request->only_reads = request->only_reads && nature.only_reads;
    request->scans = request->scans || nature.scans;
}

/* All statements that begin inside [start, end). */
static void add_range(struct query_request *request, const char *text, size_t start, size_t end)
{
    struct dialect_part part;
    size_t offset = 0;
    while (request->count < STATEMENTS_MAX && dialect_split(text + start, end - start, &offset, &part)) {
        part.start += start;
        part.end += start;
        add_statement(request, text, &part);
    }
}

/* The selection, all, or the statement under the cursor. NULL: there is none (said). */
static struct query_request *collect(struct query_pane *state, bool is_all)
{
    struct query_tab *tab = query_tab_now(state);
    struct dialect_part part;
    struct buf text;
    size_t start, end;
    struct query_request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->only_reads = true;
    if (query_tab_text(tab, &text)) {
        if (is_all)
            add_range(request, buf_text(&text), 0, text.len);
        else if (editor_selection(tab->editor, &start, &end))
            add_range(request, buf_text(&text), start, end);
        else if (dialect_split_at(buf_text(&text), text.len, editor_cursor(tab->editor).byte, &part))
            add_statement(request, buf_text(&text), &part);
    }
    buf_done(&text);
    if (request->count > 0)
        return request;
    query_request_free(request);
    app_say(state->pane->app, "there is no statement to run here");
    return NULL;
}

/* Asked for at every drawing, judged again only when the text or the cursor has changed. */
bool query_may_run(const struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    struct dialect_part part;
    struct buf text;
    size_t byte = editor_cursor(tab->editor).byte;
    uint64_t generation = editor_generation(tab->editor) + 1;
    if (!app_is_readonly(state->pane->app))
        return true;
    if (tab->judged_generation == generation && tab->judged_byte == byte)
        return tab->only_reads;
    tab->judged_generation = generation;
    tab->judged_byte = byte;
    tab->only_reads = true;
    if (query_tab_text(tab, &text) && dialect_split_at(buf_text(&text), text.len, byte, &part))
        tab->only_reads = dialect_nature(buf_text(&text) + part.start, part.end - part.start).only_reads;
    buf_done(&text);
    return tab->only_reads;
}

/* --- the run --- */

/* Takes the request over. */
static void run_request(struct query_pane *state, struct query_request *request)
{
    struct query_tab *tab = query_tab_now(state);
    struct err err = ERR_NONE;
    struct query_run run = {
        .sql = (const char *const *)request->sql, .count = request->count, .database = tab->database};
    int64_t first = queries_run(state->queries, &run, &err);
    if (first < 0) {
        app_say_error(state->pane->app, &err);
    } else {
        free(tab->starts);
        tab->first_id = first;
        tab->run_count = request->count;
        tab->starts = request->starts;
        request->starts = NULL;
        tab->follows = true;
        tab->shown_id = first;
        tab->shows_summary = false;
        query_tab_drop_result(tab);
        state->shows_history = false;
        editor_mark_error(tab->editor, 0, 0, NULL);
    }
    query_request_free(request);
}

struct wish { /* what a dialog is about */
    struct query_pane *state;
    struct query_request *request; /* NULL once it was used */
};

static void free_wish(void *context)
{
    struct wish *wish = context;
    query_request_free(wish->request);
    free(wish);
}

static void run_wish(void *context)
{
    struct wish *wish = context;
    struct query_request *request = wish->request;
    wish->request = NULL;
    run_request(wish->state, request);
}

static void name_request(const struct query_request *request, char out[HEAD_BYTES + 32])
{
    size_t len = strcspn(request->sql[0], "\n");
    len = len < HEAD_BYTES ? len : HEAD_BYTES;
    snprintf(out, HEAD_BYTES + 32, "%.*s%s", (int)len, request->sql[0], request->sql[0][len] ? " ..." : "");
    if (request->count > 1)
        snprintf(out + strlen(out), HEAD_BYTES + 32 - strlen(out), "\nand %zu more", request->count - 1);
}

/* Takes the request over. */
static void ask(struct query_pane *state, struct query_request *request, const struct confirm_options *options)
{
    char object[HEAD_BYTES + 32];
    struct wish *wish = calloc(1, sizeof *wish);
    if (!wish)
        abort();
    *wish = (struct wish){.state = state, .request = request};
    name_request(request, object);
    struct confirm_options confirm = *options;
    confirm.object = object;
    confirm.context = wish;
    confirm.free_context = free_wish;
    overlay_confirm(state->pane->app, &confirm);
}

/* --- the estimate --- */

static bool run_estimate(struct query_task *task, struct err *err)
{
    struct aws *aws = session_connect(task->session, task->cancel, err);
    task->sum = (struct estimate){.is_free = true};
    for (size_t i = 0; aws && i < task->request->count; i++) {
        struct estimate one;
        struct estimate_request request = {.aws = aws,
                                           .cancel = task->cancel,
                                           .sql = task->request->sql[i],
                                           .len = strlen(task->request->sql[i]),
                                           .database = task->database,
                                           .price_cents = task->price_cents};
        if (!estimate_query(&request, &one, err))
            return false;
        if (task->refusal.code == ERR_OK)
            estimate_allows(&one, task->max_scan, &task->refusal);
        int64_t bytes = task->sum.bytes + (one.bytes > 0 ? one.bytes : 0);
        double cost = task->sum.cost + (one.cost > 0 ? one.cost : 0);
        bool is_free = task->sum.is_free && one.is_free;
        if (!one.is_free)
            task->sum = one;
        task->sum.bytes = bytes;
        task->sum.cost = cost;
        task->sum.is_free = is_free;
    }
    return aws != NULL;
}

static void say_estimate(struct query_pane *state, const struct query_task *task)
{
    char words[ESTIMATE_WORDS];
    if (!task->ok) {
        state->estimate[0] = '\0';
        return;
    }
    snprintf(state->estimate, sizeof state->estimate, "%s", estimate_words(&task->sum, words));
}

static void estimate_done(struct query_pane *state, struct query_task *task)
{
    struct query_request *request = task->request;
    say_estimate(state, task);
    if (!task->ok && (task->err.code == ERR_CANCELLED || task->err.code == ERR_OK)) {
        app_say(state->pane->app, "cancelled before it was run");
        return;
    }
    if (task->wish == QUERY_WISH_ESTIMATE) {
        if (task->ok)
            app_say(state->pane->app, "%s%s%s", state->estimate, task->sum.reason[0] ? ": " : "", task->sum.reason);
        else
            app_say_error(state->pane->app, &task->err);
        return;
    }
    task->request = NULL;
    const struct err *why = !task->ok ? &task->err : task->refusal.code ? &task->refusal : NULL;
    if (!why)
        run_request(state, request);
    else
        ask(state, request,
            &(struct confirm_options){.title = "Run it all the same", .consequence = why->text, .done = run_wish});
}

static const struct query_task_ops estimate_ops = {.kind = "estimate", .run = run_estimate, .done = estimate_done};

/* Takes the request over. */
static void start_estimate(struct query_pane *state, struct query_request *request, enum query_wish wish)
{
    const struct config *config = app_config(state->pane->app);
    struct query_task *task = query_task_new(state, &estimate_ops);
    task->request = request;
    task->wish = wish;
    task->price_cents = config->athena_price_cents;
    task->max_scan = config->sql_max_scan;
    snprintf(task->database, sizeof task->database, "%s", query_tab_now(state)->database);
    if (query_task_start(state, task, "estimate")) {
        state->estimating = task;
        state->asked_ms = query_now(state);
    }
}

/* Athena takes each query with the database of its own, so USE is answered here: later runs of this buffer begin
 * there. False: the request is no USE. */
static bool use_database(struct query_pane *state, const struct query_request *request)
{
    struct query_tab *tab = query_tab_now(state);
    struct dialect_token token;
    size_t offset = 0, len = strlen(request->sql[0]);
    int open = 0, words = 0;
    struct dialect_nature nature = dialect_nature(request->sql[0], len);
    if (request->count != 1 || !nature.verb[0] || nature.kind != DIALECT_USE)
        return false;
    while (words < 2 && dialect_token(request->sql[0], len, &offset, &open, &token))
        words += token.kind != TOKEN_SPACE && token.kind != TOKEN_COMMENT;
    bool is_quoted = token.kind == TOKEN_QUOTED_NAME && token.len > 2;
    if (words < 2)
        return false;
    snprintf(tab->database, sizeof tab->database, "%.*s", (int)(token.len - 2 * is_quoted),
             request->sql[0] + token.start + is_quoted);
    query_tree_fill(state);
    app_say(state->pane->app, "database %s for what this buffer runs from now on", tab->database);
    return true;
}

static void run_or_estimate(struct query_pane *state, struct query_request *request)
{
    if (app_config(state->pane->app)->sql_max_scan > 0 && request->scans)
        start_estimate(state, request, QUERY_WISH_RUN);
    else
        run_request(state, request);
}

static void estimate_wish(void *context)
{
    struct wish *wish = context;
    struct query_request *request = wish->request;
    wish->request = NULL;
    run_or_estimate(wish->state, request);
}

static const char *verb_of(const struct query_request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        struct dialect_nature nature = dialect_nature(request->sql[i], strlen(request->sql[i]));
        if (!nature.only_reads)
            return nature.verb[0] ? nature.verb : "this statement";
    }
    return "this statement";
}

/* Read-only refuses; in production what changes something is named and typed first. */
static bool check_writes(struct query_pane *state, struct query_request *request)
{
    struct app *app = state->pane->app;
    const char *verb = verb_of(request);
    if (app_is_readonly(app)) {
        struct err err;
        err_set(&err, ERR_REFUSED, "%s is refused: weir was started with --readonly", verb);
        app_say_error(app, &err);
        query_request_free(request);
        return false;
    }
    if (!app_config(app)->production)
        return true;
    ask(state, request,
        &(struct confirm_options){.title = "Run in production",
                                  .consequence = "It changes data or the catalog. Type its verb to run it.",
                                  .must_type = verb,
                                  .done = estimate_wish});
    return false;
}

void query_start(struct query_pane *state, bool is_all)
{
    if (state->estimating) {
        app_say(state->pane->app, "the estimate of the run before is still awaited; Ctrl-c drops it");
        return;
    }
    struct query_request *request = collect(state, is_all);
    if (!request || (!request->only_reads && !check_writes(state, request)))
        return;
    if (use_database(state, request))
        query_request_free(request);
    else
        run_or_estimate(state, request);
}

void query_estimate(struct query_pane *state)
{
    struct query_request *request = state->estimating ? NULL : collect(state, false);
    if (request)
        start_estimate(state, request, QUERY_WISH_ESTIMATE);
}

/* EXPLAIN of the statement: runs as a query of its own, scans nothing. */
void query_explain(struct query_pane *state)
{
    struct query_request *request = collect(state, false);
    if (!request)
        return;
    struct buf sql = BUF_INIT(QUERY_SQL_MAX + 16);
    while (request->count > 1)
        free(request->sql[--request->count]);
    buf_puts(&sql, "EXPLAIN ");
    buf_puts(&sql, request->sql[0]);
    if (sql.failed) {
        buf_done(&sql);
        query_request_free(request);
        return;
    }
    free(request->sql[0]);
    request->sql[0] = buf_take(&sql);
    request->starts[0] = SIZE_MAX; /* its places are not the buffer's */
    run_request(state, request);
}

/* --- cancel --- */

bool query_is_running(const struct query_pane *state, const struct query_tab *tab)
{
    for (size_t i = 0; i < tab->run_count; i++) {
        const struct query_row *row = queries_find(query_view_of(state), tab->first_id + (int64_t)i);
        if (row && !query_has_ended(row->state))
            return true;
    }
    return false;
}

bool query_cancel(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    if (state->estimating) {
        jobs_cancel(session_jobs(state->pane->session), state->estimating->job_id);
        return true;
    }
    bool any = false;
    const struct query_row *row = query_shown(state);
    bool is_arriving = row && row->state == QUERY_SUCCEEDED;
    for (size_t i = tab->run_count; i-- > 0;) /* those that wait first, so that none of them begins */
        any |= queries_cancel(state->queries, tab->first_id + (int64_t)i);
    if (!any && tab->shown_id)
        any = queries_cancel(state->queries, tab->shown_id);
    if (any)
        app_say(state->pane->app, is_arriving ? "the rest of the result is not fetched"
                                              : "asked the service to stop; its word is awaited");
    return any;
}

/* --- errors --- */

/* Where byte `at` of the text is. */
static void place_of(const char *text, size_t at, size_t *line, size_t *column)
{
    size_t start = 0;
    *line = 1;
    for (size_t i = 0; i < at; i++)
        if (text[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    *column = 1;
    for (size_t i = start; i < at; (*column)++) {
        uint32_t code;
        size_t n = text_decode(text + i, at - i, &code);
        i += n ? n : 1;
    }
}

static void place_error(struct query_tab *tab, const struct query_row *row, size_t start)
{
    struct buf text;
    size_t line, column, at_line, at_column;
    if (!query_error_place(row->reason, &line, &column))
        return;
    bool is_there = query_tab_text(tab, &text) && start < text.len && text.len - start >= row->sql_len &&
                    memcmp(buf_text(&text) + start, row->sql, row->sql_len) == 0;
    if (is_there) { /* else the text has changed since: no place is right any more */
        place_of(buf_text(&text), start, &at_line, &at_column);
        column = line == 1 ? at_column + column - 1 : column;
        line = at_line + line - 1;
        editor_set_cursor(tab->editor, line, column);
        editor_mark_error(tab->editor, line, column, row->reason);
    }
    buf_done(&text);
}

void query_place_errors(struct query_pane *state, struct query_tab *tab)
{
    for (size_t i = 0; i < tab->run_count; i++) {
        const struct query_row *row = queries_find(query_view_of(state), tab->first_id + (int64_t)i);
        if (!row || row->state != QUERY_FAILED || tab->placed_id == row->id || !tab->starts)
            continue;
        tab->placed_id = row->id;
        if (tab->starts[i] != SIZE_MAX)
            place_error(tab, row, tab->starts[i]);
    }
}

/* --- the history --- */

/* A finished query with its stored result: in this buffer when it holds the same text or none, else in one of its
 * own. */
void query_reopen(struct query_pane *state, const struct query_row *row)
{
    struct query_tab *tab = query_tab_now(state);
    struct err err = ERR_NONE;
    struct buf text;
    bool is_same = query_tab_text(tab, &text) && (text.len == 0 || strstr(buf_text(&text), row->sql) != NULL);
    bool is_empty = text.len == 0;
    buf_done(&text);
    if (!queries_open(state->queries, row->id, &err)) {
        app_say_error(state->pane->app, &err);
        return;
    }
    if (is_empty)
        editor_insert(tab->editor, row->sql, row->sql_len);
    else if (!is_same) {
        tab = query_tab_new(state, row->sql, row->sql_len, "");
        if (!tab)
            return;
        query_tab_show(state, state->tab_count - 1);
    }
    tab->follows = false;
    tab->run_count = 0;
    tab->shown_id = row->id;
    tab->opened_id = row->id;
    tab->fills = row->is_cut ? row->id : 0;
    if (tab->result_id != row->id)
        query_tab_drop_result(tab);
    state->shows_history = false;
    state->focus = QUERY_RESULT;
}
