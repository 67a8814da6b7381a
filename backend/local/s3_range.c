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

enum s3_range_kind s3_range_parse(const char *header, int64_t size, int64_t *first, int64_t *last)
{
    *first = 0;
    *last = size - 1;
    if (!header || strncmp(header, "bytes=", 6) != 0 || strchr(header, ','))
        return S3_RANGE_NONE;
    const char *at = header + 6;
    int64_t value;
    if (*at == '-') {
        at++;
        if (!number(&at, &value) || *at)
            return S3_RANGE_NONE;
        if (value == 0 || size == 0)
            return S3_RANGE_UNSATISFIABLE;
        *first = value < size ? size - value : 0;
        return S3_RANGE_OK;
    }
    if (!number(&at, first) || *at++ != '-')
        return S3_RANGE_NONE;
    if (*at && (!number(&at, &value) || *at || value < *first))
        return S3_RANGE_NONE; /* not a range at all: the whole object (RFC 7233 2.1) */
    if (*first >= size)
        return S3_RANGE_UNSATISFIABLE;
    if (header[strlen(header) - 1] != '-' && value < size)
        *last = value;
    return S3_RANGE_OK;
}
