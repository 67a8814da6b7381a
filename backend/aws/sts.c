/* STS client. Calls wait, any thread. */
#include "backend/aws/sts.h"
#include "backend/base/xml.h"
#include <stdio.h>
#include <string.h>

enum { STS_ARENA = 1024 * 1024 };
static const struct aws_service service_sts = {
    .id = "sts", .signing_name = "sts", .protocol = AWS_QUERY, .version = "2011-06-15"};

static bool decode_identity(const struct http_answer *answer, struct sts_identity *identity, struct err *err)
{
    struct arena *arena = arena_new(STS_ARENA);
    const struct xml_node *root = xml_parse(arena, buf_text(&answer->body), answer->body.len, NULL);
    const struct xml_node *result = xml_child(root, "GetCallerIdentityResult");
    if (result) {
        snprintf(identity->account, sizeof identity->account, "%s", xml_text(result, "Account", ""));
        snprintf(identity->arn, sizeof identity->arn, "%s", xml_text(result, "Arn", ""));
        snprintf(identity->user_id, sizeof identity->user_id, "%s", xml_text(result, "UserId", ""));
    }
    arena_free(arena);
    return result || err_set(err, ERR_PROTOCOL,
                             "sts GetCallerIdentity: the answer is no <GetCallerIdentityResult>: check the endpoint");
}

bool sts_get_caller_identity(struct aws *aws, const struct cancel *cancel, struct sts_identity *identity,
                             struct err *err)
{
    static const char body[] = "Action=GetCallerIdentity&Version=2011-06-15";
    struct aws_call call = aws_call_init(&service_sts, "GetCallerIdentity");
    struct http_answer answer;
    call.method = "POST";
    call.is_idempotent = true;
    call.object = "the account";
    call.io.body = body;
    call.io.body_len = sizeof body - 1;
    call.io.cancel = cancel;
    if (!aws_perform(aws, &call, &answer, err))
        return false;
    bool ok = decode_identity(&answer, identity, err);
    http_answer_done(&answer);
    return ok;
}
