/* A command line (arguments end with NUL) against rows of every kind: no field leaves its bounds, arguments that are
 * not flags stay in order, and what is printed can be set again. */
#include "backend/base/opt.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

struct options {
    char guard_before[8], name[8], guard_after[8], color[8];
    bool is_quiet;
    int64_t tries, limit, refresh_ms;
};
#define AT(field) offsetof(struct options, field)
static const struct opt rows[] = {
    {.name = "name", .letter = 'n', .value = "NAME", .kind = OPT_TEXT, .offset = AT(name), .size = 8},
    {.name = "color", .kind = OPT_ENUM, .offset = AT(color), .size = 8, .choices = "auto|on|off", .fallback = "auto"},
    {.name = "quiet", .letter = 'q', .kind = OPT_BOOL, .offset = AT(is_quiet)},
    {.name = "tries", .letter = 't', .kind = OPT_INT, .offset = AT(tries), .min = 1, .max = 10, .fallback = "1"},
    {.name = "limit", .letter = 'l', .kind = OPT_BYTES, .offset = AT(limit)},
    {.name = "refresh", .letter = 'r', .kind = OPT_DURATION_MS, .offset = AT(refresh_ms)},
    {.name = NULL},
};

static void check_fields(const struct options *options)
{
    static const char guard[8] = {0};
    MUST(memcmp(options->guard_before, guard, 8) == 0 && memcmp(options->guard_after, guard, 8) == 0);
    MUST(memchr(options->name, 0, 8) && options->tries >= 1 && options->tries <= 10 && options->limit >= 0);
    for (const struct opt *row = rows; row->name; row++) {
        struct options copy = *options;
        struct buf text = BUF_INIT(100);
        MUST(opt_format(row, options, &text));
        MUST(opt_set(row, &copy, buf_text(&text), NULL));
        MUST(memcmp((char *)&copy + row->offset, (const char *)options + row->offset, row->size ? 1 : sizeof(bool)) ==
             0);
        buf_done(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { ARGS = 32 };
    char text[4097], *argv[ARGS], *given[ARGS];
    int argc = 0;
    size_t text_len = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, bytes, text_len);
    text[text_len] = '\0';
    for (size_t at = 0; at < text_len && argc < ARGS; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    memcpy(given, argv, sizeof(char *) * (size_t)argc);
    struct options options = {.is_quiet = false};
    struct err err = ERR_NONE;
    opt_defaults(rows, &options);
    int left =
        len % 2 ? opt_parse_known(rows, &options, argc, argv, &err) : opt_parse_argv(rows, &options, argc, argv, &err);
    MUST(left <= argc && (left >= 0) == (err.code == ERR_OK));
    for (int i = 0, from = 0; i < left; i++, from++)
        while (given[from] != argv[i])
            MUST(++from < argc);
    check_fields(&options);
    return 0;
}
