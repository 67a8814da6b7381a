/* What can be taken from Zones to elsewhere: the copy menu, the raw JSON, the web console's address, a whole cell.
 * Bytes are exact, never the sanitised form. UI thread. */
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <string.h>

enum { CELL_MAX = 64 * 1024, JSON_MAX = 1 << 20 };

static struct grid *grid_in_focus(const struct zones_state *state)
{
    return zones_is_bucket_list(state)                           ? state->bucket_grid
           : state->pane->is_zoomed && state->focus != PART_TREE ? state->entry_grid
           : state->pane->is_zoomed                              ? NULL
                                                                 : state->zone_grid;
}

static bool cell_text(const struct zones_state *state, const struct column *column, const void *row, struct buf *out)
{
    struct value value = column_value(column, row);
    if (value_kind_is_text(column->kind) && value.state <= VALUE_AT_LEAST && value.text)
        return buf_append(out, value.text, value.len);
    return value_format(&value, column->kind, clock_wall(app_clock(state->pane->app)), out);
}

static void add_buf(struct copy_items *items, const char *label, struct buf *text)
{
    if (text->len > 0 && !text->failed)
        copy_add(items, label, text->data, text->len);
    buf_done(text);
}

static void add_cell_and_row(const struct zones_state *state, struct copy_items *items)
{
    struct grid *grid = grid_in_focus(state);
    const void *row = grid ? grid_current(grid) : NULL;
    const struct column *current = grid ? grid_current_column(grid) : NULL;
    struct buf cell = BUF_INIT(CELL_MAX), line = BUF_INIT(CELL_MAX);
    if (!row || !current)
        return;
    const struct column *columns = grid == state->bucket_grid ? bucket_columns
                                   : grid == state->zone_grid ? zone_columns
                                   : state->with_versions     ? version_columns
                                                              : entry_columns;
    cell_text(state, current, row, &cell);
    for (const struct column *column = columns; column->id; column++) {
        if (column != columns)
            buf_putc(&line, '\t');
        cell_text(state, column, row, &line);
    }
    add_buf(items, "cell", &cell);
    add_buf(items, "row", &line);
}

/* Virtual-host form for AWS itself, path form for an endpoint of one's own (S3 API Reference, "Virtual hosting"). */
static bool https_url(const struct zones_state *state, const struct zones_target *target, struct buf *out)
{
    char endpoint[CONFIG_URL];
    bool is_custom = false;
    struct aws *aws = session_aws(state->pane->session);
    if (aws && aws_endpoint_is_custom(aws, "s3", endpoint)) {
        buf_printf(out, "%s/%s/", endpoint, target->bucket);
    } else if (!session_is_embedded(state->pane->session) &&
               config_endpoint(app_config(state->pane->app), "s3", endpoint, &is_custom, NULL)) {
        const char *host = strstr(endpoint, "://");
        if (is_custom || !host)
            buf_printf(out, "%s/%s/", endpoint, target->bucket);
        else
            buf_printf(out, "https://%s.%s/", target->bucket, host + 3);
    } else {
        return false;
    }
    return uri_encode(target->key, strlen(target->key), true, out);
}

void zones_copy_items(struct pane *pane, struct copy_items *items)
{
    struct zones_state *state = pane->state;
    struct zones_target target;
    char uri[ZONES_KEY + 80];
    add_cell_and_row(state, items);
    if (!zones_target(state, &target))
        return;
    zones_uri(&target, uri, sizeof uri);
    copy_add(items, "URI", uri, strlen(uri));
    if (target.key[0])
        copy_add(items, "key", target.key, strlen(target.key));
    struct buf url = BUF_INIT(8192), json = BUF_INIT(JSON_MAX);
    if (https_url(state, &target, &url))
        add_buf(items, "URL", &url);
    const struct entry_row *entry = pane->is_zoomed && state->focus != PART_TREE ? zones_entry(state) : NULL;
    if (entry && entry->etag && entry->etag[0])
        copy_add(items, "ETag", entry->etag, strlen(entry->etag));
    if (entry && entry->version_id && entry->version_id[0])
        copy_add(items, "version id", entry->version_id, strlen(entry->version_id));
    if (zones_raw_json(pane, &json))
        add_buf(items, "JSON", &json);
    buf_done(&url);
    buf_done(&json);
}

struct json_out { /* an object being written, indented by two */
    struct buf *out;
    bool has_member;
};

static void json_name(struct json_out *json, const char *name)
{
    buf_printf(json->out, "%s\n  \"%s\": ", json->has_member ? "," : "{", name);
    json->has_member = true;
}

static void json_text(struct json_out *json, const char *name, const char *text)
{
    json_name(json, name);
    if (text)
        json_write_string(text, strlen(text), json->out);
    else
        buf_puts(json->out, "null");
}

static void json_number(struct json_out *json, const char *name, int64_t number, bool is_known)
{
    json_name(json, name);
    if (is_known)
        buf_printf(json->out, "%lld", (long long)number);
    else
        buf_puts(json->out, "null");
}

static void json_time(struct json_out *json, const char *name, int64_t ms)
{
    char time[TEXT_SHORT];
    json_text(json, name, ms > 0 ? text_time(ms, time) : NULL);
}

static void json_pairs(struct json_out *json, const char *name, const struct pairs *pairs)
{
    json_name(json, name);
    buf_putc(json->out, '{');
    for (size_t i = 0; i < pairs->count; i++) {
        buf_puts(json->out, i > 0 ? ", " : "");
        json_write_string(pairs->items[i].name, strlen(pairs->items[i].name), json->out);
        buf_puts(json->out, ": ");
        json_write_string(pairs->items[i].value, strlen(pairs->items[i].value), json->out);
    }
    buf_putc(json->out, '}');
}

static void json_totals(struct json_out *json, const struct zone_totals *totals)
{
    json_number(json, "objects", totals->objects, true);
    json_number(json, "bytes", totals->bytes, true);
    json_number(json, "small", totals->small, true);
    json_time(json, "newest", totals->newest_ms);
    json_name(json, "complete");
    buf_puts(json->out, totals->is_complete ? "true" : "false");
}

static void json_entry(struct json_out *json, const struct entry_row *entry)
{
    json_number(json, "bytes", entry->bytes, entry->bytes >= 0);
    json_time(json, "modified", entry->modified_ms);
    json_text(json, "etag", entry->etag);
    json_text(json, "storage_class", entry->storage_class);
    json_text(json, "version_id", entry->version_id);
}

static void json_object_facts(struct json_out *json, const struct object_view *object)
{
    json_text(json, "content_type", object->content_type);
    json_text(json, "content_encoding", object->content_encoding);
    json_text(json, "encryption", object->encryption);
    json_text(json, "checksum_algorithm", object->checksum_name);
    json_text(json, "checksum", object->checksum);
    json_pairs(json, "metadata", &object->metadata);
    json_pairs(json, "tags", &object->tags);
}

bool zones_raw_json(struct pane *pane, struct buf *out)
{
    struct zones_state *state = pane->state;
    struct zones_target target;
    char uri[ZONES_KEY + 80];
    if (!zones_target(state, &target))
        return false;
    struct json_out json = {.out = out};
    const struct entry_row *entry = pane->is_zoomed && state->focus != PART_TREE ? zones_entry(state) : NULL;
    const struct object_view *object = zones_object_of(state);
    const struct zone_row *zone = zones_row_of_prefix(state, target.key);
    zones_uri(&target, uri, sizeof uri);
    json_text(&json, "uri", uri);
    json_text(&json, "bucket", target.bucket);
    json_text(&json, "key", target.key);
    if (entry && entry->kind != ENTRY_PREFIX)
        json_entry(&json, entry);
    if (entry && object && entry->kind == ENTRY_OBJECT)
        json_object_facts(&json, object);
    if (target.is_prefix && zone)
        json_totals(&json, &zone->totals);
    buf_puts(out, "\n}\n");
    return !out->failed;
}

void zones_web(struct zones_state *state)
{
    struct zones_target target;
    struct buf url = BUF_INIT(8192);
    char name[CONFIG_NAME], account[CONFIG_NAME], region[CONFIG_NAME];
    if (session_is_embedded(state->pane->session) || !zones_target(state, &target)) {
        app_say(state->pane->app, "the embedded cloud has no web console; y copies the URI");
        return;
    }
    session_identity(state->pane->session, name, account, region, sizeof name);
    buf_printf(&url, "https://%s.console.aws.amazon.com/s3/%s/%s?%s=", region, target.is_prefix ? "buckets" : "object",
               target.bucket, "prefix");
    uri_encode(target.key, strlen(target.key), false, &url);
    if (!url.failed)
        app_copy(state->pane->app, url.data, url.len);
    buf_done(&url);
}

void zones_peek(struct zones_state *state)
{
    struct grid *grid = grid_in_focus(state);
    const void *row = grid ? grid_current(grid) : NULL;
    const struct column *column = grid ? grid_current_column(grid) : NULL;
    struct buf cell = BUF_INIT(CELL_MAX);
    if (row && column && cell_text(state, column, row, &cell))
        overlay_pager(state->pane->app, column->title, buf_text(&cell), cell.len);
    buf_done(&cell);
}
