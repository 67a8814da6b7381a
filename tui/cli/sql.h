/* weir sql in parts: verb_sql.c reads the flags, sql_run.c runs the statements of a text in order, sql_fetch.c brings
 * the rows of a result, sql_print.c writes them, sql_parquet.c as a Parquet file, sql_shell.c is the readline shell and
 * sql_meta.c its commands. Main thread. */
#ifndef WEIR_TUI_CLI_SQL_H
#define WEIR_TUI_CLI_SQL_H
#include "backend/base/path.h"
#include "backend/sql/dialect.h"
#include "tui/cli/cli.h"
#include <stdio.h>

enum { SQL_TEXT_MAX = 262144, SQL_SCRIPT_MAX = 64 << 20, SQL_NAME_MAX = 256 };

struct sql {
    struct cli *cli;
    struct aws *aws;
    char database[SQL_NAME_MAX], workgroup[129], output[1100]; /* output: "" the service chooses */
    char format[16];                                           /* "table", "csv", "json", "jsonl", "parquet" */
    const char *const *parameters;                             /* execution parameters, NULL-ended; NULL none */
    int64_t max_scan;                                          /* bytes; 0 no limit */
    bool is_strict; /* the limit was asked for: what cannot be estimated is refused */
    bool is_dry;    /* only say what would be scanned */
    bool is_shell, has_timing, is_expanded;
    bool has_hinted;      /* at \x, once */
    char reason[1024];    /* of the last query that failed, whole: an error's text is shorter */
    FILE *out;            /* where rows go */
    const char *out_path; /* its temporary name; NULL: standard output. For Parquet, which is not written to a stream */
    bool out_is_tty;
    int64_t results; /* results written so far */
};

/* All statements of a text, in order, up to the first failure. *err then; ERR_OK when the reader of stdout has gone.
 * What it was that failed is said on stderr by sql_fail. */
bool sql_run_text(struct sql *sql, const char *text, size_t len, struct err *err);
/* One statement. */
bool sql_run_statement(struct sql *sql, const char *text, size_t len, struct err *err);
/* cli_fail, and the line that Athena's error names with a mark below the place. */
int sql_fail(const struct sql *sql, const char *text, size_t len, const struct err *err);
/* Makes it the database of names without one, if the catalog has it. */
bool sql_use(struct sql *sql, const char *database, struct err *err);

/* --- results --- */
struct sql_column {
    const char *name, *type; /* "bigint", "varchar" */
};
struct sql_cell { /* text is no C string: it may hold NULs; valid during the call */
    const char *text;
    size_t len;
    bool is_null;
};
/* Who takes the rows. Each returns false to end it, with *err of its own; called on one thread at a time. */
struct sql_sink {
    bool (*begin)(void *context, const struct sql_column *columns, size_t count);
    bool (*row)(void *context, const struct sql_cell *cells, size_t count);
    void *context;
};
struct sql_result {
    const char *id, *output; /* the execution's; output: s3:// name of its file or "" */
    bool is_query;           /* the statement's rows have a header row, unless the file is lines (.txt) */
    bool answers_rows;       /* SHOW and the like too: no row is an answer */
};
/* Rows of the first page, and of the whole stored object when there are more (then a row or two in memory, whatever
 * its size); by pages when the object cannot be read. *updated: rows that the statement wrote, -1 none. */
bool sql_fetch(struct sql *sql, const struct sql_result *result, const struct sql_sink *sink, int64_t *updated,
               struct err *err);
/* In the format of sql->format to sql->out; *rows gets how many. False with ERR_OK when the reader has gone. */
bool sql_print(struct sql *sql, const struct sql_result *result, int64_t *rows, int64_t *updated, struct err *err);
/* A Parquet file at sql->out_path, or its bytes to sql->out. */
bool sql_print_parquet(struct sql *sql, const struct sql_result *result, int64_t *rows, struct err *err);
/* One row as Athena writes CSV: all values quoted, NULL nothing. */
void sql_put_csv(const struct sql_cell *cells, size_t count, struct buf *out);

/* --- the shell --- */
/* Until \q or the end of input; the exit status. */
int sql_shell(struct sql *sql);

/* What the lines typed and the commands work on (sql_meta.c, sql_lines.c). */
struct sql_session {
    struct sql *sql;
    struct buf query;         /* the statement being typed */
    struct buf last;          /* the last one sent */
    char redirect[PATH_SIZE]; /* \o: where rows go; "" the terminal */
    int depth;                /* of \i within \i */
    bool is_leaving;
    /* sql_shell.c's; NULL in tests */
    void (*remember)(const char *text); /* into the history */
    bool (*print_history)(FILE *out);
    void (*catalog_changed)(struct sql_session *session); /* a statement may have changed it */
};
/* One line: adds it to the statement and runs what a ';' ends; a '\' outside strings begins a command. What fails is
 * said on stderr; false then, and the rest of the statement is forgotten. */
bool sql_session_line(struct sql_session *session, const char *line);
/* Runs what is typed so far, or the last statement again when there is none. */
bool sql_session_go(struct sql_session *session);
/* Lines of a file, up to the first that fails. */
bool sql_session_file(struct sql_session *session, const char *path, struct err *err);
/* Rows go to this file ("" the terminal). */
bool sql_session_redirect(struct sql_session *session, const char *path, struct err *err);
void sql_session_done(struct sql_session *session);
/* line begins with '\'. False with *err; ERR_OK when it has been said already. */
bool sql_meta(struct sql_session *session, const char *line, struct err *err);
/* The commands' names, NULL-ended: for completion. */
const char *const *sql_meta_names(void);
#endif
