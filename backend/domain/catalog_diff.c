/* What changed between a table's versions. Pure. */
#include "backend/domain/catalog_private.h"
#include <string.h>

enum { CHANGES_MAX = 1000, VERSIONS_MAX = 1000 };

static const char *type_of(const json_t *columns, const char *name)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (strcmp(json_str(column, "Name"), name) == 0)
            return json_str(column, "Type");
    }
    return NULL;
}

static const json_t *columns_of(const json_t *version)
{
    return json_object_get(json_object_get(json_object_get(version, "Table"), "StorageDescriptor"), "Columns");
}

static void add_change(struct arena *arena, struct catalog_detail *detail, const json_t *version, const char *column,
                       const char *before, const char *after)
{
    if (detail->change_count >= CHANGES_MAX)
        return;
    const json_t *updated = json_object_get(json_object_get(version, "Table"), "UpdateTime");
    detail->changes[detail->change_count++] =
        (struct catalog_change){.version = arena_strdup(arena, json_str(version, "VersionId")),
                                .column = arena_strdup(arena, column),
                                .before = arena_strdup(arena, before),
                                .after = arena_strdup(arena, after),
                                .at_ms = (int64_t)(json_number_value(updated) * 1000)};
}

static void compare(struct arena *arena, struct catalog_detail *detail, const json_t *version, const json_t *older)
{
    const json_t *now = columns_of(version), *then = columns_of(older);
    size_t i;
    json_t *column;
    json_array_foreach(now, i, column)
    {
        const char *name = json_str(column, "Name"), *type = json_str(column, "Type"), *before = type_of(then, name);
        if (!before || strcmp(before, type) != 0)
            add_change(arena, detail, version, name, before ? before : "", type);
    }
    json_array_foreach(then, i, column)
    {
        if (!type_of(now, json_str(column, "Name")))
            add_change(arena, detail, version, json_str(column, "Name"), json_str(column, "Type"), "");
    }
}

static const struct catalog_column *find(const struct catalog_version *version, const char *name)
{
    for (size_t i = 0; i < version->column_count; i++) {
        if (strcmp(version->columns[i].name, name) == 0)
            return &version->columns[i];
    }
    return NULL;
}

static void count_changes(struct catalog_version *version, const struct catalog_version *older)
{
    version->added = version->removed = version->changed = 0;
    for (size_t i = 0; i < version->column_count; i++) {
        const struct catalog_column *before = find(older, version->columns[i].name);
        version->added += before == NULL;
        version->changed += before && strcmp(before->type, version->columns[i].type) != 0;
    }
    for (size_t i = 0; i < older->column_count; i++)
        version->removed += find(version, older->columns[i].name) == NULL;
}

static void read_version(const json_t *from, struct arena *arena, struct catalog_version *version)
{
    struct catalog_table table;
    catalog_fill_table(json_object_get(from, "Table"), arena, &table);
    *version = (struct catalog_version){.id = arena_strdup(arena, json_str(from, "VersionId")),
                                        .at_ms = table.updated_ms,
                                        .location = table.location,
                                        .format = table.format,
                                        .columns = table.columns,
                                        .column_count = table.column_count,
                                        .added = CATALOG_UNKNOWN,
                                        .removed = CATALOG_UNKNOWN,
                                        .changed = CATALOG_UNKNOWN};
}

static void read_versions(const json_t *versions, struct arena *arena, struct catalog_detail *detail)
{
    size_t count = json_array_size(versions) < VERSIONS_MAX ? json_array_size(versions) : VERSIONS_MAX;
    detail->versions = ARENA_ARRAY(arena, struct catalog_version, count + 1);
    for (size_t i = 0; detail->versions && !arena_failed(arena) && i < count; i++) {
        read_version(json_array_get(versions, i), arena, &detail->versions[i]);
        detail->version_count++;
    }
    for (size_t i = 0; !arena_failed(arena) && i + 1 < detail->version_count; i++)
        count_changes(&detail->versions[i], &detail->versions[i + 1]);
}

bool catalog_diff(const json_t *versions, struct arena *arena, struct catalog_detail *detail)
{
    detail->changes = ARENA_ARRAY(arena, struct catalog_change, CHANGES_MAX);
    read_versions(versions, arena, detail);
    for (size_t i = 0; detail->changes && i + 1 < json_array_size(versions); i++)
        compare(arena, detail, json_array_get(versions, i), json_array_get(versions, i + 1));
    return !arena_failed(arena);
}

/* ---- two versions, line by line */

static struct catalog_diff_line property_line(const char *name, const char *before, const char *after)
{
    return (struct catalog_diff_line){.kind = strcmp(before, after) == 0 ? DIFF_SAME : DIFF_CHANGED,
                                      .name = name,
                                      .before = before,
                                      .after = after,
                                      .is_property = true};
}

size_t catalog_compare(const struct catalog_version *older, const struct catalog_version *newer, struct arena *arena,
                       struct catalog_diff_line **lines)
{
    size_t count = 0, old = 0;
    struct catalog_diff_line *out =
        ARENA_ARRAY(arena, struct catalog_diff_line, older->column_count + newer->column_count + 2);
    *lines = out;
    if (!out)
        return 0;
    out[count++] = property_line("location", older->location, newer->location);
    out[count++] = property_line("format", older->format, newer->format);
    for (size_t i = 0; i <= newer->column_count; i++) {
        /* what is gone stands where it was: before the first column that is still there */
        while (old < older->column_count && (i == newer->column_count || !find(newer, older->columns[old].name))) {
            const struct catalog_column *gone = &older->columns[old++];
            if (!find(newer, gone->name))
                out[count++] = (struct catalog_diff_line){
                    .kind = DIFF_REMOVED, .name = gone->name, .before = gone->type, .after = ""};
        }
        if (i == newer->column_count)
            break;
        const struct catalog_column *column = &newer->columns[i], *before = find(older, column->name);
        enum catalog_diff_kind kind = !before                                   ? DIFF_ADDED
                                      : strcmp(before->type, column->type) != 0 ? DIFF_CHANGED
                                                                                : DIFF_SAME;
        out[count++] = (struct catalog_diff_line){
            .kind = kind, .name = column->name, .before = before ? before->type : "", .after = column->type};
        old += before != NULL;
    }
    return count;
}
