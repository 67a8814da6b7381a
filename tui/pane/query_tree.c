/* The catalog beside the editor, where there is room for it: databases, their tables, the columns of those that were
 * opened; Enter puts a name into the text. It shows the snapshot that completion uses and asks for nothing. UI thread.
 */
#include "backend/sql/dialect.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = TREE_ROWS_MAX };

struct query_entry { /* what a row of the tree is; the pointers are into the snapshot held */
    uint64_t id;
    const struct catalog_database *database;
    const struct catalog_table *table;
    const struct catalog_column *column;
};

/* FNV-1a over the names, each with its end: two that collide would open together, nothing more. */
static uint64_t id_of(const struct query_entry *entry)
{
    const char *const names[] = {entry->database->name, entry->table ? entry->table->name : "",
                                 entry->column ? entry->column->name : ""};
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (const char *at = names[i]; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
        hash = (hash ^ 0xff) * 0x100000001b3u;
    }
    return hash;
}

static bool is_open(const struct query_pane *state, uint64_t id)
{
    for (int i = 0; i < state->opened_count; i++)
        if (state->opened[i] == id)
            return true;
    return false;
}

static void toggle(struct query_pane *state, uint64_t id)
{
    for (int i = 0; i < state->opened_count; i++) {
        if (state->opened[i] != id)
            continue;
        state->opened[i] = state->opened[--state->opened_count];
        return;
    }
    if (state->opened_count < QUERY_OPENED_MAX)
        state->opened[state->opened_count++] = id;
}

struct filling {
    struct query_pane *state;
    struct tree_row *rows;
    size_t count;
};

/* False: full. */
static bool add(struct filling *f, const struct query_entry *entry, int depth, const char *label, const char *note,
                enum theme_role role)
{
    if (f->count == ENTRIES_MAX)
        return false;
    struct query_entry *into = &f->state->entries[f->count];
    *into = *entry;
    into->id = id_of(entry);
    f->rows[f->count++] = (struct tree_row){.id = into->id,
                                            .depth = depth,
                                            .label = label,
                                            .label_len = strlen(label),
                                            .note = note,
                                            .role = role,
                                            .note_role = ROLE_dim};
    return true;
}

static void add_columns(struct filling *f, struct query_entry entry)
{
    for (size_t i = 0; i < entry.table->column_count; i++) {
        entry.column = &entry.table->columns[i];
        if (!add(f, &entry, 2, entry.column->name, entry.column->type, ROLE_text))
            return;
    }
}

static void add_tables(struct filling *f, const struct catalog_view *view, struct query_entry entry)
{
    for (size_t i = 0; i < view->table_count; i++) {
        entry.table = &view->tables[i];
        if (strcmp(entry.table->database, entry.database->name) != 0)
            continue;
        if (!add(f, &entry, 1, entry.table->name, NULL, ROLE_text))
            return;
        if (is_open(f->state, id_of(&entry)))
            add_columns(f, entry);
    }
}

void query_tree_fill(struct query_pane *state)
{
    const struct catalog_view *view = query_catalog_of(state);
    const char *database = query_tab_now(state)->database;
    struct filling f = {.state = state, .rows = calloc(ENTRIES_MAX, sizeof *f.rows)};
    if (!state->entries)
        state->entries = calloc(ENTRIES_MAX, sizeof *state->entries);
    if (!f.rows || !state->entries)
        abort();
    for (size_t i = 0; view && i < view->database_count; i++) {
        struct query_entry entry = {.database = &view->databases[i]};
        bool is_here = strcmp(entry.database->name, database) == 0;
        add(&f, &entry, 0, entry.database->name, NULL, is_here ? ROLE_strong : ROLE_text);
        if (is_here != is_open(state, id_of(&entry))) /* the buffer's own is open until it is closed by hand */
            add_tables(&f, view, entry);
    }
    tree_set_rows(state->tree, f.rows, f.count);
    state->entry_count = f.count;
    free(f.rows);
}

static const struct query_entry *current(const struct query_pane *state)
{
    uint64_t id;
    if (!tree_current(state->tree, &id))
        return NULL;
    for (size_t i = 0; i < state->entry_count; i++)
        if (state->entries[i].id == id)
            return &state->entries[i];
    return NULL;
}

static void put_name(struct buf *out, const char *name)
{
    if (!dialect_needs_quotes(name, strlen(name))) {
        buf_puts(out, name);
        return;
    }
    buf_putc(out, '"');
    for (; *name; name++) {
        buf_putc(out, *name);
        if (*name == '"')
            buf_putc(out, '"');
    }
    buf_putc(out, '"');
}

/* The name as the text needs it: a table of another database with that before it. */
static void insert(struct query_pane *state, const struct query_entry *entry)
{
    struct query_tab *tab = query_tab_now(state);
    struct buf name = BUF_INIT(4096);
    if (entry->table && !entry->column && strcmp(entry->database->name, tab->database) != 0) {
        put_name(&name, entry->database->name);
        buf_putc(&name, '.');
    }
    put_name(&name, entry->column ? entry->column->name : entry->table ? entry->table->name : entry->database->name);
    if (!name.failed)
        editor_insert(tab->editor, buf_text(&name), name.len);
    buf_done(&name);
}

bool query_tree_act(struct query_pane *state, enum action action)
{
    const struct query_entry *entry = current(state);
    if (action == ACTION_left || action == ACTION_right || action == ACTION_mark) {
        if (entry && !entry->column)
            toggle(state, entry->id);
        query_tree_fill(state);
        return true;
    }
    if (action == ACTION_open) {
        if (entry)
            insert(state, entry);
        return true;
    }
    return tree_act(state->tree, action);
}

void query_tree_draw(struct query_pane *state, struct canvas *canvas, struct rect in, bool has_focus)
{
    const struct catalog_view *view = query_catalog_of(state);
    if (view && state->entry_count > 0) {
        tree_draw(state->tree, canvas, in, has_focus);
        return;
    }
    struct rect text = {.row = in.row, .col = in.col + 1, .rows = in.rows, .cols = in.cols - 2};
    if (!view && state->catalog && state->catalog->err.code)
        query_draw_error(canvas, text, &state->catalog->err);
    else
        frame_text(canvas, text, ROLE_dim, view ? "There is no database yet." : "asking Glue for the catalog");
}
