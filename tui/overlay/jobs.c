/* Background work: what runs, how far it is, what became of it; Enter shows one whole, Ctrl-c cancels it. UI thread. */
#include "backend/base/text.h"
#include "backend/core/job.h"
#include "backend/domain/session.h"
#include "tui/app.h"
#include "tui/overlay.h"
#include "tui/overlay/box.h"
#include "tui/widget/scroll.h"
#include "tui/widget/textview.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_MAX = 320, BAR_COLS = 20 };
struct jobs_view {
    struct job_view jobs[JOBS_MAX];
    int count;
    struct scroll scroll;
    struct rect rows;
};

static const struct {
    const char *word;
    enum theme_role role;
} states[] = {
    [JOB_QUEUED] = {"queued", ROLE_queued}, [JOB_RUNNING] = {"running", ROLE_running},  [JOB_DONE] = {"done", ROLE_ok},
    [JOB_FAILED] = {"failed", ROLE_fail},   [JOB_CANCELLED] = {"cancelled", ROLE_warn},
};

static bool is_running(const struct job_view *job)
{
    return job->state == JOB_RUNNING || job->state == JOB_QUEUED;
}

static void take(struct overlay *overlay)
{
    struct jobs_view *view = overlay->state;
    int id = view->count > 0 ? view->jobs[view->scroll.cursor].id : -1;
    view->count = jobs_list(session_jobs(app_session(overlay->app)), view->jobs, JOBS_MAX);
    for (int i = 0; i < view->count; i++) {
        if (view->jobs[i].id == id)
            view->scroll.cursor = (size_t)i;
    }
}

static bool jobs_changed(struct overlay *overlay)
{
    take(overlay);
    return true;
}

static const struct job_view *current(const struct jobs_view *view)
{
    return view->scroll.cursor < (size_t)view->count ? &view->jobs[view->scroll.cursor] : NULL;
}

static void progress_text(const struct job_view *job, char *out, size_t size)
{
    char done[TEXT_SHORT], total[TEXT_SHORT];
    text_bytes((uint64_t)(job->done > 0 ? job->done : 0), done);
    if (job->total < 0) {
        snprintf(out, size, "%s", done);
        return;
    }
    text_bytes((uint64_t)job->total, total);
    snprintf(out, size, "%s of %s", done, total);
}

static void cancel_current(struct overlay *overlay)
{
    const struct job_view *job = current(overlay->state);
    if (!job || !is_running(job))
        app_close_overlay(overlay->app, overlay);
    else if (jobs_cancel(session_jobs(app_session(overlay->app)), job->id))
        app_say(overlay->app, "cancelling %s", job->title);
}

static void show_current(struct overlay *overlay)
{
    const struct job_view *job = current(overlay->state);
    if (!job)
        return;
    struct textview *view = textview_new();
    char time[TEXT_SHORT], progress[80];
    textview_set_wrap(view, WRAP_ALL);
    textview_field(view, "job", ROLE_dialog, job->title);
    textview_field(view, "state", states[job->state].role, states[job->state].word);
    textview_field(view, "started", ROLE_dialog, job->started_ms ? text_time(job->started_ms, time) : "not yet");
    if (job->ended_ms)
        textview_field(view, "ended", ROLE_dialog, text_time(job->ended_ms, time));
    progress_text(job, progress, sizeof progress);
    textview_field(view, "moved", ROLE_dialog, progress);
    if (job->note[0])
        textview_field(view, "note", ROLE_dialog, job->note);
    if (job->err.code != ERR_OK) {
        textview_field(view, "error", ROLE_error, job->err.text);
        const char *advice = err_advice(&job->err);
        if (*advice)
            textview_field(view, "remedy", ROLE_dialog, advice);
        textview_field(view, "request id", ROLE_dim, job->err.request_id[0] ? job->err.request_id : "-");
    }
    overlay_pager_view(overlay->app, "Job", view);
}

static bool jobs_act(struct overlay *overlay, enum action action)
{
    struct jobs_view *view = overlay->state;
    if (scroll_act(&view->scroll, (size_t)view->count, action))
        app_dirty(overlay->app);
    else if (action == ACTION_open || action == ACTION_describe)
        show_current(overlay);
    else if (action == ACTION_cancel)
        cancel_current(overlay);
    else if (action == ACTION_back || action == ACTION_close || action == ACTION_jobs)
        app_close_overlay(overlay->app, overlay);
    else
        return false;
    return true;
}

static bool jobs_key(struct overlay *overlay, const struct event *event)
{
    struct jobs_view *view = overlay->state;
    if (event->kind != EVENT_MOUSE)
        return false;
    if (scroll_mouse(&view->scroll, (size_t)view->count, event, view->rows))
        app_dirty(overlay->app);
    return true;
}

static void draw_job(const struct job_view *job, struct canvas *canvas, struct rect bar, int64_t now_ms)
{
    char text[80], took[TEXT_SHORT] = "";
    bool with_bar = job->state == JOB_RUNNING && job->total > 0 && bar.cols > 70;
    int right = bar.col + bar.cols - 1;
    int64_t end = job->ended_ms ? job->ended_ms : now_ms;
    if (job->started_ms)
        text_duration((end - job->started_ms) / (is_running(job) ? 1000 : 1) * (is_running(job) ? 1000 : 1), took);
    bool is_retrying = job->state == JOB_RUNNING && job->err.code != ERR_OK;
    canvas_puts(canvas, bar.row, bar.col + 1, 9, is_retrying ? ROLE_warn : states[job->state].role,
                is_retrying ? "retrying" : states[job->state].word);
    canvas_right(canvas, bar.row, right - 7, 7, ROLE_dim, took);
    progress_text(job, text, sizeof text);
    int status = bar.cols > 60 ? 22 : 0;
    const char *detail = job->state == JOB_FAILED || is_retrying ? job->err.text : job->note;
    if (status > 0)
        canvas_right(canvas, bar.row, right - 8 - status, status, ROLE_dim, text);
    int bar_cols = with_bar ? BAR_COLS + 2 : 0, room = bar.cols - 21 - status - bar_cols;
    if (with_bar)
        canvas_bar(canvas, bar.row, right - 8 - status - BAR_COLS - 1, BAR_COLS, (double)job->done / (double)job->total,
                   ROLE_bar);
    int used = canvas_elide(canvas, bar.row, bar.col + 11, room, ROLE_dialog, job->title, strlen(job->title));
    if (detail[0] && room - used > 6)
        canvas_elide(canvas, bar.row, bar.col + 11 + used + 2, room - used - 2,
                     detail == job->err.text ? ROLE_error : ROLE_dim, detail, strlen(detail));
}

static void jobs_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct jobs_view *view = overlay->state;
    int64_t now_ms = clock_wall(app_clock(overlay->app));
    struct overlay_box box = {.title = "Background work",
                              .hint = "Enter details   Ctrl-c cancel   Esc close",
                              .rows = view->count > 3 ? view->count : 3,
                              .cols = body.cols > 110 ? 106 : 0,
                              .border = ROLE_dialog_border};
    struct rect in = overlay_box_draw(canvas, body, &box);
    struct rect before = canvas_clip(canvas, in);
    view->rows = in;
    scroll_fit(&view->scroll, (size_t)view->count, in.rows);
    for (int i = 0; i < in.rows && view->scroll.top + (size_t)i < (size_t)view->count; i++) {
        size_t at = view->scroll.top + (size_t)i;
        struct rect bar = {.row = in.row + i, .col = in.col, .rows = 1, .cols = in.cols};
        draw_job(&view->jobs[at], canvas, bar, now_ms);
        if (at == view->scroll.cursor)
            canvas_role(canvas, bar, ROLE_cursor);
    }
    if (view->count == 0)
        canvas_puts(canvas, in.row + in.rows / 2, in.col + 1, in.cols - 2, ROLE_dim,
                    "Nothing runs. Downloads, uploads and deletions appear here.");
    scroll_draw(&view->scroll, (size_t)view->count, canvas, in);
    canvas_clip(canvas, before);
}

static void jobs_close(struct overlay *overlay)
{
    free(overlay->state);
}

static const enum action jobs_footer[] = {ACTION_open, ACTION_cancel, ACTION_back, ACTION_none};
static const struct overlay_ops jobs_ops = {
    .name = "jobs",
    .context = CONTEXT_jobs,
    .footer = jobs_footer,
    .key = jobs_key,
    .act = jobs_act,
    .changed = jobs_changed,
    .draw = jobs_draw,
    .close = jobs_close,
};

void overlay_jobs(struct app *app)
{
    struct jobs_view *view = calloc(1, sizeof *view);
    if (!view)
        abort();
    view->count = jobs_list(session_jobs(app_session(app)), view->jobs, JOBS_MAX);
    app_push_overlay(app, &jobs_ops, view);
}
