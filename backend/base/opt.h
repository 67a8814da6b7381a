/* Option rows: one row gives the INI key, the environment variable, the command-line flag, its help, its check and the
 * man page. */
#ifndef WEIR_BASE_OPT_H
#define WEIR_BASE_OPT_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_kind { OPT_BOOL, OPT_INT, OPT_TEXT, OPT_ENUM, OPT_BYTES, OPT_DURATION_MS };

struct opt {
    const char *name;    /* "refresh": INI key and --refresh */
    const char *section; /* INI section, "" for the top; NULL: not in files */
    const char *env;     /* "WEIR_REFRESH", or NULL */
    char letter;         /* 'r' for -r, or 0 */
    const char *value;   /* metavariable in help, "SECONDS"; NULL for a flag */
    enum opt_kind kind;
    size_t offset;        /* of the field in the options struct: bool, int64_t, or char[size] for text */
    size_t size;          /* OPT_TEXT, OPT_ENUM: size of the array */
    const char *fallback; /* default as text; NULL: zero */
    const char *choices;  /* OPT_ENUM: "auto|on|off" */
    int64_t min, max;     /* OPT_INT, BYTES, DURATION: inclusive; both 0: any */
    const char *help;
};

/* Sets every field from its fallback. rows end with .name = NULL. */
void opt_defaults(const struct opt *rows, void *options);
/* Sets one field from text; a duration without a unit is in seconds; the error names the option, the value and what is
 * allowed. */
bool opt_set(const struct opt *row, void *options, const char *text, struct err *err);
bool opt_from_env(const struct opt *rows, void *options, struct err *err);
const struct opt *opt_find(const struct opt *rows, const char *section, const char *name);
/* Parses argv[0..argc): flags are applied, others are kept in order at the front of argv; returns how many remain, -1
 * on error. Accepts --name=value, --name value, --no-name for bools, -x value, and -- to end. */
int opt_parse_argv(const struct opt *rows, void *options, int argc, char **argv, struct err *err);
/* As opt_parse_argv, but options that rows do not know are kept as well (as is everything from -- on, for a second
 * parse), so that a program's and a verb's rows can share one command line. */
int opt_parse_known(const struct opt *rows, void *options, int argc, char **argv, struct err *err);
/* The present value as the text opt_set would take. */
bool opt_format(const struct opt *row, const void *options, struct buf *out);
/* "  -r, --refresh SECONDS   help (default ...)" lines for --help. */
bool opt_help(const struct opt *rows, struct buf *out);
#endif
