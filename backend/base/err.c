/* The error table and the few functions that fill a struct err. No I/O, no threads; any thread may call. */
#include "backend/base/err.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct err_row {
    const char *name, *sentence, *remedy;
    int exit_code;
} err_rows[ERR_COUNT] = {
#define X(id, exit, words, what_to_do)                                                                                 \
    [ERR_##id] = {.name = #id, .sentence = words, .remedy = what_to_do, .exit_code = exit},
    ERR_CODES(X)
#undef X
};

static const struct err_row *row_of(enum err_code code)
{
    return &err_rows[(unsigned)code < ERR_COUNT ? code : ERR_FAILED];
}

static bool is_passing(enum err_code code)
{
    return code == ERR_DNS || code == ERR_CONNECT || code == ERR_TIMEOUT || code == ERR_INTERRUPTED ||
           code == ERR_THROTTLED || code == ERR_SERVER;
}

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err)
        return false;
    char text[sizeof err->text]; /* the arguments may lie inside *err */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    *err = (struct err){.code = code, .retryable = is_passing(code)};
    memcpy(err->text, text, sizeof text);
    return false;
}

bool err_set_errno(struct err *err, enum err_code code, const char *format, ...)
{
    int number = errno;
    char text[sizeof err->text], words[128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (number == ENOSPC || number == EDQUOT)
        code = ERR_DISK_FULL;
    err_set(err, code, "%s: %s", text, strerror_r(number, words, sizeof words));
    errno = number;
    return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return false;
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len;
    if (used < sizeof text && snprintf(text + used, sizeof text - used, ": %s", err->text) < 0)
        return false;
    memcpy(err->text, text, sizeof text);
    return false;
}

const char *err_name(enum err_code code)
{
    return row_of(code)->name;
}

const char *err_sentence(enum err_code code)
{
    return row_of(code)->sentence;
}

const char *err_remedy(enum err_code code)
{
    return row_of(code)->remedy;
}

const char *err_advice(const struct err *err)
{
    char verb[32];
    const char *remedy = err_remedy(err->code);
    int len = (int)strcspn(remedy, " ");
    snprintf(verb, sizeof verb, "%.*s ", len < 30 ? len : 30, remedy); /* "check ", "try ": the text has its own */
    return *remedy && !strstr(err->text, verb) && !strstr(err->text, remedy) ? remedy : "";
}

int err_exit_code(const struct err *err)
{
    return row_of(err->code)->exit_code;
}
