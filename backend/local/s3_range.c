/* The Range header of one GET. Pure. */
#include "backend/local/s3.h"
#include <ctype.h>
#include <string.h>

/* Digits at *at; false when there are none or they pass int64. */
static bool number(const char **at, int64_t *value)
{
    *value = 0;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); (*at)++) {
        if (__builtin_mul_overflow(*value, (int64_t)10, value) || __builtin_add_overflow(*value, **at - '0', value))
            return false;
    }
    return true;
}

/* "-n": the last n bytes. */
static enum s3_range_kind suffix(const char *at, int64_t size, int64_t *first)
{
    int64_t count;
    if (!number(&at, &count) || *at)
        return S3_RANGE_NONE;
    if (count == 0 || size == 0)
        return S3_RANGE_UNSATISFIABLE;
    *first = count < size ? size - count : 0;
    return S3_RANGE_OK;
}

enum s3_range_kind s3_range_parse(const char *header, int64_t size, int64_t *first, int64_t *last)
{
    int64_t from, to = INT64_MAX;
    *first = 0; /* the whole, unless a range is understood */
    *last = size - 1;
    if (!header || strncmp(header, "bytes=", 6) != 0 || strchr(header, ','))
        return S3_RANGE_NONE;
    const char *at = header + 6;
    if (*at == '-')
        return suffix(at + 1, size, first);
    if (!number(&at, &from) || *at++ != '-')
        return S3_RANGE_NONE;
    if (*at && (!number(&at, &to) || *at || to < from))
        return S3_RANGE_NONE; /* not a range at all: the whole object (RFC 7233 2.1) */
    if (from >= size)
        return S3_RANGE_UNSATISFIABLE;
    *first = from;
    if (to < size)
        *last = to;
    return S3_RANGE_OK;
}
