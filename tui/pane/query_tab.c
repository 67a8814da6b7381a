/* Buffers: several texts, each with an editor of its own; kept as drafts within a second of a change, opened from and
 * saved as .sql files, handed to an external editor. Files are read and written by jobs. UI thread. */
#include "backend/sql/dialect.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a buffer --- */

static void text_copied(void *context, const char *bytes, size_t len)
{
    const struct query_tab *tab = context;
    app_copy(tab->state->pane->app, bytes, len);
}

static bool is_bound(void *context, struct key key)
{
    const struct query_tab *tab = context;
    return keymap_binds(app_keymap(tab->state->pane->app), CONTEXT_editor, key);
}

/* The smallest that no other buffer has: drafts' names are few. */
static int free_id(const struct query_pane *state)
{
    for (int id = 1;; id++) {
        int i = 0;
        while (i < state->tab_count && state->tabs[i]->id != id)
            i++;
        if (i == state->tab_count)
            return id;
    }
}

struct query_tab *query_tab_new(struct query_pane *state, const char *text, size_t len, const char *title)
{
    if (state->tab_count == QUERY_TABS_MAX) {
        app_say(state->pane->app, "%d buffers are open: close one first", QUERY_TABS_MAX);
        return NULL;
    }
    struct query_tab *tab = calloc(1, sizeof *tab);
    if (!tab)
        abort();
    tab->state = state;
    tab->id = free_id(state);
    tab->summary_column = -1;
    snprintf(tab->title, sizeof tab->title, "%s", title);
    snprintf(tab->database, sizeof tab->database, "%s", app_config(state->pane->app)->sql_database);
    tab->editor = editor_new(&(struct editor_options){.keys = editor_keys_of(app_keymap_name(state->pane->app)),
                                                      .language = &query_language,
                                                      .context = tab,
                                                      .copied = text_copied,
                                                      .is_bound = is_bound});
    editor_set_text(tab->editor, text, len);
    tab->saved_generation = editor_generation(tab->editor);
    tab->put_generation = len > 0 ? 0 : tab->saved_generation;
    tab->is_put = len == 0; /* an empty buffer is worth no draft */
    state->tabs[state->tab_count++] = tab;
    return tab;
}

void query_tab_free(struct query_tab *tab)
{
    query_tab_drop_result(tab);
    editor_free(tab->editor);
    free(tab->starts);
    free(tab);
}

void query_tab_show(struct query_pane *state, int index)
{
    state->tab = (index + state->tab_count) % state->tab_count;
    state->shows_history = false;
    state->estimate[0] = '\0';
    query_tree_fill(state);
}

void query_tab_close(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    if (state->buffers)
        query_buffers_remove(state->buffers, tab->id);
    query_tab_free(tab);
    memmove(&state->tabs[state->tab], &state->tabs[state->tab + 1],
            (size_t)(--state->tab_count - state->tab) * sizeof(struct query_tab *));
    if (state->tab_count == 0)
        query_tab_new(state, "", 0, "");
    query_tab_show(state, state->tab < state->tab_count ? state->tab : state->tab_count - 1);
}

void query_tab_name(const struct query_tab *tab, char out[QUERY_BUFFER_TITLE + 16])
{
    if (tab->title[0])
        snprintf(out, QUERY_BUFFER_TITLE + 16, "%s.sql", tab->title);
    else
        snprintf(out, QUERY_BUFFER_TITLE + 16, "scratch %d", tab->id);
}

bool query_tab_is_modified(const struct query_tab *tab)
{
    return editor_generation(tab->editor) != tab->saved_generation;
}

bool query_tab_text(const struct query_tab *tab, struct buf *out)
{
    *out = BUF_INIT(QUERY_TEXT_MAX);
    return editor_text(tab->editor, out) && !out->failed;
}

static struct query_tab *tab_of_id(const struct query_pane *state, int id)
{
    for (int i = 0; i < state->tab_count; i++)
        if (state->tabs[i]->id == id)
            return state->tabs[i];
    return NULL;
}

/* --- drafts --- */

/* A draft of a saved query: is it as its file is? Until that is known it counts as modified. */
static bool run_compare(struct query_task *task, struct err *err)
{
    return query_saved_dir(task->dir, err) && query_saved_read(task->dir, task->name, &task->text, err);
}

static void compare_done(struct query_pane *state, struct query_task *task)
{
    struct query_tab *tab = tab_of_id(state, task->tab_id);
    struct buf text;
    if (!task->ok || !tab || editor_generation(tab->editor) != task->generation)
        return; /* no such file, or typed in meanwhile: it stays what it is */
    if (query_tab_text(tab, &text) && text.len == task->text.len &&
        memcmp(buf_text(&text), buf_text(&task->text), text.len) == 0)
        tab->saved_generation = task->generation;
    buf_done(&text);
}

static const struct query_task_ops compare_ops = {.kind = "compare", .run = run_compare, .done = compare_done};

static void compare_with_file(struct query_pane *state, struct query_tab *tab)
{
    struct query_task *task = query_task_new(state, &compare_ops);
    tab->saved_generation = 0;
    task->tab_id = tab->id;
    task->generation = editor_generation(tab->editor);
    snprintf(task->name, sizeof task->name, "%s", tab->title);
    query_task_start(state, task, tab->title);
}

void query_tabs_restore(struct query_pane *state)
{
    struct query_buffer_text *texts = calloc(QUERY_BUFFERS_MAX, sizeof *texts);
    struct err err = ERR_NONE;
    int count = texts ? query_buffers_take(state->buffers, texts, &err) : -1;
    if (count >= 0) {
        struct query_tab *first = state->tabs[0];
        bool is_untouched = state->tab_count == 1 && editor_len(first->editor) == 0;
        for (int i = 0; i < count; i++) {
            struct query_tab *tab = query_tab_new(state, texts[i].text, texts[i].len, texts[i].title);
            if (tab)
                tab->id = texts[i].id;
            if (tab && texts[i].title[0])
                compare_with_file(state, tab);
            free(texts[i].text);
        }
        if (is_untouched && state->tab_count > 1) {
            query_tab_free(first);
            memmove(&state->tabs[0], &state->tabs[1], (size_t)--state->tab_count * sizeof(struct query_tab *));
        } else {
            first->id = 0;
            first->id = free_id(state); /* what was typed meanwhile stays beside what came back */
        }
        state->is_restored = true;
        if (err.code)
            app_say_error(state->pane->app, &err);
    }
    free(texts);
}

void query_tabs_put(struct query_pane *state)
{
    for (int i = 0; i < state->tab_count && state->buffers; i++) {
        struct query_tab *tab = state->tabs[i];
        struct buf text;
        uint64_t generation = editor_generation(tab->editor);
        if (tab->is_put && tab->put_generation == generation)
            continue;
        if (query_tab_text(tab, &text)) {
            struct query_buffer_text put = {.id = tab->id, .text = (char *)buf_text(&text), .len = text.len};
            snprintf(put.title, sizeof put.title, "%s", tab->title);
            tab->is_put = query_buffers_put(state->buffers, &put);
            tab->put_generation = generation;
        }
        buf_done(&text);
    }
}

/* --- saved queries --- */

static bool run_save(struct query_task *task, struct err *err)
{
    if (!query_saved_dir(task->dir, err))
        return false;
    if (!task->may_overwrite && query_saved_exists(task->dir, task->name))
        return err_set(err, ERR_CONFLICT, "there is a query %s already", task->name);
    return query_saved_write(task->dir, task->name, buf_text(&task->text), task->text.len, err);
}

static void start_save(struct query_pane *state, struct query_tab *tab, const char *name, bool may_overwrite);

struct overwrite {
    struct query_pane *state;
    int tab_id;
    char name[QUERY_BUFFER_TITLE];
};

static void overwrite(void *context)
{
    const struct overwrite *wish = context;
    struct query_tab *tab = tab_of_id(wish->state, wish->tab_id);
    if (tab)
        start_save(wish->state, tab, wish->name, true);
}

static void ask_overwrite(struct query_pane *state, const struct query_task *task)
{
    struct overwrite *wish = calloc(1, sizeof *wish);
    if (!wish)
        abort();
    *wish = (struct overwrite){.state = state, .tab_id = task->tab_id};
    snprintf(wish->name, sizeof wish->name, "%s", task->name);
    overlay_confirm(state->pane->app, &(struct confirm_options){.title = "Replace the saved query",
                                                                .object = task->name,
                                                                .consequence = "What the file holds now is lost.",
                                                                .done = overwrite,
                                                                .context = wish,
                                                                .free_context = free});
}

static void save_done(struct query_pane *state, struct query_task *task)
{
    struct query_tab *tab = tab_of_id(state, task->tab_id);
    if (!task->ok && task->err.code == ERR_CONFLICT && !task->may_overwrite) {
        ask_overwrite(state, task);
        return;
    }
    if (!task->ok) {
        app_say_error(state->pane->app, &task->err);
        return;
    }
    app_say(state->pane->app, "saved as %s/%s.sql", task->dir, task->name);
    if (!tab)
        return;
    snprintf(tab->title, sizeof tab->title, "%s", task->name);
    tab->saved_generation = task->generation;
    tab->is_put = false;
}

static const struct query_task_ops save_ops = {.kind = "save", .run = run_save, .done = save_done};

static void start_save(struct query_pane *state, struct query_tab *tab, const char *name, bool may_overwrite)
{
    char title[QUERY_BUFFER_TITLE + 32];
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".sql") == 0)
        len -= 4;
    struct query_task *task = query_task_new(state, &save_ops);
    task->may_overwrite = may_overwrite || (strlen(tab->title) == len && strncmp(tab->title, name, len) == 0);
    task->tab_id = tab->id;
    task->generation = editor_generation(tab->editor);
    snprintf(task->name, sizeof task->name, "%.*s", (int)(len < sizeof task->name ? len : sizeof task->name - 1), name);
    snprintf(title, sizeof title, "save query %s", task->name);
    if (editor_text(tab->editor, &task->text))
        query_task_start(state, task, title);
    else
        query_task_free(task);
}

static void save_named(struct app *app, void *context, const char *text)
{
    struct query_pane *state = context;
    (void)app;
    text += strspn(text, " ");
    if (*text)
        start_save(state, query_tab_now(state), text, false);
}

void query_saved_ask(struct query_pane *state)
{
    overlay_prompt(state->pane->app, &(struct prompt_options){.label = "save query as ",
                                                              .initial = query_tab_now(state)->title,
                                                              .done = save_named,
                                                              .context = state});
}

static bool run_read(struct query_task *task, struct err *err)
{
    return query_saved_dir(task->dir, err) && query_saved_read(task->dir, task->name, &task->text, err);
}

static void read_done(struct query_pane *state, struct query_task *task)
{
    if (!task->ok) {
        app_say_error(state->pane->app, &task->err);
        return;
    }
    for (int i = 0; i < state->tab_count; i++) { /* open already: shown, with what was typed since */
        if (strcmp(state->tabs[i]->title, task->name) != 0)
            continue;
        query_tab_show(state, i);
        app_say(state->pane->app, "%s.sql is open already", task->name);
        return;
    }
    struct query_tab *now = query_tab_now(state);
    bool is_blank = editor_len(now->editor) == 0 && !now->title[0];
    struct query_tab *tab = is_blank ? now : query_tab_new(state, buf_text(&task->text), task->text.len, task->name);
    if (is_blank && editor_set_text(tab->editor, buf_text(&task->text), task->text.len)) {
        snprintf(tab->title, sizeof tab->title, "%s", task->name);
        tab->saved_generation = editor_generation(tab->editor);
        tab->is_put = false;
    }
    if (tab && !is_blank)
        query_tab_show(state, state->tab_count - 1);
    state->focus = QUERY_EDITOR;
}

static const struct query_task_ops read_ops = {.kind = "open", .run = run_read, .done = read_done};

struct menu_of_names {
    struct query_pane *state;
    char (*names)[QUERY_SAVED_NAME];
};

static void free_menu(void *context)
{
    struct menu_of_names *menu = context;
    free(menu->names);
    free(menu);
}

static void saved_chosen(struct app *app, void *context, int index)
{
    const struct menu_of_names *menu = context;
    struct query_task *task = query_task_new(menu->state, &read_ops);
    (void)app;
    snprintf(task->name, sizeof task->name, "%s", menu->names[index]);
    query_task_start(menu->state, task, task->name);
}

static bool run_list(struct query_task *task, struct err *err)
{
    task->names = calloc(QUERY_SAVED_MAX, sizeof *task->names);
    if (!task->names)
        abort();
    if (!query_saved_dir(task->dir, err))
        return false;
    task->name_count = query_saved_list(task->dir, task->names, QUERY_SAVED_MAX, err);
    return err->code == ERR_OK;
}

static void list_done(struct query_pane *state, struct query_task *task)
{
    if (!task->ok) {
        app_say_error(state->pane->app, &task->err);
        return;
    }
    if (task->name_count == 0) {
        app_say(state->pane->app, "no query is saved in %s yet", task->dir);
        return;
    }
    const char *lines[QUERY_SAVED_MAX];
    struct menu_of_names *menu = calloc(1, sizeof *menu);
    if (!menu)
        abort();
    *menu = (struct menu_of_names){.state = state, .names = task->names};
    task->names = NULL;
    for (int i = 0; i < task->name_count; i++)
        lines[i] = menu->names[i];
    overlay_menu(state->pane->app, &(struct menu_options){.title = "Saved queries",
                                                          .lines = lines,
                                                          .count = task->name_count,
                                                          .is_searchable = true,
                                                          .done = saved_chosen,
                                                          .context = menu,
                                                          .free_context = free_menu});
}

static const struct query_task_ops list_ops = {.kind = "list", .run = run_list, .done = list_done};

void query_saved_menu(struct query_pane *state)
{
    query_task_start(state, query_task_new(state, &list_ops), "saved queries");
}

/* --- external editor, format --- */

/* The file is in the user's own state directory; the text comes back as one undo step, and stays where it is when the
 * editor failed. */
void query_edit_outside(struct query_pane *state)
{
    struct app *app = state->pane->app;
    struct query_tab *tab = query_tab_now(state);
    char dir[PATH_SIZE], path[PATH_SIZE];
    struct err err = ERR_NONE;
    struct buf text, edited = BUF_INIT(QUERY_TEXT_MAX);
    const char *const argv[] = {"sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path, NULL};
    bool ok = query_tab_text(tab, &text) && path_xdg_dir(XDG_STATE, dir, &err) && path_make_dirs(dir, 0700, &err);
    if (ok) {
        char name[64];
        snprintf(name, sizeof name, "edit-%ld.sql", (long)getpid());
        ok = path_join(path, dir, name, &err) && path_write_atomic(path, buf_text(&text), text.len, 0600, &err) &&
             app_run_child(app, argv, &err) && path_read(path, &edited, &err);
    }
    if (!ok)
        app_say_error(app, &err);
    else if (edited.len == text.len && memcmp(buf_text(&edited), buf_text(&text), text.len) == 0)
        app_say(app, "the editor changed nothing");
    else
        editor_replace_text(tab->editor, buf_text(&edited), edited.len);
    if (ok)
        unlink(path);
    buf_done(&edited);
    buf_done(&text);
}

/* The selection, or the statement under the cursor. */
void query_format(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    struct dialect_part part;
    struct buf text, formatted = BUF_INIT(QUERY_TEXT_MAX);
    size_t start, end;
    if (!query_tab_text(tab, &text))
        return;
    bool has = editor_selection(tab->editor, &start, &end);
    if (!has && dialect_split_at(buf_text(&text), text.len, editor_cursor(tab->editor).byte, &part)) {
        start = part.start;
        end = part.end;
        has = true;
    }
    if (!has || !dialect_format(buf_text(&text) + start, end - start, &formatted)) {
        app_say(state->pane->app, has ? "this text cannot be laid out: a string or comment in it has no end"
                                      : "there is no statement here");
    } else {
        editor_select(tab->editor, start, end);
        editor_insert(tab->editor, buf_text(&formatted), formatted.len);
        editor_set_cursor_byte(tab->editor, start);
    }
    buf_done(&formatted);
    buf_done(&text);
}
