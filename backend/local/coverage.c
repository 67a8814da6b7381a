/* The coverage listing; see coverage.h. Pure. */
#include "backend/local/coverage.h"
#include "backend/local/cloud.h"

static const char *const states[] = {[COVER_DONE] = "done", [COVER_PARTIAL] = "partial", [COVER_ABSENT] = "absent"};

json_t *coverage_json(void)
{
    json_t *list = json_array();
    for (const struct service_ops *const *service = cloud_services(); *service; service++)
        for (const struct coverage_row *row = (*service)->coverage; row && row->operation; row++)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "service", (*service)->name, "operation",
                                                  row->operation, "state", states[row->state], "missing",
                                                  row->missing ? row->missing : ""));
    return list;
}

bool coverage_text(struct buf *out)
{
    for (const struct service_ops *const *service = cloud_services(); *service; service++)
        for (const struct coverage_row *row = (*service)->coverage; row && row->operation; row++)
            buf_printf(out, "%-12s %-36s %-8s %s\n", (*service)->name, row->operation, states[row->state],
                       row->missing ? row->missing : "");
    return !out->failed;
}
