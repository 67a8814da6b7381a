/* What can be taken from a result to elsewhere: cells, rows and columns by their exact bytes, a whole cell to look at,
 * the file in another format; the execution as the service tells it. Reading a result waits for the disk, so jobs do
 * it. UI thread, but for the jobs. */
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "tui/pane/query.h"
#include "tui/typed_path.h"
#include "tui/widget/form.h"
#include "tui/widget/textview.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- cells, rows, columns --- */

static bool run_read(struct query_task *task, struct err *err)
{
    task->take.rows = &task->row;
    return result_read(task->result, &task->take, task->cancel, &task->text, err);
}

static void read_done(struct query_pane *state, struct query_task *task)
{
    struct app *app = state->pane->app;
    if (!task->ok)
        app_say_error(app, &task->err);
    else if (task->is_peek)
        overlay_pager(app, task->title, buf_text(&task->text), task->text.len);
    else
        app_copy(app, buf_text(&task->text), task->text.len);
}

static const struct query_task_ops read_ops = {.kind = "read", .run = run_read, .done = read_done};

static void start_read(struct query_pane *state, enum result_take what, bool is_peek)
{
    struct query_tab *tab = query_tab_now(state);
    const struct result_row *row = tab->grid ? grid_current(tab->grid) : NULL;
    const struct column *column = tab->grid ? grid_current_column(tab->grid) : NULL;
    if (!column || (!row && what != TAKE_COLUMN)) {
        app_say(state->pane->app, column ? "this row is still being read" : "there is no cell here");
        return;
    }
    struct query_task *task = query_task_new(state, &read_ops);
    task->result = result_hold(tab->result);
    task->row = row ? result_row_number(row) : 0;
    task->take = (struct result_take_options){.what = what, .row_count = what != TAKE_COLUMN, .column = column->index};
    task->is_peek = is_peek;
    snprintf(task->title, sizeof task->title, "%.100s", column->title);
    query_task_start(state, task, "read the result");
}

/* NULL is not the empty text: said, since both look alike in a pager. */
void query_peek(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    const struct result_row *row = tab->grid ? grid_current(tab->grid) : NULL;
    const struct column *column = tab->grid ? grid_current_column(tab->grid) : NULL;
    bool is_cut = false;
    struct value value = row && column ? result_cell(row, column->index, &is_cut) : value_state(VALUE_UNKNOWN);
    if (row && column && value.state == VALUE_NULL)
        app_say(state->pane->app, "%s is NULL here", column->title);
    else if (row && column && value.state == VALUE_KNOWN && value.len == 0)
        app_say(state->pane->app, "%s is the empty text here", column->title);
    else
        start_read(state, TAKE_CELL, true);
}

/* --- the copy menu --- */

static void copy_cell(struct query_pane *state)
{
    start_read(state, TAKE_CELL, false);
}
static void copy_row(struct query_pane *state)
{
    start_read(state, TAKE_ROW, false);
}
static void copy_column(struct query_pane *state)
{
    start_read(state, TAKE_COLUMN, false);
}

static const struct query_row *row_of(const struct query_pane *state)
{
    if (!state->pane->is_zoomed)
        return grid_current(state->recent);
    return state->shows_history ? grid_current(state->history) : query_shown(state);
}

static void copy_text(struct query_pane *state, const char *text)
{
    if (text && *text)
        app_copy(state->pane->app, text, strlen(text));
    else
        app_say(state->pane->app, "there is nothing to copy");
}

static void copy_sql(struct query_pane *state)
{
    const struct query_row *row = row_of(state);
    copy_text(state, row ? row->sql : NULL);
}
static void copy_execution(struct query_pane *state)
{
    const struct query_row *row = row_of(state);
    copy_text(state, row ? row->execution : NULL);
}
static void copy_output(struct query_pane *state)
{
    const struct query_row *row = row_of(state);
    copy_text(state, row ? row->output : NULL);
}
static void copy_reason(struct query_pane *state)
{
    const struct query_row *row = row_of(state);
    copy_text(state, row ? row->reason : NULL);
}

enum { COPIES = 7 };
static const struct {
    const char *label;
    bool of_result;
    void (*run)(struct query_pane *state);
} copies[COPIES] = {
    {.label = "cell", .of_result = true, .run = copy_cell},
    {.label = "row", .of_result = true, .run = copy_row},
    {.label = "column", .of_result = true, .run = copy_column},
    {.label = "statement", .run = copy_sql},
    {.label = "execution id", .run = copy_execution},
    {.label = "URI of the result", .run = copy_output},
    {.label = "error", .run = copy_reason},
};

static void copy_chosen(struct app *app, void *context, int index)
{
    (void)app;
    copies[index].run(context);
}

void query_copy_menu(struct query_pane *state)
{
    const char *lines[COPIES];
    bool is_off[COPIES];
    const struct query_row *row = row_of(state);
    bool has_cell = !state->shows_history && state->pane->is_zoomed && query_tab_now(state)->grid;
    for (int i = 0; i < COPIES; i++) {
        lines[i] = copies[i].label;
        is_off[i] = copies[i].of_result ? !has_cell : !row;
    }
    overlay_menu(state->pane->app, &(struct menu_options){.title = "Copy",
                                                          .lines = lines,
                                                          .is_off = is_off,
                                                          .count = COPIES,
                                                          .selected = has_cell ? 0 : 3,
                                                          .done = copy_chosen,
                                                          .context = state});
}

/* --- export --- */

static void export_progress(void *context, uint64_t rows, uint64_t total)
{
    struct query_task *task = context;
    job_progress(task->job, (int64_t)rows, total ? (int64_t)total : -1);
}

static bool run_export(struct query_task *task, struct err *err)
{
    struct result_export_options options = {.format = task->format,
                                            .path = task->dir,
                                            .may_overwrite = task->may_overwrite,
                                            .all_rows = task->all_rows,
                                            .progress = export_progress,
                                            .context = task};
    bool ok = result_export(task->result, &options, task->cancel, &task->rows, err);
    if (ok)
        job_note(task->job, "%llu rows to %.120s", (unsigned long long)task->rows, task->dir);
    return ok;
}

static void export_done(struct query_pane *state, struct query_task *task)
{
    char rows[TEXT_SHORT];
    if (task->ok)
        app_say(state->pane->app, "%s rows written to %s", text_count((int64_t)task->rows, rows), task->dir);
    else if (task->err.code == ERR_CANCELLED || task->err.code == ERR_OK)
        app_say(state->pane->app, "export cancelled: nothing was left of it");
    else
        app_say_error(state->pane->app, &task->err);
}

static const struct query_task_ops export_ops = {.kind = "export", .run = run_export, .done = export_done};

static bool check_path(const char *text, char *why, size_t size)
{
    enum result_format format;
    char path[PATH_SIZE];
    typed_path(text, path);
    if (!result_format_of(path, &format)) {
        snprintf(why, size, "end the name with .csv, .jsonl or .parquet: it chooses the format");
        return false;
    }
    return typed_path_can_be_made(path, why, size);
}

struct export_wish {
    struct query_pane *state;
    struct result *result; /* held */
};

static void free_export(void *context)
{
    struct export_wish *wish = context;
    result_release(wish->result);
    free(wish);
}

static void export_accepted(struct app *app, void *context, const struct form *form)
{
    const struct export_wish *wish = context;
    char title[160];
    struct query_task *task = query_task_new(wish->state, &export_ops);
    (void)app;
    task->result = result_hold(wish->result);
    typed_path(form_text(form, "path"), task->dir);
    result_format_of(task->dir, &task->format);
    task->may_overwrite = strcmp(form_text(form, "existing"), "replace") == 0;
    task->all_rows = strcmp(form_text(form, "rows"), "all") == 0;
    snprintf(title, sizeof title, "export to %.130s", task->dir);
    query_task_start(wish->state, task, title);
}

void query_export(struct query_pane *state)
{
    static const char *const existing[] = {"stop", "replace", NULL}, *const rows[] = {"all", "shown", NULL};
    struct query_tab *tab = query_tab_now(state);
    if (!tab->result || state->shows_history) {
        app_say(state->pane->app, "there is no result to export");
        return;
    }
    char path[PATH_SIZE], name[QUERY_BUFFER_TITLE + 16];
    query_tab_name(tab, name);
    snprintf(path, sizeof path, "./%.*s.csv", (int)strcspn(name, "."), name);
    for (char *at = path; *at; at++)
        *at = *at == ' ' ? '_' : *at;
    struct export_wish *wish = calloc(1, sizeof *wish);
    if (!wish)
        abort();
    *wish = (struct export_wish){.state = state, .result = result_hold(tab->result)};
    const struct form_field fields[] = {
        {.id = "path",
         .label = "file",
         .initial = path,
         .is_required = true,
         .check = check_path,
         .help = ".csv as Athena wrote it, .jsonl or .parquet with types"},
        {.id = "rows",
         .label = "rows",
         .kind = FORM_CHOICE,
         .choices = rows,
         .initial = tab->grid && grid_filter(tab->grid)[0] ? "shown" : "all",
         .help = "all in the result's order, or those shown in theirs"},
        {.id = "existing", .label = "if it exists", .kind = FORM_CHOICE, .choices = existing},
        {.id = NULL},
    };
    overlay_form(state->pane->app, &(struct form_options){.title = "Export the result",
                                                          .accept = "exports",
                                                          .fields = fields,
                                                          .done = export_accepted,
                                                          .context = wish,
                                                          .free_context = free_export});
}

/* --- the execution --- */

bool query_raw_json(struct pane *pane, struct buf *out)
{
    const struct query_pane *state = pane->state;
    const struct query_row *row = row_of(state);
    if (!row)
        return false;
    if (row->json[0])
        return buf_puts(out, row->json);
    json_t *facts = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "QueryExecutionId", row->execution, "State",
                              query_state_word(row->state), "StateChangeReason", row->reason, "Query", row->sql,
                              "OutputLocation", row->output, "Database", row->database);
    bool ok = facts && json_write(facts, 2, out);
    json_decref(facts);
    return ok;
}

static void add_bytes(struct textview *view, const char *label, int64_t bytes)
{
    char text[TEXT_SHORT];
    textview_field(view, label, ROLE_text, bytes < 0 ? "unknown" : text_bytes((uint64_t)bytes, text));
}

static void add_duration(struct textview *view, const char *label, int64_t ms)
{
    char text[TEXT_SHORT];
    textview_field(view, label, ROLE_text, ms < 0 ? "unknown" : text_duration(ms, text));
}

void query_describe(struct query_pane *state)
{
    const struct query_row *row = row_of(state);
    char time[TEXT_SHORT];
    if (!row) {
        app_say(state->pane->app, "there is no query to describe");
        return;
    }
    struct textview *view = textview_new();
    textview_set_wrap(view, WRAP_FIELDS);
    textview_field(view, "state", ROLE_strong, query_state_word(row->state));
    if (row->reason[0])
        textview_field(view, "reason", ROLE_error, row->reason);
    if (row->err.code)
        textview_field(view, "last call", ROLE_warn, row->err.text);
    textview_field(view, "execution", ROLE_text, row->execution[0] ? row->execution : "-");
    textview_field(view, "sent", ROLE_text, row->submitted_ms ? text_time(row->submitted_ms, time) : "-");
    textview_field(view, "database", ROLE_text, row->database);
    textview_field(view, "workgroup", ROLE_text, row->workgroup[0] ? row->workgroup : "the service's primary");
    add_duration(view, "time", row->total_ms);
    add_duration(view, "queued", row->queue_ms);
    add_bytes(view, "scanned", row->scanned);
    textview_field(view, "cost", ROLE_text, row->cost_text[0] ? row->cost_text : "unknown");
    textview_field(view, "result", ROLE_text, row->output[0] ? row->output : "-");
    if (row->fetch_err.code)
        textview_field(view, "fetching it", ROLE_error, row->fetch_err.text);
    textview_section(view, "Statement");
    textview_add(view, ROLE_text, row->sql, row->sql_len);
    overlay_pager_view(state->pane->app, "Query", view);
}
