/* INI files by libinih: the one home of it. Used for our configuration and for AWS's shared files. */
#ifndef WEIR_BASE_INI_H
#define WEIR_BASE_INI_H
#include "backend/base/err.h"
#include <stdbool.h>

/* Called per key; an indented line continues the key above it and is another call with that key (AWS's nested settings:
 * key "s3", value "addressing_style = path"). Texts live until the call returns. Returning false stops with *err as the
 * callback set it ("path:line: " is put before it). */
typedef bool ini_row(void *context, const char *section, const char *key, const char *value, int line, struct err *err);
/* Absent file: ERR_NOT_FOUND; over 1 MiB: ERR_TOO_LARGE. A line that is no INI: ERR_CONFIG with path:line. */
bool ini_read(const char *path, ini_row *row, void *context, struct err *err);
#endif
