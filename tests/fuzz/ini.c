/* Any file: keys come with section and line or the file is refused with its line, and no stand-in of the reader shows.
 */
#include "backend/base/ini.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool check(void *context, const char *section, const char *key, const char *value, int line, struct err *err)
{
    int *last = context;
    MUST(line > 0 && line >= *last);
    MUST(!strchr(section, '\x01') && !strchr(key, '\x01') && !strchr(value, '\x01') && !strchr(value, '\n'));
    *last = line;
    return strcmp(key, "refused") != 0 || err_set(err, ERR_CONFIG, "refused");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char path[64];
    struct err err = ERR_NONE;
    int line = 0, fd = memfd_create("ini", 0);
    MUST(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (!ini_read(path, check, &line, &err))
        MUST(err.code == ERR_CONFIG && strstr(err.text, path));
    close(fd);
    return 0;
}
