/* What the files of result share. The parts: result.c (life, status, what the UI calls), result_columns.c (header and
 * types), result_index.c (the indexer), result_cursor.c (rows of the file one after the other), result_walk.c (rows of
 * a view), result_spool.c (unlinked files of row marks), result_window.c (rows for the screen), result_task.c (threads
 * for arranging, finding, summarising). Nobody else includes it.
 *
 * One lock guards what threads share; it is never held across a system call. One condition tells of every change. */
#ifndef WEIR_DOMAIN_RESULT_PRIVATE_H
#define WEIR_DOMAIN_RESULT_PRIVATE_H
#include "backend/base/filter.h"
#include "backend/base/path.h"
#include "backend/core/thread.h"
#include "backend/domain/result_scan.h"
#include <stdatomic.h>

enum {
    RESULT_BLOCK = 256 << 10,      /* bytes read at once */
    RESULT_SPACING = 32 << 10,     /* bytes between two marks: what is scanned to reach any row */
    RESULT_HEADER_MAX = 16 << 20,  /* of a header row */
    RESULT_CELL_MAX = 1 << 20,     /* bytes of a cell looked at by filter, sort and find, of rows larger than a block */
    RESULT_ROW_HELD = 64 << 10,    /* bytes of a row that are held for the screen */
    RESULT_COLUMNS_HELD = 512,     /* with more, only those on the screen are held */
    RESULT_WINDOW_BYTES = 1 << 20, /* of rows held beyond the screen */
    RESULT_WINDOW_READ = 8 << 20,  /* of the file, read for rows beyond the screen */
    RESULT_WINDOWS = 3,            /* held at once */
    RESULT_TELL_MS = 50            /* progress is told at most so often */
};

/* ---- result_spool.c: a file of row marks without a name */
struct spool {
    int fd;
    struct row_mark held[256];
    size_t held_count;
    uint64_t written;
};
int temporary_file(const char *directory, struct err *err);
bool spool_open(struct spool *spool, const char *directory, struct err *err);
bool spool_add(struct spool *spool, struct row_mark mark, struct err *err);
bool spool_flush(struct spool *spool, struct err *err);
void spool_close(struct spool *spool);
/* Reads count marks from number first. Any thread. */
bool marks_read(int fd, uint64_t first, struct row_mark *marks, size_t count, struct err *err);
bool read_fully(int fd, void *bytes, size_t len, uint64_t offset, struct err *err);
bool write_fully(int fd, const void *bytes, size_t len, uint64_t offset, struct err *err);

/* ---- result_cursor.c: rows one after the other; one thread each */
struct row_ref {
    uint64_t number, offset, size; /* size with the line end */
    const char *bytes;             /* without it; NULL: the row is larger than a block */
    size_t len;
};
struct row_cursor {
    enum result_form form;
    int fd;
    char *block;
    size_t cap, fill; /* bytes read next; grows to cap, so that a look at one row does not read a whole block */
    size_t at, len;
    uint64_t base, end; /* file offsets of block[0] and of where rows end */
};
bool cursor_open(struct row_cursor *cursor, enum result_form form, int fd, size_t block_bytes);
void cursor_close(struct row_cursor *cursor);
void cursor_seek(struct row_cursor *cursor, uint64_t offset);
/* False at end, or with *err. number is the caller's. The bytes stay until the next call. */
bool cursor_next(struct row_cursor *cursor, struct row_ref *row, struct err *err);

/* The cells of a row, in memory or not. */
struct cell_walk {
    enum result_form form;
    bool is_streamed;
    struct row_cells cells;
    int fd;
    uint64_t at, end; /* of a row that is not in memory */
    size_t max;       /* bytes of a cell kept of it */
    char *block;
    size_t block_at, block_len;
    bool is_done, is_trimmed;
    bool is_cut; /* the last cell was longer than max */
    struct buf decoded;
};
void walk_init(struct cell_walk *walk, enum result_form form, int fd, size_t cell_max);
void walk_done(struct cell_walk *walk);
void walk_start(struct cell_walk *walk, const struct row_ref *row);
bool walk_next(struct cell_walk *walk, struct row_cell *cell, struct err *err);

/* ---- views: which rows are shown, in which order */
struct result_view {
    atomic_int refs;
    bool is_identity;
    int fd;                    /* of marks; -1 while there are none */
    uint64_t count;            /* under the lock */
    bool is_final;             /* under the lock: count is all */
    struct result_view *basis; /* of a sorted view: the same rows in the order of the file */
};
struct result_view *view_new(bool is_identity);
struct result_view *view_hold(struct result_view *view);
void view_release(struct result_view *view);

/* ---- windows: rows for the screen, made by the reader, then the UI's */
struct window_cell {
    uint32_t at;
    uint32_t len : 30, is_null : 1, is_cut : 1;
};
struct result_row {
    const struct row_window *window;
    uint64_t number;
    size_t first_cell, cell_count;
    bool is_partial; /* cells are those of the window's look only */
};
struct row_window {
    uint64_t generation, first; /* of the view; shown row of rows[0] */
    struct result_look look;
    struct result_row *rows;
    size_t count, cap;
    struct window_cell *cells;
    size_t cell_count, cell_cap;
    struct buf bytes;
    bool has_partial;
};
void window_free(struct row_window *window);

/* ---- tasks: a thread each, started when first asked */
enum task_kind { TASK_ARRANGE, TASK_FIND, TASK_SUMMARY, TASK_COUNT };
struct result_task {
    _Atomic uint64_t asked; /* changed under the lock; what is asked anew makes the running one stale */
    uint64_t answered;
    bool is_started; /* the UI thread's */
};
struct arrange_request {
    struct filter filter;
    int sort;
    bool is_reverse;
    struct result_view *view; /* of the filter, to be filled; NULL: there is none */
};
struct find_request {
    struct filter filter;
    uint64_t from;
    bool is_backward;
    struct result_view *view;
};

struct result {
    atomic_int refs;
    atomic_bool is_closing;
    enum result_form form;
    int fd;
    char directory[PATH_SIZE];
    size_t sort_memory, block_bytes;
    struct result_column *given; /* as the service told */
    size_t given_count;

    pthread_mutex_t tell_lock; /* guards the three below; not taken with the other one held */
    void (*changed)(void *context);
    void *context;
    int64_t told_ms;

    pthread_mutex_t lock;
    pthread_cond_t cond;
    /* under the lock: */
    int64_t arrived;
    bool is_all, is_broken;
    struct row_mark first_row; /* where the rows start */
    int marks_fd;
    uint64_t marks, rows, rows_end; /* rows_end: the offset behind the last row */
    bool is_indexed;
    struct err err;         /* of the file */
    struct err arrange_err; /* of what was arranged last */

    struct column *columns; /* set once by the indexer, under the lock; then constant */
    struct result_column *types;
    size_t column_count;
    char *column_text;

    struct result_view *view;
    uint64_t generation; /* of the view */
    enum result_work work;
    double progress;
    char filter_note[160];
    struct result_task tasks[TASK_COUNT];
    struct arrange_request arrange;
    struct find_request find;
    struct result_found found;
    int summary_column;
    struct result_view *summary_view;
    struct result_summary summary;

    struct result_look want;
    uint64_t want_generation;
    bool is_wanted;
    struct row_window *ready; /* made by the reader, not taken yet */

    /* the UI thread's own */
    struct row_window *windows[RESULT_WINDOWS]; /* newest first */
    struct result_look asked;
    uint64_t asked_generation, asked_shown;
};

/* result.c */
bool result_tell(struct result *result, bool is_urgent); /* without the lock; false: told too short a time ago */
void result_fail(struct result *result, const struct err *err);

/* result_take.c: waits until the file has been read and what is arranged is done; then the view, held. NULL with *err,
 * the result's own when it broke off. */
struct result_view *result_wait_view(struct result *result, bool all_rows, const struct cancel *cancel,
                                     struct err *err);

/* result_columns.c */
bool columns_build(struct result *result, const char *header, size_t header_len, const char *sample, size_t sample_len,
                   struct err *err);
void columns_free(struct result *result);
enum value_kind column_kind_of_type(const char *type);

/* result_index.c, result_window.c */
void *index_run(void *result);
void *window_run(void *result);
/* The mark to start from to reach a row. */
bool mark_for_row(struct result *result, uint64_t row, struct row_mark *mark, struct err *err);

/* result_walk.c: the rows of a view from number `at` on, forwards; of a file that grows, as far as it is indexed. */
struct view_walk {
    struct result *result;
    struct result_view *view;
    struct row_cursor cursor;
    struct row_mark marks[256];
    uint64_t at, marks_first;
    size_t marks_count;
    uint64_t count; /* rows there are, set by view_walk_refresh */
    bool is_placed;
};
bool view_walk_open(struct view_walk *walk, struct result *result, struct result_view *view, uint64_t at,
                    struct err *err);
void view_walk_close(struct view_walk *walk);
/* How far it can go now. is_final: there will not be more. */
void view_walk_refresh(struct view_walk *walk, bool *is_final);
void view_walk_seek(struct view_walk *walk, uint64_t at);
bool view_walk_next(struct view_walk *walk, struct row_ref *row, struct err *err);

/* result_match.c: whether rows match, with the memory that takes. */
struct row_matcher {
    struct result *result;
    struct filter filter;
    struct cell_walk walk;
    struct buf decoded, scratch;
    bool has_quick_no; /* a row whose raw bytes lack the text does not match */
};
void matcher_init(struct row_matcher *matcher, struct result *result, const struct filter *filter);
void matcher_done(struct row_matcher *matcher);
bool matcher_match(struct row_matcher *matcher, const struct row_ref *row, struct err *err);
/* The exact value; decoded holds it when quotes are halved. */
struct value cell_value_of(const struct row_cell *cell, struct buf *decoded);

/* result_task.c */
bool task_start(struct result *result, enum task_kind kind, struct err *err); /* UI, without the lock */
void task_ask(struct result *result, enum task_kind kind);                    /* with the lock held */
bool task_is_stale(struct result *result, enum task_kind kind, uint64_t mine);
/* Waits until the index goes further than seen_bytes, or ended. False: stale. */
bool task_wait(struct result *result, enum task_kind kind, uint64_t mine, uint64_t seen_bytes);
void arrange_run(struct result *result, uint64_t mine);
void find_run(struct result *result, uint64_t mine);
void summary_run(struct result *result, uint64_t mine);
#endif
