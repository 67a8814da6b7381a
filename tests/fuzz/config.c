/* Any file as our configuration and as AWS's shared files: loaded or refused in words that name the file, and an
 * endpoint is a URL or an error. */
#include "backend/core/config.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct config config;
    char path[64], url[CONFIG_URL], *argv[] = {(char[]){"weir"}, NULL};
    struct err err = ERR_NONE;
    bool is_custom;
    int argc = 1, fd = memfd_create("config", 0);
    MUST(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    setenv("AWS_CONFIG_FILE", path, 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    setenv("AWS_PROFILE", "dev", 1);
    if (!config_load(&config, path, &argc, argv, &err))
        MUST(err.code != ERR_OK && strstr(err.text, path));
    else if (config_endpoint(&config, "s3", url, &is_custom, &err))
        MUST(strncmp(url, "http", 4) == 0 && strlen(url) < sizeof url);
    else
        MUST(err.code != ERR_OK && err.text[0]);
    close(fd);
    return 0;
}
