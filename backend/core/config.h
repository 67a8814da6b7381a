/* The configuration of this program: option rows filled from INI file, environment and flags, and AWS's own variables
 * and shared files. Read once at start on the main thread, then immutable. Never written by the program.
 *
 * Who wins: flags, then WEIR_* variables, then AWS's variables (AWS_REGION over AWS_DEFAULT_REGION, AWS_PROFILE, ...),
 * then the [profile NAME] section of our file for the profile in use, then the rest of our file, then AWS's shared
 * files.
 *
 * What is talked to: the embedded cloud, unless a profile is named (--profile, WEIR_PROFILE, our file, AWS_PROFILE) or
 * an endpoint is (--endpoint, WEIR_ENDPOINT, our file, AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_<SERVICE>). Keys in the
 * environment alone do not choose: AWS_ACCESS_KEY_ID is often there for another tool's sake, and a first start must not
 * reach into an account that nobody named. --local means the embedded cloud whatever the environment says. */
#ifndef WEIR_CORE_CONFIG_H
#define WEIR_CORE_CONFIG_H
#include "backend/base/opt.h"
#include "backend/base/path.h"
#include <stdint.h>

enum { CONFIG_NAME = 128, CONFIG_URL = 512, CONFIG_ENDPOINTS = 24 };
struct config_service_endpoint {
    char service[48]; /* as in AWS_ENDPOINT_URL_<SERVICE>, upper case: "S3", "SAGEMAKER_RUNTIME" */
    char url[CONFIG_URL];
};
struct config {
    char config_file[PATH_SIZE]; /* --config; "" is the default one */
    /* what to talk to */
    char profile[CONFIG_NAME]; /* "" = the embedded cloud */
    bool local;                /* --local: the embedded cloud whatever is set */
    bool profile_is_named;     /* by flag, WEIR_PROFILE or our file: then keys in the environment do not count */
    char region[CONFIG_NAME];  /* "us-east-1" for the embedded cloud when unset; "" when AWS's is not known */
    char endpoint[CONFIG_URL]; /* all services; "" = AWS's own, or as below */
    char bucket[64];           /* the lake */
    char ca_bundle[PATH_SIZE];
    char aws_config[PATH_SIZE], aws_credentials[PATH_SIZE];
    int64_t max_attempts; /* 0: by retry mode */
    char retry_mode[16];
    bool new_retries;    /* AWS_NEW_RETRIES_2026 */
    char api_rates[512]; /* our own limits of calls a second, over those of rates.h */
    bool readonly, production;
    /* the console */
    char theme[CONFIG_NAME], keymap[CONFIG_NAME];
    bool color, unicode, mouse, plain;
    int64_t refresh_ms, fresh_ms; /* feed interval; age at which a zone counts as late */
    int64_t escdelay_ms;
    int64_t athena_price_cents; /* per 10^12 bytes scanned */
    char sql_database[256], sql_workgroup[CONFIG_NAME + 1], sql_output[1100];
    int64_t sql_max_scan;   /* bytes; 0 no limit */
    char view[CONFIG_NAME]; /* pane or command to start with */
    /* the embedded cloud */
    char local_dir[PATH_SIZE]; /* its state directory */
    /* output */
    char format[16];
    bool watch, once, yes, verbose, help, version;
    char log_file[PATH_SIZE], log_areas[CONFIG_NAME];
    /* from AWS's variables and files, for config_endpoint */
    char aws_endpoint[CONFIG_URL];
    struct config_service_endpoint service_endpoints[CONFIG_ENDPOINTS];
    int service_endpoint_count;
};
extern const struct opt config_rows[]; /* the one table */

/* Reads file (NULL: --config, else config.ini in XDG config), environment, then argv[1..] (consumes its flags up to
 * "--"; *argc is updated; others stay in order). Every problem is ERR_CONFIG or ERR_USAGE with file and line, or the
 * flag; an unknown key comes with the nearest known one. */
bool config_load(struct config *config, const char *file, int *argc, char **argv, struct err *err);
/* The same without any file, ours or AWS's: for the verbs that must work when a file is wrong. */
bool config_load_without_files(struct config *config, int *argc, char **argv, struct err *err);
/* Where it looked, one line per path, with "found" or "absent". */
bool config_paths(const struct config *config, struct buf *out);
static inline bool config_is_embedded(const struct config *config)
{
    return !*config->profile;
}
/* Endpoint for a service id (the host name's first part: "s3", "states", "runtime.sagemaker"): our endpoint >
 * AWS_ENDPOINT_URL_S3 > AWS_ENDPOINT_URL > profile's services section > profile's endpoint_url >
 * https://SERVICE.REGION.amazonaws.com. out is a URL without trailing slash; *is_custom tells that it was overridden.
 */
bool config_endpoint(const struct config *config, const char *service, char out[CONFIG_URL], bool *is_custom,
                     struct err *err);

/* Private to config*.c: AWS's part, after our own layers; fills what is still unset. */
bool config_from_aws(struct config *config, struct err *err);
bool config_default_file(const struct config *config, char out[PATH_SIZE]);
#endif
