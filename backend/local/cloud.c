/* The embedded cloud as a whole: its services in order, its store, and what opening, closing and emptying it means.
 * Called by main on the main thread; cloud_route by every request. */
#include "backend/local/cloud.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include "backend/local/fault.h"
#include "backend/local/keys.h"
#include "backend/local/logfile.h"
#include "backend/local/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define X(name) extern const struct service_ops service_##name;
CLOUD_SERVICES(X)
#undef X

const struct service_ops *const *cloud_services(void)
{
    static const struct service_ops *const services[] = {
#define X(name) &service_##name,
        CLOUD_SERVICES(X)
#undef X
            NULL};
    return services;
}

const struct service_ops *cloud_route(const struct request *req)
{
    const struct service_ops *const *services = cloud_services();
    while (services[1] && !(*services)->matches(req))
        services++;
    return *services;
}

enum service_protocol cloud_protocol(const struct service_ops *service, const struct request *req)
{
    return service->protocol_of ? service->protocol_of(req) : service->protocol;
}

/* In row order: those in front work on the objects of S3, which is last. */
static void stop_services(struct cloud *cloud, int count)
{
    for (int i = 0; i < count; i++)
        if (cloud_services()[i]->stop)
            cloud_services()[i]->stop(cloud);
}

/* The store, and every service over it; nothing stays open on failure. */
static bool start_services(struct cloud *cloud, struct err *err)
{
    const struct service_ops *const *services = cloud_services();
    /* what is left here belongs to requests that never ended */
    if (!path_remove_tree(cloud->temporary, err) || !path_make_dirs(cloud->temporary, 0700, err))
        return false;
    cloud->store = store_open(cloud->dir, err);
    if (!cloud->store)
        return false;
    for (int i = 0; services[i]; i++) {
        if (!services[i]->start || services[i]->start(cloud, err))
            continue;
        err_prefix(err, "starting %s", services[i]->name);
        stop_services(cloud, i);
        store_close(cloud->store);
        cloud->store = NULL;
        return false;
    }
    return true;
}

static int count_services(void)
{
    int count = 0;
    while (cloud_services()[count])
        count++;
    return count;
}

static void end_services(struct cloud *cloud)
{
    if (!cloud->store)
        return;
    stop_services(cloud, count_services());
    store_close(cloud->store);
    cloud->store = NULL;
}

bool cloud_open(struct cloud *cloud, struct err *err)
{
    return path_join(cloud->objects, cloud->dir, LOCALFILES_OBJECTS, err) &&
           path_join(cloud->temporary, cloud->objects, "tmp", err) && path_make_dirs(cloud->temporary, 0700, err) &&
           start_services(cloud, err);
}

void cloud_close(struct cloud *cloud)
{
    end_services(cloud);
    faults_free(cloud->faults);
    keys_close(cloud->keys);
    logfile_close(cloud->log);
    cloud->faults = NULL;
    cloud->keys = NULL;
    cloud->log = NULL;
}

static bool remove_file(const char *dir, const char *name, struct err *err)
{
    char path[PATH_SIZE];
    if (!path_join(path, dir, name, err))
        return false;
    return unlink(path) == 0 || errno == ENOENT || err_set_errno(err, ERR_IO, "removing %s", path);
}

bool cloud_reset(struct cloud *cloud, struct err *err)
{
    end_services(cloud);
    bool ok = remove_file(cloud->dir, LOCALFILES_DATABASE, err) &&
              remove_file(cloud->dir, LOCALFILES_DATABASE "-wal", err) &&
              remove_file(cloud->dir, LOCALFILES_DATABASE "-shm", err) && path_remove_tree(cloud->objects, err);
    /* also after a failure: what is still there goes on being served */
    struct err start_err = ERR_NONE;
    if (!start_services(cloud, ok ? err : &start_err))
        return false;
    return ok;
}
