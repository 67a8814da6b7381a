/* Paths as they are typed; see typed_path.h. */
#include "tui/typed_path.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void typed_path(const char *text, char out[PATH_SIZE])
{
    const char *home = getenv("HOME");
    bool is_home = text[0] == '~' && (text[1] == '/' || !text[1]) && home;
    snprintf(out, PATH_SIZE, "%s%s", is_home ? home : "", is_home ? text + 1 : text);
}

bool typed_path_can_be_made(const char *path, char *why, size_t size)
{
    struct stat info;
    char dir[PATH_SIZE];
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return access(path, W_OK) == 0 || (snprintf(why, size, "this directory may not be written to"), false);
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (!slash)
        snprintf(dir, sizeof dir, ".");
    else
        slash[slash == dir] = '\0';
    if (stat(dir, &info) != 0 || !S_ISDIR(info.st_mode)) {
        snprintf(why, size, "there is no directory %.200s", dir);
        return false;
    }
    return access(dir, W_OK) == 0 || (snprintf(why, size, "%.200s may not be written to", dir), false);
}
