/* Walking a bucket's keys in the order of their UTF-8 bytes: one index range scan that jumps by seeking over what a
 * listing folds away - everything under a common prefix, or many older versions of one key - so that a page costs what
 * it shows. */
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>

enum { STEPS_BEFORE_SEEK = 8 }; /* rows of one key stepped over before a seek is cheaper */

struct s3_scan {
    struct s3_call *call;
    struct db *db;
    struct db_row *row;
    struct s3_scan_options options;
    char start[S3_KEY_MAX + 8]; /* seek target: rows behind (start, start_seq) */
    int64_t start_seq;          /* INT64_MAX: behind every version of start; INT64_MIN: at start itself */
    char seen[S3_KEY_MAX + 8];  /* key of the last row, to know older versions; "" none (no key is empty) */
    int steps;                  /* rows of seen since the last seek */
    int rows;                   /* read in all */
    size_t prefix_len;
};

size_t s3_scan_common(const char *key, const char *prefix, const char *delimiter)
{
    size_t skip = strlen(prefix);
    if (!*delimiter)
        return 0;
    const char *at = strstr(key + skip, delimiter);
    return at ? (size_t)(at - key) + strlen(delimiter) : 0;
}

char *s3_scan_successor(struct arena *arena, const char *prefix, size_t len)
{
    while (len > 0 && (unsigned char)prefix[len - 1] == 0xff)
        len--;
    char *next = len ? arena_strndup(arena, prefix, len) : NULL;
    if (next)
        next[len - 1] = (char)((unsigned char)next[len - 1] + 1);
    return next;
}

/* Opens the statement at the seek target; false after s3_fail. */
static bool seek(struct s3_scan *scan)
{
    struct err err = ERR_NONE;
    if (scan->row)
        db_end(scan->row);
    scan->steps = 0;
    scan->row = db_query(scan->db, &err,
                         "select " S3_OBJECT_COLUMNS " from s3_object where bucket=? and (key,seq)>(?,?)"
                         " order by key,seq",
                         "iti", scan->call->bucket.id, scan->start, scan->start_seq);
    return scan->row || s3_fail_internal(scan->call, &err);
}

/* Leaves the present row; the next step seeks. key may be scan->seen. */
static void jump(struct s3_scan *scan, const char *key, int64_t seq)
{
    snprintf(scan->start, sizeof scan->start, "%s", key);
    scan->start_seq = seq;
    if (scan->row)
        db_end(scan->row);
    scan->row = NULL;
}

/* Behind everything that starts with the first len bytes of key. */
static void jump_over(struct s3_scan *scan, const char *key, size_t len)
{
    char *next = s3_scan_successor(scan->call->arena, key, len);
    jump(scan, next ? next : "\xff\xff", INT64_MIN);
}

struct s3_scan *s3_scan_open(struct s3_call *call, struct db *db, const struct s3_scan_options *options)
{
    struct s3_scan *scan = ARENA_NEW(call->arena, struct s3_scan);
    *scan = (struct s3_scan){.call = call, .db = db, .options = *options};
    scan->prefix_len = strlen(options->prefix);
    bool inside = strncmp(options->after, options->prefix, scan->prefix_len) == 0;
    size_t common = inside ? s3_scan_common(options->after, options->prefix, options->delimiter) : 0;
    if (common > 0) /* behind a common prefix: behind everything under it */
        jump_over(scan, options->after, common);
    else if (strcmp(options->after, options->prefix) < 0)
        jump(scan, options->prefix, INT64_MIN);
    else
        jump(scan, options->after, options->after_seq);
    if (options->versions && options->after_seq != INT64_MAX) /* what follows of that key is not its latest */
        snprintf(scan->seen, sizeof scan->seen, "%s", options->after);
    return scan;
}

/* The next row in range, whatever it is: 1, 0 at the end, -1. */
static int step(struct s3_scan *scan, struct db_row **row)
{
    struct err err = ERR_NONE;
    if (!scan->row && !seek(scan))
        return -1;
    if (!db_step(scan->row, &err)) {
        if (err.code == ERR_OK)
            return 0;
        s3_fail_internal(scan->call, &err);
        return -1;
    }
    *row = scan->row;
    scan->rows++;
    return strncmp(db_text(scan->row, 1), scan->options.prefix, scan->prefix_len) == 0;
}

/* An older version of the key seen last: stepped over, or jumped over when there are many. */
static bool is_older(struct s3_scan *scan, const char *key)
{
    if (strcmp(scan->seen, key) != 0)
        return false;
    if (!scan->options.versions && ++scan->steps > STEPS_BEFORE_SEEK)
        jump(scan, scan->seen, INT64_MAX);
    return true;
}

static int fold(struct s3_scan *scan, size_t common, struct s3_scan_entry *entry)
{
    entry->prefix = arena_strndup(scan->call->arena, scan->seen, common);
    jump_over(scan, scan->seen, common);
    if (entry->prefix)
        return 1;
    struct err err;
    err_set(&err, ERR_TOO_LARGE, "a listing page passes its memory");
    s3_fail_internal(scan->call, &err);
    return -1;
}

int s3_scan_next(struct s3_scan *scan, struct s3_scan_entry *entry)
{
    struct db_row *row;
    int got;
    *entry = (struct s3_scan_entry){0};
    while ((got = step(scan, &row)) == 1) {
        bool older = is_older(scan, db_text(row, 1));
        if (older && !scan->options.versions)
            continue;
        if (!older) {
            snprintf(scan->seen, sizeof scan->seen, "%s", db_text(row, 1));
            scan->steps = 0;
        }
        if (!scan->options.versions && db_int(row, 3))
            continue; /* hidden behind a delete marker */
        size_t common = s3_scan_common(scan->seen, scan->options.prefix, scan->options.delimiter);
        if (common > 0)
            return fold(scan, common, entry);
        s3_object_read(scan->call, row, &entry->object);
        entry->object.is_latest = !older;
        return 1;
    }
    return got;
}

void s3_scan_close(struct s3_scan *scan)
{
    if (scan->row)
        db_end(scan->row);
    scan->row = NULL;
}

int s3_scan_rows(const struct s3_scan *scan)
{
    return scan->rows;
}
