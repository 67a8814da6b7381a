/* Loading the configuration in layers: defaults, our INI file, AWS's variables, WEIR_* variables, flags. AWS's files
 * and endpoints are in config_aws.c, the rows in config_rows.c. Main thread, at start. */
#include "backend/core/config.h"
#include "backend/base/ini.h"
#include "backend/base/log.h"
#include "backend/core/rates.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What one pass over the layers is given. */
struct layers {
    struct config *config;
    struct config *scratch; /* takes the values of other profiles' sections: checked, and dropped */
    const char *file;       /* INI file; NULL: none */
    bool must_exist;        /* it was named */
    const char *profile;    /* whose [profile NAME] section applies; NULL: none */
    int argc;
    char **argv;
};

static int smallest(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance of names, which are shorter than 64 bytes. */
static int distance(const char *a, const char *b)
{
    int row[64];
    int len = (int)strlen(b);
    for (int j = 0; j <= len; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= len; j++) {
            int above = row[j];
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[len];
}

static const char *nearest_key(const char *key, const struct opt **found)
{
    int best = 1000;
    *found = NULL;
    for (const struct opt *row = config_rows; row->name; row++) {
        int now = row->section && strlen(key) < 63 ? distance(key, row->name) : 1000;
        if (now < best) {
            best = now;
            *found = row;
        }
    }
    return *found ? (*found)->name : NULL;
}

static bool unknown_key(const char *section, const char *key, struct err *err)
{
    const struct opt *row;
    const char *name = nearest_key(key, &row);
    const char *place = row && *row->section ? row->section : "the top of the file";
    bool is_section = row && *row->section;
    if (name && strcmp(name, key) == 0)
        return err_set(err, ERR_CONFIG, "\"%.60s\" does not belong in %s%.60s%s; it belongs in %s%s%s", key,
                       *section ? "[" : "the top of the file", section, *section ? "]" : "", is_section ? "[" : "",
                       place, is_section ? "]" : "");
    return err_set(err, ERR_CONFIG, "unknown key \"%.60s\"; the nearest is \"%s\" in %s%s%s", key, name ? name : "",
                   is_section ? "[" : "", place, is_section ? "]" : "");
}

static const char *profile_of_section(const char *section)
{
    return strncmp(section, "profile ", 8) == 0 ? section + 8 + strspn(section + 8, " ") : NULL;
}

static bool file_row(void *context, const char *section, const char *key, const char *value, int line, struct err *err)
{
    (void)line;
    const struct layers *layers = context;
    const char *profile = profile_of_section(section);
    const struct opt *row = opt_find(config_rows, profile ? "" : section, key);
    if (!row || (profile && strcmp(row->name, "profile") == 0))
        return unknown_key(section, key, err);
    bool applies = layers->profile ? profile && strcmp(profile, layers->profile) == 0 : !profile;
    return opt_set(row, applies ? layers->config : layers->scratch, value, err);
}

static bool read_file(const struct layers *layers, const char *only_profile, struct err *err)
{
    struct err failure = ERR_NONE;
    struct layers pass = *layers;
    pass.profile = only_profile;
    if (!layers->file || ini_read(layers->file, file_row, &pass, &failure) ||
        (failure.code == ERR_NOT_FOUND && !layers->must_exist))
        return true;
    if (failure.code == ERR_NOT_FOUND)
        return err_set(err, ERR_CONFIG, "the configuration file %.200s does not exist", layers->file);
    if (err)
        *err = failure;
    return false;
}

/* Variables of AWS and of terminals, weakest first, that set one of our rows. */
static const struct foreign {
    const char *variable, *row, *suffix;
} foreign[] = {
    {.variable = "AWS_DEFAULT_PROFILE", .row = "profile"},
    {.variable = "AWS_PROFILE", .row = "profile"},
    {.variable = "AWS_DEFAULT_REGION", .row = "region"},
    {.variable = "AWS_REGION", .row = "region"},
    {.variable = "AWS_CA_BUNDLE", .row = "ca-bundle"},
    {.variable = "AWS_CONFIG_FILE", .row = "aws-config"},
    {.variable = "AWS_SHARED_CREDENTIALS_FILE", .row = "aws-credentials"},
    {.variable = "AWS_RETRY_MODE", .row = "retry-mode"},
    {.variable = "AWS_MAX_ATTEMPTS", .row = "max-attempts"},
    {.variable = "AWS_NEW_RETRIES_2026", .row = "new-retries"},
    {.variable = "ESCDELAY", .row = "escdelay", .suffix = "ms"},
};

static bool read_foreign(struct config *config, struct err *err)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const char *value = getenv(foreign[i].variable);
        if (!value || !*value)
            continue;
        char text[PATH_SIZE + 8];
        snprintf(text, sizeof text, "%s%s", value, foreign[i].suffix ? foreign[i].suffix : "");
        if (!opt_set(opt_find(config_rows, NULL, foreign[i].row), config, text, err))
            return err_prefix(err, "%s", foreign[i].variable);
    }
    const char *no_color = getenv("NO_COLOR");
    if (no_color && *no_color)
        config->color = false;
    const char *endpoint = getenv("AWS_ENDPOINT_URL");
    if (endpoint && *endpoint)
        config->endpoint[0] = '\0'; /* the environment beats our file; config_aws.c reads the variable */
    return true;
}

/* Our variables and the flags. A profile from these or our file counts as named, one from AWS_PROFILE does not. */
static bool read_own(struct layers *layers, bool named_before, struct err *err)
{
    struct config *config = layers->config;
    char before[CONFIG_NAME];
    memcpy(before, config->profile, sizeof before);
    config->profile[0] = '\0';
    if (!opt_from_env(config_rows, config, err))
        return false;
    layers->argc = opt_parse_known(config_rows, config, layers->argc, layers->argv, err);
    config->profile_is_named = named_before || *config->profile;
    if (!*config->profile)
        memcpy(config->profile, before, sizeof before);
    return layers->argc >= 0;
}

static bool apply_layers(struct layers *layers, struct err *err)
{
    struct config *config = layers->config;
    *config = (struct config){0};
    opt_defaults(config_rows, config);
    if (!read_file(layers, NULL, err) || (layers->profile && !read_file(layers, layers->profile, err)))
        return false;
    char from_file[CONFIG_NAME];
    memcpy(from_file, config->profile, sizeof from_file);
    return read_foreign(config, err) &&
           read_own(layers, *config->profile && strcmp(from_file, config->profile) == 0, err);
}

bool config_default_file(const struct config *config, char out[PATH_SIZE])
{
    char dir[PATH_SIZE];
    if (*config->config_file) {
        snprintf(out, PATH_SIZE, "%s", config->config_file);
        return true;
    }
    return path_xdg_dir(XDG_CONFIG, dir, NULL) && path_join(out, dir, "config.ini", NULL);
}

/* Runs the layers on a copy of the command line; the last pass hands the rest of it back. */
static bool pass(struct layers layers, int *argc, char **argv, bool is_last, struct err *err)
{
    char **copy = calloc((size_t)*argc + 1, sizeof *copy);
    if (!copy)
        abort();
    layers.argc = *argc > 0 ? *argc - 1 : 0;
    if (layers.argc)
        memcpy(copy, argv + 1, (size_t)layers.argc * sizeof *copy);
    layers.argv = copy;
    bool ok = apply_layers(&layers, err);
    if (ok && is_last && *argc > 0) {
        memcpy(argv + 1, copy, (size_t)layers.argc * sizeof *copy);
        *argc = layers.argc + 1;
        argv[*argc] = NULL;
    }
    free(copy);
    return ok;
}

/* The file may be named by a flag, and the profile by file or flag: hence three passes, each cheap. */
static bool load(struct layers layers, const char *file, int *argc, char **argv, struct err *err)
{
    char path[PATH_SIZE], profile[CONFIG_NAME];
    struct config *config = layers.config;
    if (!pass(layers, argc, argv, false, err))
        return false;
    if (config->help || config->version) /* whoever asks for help may have a file that is wrong */
        return pass(layers, argc, argv, true, err);
    layers.must_exist = file || *config->config_file;
    if (file)
        layers.file = file;
    else if (config_default_file(config, path))
        layers.file = path;
    if (!pass(layers, argc, argv, false, err))
        return false;
    memcpy(profile, config->profile, sizeof profile);
    layers.profile = *profile ? profile : NULL;
    if (!pass(layers, argc, argv, true, err))
        return false;
    if (layers.file)
        snprintf(config->config_file, sizeof config->config_file, "%s", layers.file);
    log_debug(config, "read %.200s", layers.file ? layers.file : "no file: HOME is not set");
    return rates_check(config->api_rates, err) && config_from_aws(config, err);
}

bool config_load(struct config *config, const char *file, int *argc, char **argv, struct err *err)
{
    struct config *scratch = malloc(sizeof *scratch);
    if (!scratch)
        abort();
    bool ok = load((struct layers){.config = config, .scratch = scratch}, file, argc, argv, err);
    free(scratch);
    return ok;
}

bool config_load_without_files(struct config *config, int *argc, char **argv, struct err *err)
{
    struct config *scratch = malloc(sizeof *scratch);
    char path[PATH_SIZE];
    if (!scratch)
        abort();
    bool ok = pass((struct layers){.config = config, .scratch = scratch}, argc, argv, true, err);
    free(scratch);
    if (ok && config_default_file(config, path))
        snprintf(config->config_file, sizeof config->config_file, "%s", path);
    return ok;
}

bool config_paths(const struct config *config, struct buf *out)
{
    const char *paths[] = {config->config_file, config->aws_config, config->aws_credentials, config->ca_bundle,
                           config->local_dir};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (*paths[i])
            buf_printf(out, "%-7s %s\n", path_exists(paths[i]) ? "found" : "absent", paths[i]);
    return !out->failed;
}
