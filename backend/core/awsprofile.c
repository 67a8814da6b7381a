/* Reading AWS's shared files by profile. Settings become configuration in config_aws.c, keys become credentials in
 * creds_profile.c and creds_process.c. */
#include "backend/core/awsprofile.h"
#include "backend/base/digest.h"
#include "backend/base/ini.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reading {
    struct awsprofile *profile;
    const char *name;
    bool is_exact; /* "[profile default]" was seen: it beats "[default]" */
};

/* The profile a config file's section names, NULL for sections of another kind. */
static const char *section_profile(const char *section)
{
    if (strncmp(section, "profile", 7) != 0 || !isspace((unsigned char)section[7]))
        return NULL;
    section += 8;
    return section + strspn(section, " \t");
}

static bool config_row(void *context, const char *section, const char *key, const char *value, int line,
                       struct err *err)
{
    (void)line;
    struct reading *reading = context;
    struct awsprofile *profile = reading->profile;
    const char *named = section_profile(section);
    bool is_exact = named && strcmp(named, reading->name) == 0;
    bool is_default = !named && strcmp(section, "default") == 0 && strcmp(reading->name, "default") == 0;
    if (!is_exact && (!is_default || reading->is_exact))
        return true;
    if (is_exact && !reading->is_exact)
        pairs_done(&profile->config);
    reading->is_exact |= is_exact;
    profile->in_config = true;
    return pairs_add(&profile->config, key, value) || err_set(err, ERR_CONFIG, "the profile has too many keys");
}

static bool credentials_row(void *context, const char *section, const char *key, const char *value, int line,
                            struct err *err)
{
    (void)line;
    struct reading *reading = context;
    if (strcmp(section, reading->name) != 0)
        return true;
    reading->profile->in_credentials = true;
    return pairs_add(&reading->profile->credentials, key, value) ||
           err_set(err, ERR_CONFIG, "the profile has too many keys");
}

static bool read_if_there(const char *path, ini_row *row, void *context, struct err *err)
{
    struct err failure = ERR_NONE;
    if (!path || !*path || ini_read(path, row, context, &failure) || failure.code == ERR_NOT_FOUND)
        return true;
    if (err)
        *err = failure;
    return false;
}

bool awsprofile_read(const char *config_file, const char *credentials_file, const char *name,
                     struct awsprofile *profile, struct err *err)
{
    *profile = (struct awsprofile){0};
    struct reading reading = {.profile = profile, .name = name};
    if (read_if_there(config_file, config_row, &reading, err) &&
        read_if_there(credentials_file, credentials_row, &reading, err))
        return true;
    awsprofile_done(profile);
    return false;
}

static void wipe(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        secret_wipe(pairs->items[i].value, strlen(pairs->items[i].value));
    pairs_done(pairs);
}

void awsprofile_done(struct awsprofile *profile)
{
    wipe(&profile->config);
    wipe(&profile->credentials);
}

const char *awsprofile_get(const struct awsprofile *profile, const char *key)
{
    const char *value = pairs_get(&profile->credentials, key);
    if (!value || !*value)
        value = pairs_get(&profile->config, key);
    return value && *value ? value : NULL;
}

struct services {
    const char *name;
    void (*row)(void *context, const char *service, const char *url);
    void *context;
};

/* A nested line "endpoint_url = ..." below "s3 =" arrives as another value of the key s3. */
static bool services_row(void *context, const char *section, const char *key, const char *value, int line,
                         struct err *err)
{
    (void)line, (void)err;
    struct services *services = context;
    static const char word[] = "endpoint_url";
    if (strncmp(section, "services", 8) != 0 || !isspace((unsigned char)section[8]))
        return true;
    section += 8;
    section += strspn(section, " \t");
    value += strspn(value, " \t");
    if (strcmp(section, services->name) != 0 || strncmp(value, word, sizeof word - 1) != 0)
        return true;
    value += sizeof word - 1;
    value += strspn(value, " \t");
    if (*value == '=') {
        value++;
        services->row(services->context, key, value + strspn(value, " \t"));
    }
    return true;
}

bool awsprofile_services(const char *config_file, const char *name,
                         void (*row)(void *context, const char *service, const char *url), void *context,
                         struct err *err)
{
    struct services services = {.name = name, .row = row, .context = context};
    return read_if_there(config_file, services_row, &services, err);
}
