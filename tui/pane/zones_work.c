/* Work of the Zones pane: download, upload, delete, edit. Each is a form or a dialog, then a job (zones_job.c); here it
 * is only submitted, and told of when it ends. UI thread. */
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "tui/export.h"
#include "tui/pane/zones_job.h"
#include "tui/typed_path.h"
#include "tui/widget/form.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORK_TARGETS_MAX = 4096, WORK_NAMED = 6, JOBS_LOOKED_AT = 96 };

static void submit(struct zones_state *state, struct work *work, const char *edited)
{
    struct app *app = state->pane->app;
    char title[160], uri[ZONES_KEY + 80];
    zones_uri(&work->targets[0], uri, sizeof uri);
    if (work->count == 1)
        snprintf(title, sizeof title, "%s %.140s", work->ops->kind, uri);
    else
        snprintf(title, sizeof title, "%s %zu objects", work->ops->kind, work->count);
    int id = jobs_submit(session_jobs(work->session), work->ops, work, title);
    if (id < 0) {
        app_say(app, "too much background work is waiting; J shows it");
        zones_work_free(work);
        return;
    }
    if (state->tracked_count < ZONES_TRACKED) {
        struct zones_tracked *tracked = &state->tracked[state->tracked_count++];
        *tracked = (struct zones_tracked){.id = id};
        snprintf(tracked->edited, sizeof tracked->edited, "%s", edited ? edited : "");
        snprintf(tracked->uri, sizeof tracked->uri, "%s", uri);
    }
    grid_clear_marks(state->entry_grid);
    if (!edited)
        app_say(app, "%s started; J shows the progress", title);
}

struct collecting {
    struct zones_state *state;
    struct work *work;
};

static void collect(void *context, const void *row)
{
    struct collecting *collecting = context;
    const struct entry_row *entry = row;
    struct zones_target target = {.is_prefix = entry->kind == ENTRY_PREFIX,
                                  .is_marker = entry->kind == ENTRY_DELETE_MARKER,
                                  .bytes = entry->kind == ENTRY_OBJECT ? entry->bytes : -1};
    if (collecting->work->count >= WORK_TARGETS_MAX)
        return;
    snprintf(target.bucket, sizeof target.bucket, "%s", collecting->state->bucket);
    snprintf(target.key, sizeof target.key, "%s", entry->key);
    if (collecting->state->with_versions && entry->version_id)
        snprintf(target.version, sizeof target.version, "%s", entry->version_id);
    zones_work_add(collecting->work, &target);
}

/* The marked rows, or what is under the cursor; NULL when there is nothing. */
static struct work *work_on_chosen(struct zones_state *state, const struct job_ops *ops)
{
    struct work *work = zones_work_new(state, ops);
    struct zones_target target;
    bool is_list = state->pane->is_zoomed && state->focus != PART_TREE && !zones_is_bucket_list(state);
    if (is_list)
        grid_each_marked(state->entry_grid, collect, &(struct collecting){.state = state, .work = work});
    else if (zones_target(state, &target))
        zones_work_add(work, &target);
    if (work->count > 0)
        return work;
    zones_work_free(work);
    app_say(state->pane->app, "nothing is chosen");
    return NULL;
}

struct pending { /* between a dialog and its job */
    struct zones_state *state;
    struct work *work;
};

static struct pending *pending_new(struct zones_state *state, struct work *work)
{
    struct pending *pending = calloc(1, sizeof *pending);
    if (!pending)
        abort();
    pending->state = state;
    pending->work = work;
    return pending;
}

static void pending_free(void *context)
{
    struct pending *pending = context;
    zones_work_free(pending->work);
    free(pending);
}

static void submit_pending(void *context)
{
    struct pending *pending = context;
    struct work *work = pending->work;
    pending->work = NULL;
    submit(pending->state, work, NULL);
}

static bool check_target_path(const char *text, char *why, size_t size)
{
    char path[PATH_SIZE];
    typed_path(text, path);
    return typed_path_can_be_made(path, why, size);
}

static bool check_source_path(const char *text, char *why, size_t size)
{
    char path[PATH_SIZE];
    typed_path(text, path);
    return access(path, R_OK) == 0 || (snprintf(why, size, "there is no readable file of that name"), false);
}

/* A name for the local disk: control characters of a hostile key are not for a shell prompt to meet. */
static void default_path(const struct zones_target *target, char out[PATH_SIZE])
{
    const char *name = zones_base_name(target->key);
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "../") == 0)
        name = target->bucket;
    snprintf(out, PATH_SIZE, "./%s", name);
    for (char *at = out; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '_';
    }
}

static void download_accepted(struct app *app, void *context, const struct form *form)
{
    struct pending *pending = context;
    struct work *work = pending->work;
    struct stat info;
    (void)app;
    typed_path(form_text(form, "path"), work->path);
    work->no_clobber = strcmp(form_text(form, "existing"), "stop") == 0;
    work->is_path_dir =
        work->count > 1 || (!work->targets[0].is_prefix && stat(work->path, &info) == 0 && S_ISDIR(info.st_mode));
    submit_pending(pending);
}

void zones_download(struct zones_state *state)
{
    static const char *const existing[] = {"stop", "replace", NULL};
    char path[PATH_SIZE], note[ZONES_KEY + 80];
    struct work *work = work_on_chosen(state, &zones_download_ops);
    if (!work)
        return;
    if (work->count == 1) {
        default_path(&work->targets[0], path);
        zones_uri(&work->targets[0], note, sizeof note);
    } else {
        snprintf(path, sizeof path, "./");
        snprintf(note, sizeof note, "%zu marked objects", work->count);
    }
    const struct form_field fields[] = {
        {.id = "path",
         .label = work->count > 1 ? "directory" : "save as",
         .initial = path,
         .is_required = true,
         .check = check_target_path,
         .help = "a name, or a directory to put it into"},
        {.id = "existing", .label = "if it exists", .kind = FORM_CHOICE, .choices = existing},
        {.id = NULL},
    };
    overlay_form(state->pane->app, &(struct form_options){.title = "Download",
                                                          .note = note,
                                                          .accept = "downloads",
                                                          .fields = fields,
                                                          .done = download_accepted,
                                                          .context = pending_new(state, work),
                                                          .free_context = pending_free});
}

static const char *overwrite_words(const struct zones_state *state)
{
    const struct zones_view *view = zones_view_of(state);
    enum flag_state versioned = view ? view->flags.versioned : FLAG_UNKNOWN;
    return versioned == FLAG_YES  ? "An object of that name is replaced; its old version is kept."
           : versioned == FLAG_NO ? "An object of that name is replaced for good: the bucket keeps no versions."
                                  : "An object of that name is replaced; whether the old one is kept is not known.";
}

static void ask(struct zones_state *state, const char *title, const char *object, const char *consequence,
                const char *name, struct work *work)
{
    bool is_production = app_config(state->pane->app)->production;
    overlay_confirm(state->pane->app, &(struct confirm_options){.title = title,
                                                                .object = object,
                                                                .consequence = consequence,
                                                                .must_type = is_production ? name : NULL,
                                                                .done = submit_pending,
                                                                .context = pending_new(state, work),
                                                                .free_context = pending_free});
}

static void ask_upload(struct zones_state *state, const char *path, const char *key, bool is_edited)
{
    struct work *work = zones_work_new(state, &zones_upload_ops);
    struct zones_target target = {.bytes = -1};
    struct stat info;
    char object[ZONES_KEY + PATH_SIZE + 128], uri[ZONES_KEY + 80];
    snprintf(work->path, sizeof work->path, "%s", path);
    work->is_edited = is_edited;
    work->is_path_dir = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t len = strlen(key);
    bool is_place = len == 0 || key[len - 1] == '/';
    snprintf(target.bucket, sizeof target.bucket, "%s", state->bucket);
    snprintf(target.key, sizeof target.key, "%s%s", key, is_place && !work->is_path_dir ? base : "");
    zones_work_add(work, &target);
    zones_uri(&target, uri, sizeof uri);
    snprintf(object, sizeof object, "%s\nfrom %s", uri, path);
    ask(state, "Upload", object, overwrite_words(state), zones_base_name(target.key), work);
}

static void upload_accepted(struct app *app, void *context, const struct form *form)
{
    char path[PATH_SIZE];
    (void)app;
    typed_path(form_text(form, "path"), path);
    ask_upload(context, path, form_text(form, "key"), false);
}

void zones_upload(struct zones_state *state)
{
    char note[ZONES_KEY + 80];
    struct zones_target target = {0};
    if (!state->bucket[0] || !app_may(state->pane->app, ACTION_upload))
        return;
    snprintf(target.bucket, sizeof target.bucket, "%s", state->bucket);
    struct zones_target chosen;
    bool from_tile = !state->pane->is_zoomed && zones_target(state, &chosen);
    snprintf(target.key, sizeof target.key, "%s", from_tile ? chosen.key : state->prefix);
    zones_uri(&target, note, sizeof note);
    const struct form_field fields[] = {
        {.id = "path",
         .label = "local file",
         .is_required = true,
         .check = check_source_path,
         .help = "a file, or a directory with all that is in it"},
        {.id = "key", .label = "key", .initial = target.key, .help = "a name, or a prefix/ to put it under"},
        {.id = NULL},
    };
    overlay_form(state->pane->app, &(struct form_options){.title = "Upload",
                                                          .note = note,
                                                          .accept = "goes on to confirm",
                                                          .fields = fields,
                                                          .done = upload_accepted,
                                                          .context = state});
}

static const char *remove_words(const struct zones_state *state, const struct work *work)
{
    const struct zones_view *view = zones_view_of(state);
    enum flag_state versioned = view ? view->flags.versioned : FLAG_UNKNOWN;
    if (work->targets[0].version[0])
        return "This version is removed for good.";
    return versioned == FLAG_YES  ? "A delete marker is added; the versions stay and can be restored."
           : versioned == FLAG_NO ? "The bucket keeps no versions: this cannot be undone."
                                  : "Whether the bucket keeps versions is not known: this may not be undone.";
}

static void name_targets(const struct work *work, struct buf *out)
{
    for (size_t i = 0; i < work->count && i < WORK_NAMED; i++) {
        char uri[ZONES_KEY + 80];
        zones_uri(&work->targets[i], uri, sizeof uri);
        for (char *at = uri; *at; at++)
            *at = *at == '\n' ? ' ' : *at; /* a line of the dialog is a target */
        buf_printf(out, "%s%s%s", i > 0 ? "\n" : "", uri,
                   work->targets[i].is_prefix ? "  and everything under it" : "");
    }
    if (work->count > WORK_NAMED)
        buf_printf(out, "\nand %zu more", work->count - WORK_NAMED);
}

void zones_remove(struct zones_state *state)
{
    char title[64], typed[ZONES_KEY + 80];
    struct buf names = BUF_INIT(64 * 1024);
    if (!app_may(state->pane->app, ACTION_remove))
        return;
    struct work *work = work_on_chosen(state, &zones_remove_ops);
    if (!work)
        return;
    if (!work->targets[0].key[0]) {
        app_say(state->pane->app, "a bucket is not deleted from here");
        zones_work_free(work);
        return;
    }
    snprintf(title, sizeof title, "Delete");
    if (work->count > 1)
        snprintf(title, sizeof title, "Delete %zu marked", work->count);
    snprintf(typed, sizeof typed, "%s", zones_base_name(work->targets[0].key));
    if (work->count > 1)
        snprintf(typed, sizeof typed, "delete %zu", work->count);
    name_targets(work, &names);
    ask(state, title, buf_text(&names), remove_words(state, work), typed, work);
    buf_done(&names);
}

void zones_edit(struct zones_state *state)
{
    struct zones_target target;
    char dir[PATH_SIZE / 2], path[PATH_SIZE];
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/weir-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!zones_target(state, &target) || target.is_prefix || target.is_marker)
        return;
    if (!mkdtemp(dir)) {
        app_say(state->pane->app, "no temporary directory could be made");
        return;
    }
    snprintf(path, sizeof path, "%s/", dir);
    size_t len = strlen(path);
    for (const char *at = zones_base_name(target.key); *at && len + 1 < sizeof path; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                        (strchr("._-=", *at) != NULL);
        path[len++] = is_plain ? *at : '_'; /* the name is the editor's: nothing in it may surprise a shell */
    }
    path[len] = '\0';
    struct work *work = zones_work_new(state, &zones_download_ops);
    zones_work_add(work, &target);
    snprintf(work->path, sizeof work->path, "%s", path);
    app_say(state->pane->app, "fetching it for the editor");
    submit(state, work, path);
}

/* The editor has the terminal until it ends; an edit that was saved is offered for upload and never lost. */
static void open_editor(struct zones_state *state, const struct zones_tracked *tracked)
{
    struct app *app = state->pane->app;
    struct stat before, after;
    struct err err = ERR_NONE;
    struct s3_name name;
    const char *const argv[] = {"sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", tracked->edited, NULL};
    stat(tracked->edited, &before);
    if (!app_run_child(app, argv, &err)) {
        app_say_error(app, &err);
        return;
    }
    bool is_there = stat(tracked->edited, &after) == 0;
    bool is_changed = is_there && (after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
                                   after.st_mtim.tv_nsec != before.st_mtim.tv_nsec);
    if (!is_changed) {
        zones_drop_edited(tracked->edited);
    } else if (app_is_readonly(app) || !s3_name_parse(tracked->uri, &name, &err)) {
        app_say(app, "read-only: the edited file is %s", tracked->edited);
    } else {
        app_say(app, "the edited file is %s", tracked->edited);
        ask_upload(state, tracked->edited, name.key, true);
    }
}

static void tell_end(struct zones_state *state, const struct job_view *job)
{
    struct app *app = state->pane->app;
    if (job->state == JOB_FAILED)
        app_say_error(app, &job->err);
    else if (job->state == JOB_CANCELLED)
        app_say(app, "cancelled: %s", job->title);
    else
        app_say(app, "%s%s", job->note[0] ? "" : "done: ", job->note[0] ? job->note : job->title);
}

void zones_check_jobs(struct zones_state *state)
{
    struct job_view *jobs = state->tracked_count > 0 ? calloc(JOBS_LOOKED_AT, sizeof *jobs) : NULL;
    int count = jobs ? jobs_list(session_jobs(state->pane->session), jobs, JOBS_LOOKED_AT) : 0;
    for (int i = 0; i < state->tracked_count; i++) {
        struct zones_tracked tracked = state->tracked[i];
        int at = 0;
        while (at < count && jobs[at].id != tracked.id)
            at++;
        bool is_over = at == count || jobs[at].state >= JOB_DONE;
        if (!is_over)
            continue;
        state->tracked[i--] = state->tracked[--state->tracked_count];
        if (at == count)
            continue;
        bool opens = tracked.edited[0] && jobs[at].state == JOB_DONE;
        if (!tracked.edited[0] || !opens)
            tell_end(state, &jobs[at]);
        if (opens)
            open_editor(state, &tracked);
        feed_refresh(zones_place_feed(state->zones));
        feed_refresh(zones_totals_feed(state->zones));
        app_dirty(state->pane->app);
    }
    free(jobs);
}

static void export_started(void *context, int job)
{
    struct zones_state *state = context;
    if (state->tracked_count < ZONES_TRACKED)
        state->tracked[state->tracked_count++] = (struct zones_tracked){.id = job};
}

bool zones_export(struct zones_state *state)
{
    bool is_list = zones_is_bucket_list(state), is_place = state->pane->is_zoomed && !is_list;
    const struct place_view *place = is_place ? zones_place_of(state) : NULL;
    struct grid *grid = is_list ? state->bucket_grid : is_place ? state->entry_grid : state->zone_grid;
    const char *more = place && !place->is_complete ? ", as far as they are loaded" : "";
    char note[ZONES_KEY + 160], uri[ZONES_KEY + 80] = "all buckets", count[TEXT_SHORT];
    if (!is_list)
        snprintf(uri, sizeof uri, "s3://%s/%s", state->bucket, is_place ? state->prefix : "");
    snprintf(note, sizeof note, "%s rows of %s%s", text_count((int64_t)grid_shown(grid), count), uri, more);
    return export_grid(state->pane->app,
                       &(struct export_options){.name = is_list                        ? "buckets"
                                                        : is_place && state->prefix[0] ? zones_base_name(state->prefix)
                                                        : is_place                     ? state->bucket
                                                                                       : "zones",
                                                .note = note,
                                                .grid = grid,
                                                .columns = is_list                ? bucket_columns
                                                           : !is_place            ? zone_columns
                                                           : state->with_versions ? version_columns
                                                                                  : entry_columns,
                                                .snap = is_place ? state->place : state->totals,
                                                .started = export_started,
                                                .context = state});
}
