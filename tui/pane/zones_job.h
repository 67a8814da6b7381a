/* The jobs of the Zones pane: what is to be moved or deleted, and the work itself. zones_work.c makes and submits them.
 */
#ifndef WEIR_TUI_PANE_ZONES_JOB_H
#define WEIR_TUI_PANE_ZONES_JOB_H
#include "tui/pane/zones.h"

struct work { /* owned by the dialog, then by the job */
    struct session *session;
    const struct job_ops *ops;
    struct zones_target *targets;
    size_t count, cap;
    char path[PATH_SIZE]; /* local file, or directory when there are several targets */
    bool is_path_dir, no_clobber;
    bool is_edited;                    /* path is the editor's copy: it goes once it is uploaded */
    int64_t bytes_before, bytes_total; /* of the targets done; of all, -1 unknown */
    struct job *job;
};
struct work *zones_work_new(struct zones_state *state, const struct job_ops *ops);
void zones_work_free(void *context); /* NULL is fine */
bool zones_work_add(struct work *work, const struct zones_target *target);
/* Removes the editor's copy of an object and its directory. */
void zones_drop_edited(const char *path);
extern const struct job_ops zones_download_ops, zones_upload_ops, zones_remove_ops;
#endif
