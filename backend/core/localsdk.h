/* Endpoint rules for AWS SDKs and CLIs of before 2023, which do not read AWS_ENDPOINT_URL: they do read endpoint rule
 * sets from the directory in AWS_DATA_PATH (botocore's loader). `weir local env` writes the directory anew and exports
 * both. Current ones give the same answer from either. Source: botocore documentation (loaders), AWS SDK endpoint rules
 * language. */
#ifndef WEIR_CORE_LOCALSDK_H
#define WEIR_CORE_LOCALSDK_H
#include "backend/base/err.h"
#include <stdbool.h>

/* Writes state_dir/sdk for an embedded cloud at url; path[4096] gets the directory. An endpoint that a client names
 * itself still wins. */
bool localsdk_write(const char *state_dir, const char *url, char path[4096], struct err *err);
#endif
