/* One profile of AWS's shared config and credentials files. Read at start for settings and by the credential sources.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". Reads local files only; any
 * thread.
 */
#ifndef WEIR_CORE_AWSPROFILE_H
#define WEIR_CORE_AWSPROFILE_H
#include "backend/base/err.h"
#include "backend/base/list.h"

struct awsprofile {
    struct pairs config;      /* of [profile NAME], or [default], in the config file */
    struct pairs credentials; /* of [NAME] in the credentials file */
    bool in_config, in_credentials;
};
/* Absent files are empty ones; so is a NULL or "" path. False: a file is no INI (the error names path and line). */
bool awsprofile_read(const char *config_file, const char *credentials_file, const char *name,
                     struct awsprofile *profile, struct err *err);
void awsprofile_done(struct awsprofile *profile); /* wipes what may be secret */
/* A setting; the credentials file wins. NULL when absent or empty. */
const char *awsprofile_get(const struct awsprofile *profile, const char *key);
/* Calls row for each endpoint_url of the [services NAME] section: service is the key in the file ("s3",
 * "sagemaker_runtime"). */
bool awsprofile_services(const char *config_file, const char *name,
                         void (*row)(void *context, const char *service, const char *url), void *context,
                         struct err *err);
#endif
