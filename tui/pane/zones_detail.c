/* The details of the object (or prefix) under the cursor, and its preview: in the third part, and whole in the pager on
 * `d`. What the list knows is shown at once; the rest when the object's feed has it. UI thread. */
#include "backend/base/text.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_COLUMNS_MAX = 40, TABLE_COLUMNS_MAX = 256, LINE_MAX_BYTES = 64 * 1024, VERSIONS_SHOWN = 5 };

static const struct {
    const char *words;
    enum theme_role role;
} checksum_states[] = {
    [CHECKSUM_UNKNOWN] = {"not checked", ROLE_text},
    [CHECKSUM_VERIFIED] = {"verified", ROLE_ok},
    [CHECKSUM_MISMATCH] = {"MISMATCH: the bytes are not those that were stored", ROLE_fail},
    [CHECKSUM_TOO_LARGE] = {"not checked here: over 8 MiB", ROLE_text},
    [CHECKSUM_COMPOSITE] = {"of parts: cannot be checked against the bytes alone", ROLE_text},
};

static void add_size(struct textview *view, int64_t bytes)
{
    char exact[TEXT_SHORT], rounded[TEXT_SHORT], words[80];
    text_count(bytes, exact);
    text_bytes((uint64_t)bytes, rounded);
    snprintf(words, sizeof words, bytes < 1024 ? "%s B" : "%s B   %s", exact, rounded);
    textview_field(view, "size", ROLE_text, words);
}

static void add_time(struct textview *view, const char *label, int64_t ms, int64_t now_ms)
{
    char time[TEXT_SHORT], age[TEXT_SHORT], words[80];
    if (ms <= 0)
        return;
    zones_age(ms, now_ms, age);
    snprintf(words, sizeof words, "%s   %s ago", text_time(ms, time), age);
    textview_field(view, label, ROLE_text, words);
}

static void add_text(struct textview *view, const char *label, const char *text)
{
    if (text && *text)
        textview_field(view, label, ROLE_text, text);
}

static void add_checksum(struct textview *view, const struct object_view *object)
{
    char words[192];
    if (!object->checksum || !object->checksum[0]) {
        textview_field(view, "checksum", ROLE_dim, "the store has none");
        return;
    }
    snprintf(words, sizeof words, "%s %s  %s", object->checksum_name, object->checksum,
             checksum_states[object->checksum_state].words);
    textview_field(view, "checksum", checksum_states[object->checksum_state].role, words);
}

static void add_version_line(struct textview *view, const struct version_row *version, bool is_shown)
{
    char time[TEXT_SHORT], bytes[TEXT_SHORT], words[192];
    snprintf(words, sizeof words, "%s  %s  %s%s", text_time(version->modified_ms, time),
             version->is_delete_marker ? "deleted" : text_bytes((uint64_t)version->bytes, bytes), version->version_id,
             version->is_latest ? "  latest" : "");
    textview_field(view, is_shown ? "›" : "", version->is_delete_marker ? ROLE_warn : ROLE_text, words);
}

static void add_versions(struct textview *view, const struct object_view *object, bool all)
{
    char words[64];
    size_t at = 0, count = object->version_count;
    if (object->versions_err.code != ERR_OK) {
        textview_field(view, "versions", ROLE_warn, object->versions_err.text);
        return;
    }
    while (at < count && strcmp(object->versions[at].version_id, object->version_id ? object->version_id : "") != 0)
        at++;
    if (count <= 1 && !all)
        return; /* one version is what every object has */
    if (at < count)
        snprintf(words, sizeof words, "%zu of %zu", count - at, count);
    else
        snprintf(words, sizeof words, "%zu kept", count);
    textview_field(view, "version", ROLE_text, words);
    size_t shown = all ? count : 0;
    for (size_t i = 0; i < shown; i++)
        add_version_line(view, &object->versions[i], i == at);
}

static void add_pairs(struct textview *view, const char *label, const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        char words[1024];
        snprintf(words, sizeof words, "%s = %s", pairs->items[i].name, pairs->items[i].value);
        textview_field(view, i == 0 ? label : "", ROLE_text, words);
    }
}

static void add_object(struct textview *view, const struct object_view *object, int64_t now_ms, bool all)
{
    struct zones_target target = {0};
    char uri[ZONES_KEY + 80], etag[160];
    snprintf(target.bucket, sizeof target.bucket, "%s", object->bucket);
    snprintf(target.key, sizeof target.key, "%s", object->key);
    zones_uri(&target, uri, sizeof uri);
    snprintf(etag, sizeof etag, "\"%s\"", object->etag ? object->etag : "");
    add_size(view, object->bytes);
    add_time(view, "modified", object->modified_ms, now_ms);
    textview_field(view, "etag", ROLE_text, etag);
    add_checksum(view, object);
    add_versions(view, object, all);
    if (all)
        add_text(view, "version id", object->version_id);
    textview_field(view, "encryption", object->encryption && object->encryption[0] ? ROLE_text : ROLE_warn,
                   object->encryption && object->encryption[0] ? object->encryption : "unencrypted");
    add_text(view, "type", object->content_type);
    add_text(view, "encoding", object->content_encoding);
    add_text(view, "class", object->storage_class);
    textview_field(view, "uri", ROLE_text, uri);
    add_pairs(view, "metadata", &object->metadata);
    add_pairs(view, "tags", &object->tags);
}

static int cell_width(const char *cell, struct buf *scratch)
{
    buf_clear(scratch);
    if (cell)
        text_clean(cell, strlen(cell), scratch);
    int width = text_width(buf_text(scratch), scratch->len);
    return width < CELL_COLUMNS_MAX ? width : CELL_COLUMNS_MAX;
}

/* A column of numbers is right-aligned: every known cell reads as one. */
static bool is_numeric(const struct object_view *object, size_t column)
{
    bool has_any = false;
    for (size_t row = 0; row < object->rows; row++) {
        const char *cell = object->cells[row * object->columns + column];
        if (!cell || !*cell)
            continue;
        char *end;
        strtod(cell, &end);
        if (*end)
            return false;
        has_any = true;
    }
    return has_any;
}

struct table {
    const struct object_view *object;
    size_t columns;
    int widths[TABLE_COLUMNS_MAX];
    bool is_right[TABLE_COLUMNS_MAX];
};

/* No cell, or null: no text that a cell could have by itself would do ("null", "-", nothing). */
static const char absent[] = "∅";

static void add_cell(struct buf *line, const struct table *table, size_t column, const char *cell, struct buf *scratch)
{
    int width = cell_width(cell ? cell : absent, scratch), used = 0, pad = table->widths[column] - width;
    if (table->is_right[column])
        buf_printf(line, "%*s", pad > 0 ? pad : 0, "");
    const char *clean = cell ? buf_text(scratch) : absent;
    size_t fit = text_fit(clean, strlen(clean), CELL_COLUMNS_MAX, &used);
    buf_append(line, clean, fit);
    if (!table->is_right[column])
        buf_printf(line, "%*s", pad > 0 ? pad : 0, "");
    buf_puts(line, "  ");
}

static void add_table_row(struct textview *view, const struct table *table, const char *const *cells, bool is_header)
{
    struct buf line = BUF_INIT(LINE_MAX_BYTES), scratch = BUF_INIT(LINE_MAX_BYTES);
    for (size_t i = 0; i < table->columns; i++)
        add_cell(&line, table, i, cells[i], &scratch);
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.data[--line.len] = '\0'; /* padding is not text that could be cut */
    if (is_header) {
        for (size_t i = 0; i < line.len; i++) {
            if (line.data[i] >= 'a' && line.data[i] <= 'z')
                line.data[i] = (char)(line.data[i] - 'a' + 'A');
        }
    }
    textview_add(view, is_header ? ROLE_label : ROLE_text, buf_text(&line), line.len);
    buf_done(&line);
    buf_done(&scratch);
}

static void add_table(struct textview *view, const struct object_view *object)
{
    struct table table = {.object = object,
                          .columns = object->columns < TABLE_COLUMNS_MAX ? object->columns : TABLE_COLUMNS_MAX};
    struct buf scratch = BUF_INIT(LINE_MAX_BYTES);
    for (size_t i = 0; i < table.columns; i++) {
        table.widths[i] = object->header ? cell_width(object->header[i], &scratch) : 0;
        table.is_right[i] = is_numeric(object, i);
        for (size_t row = 0; row < object->rows; row++) {
            const char *cell = object->cells[row * object->columns + i];
            int width = cell_width(cell ? cell : absent, &scratch);
            table.widths[i] = width > table.widths[i] ? width : table.widths[i];
        }
    }
    buf_done(&scratch);
    if (object->header)
        add_table_row(view, &table, object->header, true);
    for (size_t row = 0; row < object->rows; row++)
        add_table_row(view, &table, &object->cells[row * object->columns], false);
}

/* Facts of the footer, then the rows. */
static void add_parquet(struct textview *view, const struct object_view *object)
{
    textview_section(view, "preview");
    for (size_t i = 0; i < object->line_count; i++)
        textview_add(view, ROLE_text, object->lines[i], object->line_lens[i]);
    if (object->rows_err.code != ERR_OK) {
        textview_section(view, "no rows");
        textview_add(view, ROLE_error, object->rows_err.text, strlen(object->rows_err.text));
    } else if (object->rows_note && object->rows_note[0]) {
        textview_section(view, object->rows_note);
        if (object->columns > 0)
            add_table(view, object);
    }
}

static void add_preview(struct textview *view, const struct object_view *object)
{
    char title[96], count[TEXT_SHORT];
    const char *part = object->preview_is_whole ? "" : "the first ";
    bool is_table = object->preview == PREVIEW_TABLE;
    if (object->preview_err.code != ERR_OK) {
        textview_section(view, "preview");
        textview_add(view, ROLE_error, object->preview_err.text, strlen(object->preview_err.text));
        return;
    }
    if (object->preview == PREVIEW_NONE) {
        textview_section(view, object->bytes == 0 ? "the object is empty" : "no preview");
        return;
    }
    if (object->preview == PREVIEW_PARQUET) {
        add_parquet(view, object);
        return;
    }
    size_t items = is_table ? object->rows : object->line_count;
    snprintf(title, sizeof title, "preview   %s%s %s%s", part, text_count((int64_t)items, count),
             is_table ? "row" : "line", items == 1 ? "" : "s");
    textview_section(view, title);
    if (is_table)
        add_table(view, object);
    for (size_t i = 0; !is_table && i < object->line_count; i++)
        textview_add(view, ROLE_text, object->lines[i], object->line_lens[i]);
}

static void add_prefix(struct zones_state *state, struct textview *view, const struct entry_row *entry, int64_t now_ms)
{
    static const char hint[] = "Enter opens it";
    const struct zone_row *zone = zones_row_of_prefix(state, entry->key);
    struct zones_target target;
    char uri[ZONES_KEY + 80], words[96], number[TEXT_SHORT];
    if (zone && !zone->totals.is_complete && zone->totals.objects == 0) {
        textview_field(view, "objects", ROLE_unknown, "not counted yet");
    } else if (zone) {
        const char *more = zone->totals.is_complete ? "" : "+";
        snprintf(words, sizeof words, "%s%s", text_count(zone->totals.objects, number), more);
        textview_field(view, "objects", ROLE_text, words);
        snprintf(words, sizeof words, "%s%s", text_bytes((uint64_t)zone->totals.bytes, number), more);
        textview_field(view, "bytes", ROLE_text, words);
        snprintf(words, sizeof words, "%s%s below 128 MiB", text_count(zone->totals.small, number), more);
        textview_field(view, "small", ROLE_text, words);
        add_time(view, "newest", zone->totals.newest_ms, now_ms);
    }
    if (zone && zone->err.code != ERR_OK)
        textview_field(view, "error", ROLE_error, zone->err.text);
    if (zones_target(state, &target)) {
        snprintf(target.key, sizeof target.key, "%s", entry->key);
        zones_uri(&target, uri, sizeof uri);
        textview_field(view, "uri", ROLE_text, uri);
    }
    textview_add(view, ROLE_text, "", 0);
    textview_add(view, ROLE_dim, hint, strlen(hint));
}

/* Why the details are not there, or not fresh; false when nothing failed. */
static bool add_failure(const struct zones_state *state, struct textview *view)
{
    const struct snap *snap = state->object;
    if (!snap || snap->err.code == ERR_OK)
        return false;
    const char *advice = err_advice(&snap->err);
    textview_section(view, snap->retry.tries > 0 ? "details: retrying" : "details: failed");
    textview_add(view, ROLE_error, snap->err.text, strlen(snap->err.text));
    if (*advice)
        textview_add(view, ROLE_remedy, advice, strlen(advice));
    return true;
}

/* While the object's feed is under way: what the listing already said. */
static void add_entry(struct zones_state *state, struct textview *view, const struct entry_row *entry, int64_t now_ms)
{
    char etag[160];
    if (entry->kind == ENTRY_DELETE_MARKER) {
        textview_field(view, "state", ROLE_warn, "deleted: this is a delete marker");
        add_time(view, "since", entry->modified_ms, now_ms);
        add_text(view, "version id", entry->version_id);
        return;
    }
    add_size(view, entry->bytes);
    add_time(view, "modified", entry->modified_ms, now_ms);
    snprintf(etag, sizeof etag, "\"%s\"", entry->etag ? entry->etag : "");
    textview_field(view, "etag", ROLE_text, etag);
    if (!add_failure(state, view))
        textview_field(view, "checksum", ROLE_dim, "asking");
}

static void fill(struct zones_state *state, struct textview *view, bool all)
{
    const struct entry_row *entry = zones_entry(state);
    const struct object_view *object = zones_object_of(state);
    int64_t now_ms = clock_wall(app_clock(state->pane->app));
    if (!entry)
        return;
    if (entry->kind == ENTRY_PREFIX) {
        add_prefix(state, view, entry, now_ms);
    } else if (object && entry->kind == ENTRY_OBJECT) {
        add_object(view, object, now_ms, all);
        add_failure(state, view);
        add_preview(view, object);
    } else {
        add_entry(state, view, entry, now_ms);
    }
}

void zones_age(int64_t ms, int64_t now_ms, char out[TEXT_SHORT])
{
    enum { SECOND = 1000, MINUTE = 60000 };
    int64_t age = now_ms > ms ? now_ms - ms : 0;
    text_duration(age - age % (age >= MINUTE ? MINUTE : SECOND), out);
}

void zones_settle_detail(struct zones_state *state)
{
    enum { STAYS_MS = 300 };
    if (state->is_detail_old && clock_wall(app_clock(state->pane->app)) - state->picked_ms >= STAYS_MS)
        zones_fill_detail(state);
}

void zones_fill_detail(struct zones_state *state)
{
    const struct entry_row *entry = zones_entry(state);
    const struct object_view *object = zones_object_of(state);
    snprintf(state->detail_name, sizeof state->detail_name, "%s", entry ? entry->name : "details");
    snprintf(state->detail_note, sizeof state->detail_note, "%s", object ? object->preview_format : "");
    state->is_detail_old = false;
    textview_clear(state->detail);
    fill(state, state->detail, false);
}

void zones_describe(struct zones_state *state)
{
    struct zones_target target;
    char uri[ZONES_KEY + 80];
    if (!zones_target(state, &target))
        return;
    zones_uri(&target, uri, sizeof uri);
    struct textview *view = textview_new();
    textview_set_wrap(view, WRAP_FIELDS);
    textview_field(view, "name", ROLE_strong, target.key[0] ? target.key : target.bucket);
    if (state->pane->is_zoomed && state->focus != PART_TREE) {
        fill(state, view, true);
    } else {
        const struct zone_row *zone = zones_row_of_prefix(state, target.key);
        char count[TEXT_SHORT], bytes[TEXT_SHORT];
        if (zone) {
            textview_field(view, "objects", ROLE_text, text_count(zone->totals.objects, count));
            textview_field(view, "bytes", ROLE_text, text_bytes((uint64_t)zone->totals.bytes, bytes));
            textview_field(view, "complete", ROLE_text,
                           zone->totals.is_complete ? "yes" : "no: these are lower bounds");
            if (zone->err.code != ERR_OK)
                textview_field(view, "error", ROLE_error, zone->err.text);
        }
        textview_field(view, "uri", ROLE_text, uri);
    }
    overlay_pager_view(state->pane->app, uri, view);
}
