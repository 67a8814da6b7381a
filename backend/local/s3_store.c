/* The tables of the embedded S3, and its start and stop. Bodies are s3_body.c's, object rows s3_row.c's. A mark in the
 * objects' directory tells the next start that this run ended cleanly and left no garbage. */
#include "backend/base/path.h"
#include "backend/local/s3_state.h"
#include "backend/local/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char schema[] =
    "create table if not exists s3_bucket(id integer primary key, name text unique not null, created integer not null,"
    " region text not null, versioning integer not null default 0, object_lock integer not null default 0,"
    " flags integer not null default 0);"
    "create table if not exists s3_config(bucket integer not null, kind text not null, body blob not null,"
    " primary key(bucket, kind)) without rowid;"
    /* newest version first: seq falls with time */
    "create table if not exists s3_object(bucket integer not null, key text not null, seq integer not null, version "
    "text,"
    " marker integer not null, modified integer not null, size integer not null, etag text not null,"
    " storage text not null, body integer not null, place integer not null, checksum text, headers text, tags text,"
    " acl text, parts text, lock_mode text, lock_until integer not null default 0,"
    " legal_hold integer not null default 0, primary key(bucket, key, seq)) without rowid;"
    "create table if not exists s3_body(id integer primary key, refs integer not null, bytes blob);"
    "create table if not exists s3_upload(id integer primary key, upload text unique not null, bucket integer not null,"
    " key text not null, started integer not null, storage text not null, headers text, tags text, acl text,"
    " kind text not null, type text not null, lock_mode text, lock_until integer not null, legal_hold integer not "
    "null);"
    "create index if not exists s3_upload_key on s3_upload(bucket, key, id);"
    "create table if not exists s3_part(upload integer not null, number integer not null, modified integer not null,"
    " size integer not null, etag text not null, body integer not null, place integer not null, checksum text,"
    " primary key(upload, number)) without rowid;"
    /* finished uploads: a repeated CompleteMultipartUpload answers as the first one did */
    "create table if not exists s3_done(upload text primary key, bucket integer not null, key text not null,"
    " etag text not null, version text, checksum text, at integer not null) without rowid;";

int64_t s3_body_new_id(struct cloud *cloud)
{
    return atomic_fetch_add(&cloud->s3->next_id, 1);
}

static bool first_id(struct cloud *cloud, int64_t *id, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    if (!db)
        return false;
    /* by the clock, so that a file that lost its row cannot share a name with a new one */
    *id = clock_wall(cloud->clock) << 20;
    struct db_row *row = db_query(db, err, "select max(id) from s3_body", "");
    if (row && db_step(row, err) && !db_is_null(row, 0) && db_int(row, 0) >= *id)
        *id = db_int(row, 0) + 1;
    if (row)
        db_end(row);
    store_reader_done(cloud->store, db);
    return err->code == ERR_OK;
}

static bool marker_path(const struct cloud *cloud, char out[4096])
{
    return snprintf(out, 4096, "%s/clean", cloud->objects) < 4096;
}

bool s3_store_start(struct cloud *cloud, struct err *err)
{
    *err = ERR_NONE;
    struct s3_state *state = calloc(1, sizeof *state);
    char marker[4096];
    if (!state)
        abort();
    cloud->s3 = state;
    if (!path_make_dirs(cloud->objects, 0700, err) || !store_schema(cloud->store, schema, err) ||
        !first_id(cloud, &state->first_id, err))
        return false;
    atomic_store(&state->next_id, state->first_id);
    state->is_tidy = marker_path(cloud, marker) && unlink(marker) == 0;
    return s3_keeper_start(cloud, err);
}

void s3_store_stop(struct cloud *cloud)
{
    struct s3_state *state = cloud->s3;
    if (!state)
        return;
    s3_keeper_stop(cloud);
    char marker[4096];
    bool leaves_mark = state->has_keeper && state->is_tidy && marker_path(cloud, marker);
    int fd = leaves_mark ? open(marker, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    free(state);
    cloud->s3 = NULL;
}
