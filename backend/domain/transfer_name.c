/* Names of local files made from keys of a store: what may never become a path, and how unfinished files are named.
 * Pure. */
#include "backend/base/digest.h"
#include "backend/domain/transfer_private.h"
#include <stdio.h>
#include <string.h>

enum { FILE_NAME_MAX = 255, KEPT = 180 };
static const char part_suffix[] = ".weir-part";

static bool refuse(struct err *err, const char *name, const char *reason)
{
    return err_set(err, ERR_REFUSED, "\"%.120s\" is not written to this disk: %s; copy it alone under another name",
                   name, reason);
}

bool transfer_name_is_safe(const char *name, size_t len, struct err *err)
{
    if (len == 0)
        return refuse(err, name, "its name is empty");
    if (strlen(name) != len)
        return refuse(err, name, "its name holds a NUL byte");
    for (const char *at = name;;) {
        size_t part = strcspn(at, "/");
        if (part == 0)
            return refuse(err, name, *name == '/' ? "its name is an absolute path" : "its name has an empty part");
        if ((part == 1 && at[0] == '.') || (part == 2 && at[0] == '.' && at[1] == '.'))
            return refuse(err, name, "its name has a part \".\" or \"..\"");
        if (part > FILE_NAME_MAX)
            return refuse(err, name, "its name has a part longer than 255 bytes");
        if (!at[part])
            return true;
        at += part + 1;
    }
}

bool transfer_is_part_name(const char *name)
{
    return name[0] == '.' && strstr(name, part_suffix);
}

void transfer_part_name(const char *name, char out[256])
{
    size_t len = strlen(name);
    uint8_t raw[DIGEST_MAX];
    char hex[DIGEST_HEX];
    if (len <= KEPT) {
        snprintf(out, 256, ".%s%s", name, part_suffix);
        return;
    }
    hex_encode(raw, digest_of(DIGEST_SHA256, name, len, raw), hex);
    snprintf(out, 256, ".%.*s.%.16s%s", KEPT, name, hex, part_suffix);
}
