/* Zones: what the lake holds. Three feeds, each publishing snapshots: the zone totals (parallel listing, growing "at
 * least N" until complete), the place one looks at (a prefix's children, read page by page as far as somebody
 * scrolled), and one object's details with a preview. The set_* and want_* calls never wait (UI thread); the feeds do
 * the work. */
#ifndef WEIR_DOMAIN_ZONES_H
#define WEIR_DOMAIN_ZONES_H
#include "backend/base/column.h"
#include "backend/base/list.h"
#include "backend/core/feed.h"
#include "backend/core/snap.h"
#include <stdbool.h>
#include <stdint.h>

struct session;
struct zones;

/* --- totals: value of the zones snapshot --- */
enum {
    ZONE_SMALL_BYTES = 128 * 1024 * 1024
}; /* Athena/Glue guidance: files below this cost more to open than to read */
struct zone_totals {
    int64_t objects, bytes, small; /* small: objects below ZONE_SMALL_BYTES */
    int64_t newest_ms;             /* 0: none */
    bool is_complete;              /* false: the numbers are lower bounds */
};
struct zone_row {     /* a first-level prefix of the bucket (or objects at its root, name "(root)") */
    const char *name; /* "raw/" */
    const char *bucket, *prefix;
    struct zone_totals totals;
    struct err err;                  /* of this zone alone: a 403 on one zone leaves the others */
    const struct zone_row *children; /* second level ("raw/orders/"), for the tree; NULL when none */
    size_t child_count;
};
enum flag_state { FLAG_UNKNOWN, FLAG_DENIED, FLAG_NO, FLAG_YES };
struct bucket_flags {
    enum flag_state versioned, encrypted, is_public, object_lock;
    char encryption[32]; /* "AES256", "aws:kms" */
    char region[32];
    int64_t orphan_uploads; /* unfinished multipart uploads; -1 unknown */
    int64_t oldest_upload_ms;
};
struct bucket_row {
    const char *name;
    int64_t created_ms;
};
struct zones_view {
    const char *bucket; /* "" when none could be chosen: then buckets lists what there is */
    const struct bucket_row *buckets;
    size_t bucket_count;
    const struct zone_row *zones;
    size_t zone_count;
    struct zone_totals all;
    struct bucket_flags flags;
    /* raw/ against curated/: how far curated's newest object is behind raw's; INT64_MIN unknown */
    int64_t curated_behind_ms;
    int64_t listed_calls, listed_per_s; /* progress of a running listing */
    bool is_listing;
};
extern const struct column
    zone_columns[]; /* zone objects bytes newest small state; rows are struct zone_row; end .id = NULL */
extern const struct column bucket_columns[];

struct snap_slot *zones_totals(struct zones *zones);            /* value: struct zones_view */
struct feed *zones_totals_feed(struct zones *zones);            /* for refresh, visibility, state */
void zones_set_bucket(struct zones *zones, const char *bucket); /* "" = list of buckets */

/* The rule by which a bucket is chosen (configured, the only one, the one that begins with "lake"); "" when none can
 * be. Waits. */
bool zones_choose_bucket(struct session *session, const struct cancel *cancel, char bucket[64], struct err *err);

/* --- one place --- */
enum entry_kind { ENTRY_PREFIX, ENTRY_OBJECT, ENTRY_DELETE_MARKER };
struct entry_row {
    enum entry_kind kind;
    const char *name; /* last part of the key, raw bytes */
    const char *key;  /* whole key or prefix */
    size_t name_len, key_len;
    int64_t bytes, modified_ms; /* -1 / 0 for a prefix */
    const char *etag, *storage_class, *version_id;
    bool is_latest;
};
struct place_view {
    const char *bucket, *prefix;
    bool with_versions;
    const struct entry_row *entries;
    size_t count;
    int64_t bytes;    /* of the objects loaded */
    bool is_complete; /* false: there is more; ask with zones_want_more */
    bool is_loading;
};
extern const struct column entry_columns[]; /* name size modified age class; rows are struct entry_row */
extern const struct column version_columns[];
struct snap_slot *zones_place(struct zones *zones); /* value: struct place_view */
struct feed *zones_place_feed(struct zones *zones);
void zones_set_place(struct zones *zones, const char *bucket, const char *prefix, bool with_versions);
void zones_want_more(struct zones *zones, size_t rows); /* load until at least this many rows (or the end) are there */

/* --- one object --- */
enum preview_kind { PREVIEW_NONE, PREVIEW_TEXT, PREVIEW_TABLE, PREVIEW_JSON, PREVIEW_BINARY, PREVIEW_PARQUET };
struct version_row {
    const char *version_id;
    int64_t bytes, modified_ms;
    bool is_latest, is_delete_marker;
};
struct object_view {
    const char *bucket, *key, *version_id;
    int64_t bytes, modified_ms;
    const char *etag, *content_type, *content_encoding, *storage_class, *encryption;
    const char *checksum_name, *checksum; /* "" when the store gave none */
    enum {
        CHECKSUM_UNKNOWN,
        CHECKSUM_VERIFIED,
        CHECKSUM_MISMATCH,
        CHECKSUM_TOO_LARGE,
        CHECKSUM_COMPOSITE
    } checksum_state;            /* verified against the bytes when <= 8 MiB */
    struct pairs metadata, tags; /* user metadata x-amz-meta-*, tags; owned by the snapshot's arena: do not free */
    const struct version_row *versions;
    size_t version_count; /* 0 and versions_err when they could not be listed */
    struct err versions_err;
    enum preview_kind preview;
    const char *preview_format; /* "text/csv in gzip" */
    struct err preview_err;
    bool preview_is_whole; /* false: only the first part (64 KiB read by range) */
    /* text, JSON (pretty-printed), binary (hex dump), parquet facts: lines, raw bytes */
    const char *const *lines;
    const size_t *line_lens;
    size_t line_count;
    const char *rows_note; /* parquet: what of the rows is shown; "" none */
    struct err rows_err;   /* parquet: why there are no rows below the facts */
    /* tables and parquet: header and cells, row-major; NULL cell = absent or null */
    const char *const *header;
    size_t columns;
    const char *const *cells;
    size_t rows;
};
struct snap_slot *zones_object(struct zones *zones); /* value: struct object_view */
struct feed *zones_object_feed(struct zones *zones);
void zones_set_object(struct zones *zones, const char *bucket, const char *key,
                      const char *version_id); /* key "" = none */
#endif
