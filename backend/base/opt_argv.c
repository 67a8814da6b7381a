/* The command line by option rows, as getopt_long reads it: --name=value, --name value, --no-name, -x value, -xvalue,
 * bundled letters of flags, and -- to end. Main thread, at start. */
#include "backend/base/opt.h"
#include <string.h>

struct scan {
    const struct opt *rows;
    void *options;
    int argc, at; /* at: the argument being read */
    char **argv;
    bool keep_unknown;
    struct err *err;
};
enum taken { TAKEN, NOT_OURS, BAD };

static const struct opt *find_letter(const struct opt *rows, char letter)
{
    for (const struct opt *row = rows; row->name; row++)
        if (row->letter == letter && letter)
            return row;
    return NULL;
}

static enum taken apply(struct scan *scan, const struct opt *row, const char *shown, const char *value)
{
    if (!value && row->kind == OPT_BOOL)
        value = "true";
    if (!value && scan->at + 1 < scan->argc)
        value = scan->argv[++scan->at];
    if (!value) {
        err_set(scan->err, ERR_USAGE, "%s needs a value%s%s", shown, row->value ? ": " : "",
                row->value ? row->value : "");
        return BAD;
    }
    if (opt_set(row, scan->options, value, scan->err))
        return TAKEN;
    if (scan->err)
        scan->err->code = ERR_USAGE;
    return BAD;
}

static enum taken unknown(struct scan *scan, const char *shown)
{
    if (scan->keep_unknown)
        return NOT_OURS;
    err_set(scan->err, ERR_USAGE, "unknown option %.60s; see --help", shown);
    return BAD;
}

static enum taken read_long(struct scan *scan, const char *arg)
{
    char name[64];
    size_t len = strcspn(arg + 2, "=");
    const char *value = arg[2 + len] == '=' ? arg + 2 + len + 1 : NULL;
    if (len >= sizeof name)
        return unknown(scan, arg);
    memcpy(name, arg + 2, len);
    name[len] = '\0';
    const struct opt *row = opt_find(scan->rows, NULL, name);
    if (row)
        return apply(scan, row, arg, value);
    row = strncmp(name, "no-", 3) == 0 ? opt_find(scan->rows, NULL, name + 3) : NULL;
    if (row && row->kind == OPT_BOOL && !value)
        return apply(scan, row, arg, "false");
    return unknown(scan, arg);
}

static enum taken read_letters(struct scan *scan, const char *arg)
{
    if (!find_letter(scan->rows, arg[1]))
        return unknown(scan, arg);
    for (const char *letter = arg + 1; *letter; letter++) {
        const struct opt *row = find_letter(scan->rows, *letter);
        if (!row) {
            err_set(scan->err, ERR_USAGE, "unknown option -%c in %.40s; see --help", *letter, arg);
            return BAD;
        }
        if (row->kind != OPT_BOOL) { /* what follows is its value */
            char shown[3] = {'-', *letter, '\0'};
            return apply(scan, row, shown, letter[1] ? letter + 1 : NULL);
        }
        if (apply(scan, row, arg, NULL) == BAD)
            return BAD;
    }
    return TAKEN;
}

static int parse(struct scan *scan)
{
    int kept = 0;
    for (; scan->at < scan->argc; scan->at++) {
        char *arg = scan->argv[scan->at];
        if (strcmp(arg, "--") == 0) {
            scan->at += !scan->keep_unknown;
            break;
        }
        enum taken taken = arg[0] != '-' || !arg[1] ? NOT_OURS
                           : arg[1] == '-'          ? read_long(scan, arg)
                                                    : read_letters(scan, arg);
        if (taken == BAD)
            return -1;
        if (taken == NOT_OURS)
            scan->argv[kept++] = arg;
    }
    while (scan->at < scan->argc)
        scan->argv[kept++] = scan->argv[scan->at++];
    return kept;
}

int opt_parse_argv(const struct opt *rows, void *options, int argc, char **argv, struct err *err)
{
    return parse(&(struct scan){.rows = rows, .options = options, .argc = argc, .argv = argv, .err = err});
}

int opt_parse_known(const struct opt *rows, void *options, int argc, char **argv, struct err *err)
{
    return parse(
        &(struct scan){.rows = rows, .options = options, .argc = argc, .argv = argv, .keep_unknown = true, .err = err});
}
