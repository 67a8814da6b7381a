/* Work of the Catalog pane: crawlers behind dialogs, previews, and what goes to other panes. Jobs do it; here they are
 * submitted, and told of when they end. UI thread. */
#include "tui/pane/catalog.h"
#include "tui/widget/form.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_LOOKED_AT = 96, URI = 1100 };

/* ---- crawlers */

static const struct catalog_crawler *crawler_of_table(const struct catalog_view *view,
                                                      const struct catalog_table *table)
{
    for (size_t i = 0; table && table->crawler[0] && i < view->crawler_count; i++) {
        if (strcmp(view->crawlers[i].name, table->crawler) == 0)
            return &view->crawlers[i];
    }
    return NULL;
}

/* When there is but one. */
static const struct catalog_crawler *crawler_of_database(const struct catalog_view *view,
                                                         const struct catalog_database *database)
{
    const struct catalog_crawler *found = NULL;
    for (size_t i = 0; database && i < view->crawler_count; i++) {
        if (strcmp(view->crawlers[i].database, database->name) != 0)
            continue;
        if (found)
            return NULL;
        found = &view->crawlers[i];
    }
    return found;
}

const struct catalog_crawler *catalog_crawler_of(const struct catalog_state *state)
{
    const struct catalog_view *view = catalog_view_of(state);
    if (!view)
        return NULL;
    if (state->pane->is_zoomed && state->focus == AREA_CRAWLERS)
        return grid_current(state->crawler_grid);
    const struct catalog_crawler *own = crawler_of_table(view, catalog_table_of(state));
    return own ? own : crawler_of_database(view, catalog_database_of(state));
}

struct asking { /* a dialog's: the names outlive snapshots */
    struct catalog_state *state;
    char name[CATALOG_NAME], database[CATALOG_NAME];
};

static struct asking *asking_new(struct catalog_state *state, const char *name, const char *database)
{
    struct asking *asking = calloc(1, sizeof *asking);
    if (!asking)
        abort();
    asking->state = state;
    snprintf(asking->name, sizeof asking->name, "%s", name);
    snprintf(asking->database, sizeof asking->database, "%s", database);
    return asking;
}

static void crawl(void *context)
{
    const struct asking *asking = context;
    struct catalog_state *state = asking->state;
    catalog_track(state, catalog_run_crawler(state->catalog, asking->name));
    app_say(state->pane->app, "crawler %s started; J shows it", asking->name);
}

static void stop(void *context)
{
    const struct asking *asking = context;
    catalog_track(asking->state, catalog_stop_crawler(asking->state->catalog, asking->name));
    app_say(asking->state->pane->app, "asked crawler %s to stop", asking->name);
}

static void confirm(struct catalog_state *state, const char *title, const struct catalog_crawler *crawler,
                    const char *consequence, void (*done)(void *context))
{
    bool is_production = app_config(state->pane->app)->production;
    overlay_confirm(state->pane->app,
                    &(struct confirm_options){.title = title,
                                              .object = crawler->name,
                                              .consequence = consequence,
                                              .must_type = is_production ? crawler->name : NULL,
                                              .done = done,
                                              .context = asking_new(state, crawler->name, crawler->database),
                                              .free_context = free});
}

/* The crawler a key is about; NULL after it was said which is missing. */
static const struct catalog_crawler *need_crawler(struct catalog_state *state)
{
    const struct catalog_view *view = catalog_view_of(state);
    const struct catalog_crawler *crawler = catalog_crawler_of(state);
    if (crawler)
        return crawler;
    app_say(state->pane->app, view && view->crawler_count > 0 ? "which crawler? Tab goes to the list of crawlers"
                                                              : "there is no crawler: C creates one");
    return NULL;
}

void catalog_ask_crawl(struct catalog_state *state)
{
    char words[700];
    if (!app_may(state->pane->app, ACTION_crawl))
        return;
    const struct catalog_crawler *crawler = need_crawler(state);
    if (!crawler)
        return;
    if (strcmp(crawler->state, "READY") != 0) {
        app_say(state->pane->app, "crawler %s is %s already; X stops it", crawler->name, crawler->state);
        return;
    }
    snprintf(words, sizeof words, "It reads %.300s and creates or updates tables in %.200s.",
             crawler->target[0] ? crawler->target : "its targets", crawler->database);
    confirm(state, "Run crawler", crawler, words, crawl);
}

void catalog_ask_stop(struct catalog_state *state)
{
    if (!app_may(state->pane->app, ACTION_crawl_stop))
        return;
    const struct catalog_crawler *crawler = need_crawler(state);
    if (!crawler)
        return;
    if (strcmp(crawler->state, "RUNNING") != 0) {
        app_say(state->pane->app, "crawler %s does not run: it is %s", crawler->name, crawler->state);
        return;
    }
    confirm(state, "Stop crawler", crawler, "What it has written so far stays.", stop);
}

static void create(struct app *app, void *context, const struct form *form)
{
    const struct asking *asking = context;
    struct catalog_crawler_wish wish = {.name = form_text(form, "name"),
                                        .path = form_text(form, "path"),
                                        .database = form_text(form, "database"),
                                        .prefix = form_text(form, "prefix"),
                                        .role = form_text(form, "role")};
    catalog_track(asking->state, catalog_create_crawler(asking->state->catalog, &wish));
    app_say(app, "creating crawler %s", wish.name);
}

static bool check_path(const char *text, char *why, size_t size)
{
    bool ok = strncmp(text, "s3://", 5) == 0 && text[5] && text[5] != '/';
    return ok || (snprintf(why, size, "a place in S3, such as s3://BUCKET/raw/"), false);
}

static void guess_path(const struct catalog_state *state, char out[URI])
{
    const struct catalog_table *table = catalog_table_of(state);
    const char *bucket = app_config(state->pane->app)->bucket;
    bool is_known = table && strncmp(table->location, "s3://", 5) == 0;
    if (is_known)
        snprintf(out, URI, "%s", table->location);
    else
        snprintf(out, URI, "s3://%s%s", bucket, bucket[0] ? "/" : "");
}

void catalog_ask_crawler(struct catalog_state *state)
{
    const struct catalog_database *database = catalog_database_of(state);
    char path[URI];
    if (!app_may(state->pane->app, ACTION_crawl_new))
        return;
    guess_path(state, path);
    const struct form_field fields[] = {
        {.id = "name", .label = "name", .initial = "", .is_required = true, .help = "of the crawler"},
        {.id = "path",
         .label = "crawls",
         .initial = path,
         .is_required = true,
         .check = check_path,
         .help = "its folders become tables"},
        {.id = "database",
         .label = "database",
         .initial = database ? database->name : "default",
         .is_required = true,
         .help = "where the tables go"},
        {.id = "prefix", .label = "prefix", .initial = "", .help = "what the tables' names begin with"},
        {.id = "role", .label = "role", .initial = "AWSGlueServiceRole", .is_required = true, .help = "its IAM role"},
        {.id = NULL},
    };
    overlay_form(state->pane->app, &(struct form_options){.title = "New crawler",
                                                          .note = "R runs it afterwards",
                                                          .accept = "creates it",
                                                          .fields = fields,
                                                          .done = create,
                                                          .context = asking_new(state, "", ""),
                                                          .free_context = free});
}

/* ---- the first rows */

static void preview(void *context)
{
    const struct asking *asking = context;
    struct catalog_state *state = asking->state;
    int job = catalog_preview(state->catalog, asking->database, asking->name);
    if (job < 0)
        app_say(state->pane->app, "too much background work is waiting; J shows it");
}

void catalog_ask_preview(struct catalog_state *state)
{
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_location *location = catalog_location_of(state);
    int64_t limit = app_config(state->pane->app)->sql_max_scan;
    char bytes[TEXT_SHORT], most[TEXT_SHORT], words[192], name[2 * CATALOG_NAME + 2];
    if (!table)
        return;
    int64_t known = location && location->bytes != CATALOG_UNKNOWN ? location->bytes : table->bytes;
    struct asking *asking = asking_new(state, table->name, table->database);
    if (limit <= 0 || (known != CATALOG_UNKNOWN && known <= limit)) {
        preview(asking);
        free(asking);
        return;
    }
    snprintf(name, sizeof name, "%s.%s", table->database, table->name);
    snprintf(words, sizeof words, "%s%s; this profile's largest scan is %s. A LIMIT mostly reads less.",
             known == CATALOG_UNKNOWN ? "How much it has is not known" : "The table has ",
             known == CATALOG_UNKNOWN ? "" : text_bytes((uint64_t)known, bytes), text_bytes((uint64_t)limit, most));
    overlay_confirm(state->pane->app, &(struct confirm_options){.title = "Preview",
                                                                .object = name,
                                                                .consequence = words,
                                                                .done = preview,
                                                                .context = asking,
                                                                .free_context = free});
}

/* ---- to other panes */

void catalog_insert(struct catalog_state *state)
{
    struct buf text = BUF_INIT(4096);
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    const struct catalog_column *column =
        state->pane->is_zoomed && state->focus == AREA_PAGE && state->page == PAGE_COLUMNS && table
            ? grid_current(state->page_grids[PAGE_COLUMNS])
            : NULL;
    if (column)
        catalog_write_name(column->name, &text);
    else if (table)
        catalog_write_qualified(table->database, table->name, &text);
    else if (database)
        catalog_write_name(database->name, &text);
    if (text.len > 0)
        app_hand_over(state->pane->app, "query", buf_text(&text));
    else
        app_say(state->pane->app, "there is no name to insert");
    buf_done(&text);
}

void catalog_go_to_location(struct catalog_state *state)
{
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_partition *partition =
        state->pane->is_zoomed && state->focus == AREA_PAGE && state->page == PAGE_PARTITIONS
            ? grid_current(state->page_grids[PAGE_PARTITIONS])
            : NULL;
    char uri[URI];
    snprintf(uri, sizeof uri, "%s",
             partition && partition->location[0] ? partition->location
             : table                             ? table->location
                                                 : "");
    if (uri[0])
        app_hand_over(state->pane->app, "zones", uri);
    else
        app_say(state->pane->app, "it has no place in S3");
}

/* ---- what ended */

static void tell_end(struct catalog_state *state, const struct job_view *job)
{
    struct app *app = state->pane->app;
    if (job->state == JOB_FAILED)
        app_say_error(app, &job->err);
    else if (job->state == JOB_CANCELLED)
        app_say(app, "cancelled: %s", job->title);
    else
        app_say(app, "%s: %s", job->title, job->note[0] ? job->note : "done");
}

void catalog_check_jobs(struct catalog_state *state)
{
    struct job_view *jobs = state->tracked_count > 0 ? calloc(JOBS_LOOKED_AT, sizeof *jobs) : NULL;
    int count = jobs ? jobs_list(session_jobs(state->pane->session), jobs, JOBS_LOOKED_AT) : 0;
    for (int i = 0; i < state->tracked_count; i++) {
        int at = 0;
        while (at < count && jobs[at].id != state->tracked[i])
            at++;
        if (at < count && jobs[at].state < JOB_DONE)
            continue;
        state->tracked[i--] = state->tracked[--state->tracked_count];
        if (at == count)
            continue;
        tell_end(state, &jobs[at]);
        app_dirty(state->pane->app);
    }
    free(jobs);
}
