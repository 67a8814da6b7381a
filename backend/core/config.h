/* The configuration of this program: option rows filled from INI file, environment and flags (flags beat environment
 * beat file), and AWS's own variables and shared files. Read once at start on the main thread, then immutable. Never
 * written by the program. */
#ifndef WEIR_CORE_CONFIG_H
#define WEIR_CORE_CONFIG_H
#include "backend/base/opt.h"
#include "backend/base/path.h"
#include <stdint.h>

enum { CONFIG_NAME = 128, CONFIG_URL = 512 };
struct config {
    /* what to talk to */
    char profile[CONFIG_NAME]; /* "" = the embedded cloud */
    char region[CONFIG_NAME];
    char endpoint[CONFIG_URL]; /* all services; "" = AWS's own */
    char bucket[64];           /* the lake */
    char ca_bundle[PATH_SIZE];
    char aws_config[PATH_SIZE], aws_credentials[PATH_SIZE];
    int64_t max_attempts;
    char retry_mode[16];
    bool readonly, production;
    /* the console */
    char theme[CONFIG_NAME], keymap[CONFIG_NAME];
    bool color, unicode, mouse, plain;
    int64_t refresh_ms, fresh_ms; /* feed interval; age at which a zone counts as late */
    int64_t escdelay_ms;
    char view[CONFIG_NAME]; /* pane or command to start with */
    /* the embedded cloud */
    char local_dir[PATH_SIZE]; /* its state directory */
    /* output */
    char format[16];
    bool watch, once, yes, verbose, help, version;
    char log_file[PATH_SIZE], log_areas[CONFIG_NAME];
};
extern const struct opt config_rows[]; /* the one table */

/* Reads file (default: config.ini in XDG config; NULL), environment, then argv (consumes its flags; *argc is updated).
 * Every problem is ERR_CONFIG or ERR_USAGE with file and line, or the flag. */
bool config_load(struct config *config, const char *file, int *argc, char **argv, struct err *err);
/* Where it looked, one line per path, with "found" or "absent". */
bool config_paths(const struct config *config, struct buf *out);
/* Endpoint for a service id ("s3"): AWS_ENDPOINT_URL_S3 > AWS_ENDPOINT_URL > profile's services section > profile's
 * endpoint_url > https://SERVICE.REGION.amazonaws.com. out is a URL without trailing slash; *is_custom tells that it
 * was overridden. */
bool config_endpoint(const struct config *config, const char *service, char out[CONFIG_URL], bool *is_custom,
                     struct err *err);
#endif
